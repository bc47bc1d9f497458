"""The job queues: Celery, Dramatiq, huey and Sidekiq on Redis, Procrastinate on PostgreSQL.

Their tasks and producers are in work/. Here is how many workers each one gets, and when it has nothing left to do.
"""
import os
import subprocess

from brokers import PostgreSQL, Redis

WORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "work")
CORES = os.cpu_count()

# Of queues that enqueue one by one: as many as Sobre has, and with full sync as many as share a sync.
CLIENTS = {"own": 4, "full": 16}


class Queue:
    """A peer with a broker, workers, and a producer in a process of its own."""

    sink = "http"
    messages = 10_000

    def __init__(self, tools, sync="own"):
        self.tools = tools
        self.sync = sync

    @property
    def durability(self):
        return {"own": "snapshots", "full": "full sync"}[self.sync]

    @property
    def version(self):
        return self.tools.python_version(self.package)

    def start(self, processes, sink_port):
        self.broker = self.start_broker(processes)
        self.environment = {
            "PEER_BROKER": self.broker.url, "PEER_SINK": str(sink_port), "PEER_SYNC": self.sync,
            "PEER_CLIENTS": str(CLIENTS[self.sync]),
            "PYTHONPATH": WORK, "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.prepare(processes)
        for command in self.workers():
            processes.start(command, env=self.environment)
        self.producer = processes.start(
            self.producer_command(), env=self.environment, measured=False, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        if self.producer.stdout.readline() != b"ready\n":
            self.producer.wait(10)
            processes.check()

    def start_broker(self, processes):
        return Redis(processes, self.sync)

    def prepare(self, processes):
        pass

    def producer_command(self):
        return [self.tools.python, os.path.join(WORK, self.script)]

    def enqueue(self, first, count):
        """Returns at once."""
        self.producer.stdin.write(f"{first} {count}\n".encode())
        self.producer.stdin.flush()


class Celery(Queue):
    name, package, script = "Celery", "celery", "celery_work.py"
    # The pool "solo" runs a task in the process that took it, which costs less than prefork's pipe.
    processes = {"own": 2 * CORES, "full": 8 * CORES}
    settings = (f"pool solo, {processes['own']} processes ({processes['full']} with full sync), prefetch 128, batches, "
                "no results, no events, no gossip")

    def workers(self):
        return [[
            self.tools.program("celery"), "-A", "celery_work", "worker", "-P", "solo", "-n", f"worker-{number}@peers",
            "-l", "error", "--without-gossip", "--without-mingle", "--without-heartbeat",
        ] for number in range(self.processes[self.sync])]

    def waiting(self):
        return self.broker.number("LLEN", "celery") + self.broker.number("HLEN", "unacked")


class Dramatiq(Queue):
    name, package, script = "Dramatiq", "dramatiq", "dramatiq_work.py"
    threads = {"own": 8, "full": 32}
    settings = (f"{CORES} processes of {threads['own']} threads ({threads['full']} with full sync), no middleware but "
                "Retries")

    def workers(self):
        return [[
            self.tools.program("dramatiq"), "dramatiq_work", "--processes", str(CORES), "--threads",
            str(self.threads[self.sync]),
        ]]

    def waiting(self):
        return self.broker.number("HLEN", "dramatiq:default.msgs")


class Huey(Queue):
    name, package, script = "huey", "huey", "huey_work.py"
    threads = {"own": 4, "full": 16}
    settings = (f"{CORES} consumers of {threads['own']} threads ({threads['full']} with full sync), no results, no "
                "periodic tasks")

    def workers(self):
        return [[
            self.tools.program("huey_consumer"), "huey_work.huey", "-k", "thread", "-w", str(self.threads[self.sync]),
            "-n", "-C", "-q",
        ]] * CORES

    def waiting(self):
        return self.broker.number("LLEN", "huey.redis.peers")


class Sidekiq(Queue):
    name, script = "Sidekiq", "sidekiq_work.rb"
    messages = 20_000
    threads = 25
    settings = f"{CORES} processes of {threads} threads, hiredis, push_bulk 1000"

    @property
    def version(self):
        return self.tools.output(["ruby", "-e", "require 'sidekiq'; puts Sidekiq::VERSION"], "apt: ruby-sidekiq")

    def workers(self):
        script = os.path.join(WORK, self.script)
        return [["sidekiq", "-c", str(self.threads), "-r", script, "-q", "default"]] * CORES

    def producer_command(self):
        return ["ruby", os.path.join(WORK, self.script)]

    def waiting(self):
        return self.broker.number("LLEN", "queue:default")


class Procrastinate(Queue):
    name, package, script = "Procrastinate", "procrastinate", "procrastinate_work.py"
    messages = 5_000
    settings = f"{2 * CORES} processes of 20 jobs at once, batch_defer 500, Unix socket"
    durability = "full sync"

    def start_broker(self, processes):
        return PostgreSQL(processes, self.tools)

    def prepare(self, processes):
        processes.run(self.python("prepare"), env=self.environment)

    def python(self, part):
        return [*super().producer_command(), part]

    def workers(self):
        return [self.python("work")] * (2 * CORES)

    def producer_command(self):
        return self.python("produce")

    def waiting(self):
        return self.broker.number("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")
