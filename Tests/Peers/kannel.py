"""Kannel: its smsbox takes each message over HTTP, its bearerbox stores it in a spool and posts it to the SMS centre."""
import os
import subprocess
import sys

from processes import free_port, is_listening, wait_until

WORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "work")

SETTINGS = """
group = core
admin-port = {admin}
admin-password = peers
smsbox-port = {box}
box-allow-ip = 127.0.0.1
store-type = spool
store-location = {spool}
log-level = 4

group = smsc
smsc = http
system-type = generic
port = {receive}
send-url = "http://127.0.0.1:{sink}/2010-04-01/Accounts/AC1/Messages.json?To=%p&From=%P&Body=%b"
status-success-regex = "sid"
max-pending-submits = 100

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
log-level = 4

group = sendsms-user
username = peers
password = peers
concatenation = false
"""


class Kannel:
    name, sink, messages = "Kannel", "http", 20_000
    durability = "spool, no sync"
    settings = "a spool of files; 100 submits at once; the client renders, 8 connections; no caps, no log"

    def __init__(self, tools):
        self.tools = tools
        self.environment = {"LD_LIBRARY_PATH": tools.libraries()}

    def program(self, name):
        """The machine's own, or the one that was unpacked."""
        unpacked = f"{self.tools.root}/usr/sbin/{name}"
        return unpacked if os.path.exists(unpacked) else f"/usr/sbin/{name}"

    @property
    def version(self):
        command = ["env", *(f"{n}={v}" for n, v in self.environment.items()), self.program("bearerbox"), "--version"]
        return self.tools.output(command, "apt: kannel").split("`")[1].split("'")[0]

    def start(self, processes, sink_port):
        ports = {name: free_port() for name in ("box", "admin", "receive", "send")}
        self.spool = f"{processes.folder}/spool"
        os.mkdir(self.spool)
        configuration = f"{processes.folder}/kannel.conf"
        with open(configuration, "w") as file:
            file.write(SETTINGS.format(sink=sink_port, spool=self.spool, **ports))
        for name, port in (("bearerbox", ports["box"]), ("smsbox", ports["send"])):
            processes.start([self.program(name), configuration], env=self.environment)
            wait_until(lambda: processes.check() or is_listening(port), 10, f"{name} does not listen")
        self.producer = processes.start(
            [sys.executable, f"{WORK}/kannel_client.py", str(ports["send"])], measured=False, stdin=subprocess.PIPE)

    def enqueue(self, first, count):
        """Returns at once."""
        self.producer.stdin.write(f"{first} {count}\n".encode())
        self.producer.stdin.flush()

    def waiting(self):
        """The files of the spool: one a message that is not yet accepted."""
        return sum(len(files) for _, _, files in os.walk(self.spool))
