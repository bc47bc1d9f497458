"""`make wire`: compares what the vendors' libraries send with what Sobre sends. See README.md."""

import argparse
import contextlib
import dataclasses
import io
import json
import logging
import os
import sys
import time
import traceback
import uuid
import warnings
from importlib.metadata import version
from pathlib import Path

import checks
import compare
import drivers
import message
import relay
from gateway import LINKS, Gateway
from hooks import Signer
from keys import Keys
from normal import normal
from recorder import Recorder

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
# Where access tokens are asked for; such requests are compared once, as the message "token".
TOKEN_HOSTS = {"auth.sinch.com", "oauth2.googleapis.com"}


class Run:
    def __init__(self, arguments):
        self.arguments, self.folder = arguments, Path(arguments.folder)
        self.allowed, self.keys = compare.AllowList.shipped(), Keys()
        manifests = {path.stem for path in Path(arguments.providers).glob("*.yaml")}
        chosen = set(arguments.only.split(",")) if arguments.only else manifests
        self.messages = message.load(arguments.messages)
        self.live = self.messages
        self.drivers = [one for one in drivers.load() if one.provider in manifests & chosen]
        self.providers = {
            name: provider for name, provider in compare.settings()["providers"].items() if name in manifests & chosen}
        for name, made in self.keys.settings().items():
            if name in self.providers:
                self.providers[name].setdefault("secrets", {}).update(made)
        self.vendor, self.sobre, self.raw, self.deliveries, self.faults = {}, {}, {}, {}, []
        self.recorder = Recorder((self.folder / "hosts").read_text().split()[1::2], self.folder)

    def secrets(self, provider):
        own = list(self.providers[provider].get("secrets", {}).items())
        return own + [("access_token", compare.ACCESS_TOKEN)]

    # The vendors' libraries

    def record_vendors(self):
        for one in self.drivers:
            known = self.providers[one.provider]
            values = {**known.get("settings", {}), **known.get("secrets", {})}
            for m in self.messages:
                if m.channel == one.channel and one.fits(m):
                    self.record_vendor(one, dataclasses.replace(m, to=known.get("to", m.to)), values)

    def record_vendor(self, one, m, values):
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                one.send(m, values)
        except Exception as error:
            self.faults.append(
                f"{one.package} did not send {m.name} by {one.provider}: {type(error).__name__}: {error}"[:600])
            if self.arguments.trace:
                print(output.getvalue())
                traceback.print_exc()
        kept = self.vendor.setdefault((one.provider, one.package), {})
        self.keep(kept, one.provider, m.name, self.recorder.taken())

    def keep(self, kept, provider, name, requests, replacements=()):
        """Keeps the normal form of the request that carries the message, and the first one for a token."""
        for request in requests:
            # A library may ask for the time, or what became of a message.
            if request["method"] == "GET":
                continue
            form = normal(request, self.secrets(provider), replacements)
            if request["host"] in TOKEN_HOSTS:
                kept.setdefault("token", form)
            elif name not in kept:
                kept[name] = form
            elif kept[name] != form:
                self.faults.append(f"{provider}: the message {name} was sent twice, and differently")

    # Sobre

    def record_sobre(self):
        for m in self.live:
            self.send_by_all(m)

    def takers(self, m):
        """The providers that take the message. SNS has names as senders only; two take no images of the HTML."""
        return [
            name for name, provider in self.providers.items()
            if provider["channel"] == m.channel and (name != "aws-sns" or m.sender.isalpha())
            and not (m.has_images and name in ("brevo", "scaleway"))]

    def send_by_all(self, m):
        """Sends one message by every provider of its channel. A host belongs to one provider."""
        ids = {name: self.gateway.send(name, m) for name in self.takers(m)}
        outcomes = self.outcomes(ids)
        requests = self.recorder.taken()
        for name, identifier in ids.items():
            delivery = outcomes[name]
            if delivery.get("state") != "sent":
                self.faults.append(
                    f"{name}, message {m.name}: Sobre did not send it: {delivery.get('state')} {delivery.get('reason')} "
                    f"{delivery.get('detail', '')}")
            own = delivery.get("delivery", identifier)
            self.deliveries[name] = own, delivery.get("provider_id", "")
            replacements = [
                (own, m.id), (str(uuid.uuid5(message.KEYS, own)), m.key_uuid), (f"wire-{name}", m.recipient),
                (f"re:{LINKS}/[^\\s>\"]+", message.UNSUBSCRIBE)]
            mine = [one for one in requests if one["host"] in self.providers[name]["hosts"]]
            if not any(one["host"] not in TOKEN_HOSTS for one in mine):
                self.faults.append(f"{name}, message {m.name}: Sobre sent no request to its host")
            self.raw.setdefault(name, []).extend(mine)
            self.keep(self.sobre.setdefault(name, {}), name, m.name, mine, replacements)

    def outcomes(self, ids):
        found, end = {}, time.monotonic() + 60
        while len(found) < len(ids) and time.monotonic() < end:
            for name in ids.keys() - found.keys():
                delivery = self.gateway.delivery(ids[name])
                if delivery.get("state") not in ("queued", "scheduled", "attempting"):
                    found[name] = delivery
            time.sleep(0.05)
        return {name: found.get(name, {"state": "still waiting"}) for name in ids}

    # Everything else

    def check(self):
        found = checks.Checks()
        known = {name: dict(provider.get("secrets", {})) for name, provider in self.providers.items()}
        if "webhook" in known:
            known["webhook"]["receipts"] = self.providers["webhook"]["receipts"]
        if known.keys() & {"ses-v2", "aws-sms", "aws-sns"}:
            checks.aws_signatures(found, self.raw, known)
        if "fcm" in known:
            checks.json_web_tokens(found, self.raw, self.keys)
        if "webhook" in known:
            checks.own_webhook(found, self.raw, known["webhook"]["signing_secret"])
        checks.receipts(found, self.gateway, self.recorder, Signer(self.keys, known), self.deliveries)
        if self.moto:
            checks.moto(found, self.moto, self.gateway, self.live, self.outcomes)
        checks.planted(found, known, Path(self.arguments.providers))
        texts = self.provoke()
        self.gateway.stop()
        known["relay"] = relay.PROVIDER["secrets"]
        known["tokens"] = {"access_token": compare.ACCESS_TOKEN}
        known |= checks.basic_codes(known)
        checks.secrets(found, known, texts + self.written())
        return found

    def provoke(self):
        """Lets every provider refuse a message with the request's own headers in the answer, and asks all that tells.

        Returns names and bytes of the answers.
        """
        self.recorder.echoes = True
        ids = {}
        for channel in {provider["channel"] for provider in self.providers.values()}:
            m = next(m for m in self.live if m.channel == channel and m.sender[:1] != "+")
            ids |= {name: self.gateway.send(name, m) for name in self.takers(m)}
            if channel == "email":
                ids["relay"] = self.gateway.send("relay", m)
        self.outcomes(ids)
        texts = []
        for path in ("/metrics", "/v1/status", "/v1/log?limit=1000", "/v1/receipts?limit=1000"):
            texts.append((path, self.gateway.call("GET", path)[1]))
        commands = [["providers", "list"], ["providers", "check"], ["logs"], ["receipts"], ["doctor"]]
        commands += [["providers", "show", name] for name in self.providers]
        for name, identifier in ids.items():
            texts.append((name, self.gateway.call("GET", f"/v1/messages/{identifier}/explanation")[1]))
        for identifier in list(ids.values())[:3]:
            commands += [["show", identifier], ["explain", identifier]]
        # Mailgun, Twilio and FCM stand for Basic, a form and an access token.
        for name in ids.keys() & {"mailgun", "twilio", "fcm"}:
            to = next(m.to for m in self.live if m.channel == self.providers[name]["channel"])
            commands.append(["providers", "test", name, "--to", to])
        for words in commands:
            texts.append(("sobre " + " ".join(words), self.gateway.command(*words)[1].encode()))
        self.recorder.echoes = False
        if "relay" in ids and not relay.LOGINS:
            self.faults.append("relay: Sobre did not log in, so its answers told nothing")
        return texts

    def written(self):
        """All files of Sobre's and the recordings."""
        files = [path for path in (self.folder / "sobre").rglob("*") if path.is_file()]
        files += (FOLDER / "Recordings").iterdir()
        return [(str(path.relative_to(path.anchor)), path.read_bytes()) for path in files]

    # The report

    def report(self):
        rows, wrong = [], []
        for (provider, package), messages in sorted(self.vendor.items()):
            explained = different = compared = 0
            for name, recorded in messages.items():
                sobre = self.sobre.get(provider, {}).get(name)
                if sobre is None:
                    continue
                compared += 1
                found, allowed = compare.judge(self.allowed, provider, package, recorded, sobre)
                explained += bool(allowed and not found)
                different += bool(found)
                wrong += [f"{provider}, message {name}: {text}" for text in found]
            equal = compared - explained - different
            rows.append((provider, f"{package} {version(package)}", compared, equal, explained, different))
        if not self.arguments.record and not self.arguments.messages:
            wrong += self.drift()
            # An entry that explains nothing could hide a fault later.
            packages = {package for _, package in self.vendor}
            for entry in self.allowed.unused(self.providers, packages) if not self.arguments.only else []:
                wrong.append(f"allowed.json: an entry explains nothing: {json.dumps(entry, ensure_ascii=False)}")
        table(("provider", "vendor's code", "messages", "equal", "allowed", "different"), rows)
        compared = sum(row[2] for row in rows)
        print(
            f"\n{compared} pairs of requests of {len({row[0] for row in rows})} providers; allowed are those whose "
            "differences have a reason in allowed.json.")
        return wrong, compared

    def drift(self):
        """What the vendors' libraries send now and did not when the recordings were made."""
        found = []
        for (provider, package), messages in self.vendor.items():
            recorded = (compare.recordings(provider) or {"requests": {}})["requests"].get(package, {})
            for name, form in messages.items():
                if recorded.get(name) != form:
                    found.append(f"{provider}: {package} sends {name} otherwise than recorded; --record keeps it")
        return found

    def write_recordings(self):
        for provider in {provider for provider, _ in self.vendor}:
            lines = []
            for (name, package), messages in sorted(self.vendor.items()):
                if name != provider:
                    continue
                inner = ",\n".join(
                    f"  {json.dumps(name)}: {json.dumps(form, ensure_ascii=False, sort_keys=True)}"
                    for name, form in messages.items())
                lines.append(f" {json.dumps(package)}: {{\n{inner}\n }}")
            path = FOLDER / "Recordings" / f"{provider}.json"
            path.write_text('{"requests": {\n' + ",\n".join(lines) + "\n}}\n")

    def run(self):
        """Returns whether everything is as it should be."""
        self.record_vendors()
        if self.arguments.record:
            self.write_recordings()
        instances = checks.Moto.providers(self.providers)
        self.moto = checks.Moto() if instances else None
        instances["relay"] = relay.PROVIDER
        relay.start()
        self.gateway = Gateway(
            self.arguments.sobre, self.arguments.providers, self.folder / "sobre", {**self.providers, **instances}, self.live)
        try:
            self.record_sobre()
            found = self.check()
        finally:
            self.gateway.stop()
        wrong, compared = self.report()
        print()
        table(("checked", "by", "result"), found.rows)
        for line in self.faults + wrong + found.wrong:
            print(line)
        count = len(self.faults + wrong + found.wrong)
        print(f"\n{count} {'thing is' if count == 1 else 'things are'} wrong." if count else "\nAll is right.")
        return bool(compared) and not count


def table(heads, rows):
    cells = [heads] + [tuple(str(cell) for cell in row) for row in rows]
    numbers = [isinstance(cell, int) for cell in rows[0]] if rows else [False] * len(heads)
    widths = [max(len(row[index]) for row in cells) for index in range(len(heads))]
    cells.insert(1, tuple("-" * width for width in widths))
    for row in cells:
        print("  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(row, widths, numbers)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sobre", required=True, help="the built sobre")
    parser.add_argument("--folder", required=True, help="a folder for this run's files")
    parser.add_argument("--providers", default=ROOT / "Providers", help="the folder of the manifests")
    parser.add_argument("--only", help="providers, with commas between")
    parser.add_argument("--messages", help="another file than messages.json; nothing is compared with the recordings")
    parser.add_argument("--record", action="store_true", help="write the recordings")
    parser.add_argument("--trace", action="store_true", help="show where a library failed")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if not arguments.trace:
        logging.disable(logging.CRITICAL)
    passed = Run(arguments).run()
    sys.stdout.flush()
    # Some libraries leave threads running.
    os._exit(0 if passed else 1)


if __name__ == "__main__":
    main()
