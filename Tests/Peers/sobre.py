"""Sobre with the settings it ships with: HTTP intake, a policy with a cap, SQLite with full sync."""
import json
import os
import subprocess
import sys
import urllib.request

from processes import wait_until

WORK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "work")
SHIPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Providers")
PEOPLE = 10_000

SETTINGS = """
data: {{directory: data}}
paths: {{templates: templates, providers: {shipped}, policy: policy.yaml}}
server: {{port: 0}}
providers:
  relay:
    type: smtp
    settings: {{host: 127.0.0.1, port: {port}, security: none}}
    limits: {{rate: 1000000/s, burst: 100000, concurrency: 32}}
  twilio:
    settings: {{endpoint: "http://127.0.0.1:{port}", from: "+12025550100", trace_headers: false}}
    secrets: {{account_sid: env:PEER_SID, auth_token: env:PEER_TOKEN}}
    limits: {{rate: 1000000/s, burst: 100000, concurrency: 8192}}
"""
POLICY = """
default_timezone: UTC
categories:
  marketing: {consent: none, fingerprint_window: 0s}
caps:
  - {name: marketing-cap, applies_to: {category: [marketing]}, limit: 1000, window: 1d, on_cap: drop}
"""
TEMPLATE = {
    "template.yaml": "name: offer\ncategory: marketing\nchannels: [email, sms]\nfrom: Shop <shop@shop.example>\n"
    'sms: {from: "+12025550100"}\nvariables: {order_id: {type: string}}\n',
    "email.subject.liquid": "Order {{ order_id }}",
    "email.text.liquid": "About order {{ order_id }}.",
    "sms.liquid": "About order {{ order_id }}.",
}


class Sobre:
    durability = "full sync"
    settings = "as shipped; a cap, dedup and idempotency keys; batches of 500 from 4 clients"

    def __init__(self, program, channel):
        self.program = program
        self.channel = channel
        self.name = {"sms": "Sobre", "email": "Sobre mail"}[channel]
        self.sink = {"sms": "http", "email": "mail"}[channel]
        self.messages = {"sms": 100_000, "email": 20_000}[channel]
        self.enqueued = 0

    @property
    def version(self):
        return subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def start(self, processes, sink_port):
        folder = processes.folder
        os.makedirs(f"{folder}/templates/offer")
        for name, text in {
            "sobre.yaml": SETTINGS.format(shipped=SHIPPED, port=sink_port), "policy.yaml": POLICY,
            **{f"templates/offer/{name}": text for name, text in TEMPLATE.items()},
        }.items():
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        ports = f"{folder}/ports"
        processes.start(
            [self.program, "serve", "--config", f"{folder}/sobre.yaml", "--port-file", ports],
            env={"PEER_SID": "AC1", "PEER_TOKEN": "token"})
        wait_until(lambda: processes.check() or os.path.exists(ports), 30, "sobre does not listen")
        with open(ports) as file:
            self.url = f"http://127.0.0.1:{json.load(file)['http']}"
        for start in range(0, PEOPLE, 500):
            lines = "\n".join(json.dumps(profile(number)) for number in range(start, start + 500))
            request = urllib.request.Request(
                f"{self.url}/v1/profiles", lines.encode(), {"Content-Type": "application/x-ndjson"})
            urllib.request.urlopen(request).close()
        self.producer = processes.start(
            [sys.executable, f"{WORK}/sobre_client.py", self.url, self.channel], measured=False, stdin=subprocess.PIPE)

    def enqueue(self, first, count):
        """Returns at once."""
        self.enqueued += count
        self.producer.stdin.write(f"{first} {count}\n".encode())
        self.producer.stdin.flush()

    def waiting(self):
        """By the server's own counter, which is incremented once the outcome is on disk."""
        with urllib.request.urlopen(f"{self.url}/metrics") as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith('sobre_transitions_total{state="sent"}'):
                    return self.enqueued - int(float(line.split()[-1]))
        return self.enqueued


def profile(number):
    addresses = [("email", f"person-{number}@people.example"), ("sms", f"+1202{1_000_000 + number}")]
    return {
        "id": f"person-{number}", "timezone": "UTC",
        "addresses": [{"channel": channel, "address": address} for channel, address in addresses],
    }
