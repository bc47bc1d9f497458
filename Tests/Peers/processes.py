"""Processes that a measurement starts: their scratch folder, their ports, their CPU time and their end."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A peer that did not run to its end, in a sentence for the table."""


class Missing(Exception):
    """A peer that is not installed, in a sentence for the table."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"{what} within {seconds} s")
        time.sleep(0.02)


def is_listening(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Processes:
    """The processes of one measurement, in a scratch folder that is removed at the end."""

    def __init__(self, name):
        self.folder = tempfile.mkdtemp(prefix=f"sobre-peers-{name}-")
        os.chmod(self.folder, 0o755)
        self.started = []
        self.measured = []

    def start(self, command, env=None, measured=True, unprivileged=False, ends=False, **options):
        """Starts a command. Unless `measured` is false, its CPU time is the peer's, with that of its children.

        Only a process with `ends` may end by itself, with success.
        """
        log = os.path.join(self.folder, f"{len(self.started)}.log")
        options.setdefault("stdout", open(log, "wb"))
        if unprivileged and os.geteuid() == 0:
            options |= {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        process = subprocess.Popen(
            command, env=os.environ | (env or {}), stderr=open(log, "ab"), cwd=self.folder,
            start_new_session=True, **options)
        process.log = log
        process.may_end = ends
        self.started.append(process)
        if measured:
            self.measured.append(process)
        return process

    def run(self, command, **options):
        """Runs a command to its end, which must be a success within a minute."""
        process = self.start(command, measured=False, ends=True, **options)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            raise Failed(f"{command[0]} did not end within a minute") from None
        self.check()

    def subfolder(self, name):
        """A folder in which an unprivileged process may write."""
        path = os.path.join(self.folder, name)
        os.mkdir(path)
        if os.geteuid() == 0:
            shutil.chown(path, "nobody", pwd.getpwnam("nobody").pw_gid)
        return path

    def check(self):
        for process in self.started:
            if process.poll() is not None and not (process.may_end and process.returncode == 0):
                with open(process.log, errors="replace") as log:
                    text = log.read().strip().splitlines()
                raise Failed(f"{os.path.basename(process.args[0])} ended: {text[-1] if text else 'no output'}")

    def cpu_seconds(self):
        """User and system time of the measured processes, of their descendants, and of those descendants that ended."""
        times = process_table()
        return sum(times[pid][1] for root in self.measured for pid in descendants(root.pid, times)) / TICK

    def stop(self):
        """Terminates every process, the last one first, and kills what is left after five seconds, by process id."""
        for process in reversed(self.started):
            family = descendants(process.pid, process_table())
            if process.poll() is None:
                # Fast shutdown of PostgreSQL; the others end by SIGTERM.
                process.send_signal(signal.SIGINT if "postgres" in process.args[0] else signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            survivors = process_table()
            for pid in family:
                if pid in survivors and pid != process.pid:
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
        shutil.rmtree(self.folder, ignore_errors=True)


def process_table():
    """Process id to its parent's id and its CPU time in ticks, with that of its children that were waited for."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            table[int(name)] = (int(fields[1]), sum(int(field) for field in fields[11:15]))
    return table


def descendants(root, table):
    found = [root] if root in table else []
    for parent in found:
        found += [pid for pid, (its_parent, _) in table.items() if its_parent == parent]
    return found
