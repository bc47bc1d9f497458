"""Sobre as it is shipped: `sobre serve` with all providers, on the settings of settings.json.

The providers' own host names are used. They lead to the recorder; see run.
"""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

LINKS = "https://links.larkspur.example"

POLICY = """
categories:
  transactional: {consent: none, obeys_caps: false, counts_toward_caps: false, fingerprint_window: 0s}
  marketing: {consent: none, obeys_caps: false, counts_toward_caps: false, fingerprint_window: 0s}
"""


def raw(text):
    return "{% raw %}" + text + "{% endraw %}"


class Gateway:
    def __init__(self, executable, manifests, folder, providers, messages):
        self.executable, self.folder, self.providers = executable, Path(folder), providers
        self.environment = dict(os.environ)
        self.write(manifests, messages)
        self.start()
        for name, provider in providers.items():
            self.introduce(name, provider["channel"])

    # Files

    def write(self, manifests, messages):
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "policy.yaml").write_text(POLICY)
        channels = sorted({provider["channel"] for provider in self.providers.values()})
        document = {
            "data": {"directory": str(self.folder / "data")},
            "paths": {"templates": str(self.folder / "templates"), "providers": str(manifests), "policy": "policy.yaml"},
            "server": {"port": 0}, "log": {"level": "trace", "format": "json"},
            "sender": {"email": "nobody@larkspur.example"}, "links": {"public_url": LINKS},
            "providers": {name: self.instance(name, provider) for name, provider in self.providers.items()},
            "routes": {
                channel: [name for name, provider in self.providers.items() if provider["channel"] == channel]
                for channel in channels},
        }
        self.settings = self.folder / "sobre.yaml"
        self.settings.write_text("\n".join(f"{name}: {json.dumps(value)}" for name, value in document.items()) + "\n")
        for message in messages:
            self.write_template(message)

    def instance(self, name, provider):
        secrets = {}
        for secret, value in provider.get("secrets", {}).items():
            secrets[secret] = self.reference(name, secret, value)
        instance = {"type": provider.get("type", name), "settings": dict(provider.get("settings", {})), "secrets": secrets}
        if provider["channel"] in ("sms", "push", "whatsapp"):
            instance["settings"]["callback_url"] = provider.get("callback_url", "https://hooks.example/r")
        if "receipts" in provider:
            instance["receipts"] = {"secret": self.reference(name, "receipts", provider["receipts"])}
        if provider.get("names channel"):
            instance["channel"] = provider["channel"]
        return instance

    def reference(self, name, secret, value):
        variable = f"WIRE_{name}_{secret}".upper().replace("-", "_")
        self.environment[variable] = value
        return f"env:{variable}"

    def write_template(self, m):
        folder = self.folder / "templates" / m.name
        folder.mkdir(parents=True, exist_ok=True)
        settings = {"category": m.category}
        files = {}
        if m.channel == "email":
            settings["from"] = address(m.from_name, m.from_address)
            if m.reply_address:
                settings["reply_to"] = address(m.reply_name, m.reply_address)
            files = {"email.subject": m.subject, "email.text": m.text, "email.html": m.html}
        elif m.channel == "push":
            fields = [("title", m.title), ("link", m.link), ("image", m.image), ("collapse", m.collapse)]
            fields += [(f"data.{name}", value) for name, value in m.data.items()]
            head = "".join(f"{name}: {raw(value)}\n" for name, value in fields if value)
            (folder / "push.liquid").write_text(f"{head}---\n{raw(m.body)}")
        else:
            if m.sender:
                settings[m.channel] = {"from": m.sender}
            files = {m.channel: m.text}
        (folder / "template.yaml").write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items()))
        for name, text in files.items():
            if text:
                (folder / f"{name}.liquid").write_text(raw(text))

    # The process

    def start(self):
        ports = self.folder / "ports"
        ports.unlink(missing_ok=True)
        with open(self.folder / "serve.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.executable, "serve", "--config", self.settings, "--port-file", ports], env=self.environment,
                stdout=log, stderr=log)
        for _ in range(300):
            if self.process.poll() is not None:
                raise RuntimeError("sobre serve ended:\n" + (self.folder / "serve.log").read_text()[-3000:])
            if ports.exists() and ports.read_text().strip():
                break
            time.sleep(0.1)
        self.port = json.loads(ports.read_text())["http"]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(40)

    def command(self, *arguments):
        done = subprocess.run(
            [self.executable, *arguments, "--config", self.settings], env=self.environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    # Its API

    def call(self, method, path, body=None, headers=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, headers or {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def introduce(self, name, channel):
        status, answer = self.call("PUT", f"/v1/profiles/wire-{name}", {"addresses": []})
        if status != 200:
            raise RuntimeError(f"the profile of {name} was refused: {answer.decode()}")

    def send(self, name, message):
        """Sends a message by one provider; returns its id."""
        to = self.providers[name].get("to", message.to)
        address = {"channel": message.channel, "address": to, "provider": name}
        if message.channel == "push":
            address["platform"] = "android"
        status, answer = self.call("PUT", f"/v1/profiles/wire-{name}", {"addresses": [address]})
        if status == 200:
            status, answer = self.call("POST", "/v1/messages", {
                "recipient": f"wire-{name}", "template": message.name, "campaign": message.campaign,
                "channels": [message.channel], "attachments": [
                    {"filename": file.filename, "content_type": file.content_type, "content": file.base64}
                    | ({"content_id": file.content_id} if file.content_id else {}) for file in message.attachments]})
        if status != 202:
            raise RuntimeError(f"{name}, message {message.name}: {status} {answer.decode()}")
        return json.loads(answer)["id"]

    def delivery(self, message_id):
        status, answer = self.call("GET", f"/v1/messages/{message_id}")
        return json.loads(answer)["deliveries"][0]


def address(name, mailbox):
    if not name:
        return mailbox
    return '"%s" <%s>' % (name.replace("\\", "\\\\").replace('"', '\\"'), mailbox)
