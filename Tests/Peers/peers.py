"""Sobre beside other job queues, an SMS gateway and a mail server: one table. `make bench-peers` calls it through run."""
import argparse
import os
import signal
import subprocess
import sys
import time
from typing import NamedTuple

from kannel import Kannel
from postfix import Postfix
from processes import Failed, Missing, Processes
from queues import Celery, Dramatiq, Huey, Procrastinate, Sidekiq
from sinks import HTTPSink, MailSink
from sobre import Sobre
from tools import Tools

WARM = 500
SINKS = {"http": HTTPSink, "mail": MailSink}


def peers(tools, sobre):
    """Sobre comes before what it is compared with."""
    yield Sobre(sobre, "sms")
    for queue in (Celery, Dramatiq, Huey, Sidekiq):
        for sync in ("own", "full"):
            yield queue(tools, sync)
    yield Procrastinate(tools)
    yield Kannel(tools)
    yield Sobre(sobre, "email")
    yield Postfix(tools)


class Measurement(NamedTuple):
    rate: float
    """Messages per second, from the first enqueue until all are sent and done."""
    cpu: float
    """CPU microseconds a message, of all processes of the peer but the client that enqueues."""
    sent: int
    """Fewer than asked for when the time was up."""


def measure(peer, bench, count, bound):
    processes = Processes(peer.name.split()[0].lower())
    try:
        sink = SINKS[peer.sink](processes, bench)
        peer.start(processes, sink.port)
        settle(processes)
        peer.enqueue(0, WARM)
        if not wait(peer, processes, sink, WARM, 60):
            raise Failed(f"the first {WARM} messages were not sent within 60 s")
        settle(processes)
        base = sink.count()
        cpu = processes.cpu_seconds()
        begun = time.monotonic()
        peer.enqueue(WARM, count)
        wait(peer, processes, sink, base + count, bound)
        seconds = time.monotonic() - begun
        sent = sink.count() - base
        if sent == 0:
            raise Failed(f"nothing was sent within {bound:.0f} s")
        return Measurement(sent / seconds, (processes.cpu_seconds() - cpu) * 1e6 / sent, sent)
    finally:
        processes.stop()


def settle(processes):
    """Waits until every process has started, which is when they use no CPU any more, for at most 20 seconds."""
    used = processes.cpu_seconds()
    for _ in range(40):
        time.sleep(0.5)
        processes.check()
        before, used = used, processes.cpu_seconds()
        if used - before < 0.05:
            return


def wait(peer, processes, sink, count, bound):
    """Whether the sink got so many messages, and the peer has marked all of them as done, within `bound` seconds."""
    deadline = time.monotonic() + bound
    while sink.count() < count or peer.waiting():
        processes.check()
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sobre", required=True, type=os.path.abspath, help="the release build of sobre")
    parser.add_argument(
        "--bench", required=True, type=os.path.abspath, help="the release build of sobre-bench, whose sink is used")
    parser.add_argument("--scratch", required=True, type=os.path.abspath, help="where run has installed the peers")
    parser.add_argument("--messages", type=int, help="of each peer; default: about ten seconds of it")
    parser.add_argument("--bound", type=float, default=40, help="seconds for each peer; default 40")
    parser.add_argument("--only", help="a peer's name")
    arguments = parser.parse_args()
    print(f"{'peer':<15}{'version':<9}{'durability':<17}{'messages/s':>11}{'CPU µs each':>13}{'÷ Sobre':>9}")
    # So that an ended make leaves no servers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sobre = {}
    failures = 0
    notes = []
    for peer in peers(Tools(arguments.scratch), arguments.sobre):
        if arguments.only not in (None, peer.name, peer.name.split()[0]):
            continue
        count = arguments.messages or peer.messages
        try:
            version = peer.version
            result = measure(peer, arguments.bench, count, arguments.bound)
        except Missing as reason:
            print(f"{peer.name:<15}skipped: {reason}", flush=True)
            continue
        except (Failed, OSError, subprocess.SubprocessError) as failure:
            print(f"{peer.name:<15}failed: {failure}", flush=True)
            failures += 1
            continue
        if isinstance(peer, Sobre):
            sobre[peer.sink] = result.rate
        ratio = f"{result.rate / sobre[peer.sink]:.3f}" if peer.sink in sobre else "none"
        print(
            f"{peer.name:<15}{version:<9}{peer.durability:<17}{result.rate:>11,.0f}{result.cpu:>13,.0f}{ratio:>9}",
            flush=True)
        notes.append(f"{peer.name}: {peer.settings}")
        if result.sent < count:
            notes.append(f"{peer.name}, {peer.durability}: {result.sent:,} of {count:,} within {arguments.bound:.0f} s")
    print("\n" + "\n".join(dict.fromkeys(notes)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
