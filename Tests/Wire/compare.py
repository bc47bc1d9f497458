"""Compares requests in their normal form; see normal.py. Only the standard library is used.

As a program, it compares requests from standard input, one JSON object a line, with the recordings in Recordings/:
{"provider", "message", "method", "url", "headers": [[name, value]], "body": Base64, "secrets": [[name, value]]}.
It prints each difference that no entry of allowed.json explains. Status: 0 equal, 1 different.
"""

import base64
import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import urlsplit

from normal import normal

FOLDER = Path(__file__).resolve().parent
MISSING = object()
# What the recorder hands out where a provider asks for an access token.
ACCESS_TOKEN = "wire-secret-access-token"


def differences(vendor, sobre, at=""):
    """Triples of a path, the vendor's value and Sobre's; MISSING where one has none."""
    if isinstance(vendor, dict) and isinstance(sobre, dict):
        found = []
        for name in sorted(vendor.keys() | sobre.keys()):
            path = f"{at}.{name}" if at else name
            found += differences(vendor.get(name, MISSING), sobre.get(name, MISSING), path)
        return found
    if isinstance(vendor, list) and isinstance(sobre, list):
        found = []
        for index in range(max(len(vendor), len(sobre))):
            left = vendor[index] if index < len(vendor) else MISSING
            right = sobre[index] if index < len(sobre) else MISSING
            found += differences(left, right, f"{at}.{index}")
        return found
    same = type(vendor) is type(sobre) and vendor == sobre
    return [] if same else [(at, vendor, sobre)]


def kind(vendor, sobre):
    if vendor is MISSING:
        return "sobre only"
    return "vendor only" if sobre is MISSING else "differs"


class AllowList:
    """Differences that have a reason. allowed.json: a list of {provider, code, at, kind, reason}.

    `provider` and `code` (the vendor's package) are patterns, `at` is a list of patterns of paths, `kind` is
    "sobre only", "vendor only" or "differs". An optional `sobre` or `vendor` is the value that it must have.
    """

    def __init__(self, entries):
        self.entries = entries
        self.used = set()
        for entry in entries:
            unknown = entry.keys() - {"provider", "code", "at", "kind", "reason", "sobre", "vendor"}
            if unknown or not entry["reason"].strip():
                raise ValueError(f"allowed.json: an entry needs a reason and known keys: {entry}")

    @classmethod
    def shipped(cls):
        return cls(json.loads((FOLDER / "allowed.json").read_text()))

    def reason(self, provider, code, at, vendor, sobre):
        for index, entry in enumerate(self.entries):
            if (
                fnmatchcase(provider, entry["provider"]) and fnmatchcase(code, entry.get("code", "*"))
                and any(fnmatchcase(at, pattern) for pattern in entry["at"])
                and entry["kind"] == kind(vendor, sobre)
                and entry.get("sobre", sobre) == sobre and entry.get("vendor", vendor) == vendor
            ):
                self.used.add(index)
                return entry["reason"]
        return None

    def unused(self, providers, codes):
        """Entries that explained nothing although a matching pair was compared: they hide nothing and should go."""
        return [
            entry for index, entry in enumerate(self.entries)
            if index not in self.used and any(fnmatchcase(name, entry["provider"]) for name in providers)
            and any(fnmatchcase(name, entry.get("code", "*")) for name in codes)
        ]


def shown(value):
    return "nothing" if value is MISSING else json.dumps(value, ensure_ascii=False)


def judge(allowed, provider, code, vendor, sobre):
    """The differences without a reason as texts, and the number of those with one."""
    wrong, explained = [], 0
    for at, left, right in differences(vendor, sobre):
        if allowed.reason(provider, code, at, left, right):
            explained += 1
        else:
            wrong.append(f"{at}: {code} sends {shown(left)}, Sobre {shown(right)}")
    return wrong, explained


def settings():
    return json.loads((FOLDER / "settings.json").read_text())


def recordings(provider):
    path = FOLDER / "Recordings" / f"{provider}.json"
    return json.loads(path.read_text()) if path.exists() else None


def offline(lines):
    allowed, wrong, compared = AllowList.shipped(), [], 0
    for line in lines:
        one = json.loads(line)
        recorded = recordings(one["provider"])
        if recorded is None:
            wrong.append(f"{one['provider']}: there is no recording")
            continue
        url = urlsplit(one["url"])
        sobre = normal(
            {
                "method": one["method"], "scheme": url.scheme, "host": url.netloc,
                "target": url.path + ("?" + url.query if url.query else ""), "headers": one["headers"],
                "body": base64.b64decode(one["body"]),
            }, [tuple(pair) for pair in one["secrets"]] + [("access_token", ACCESS_TOKEN)])
        for code, messages in recorded["requests"].items():
            if one["message"] not in messages:
                continue
            compared += 1
            found, _ = judge(allowed, one["provider"], code, messages[one["message"]], sobre)
            wrong += [f"{one['provider']}, message {one['message']}: {text}" for text in found]
    return wrong, compared


if __name__ == "__main__":
    differing, compared = offline(sys.stdin)
    print("\n".join(differing + [f"{compared} comparisons, {len(differing)} differences"]))
    sys.exit(1 if differing else 0)
