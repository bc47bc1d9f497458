"""Redis and PostgreSQL, each on a free loopback port, as an unprivileged user, in a scratch folder."""
import glob
import os
import shutil
import socket
import subprocess

from processes import Failed, Missing, free_port, is_listening, wait_until

REDIS_SETTINGS = {
    # As shipped: a snapshot now and then. A power cut loses what came since the last one.
    "own": [],
    # Every command is on the disk before it is answered.
    "full": ["--appendonly", "yes", "--appendfsync", "always", "--save", ""],
}


class Redis:
    def __init__(self, processes, sync):
        # Debian's redis-tools holds the server's binary under another name. It starts no service, unlike redis-server.
        binary = shutil.which("redis-server") or shutil.which("redis-check-rdb")
        if binary is None:
            raise Missing("no redis-server (apt: redis-tools)")
        program = os.path.join(processes.folder, "redis-server")
        os.symlink(binary, program)
        self.port = free_port()
        processes.start(
            [program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", processes.subfolder("redis"),
             *REDIS_SETTINGS[sync]], unprivileged=True)
        wait_until(lambda: is_listening(self.port), 10, "Redis does not listen")
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.replies = self.socket.makefile("rb")

    def number(self, *words):
        """A command whose answer is a number, such as LLEN."""
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w.encode()) for w in words))
        reply = self.replies.readline()
        if reply[:1] != b":":
            raise Failed(f"Redis answered {reply!r} to {words}")
        return int(reply[1:])


class PostgreSQL:
    def __init__(self, processes, tools):
        """The machine's own PostgreSQL goes before one that was unpacked."""
        folders = glob.glob("/usr/lib/postgresql/*/bin") + glob.glob(f"{tools.root}/usr/lib/postgresql/*/bin")
        if not folders:
            raise Missing("no PostgreSQL (apt: postgresql)")
        self.programs = folders[0]
        self.environment = {"LD_LIBRARY_PATH": tools.libraries()} if self.programs.startswith(tools.root) else {}
        home = processes.subfolder("postgres")
        data = os.path.join(home, "data")
        processes.run(
            [f"{self.programs}/initdb", "-D", data, "-A", "trust", "-U", "peers", "-E", "UTF8", "--locale", "C"],
            env=self.environment, unprivileged=True)
        self.port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": home,
            # PostgreSQL's own durability is full sync: fsync, full_page_writes and synchronous_commit stay on.
            "shared_buffers": "1GB", "max_wal_size": "4GB", "wal_compression": "on", "max_connections": 100,
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        processes.start(
            [f"{self.programs}/postgres", "-D", data, *options], env=self.environment, unprivileged=True)
        wait_until(lambda: is_listening(self.port), 20, "PostgreSQL does not listen")
        # Over the socket, which costs less than TCP.
        self.url = f"host={home} port={self.port} user=peers dbname=postgres"
        self.home = home

    def number(self, query):
        answer = subprocess.run(
            [f"{self.programs}/psql", "-h", self.home, "-p", str(self.port), "-U", "peers", "-d", "postgres", "-Atc",
             query], env=os.environ | self.environment, capture_output=True, text=True, timeout=20, check=True)
        return int(answer.stdout)
