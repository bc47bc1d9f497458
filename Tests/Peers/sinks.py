"""The providers: sobre-bench's HTTP sink, and Postfix's smtp-sink for mail. Both count what they accept."""
import http.client
import json
import os
import subprocess

from processes import free_port, is_listening, wait_until


class HTTPSink:
    def __init__(self, processes, bench):
        child = processes.start([bench, "sink"], measured=False, stdout=subprocess.PIPE)
        self.port = int(child.stdout.readline())
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def count(self):
        self.connection.request("GET", "/count")
        return json.loads(self.connection.getresponse().read())["count"]


class MailSink:
    def __init__(self, processes, bench):
        self.port = free_port()
        user = ["-u", "root"] if os.geteuid() == 0 else []
        child = processes.start(["/usr/sbin/smtp-sink", *user, "-c", f"127.0.0.1:{self.port}", "1024"], measured=False)
        self.log = child.log
        wait_until(lambda: is_listening(self.port), 5, "smtp-sink does not listen")

    def count(self):
        """smtp-sink overwrites one line of counters; its last complete one is the present."""
        with open(self.log, "rb") as log:
            log.seek(max(0, os.path.getsize(self.log) - 200))
            counters = log.read().split(b"\r")[:-1]
        return int(counters[-1].rpartition(b"mesg=")[2]) if counters else 0
