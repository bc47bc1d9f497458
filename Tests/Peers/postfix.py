"""Postfix as a relay: smtp-source submits mails, Postfix syncs each into its queue and relays it to the sink."""
import os
import subprocess

from processes import Missing, free_port, is_listening, wait_until

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = peers.example
mydestination =
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
smtp_host_lookup = native
alias_maps =
smtpd_client_connection_count_limit = 0
default_process_limit = 100
initial_destination_concurrency = 32
default_destination_concurrency_limit = 32
qmgr_message_active_limit = 20000
local_recipient_maps =
in_flow_delay = 0
maillog_file = {folder}/data/log
maillog_file_prefixes = {folder}
"""
MASTER = """
{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
proxymap unix - - n - - proxymap
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
CONNECTIONS = 32


class Postfix:
    name, sink, messages = "Postfix", "mail", 20_000
    durability = "full sync"
    settings = f"{CONNECTIONS} connections in, {CONNECTIONS} out, in_flow_delay 0; one fixed mail, not rendered"

    def __init__(self, tools):
        self.tools = tools

    @property
    def version(self):
        return self.tools.output(["/usr/sbin/postconf", "-d", "-h", "mail_version"], "apt: postfix")

    def start(self, processes, sink_port):
        if os.geteuid() != 0:
            raise Missing("Postfix's master starts as root only")
        self.processes = processes
        self.port = free_port()
        self.queue = f"{processes.folder}/queue"
        home = f"{processes.folder}/etc"
        for folder in (home, self.queue, f"{processes.folder}/data"):
            os.mkdir(folder)
        subprocess.run(["chown", "postfix", f"{processes.folder}/data"], check=True)
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER)):
            with open(f"{home}/{name}", "w") as file:
                file.write(text.format(folder=processes.folder, sink=sink_port, port=f"127.0.0.1:{self.port}"))
        processes.start(["/usr/sbin/postfix", "-c", home, "start-fg"])
        wait_until(lambda: processes.check() or is_listening(self.port), 20, "Postfix does not listen")
        self.mail = f"{processes.folder}/mail"
        with open(self.mail, "w") as file:
            file.write("From: Shop <shop@shop.example>\nTo: person@people.example\nSubject: Order 1\n\nAbout order 1.\n")

    def enqueue(self, first, count):
        """Returns at once."""
        source = [
            "/usr/sbin/smtp-source", "-s", str(CONNECTIONS), "-m", str(count), "-d", "-F", self.mail, "-f",
            "shop@shop.example", "-t", "person@people.example", f"127.0.0.1:{self.port}"]
        self.processes.start(source, measured=False, ends=True)

    def waiting(self):
        """The files of the queue: one a mail that is not yet relayed."""
        parts = (f"{self.queue}/{part}" for part in ("maildrop", "incoming", "active", "deferred"))
        return sum(len(files) for part in parts for _, _, files in os.walk(part))
