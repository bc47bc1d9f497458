"""Brings a recorded request into a form in which two libraries' requests can be compared.

Only the standard library is used: `make test` runs this without the vendors' packages.
"""

import base64
import email
import email.policy
import gzip
import hashlib
import json
import re
from email.header import decode_header, make_header
from email.utils import getaddresses
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, unquote, urlsplit

# Longer texts are compared by their hash, which keeps the recordings small.
LONGEST_TEXT = 240

# Headers of the connection and those that name the library, with its version. Everything else is compared.
IGNORED_HEADERS = [
    "accept", "accept-*", "amz-sdk-*", "connection", "content-length", "date", "expect", "host", "keep-alive",
    "os-usage-data", "traceparent", "transfer-encoding", "user-agent", "x-amz-content-sha256", "x-amz-date",
    "x-amz-user-agent", "x-fern-*", "x-firebase-client", "x-goog-api-client", "x-ms-client-request-id",
    "x-ms-content-sha256", "x-ms-date", "x-ms-return-client-request-id", "x-ovh-signature", "x-ovh-timestamp",
    "x-postmark-client*", "x-postmark-correlation-id", "x-source", "x-stainless-*", "x-twilio-client",
]

# Headers other than Authorization that hold a credential.
CREDENTIAL_HEADERS = ["api-key", "x-auth-token", "x-postmark-server-token", "x-server-api-key"]

# Fields of JSON that a library draws at random or takes from the clock.
RANDOM_FIELDS = ["repeatabilityRequestId", "repeatabilityFirstSent"]

# Fields of a mail that are new for each one, that say how it is encoded, and Sobre's own, which are for support and for
# bounces that contain the mail. Message-ID is made from our reference.
IGNORED_FIELDS = ["date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "x-sobre-*"]


def normal(request, secrets, replacements=()):
    """The request as data.

    request: method, scheme, host, target, headers (pairs), body (bytes).
    secrets: pairs of a name and a value. A value is replaced by its name wherever it stands.
    replacements: pairs of a text of this run, or a pattern after `re:`, and the text that stands for it.
    """
    hide = Hiding(secrets, replacements)
    url = urlsplit(f"{request['scheme']}://{request['host']}{request['target']}")
    headers = [(name.lower(), value) for name, value in request["headers"]]
    body = request["body"]
    if ("content-encoding", "gzip") in headers:
        body = gzip.decompress(body)
    kind = next((value for name, value in headers if name == "content-type"), "")
    form = {
        "method": request["method"],
        "url": hide(f"{url.scheme}://{url.netloc}{escapes(url.path)}"),
        "query": [[hide(name), hide(value)] for name, value in sorted(parse_qsl(url.query, keep_blank_values=True))],
        "auth": auth(headers, hide),
        "headers": {
            name: hide(value) for name, value in sorted(headers)
            if name not in CREDENTIAL_HEADERS + ["authorization", "content-type", "content-encoding"]
            and not any(fnmatchcase(name, ignored) for ignored in IGNORED_HEADERS)
        },
        "body": content(body, kind, hide),
    }
    if kind:
        form["headers"]["content-type"] = kind.split(";")[0].strip().lower()
    return shortened(form)


ENCODED_WORD = re.compile(r"=\?[\w-]+\?[bBqQ]\?[^? ]*\?=(?:\s+=\?[\w-]+\?[bBqQ]\?[^? ]*\?=)*")


class Hiding:
    """Replaces secrets and what differs from run to run, and decodes the words of RFC 2047.

    The same text has several right forms there, which decode to the same text.
    """

    def __init__(self, secrets, replacements):
        pairs = [(value, "${secret.%s}" % name) for name, value in secrets]
        self.pairs = sorted(list(replacements) + pairs, key=lambda pair: -len(pair[0]))

    def __call__(self, text):
        text = ENCODED_WORD.sub(lambda match: str(make_header(decode_header(match.group(0)))), text)
        for value, name in self.pairs:
            text = re.sub(value[3:], name, text) if value.startswith("re:") else text.replace(value, name)
        return text


def escapes(path):
    """A path with its percent escapes in capitals, and none for a character that needs none (RFC 3986, 6.2.2)."""

    def one(match):
        character = unquote(match.group(0))
        return character if re.fullmatch(r"[A-Za-z0-9._~:@!$&'()*+,;=-]", character) else match.group(0).upper()

    return re.sub(r"%[0-9A-Fa-f]{2}", one, path)


def auth(headers, hide):
    found = [{"header": name, "value": hide(value)} for name, value in headers if name in CREDENTIAL_HEADERS]
    for value in (value for name, value in headers if name == "authorization"):
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "basic":
            user, _, password = base64.b64decode(rest).decode().partition(":")
            found.append({"scheme": "Basic", "user": hide(user), "password": hide(password)})
        elif scheme == "AWS4-HMAC-SHA256":
            # The signature itself is checked by botocore: checks.py.
            credential = re.search(r"Credential=([^,]+)", rest).group(1).split("/")
            found.append({"scheme": scheme, "key": hide(credential[0]), "scope": credential[2:]})
        elif "&Signature=" in rest:
            # Over the time and the body, which has other spaces in each library.
            found.append({"scheme": scheme, "token": rest.partition("&Signature=")[0]})
        elif re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", rest):
            found.append({"scheme": scheme, "token": claims(rest, hide)})
        else:
            found.append({"scheme": scheme, "token": hide(rest)} if rest else {"token": hide(scheme)})
    return found


def claims(token, hide):
    """A JWT without its times, id and signature."""
    header, payload = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    for name in ("iat", "exp", "nbf", "jti"):
        payload.pop(name, None)
    return {"header": tree(header, hide), "claims": tree(payload, hide)}


def content(body, kind, hide):
    media = kind.split(";")[0].strip().lower()
    # APNs needs no Content-Type.
    if media.endswith("json") or (not media and body.startswith(b"{")) or media.startswith("application/x-amz-json"):
        return tree(json.loads(body), hide) if body else None
    if media == "application/x-www-form-urlencoded":
        return fields(parse_qsl(body.decode(), keep_blank_values=True), hide)
    if media == "multipart/form-data":
        return fields(parts(body, kind), hide)
    return tree(body.decode(errors="replace"), hide)


def parts(body, kind):
    """The fields of a multipart form: names with a text, or with a dictionary for a file."""
    boundary = email.message_from_string(f"Content-Type: {kind}\n\n").get_param("boundary").encode()
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]:
        head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        head = email.message_from_bytes(head + b"\n\n")
        name = head.get_param("name", header="content-disposition")
        file = head.get_param("filename", header="content-disposition")
        yield name, data.decode() if file is None else {"file": file, "type": head.get_content_type(), "content": data}


def fields(pairs, hide):
    found = {}
    for name, value in pairs:
        found.setdefault(hide(name), []).append(tree(value, hide))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def tree(value, hide):
    if isinstance(value, dict):
        return {hide(name): "…" if name in RANDOM_FIELDS else tree(inner, hide) for name, inner in value.items()}
    if isinstance(value, list):
        return [tree(inner, hide) for inner in value]
    if isinstance(value, (str, bytes)):
        found = mail(value)
        if found is not None:
            return tree(found, hide)
        if isinstance(value, bytes):
            return {"base64": base64.b64encode(value).decode()}
        if re.fullmatch(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", value):
            return claims(value, hide)
        return hide(value)
    return value


START_OF_MAIL = re.compile(rb"(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*MIME-Version: ", re.I)


def mail(value):
    """The mail that a text or its Base64 is, taken apart; None if it is none."""
    data = value if isinstance(value, bytes) else value.encode()
    if not START_OF_MAIL.match(data):
        try:
            data = base64.b64decode(data, validate=True)
        except ValueError:
            return None
        if not START_OF_MAIL.match(data):
            return None
    message = email.message_from_bytes(data, policy=email.policy.default)
    plain = email.message_from_bytes(data)
    found = {"headers": {}, "parts": []}
    for name in plain.keys():
        key = name.lower()
        if any(fnmatchcase(key, ignored) for ignored in IGNORED_FIELDS):
            continue
        if key in ("from", "to", "cc", "reply-to", "sender"):
            found["headers"][key] = [
                [str(make_header(decode_header(shown))), address] for shown, address in getaddresses(plain.get_all(name))]
        else:
            unfolded = re.sub(r"\r?\n(?=[ \t])", "", str(plain[name]))
            found["headers"][key] = str(make_header(decode_header(unfolded))).strip()
    for part in message.walk():
        if part.is_multipart():
            continue
        data = part.get_payload(decode=True)
        one = {"type": part.get_content_type()}
        if part.get_filename():
            one["filename"] = part.get_filename()
        if part["content-id"]:
            one["content_id"] = str(part["content-id"])
            one["disposition"] = part.get_content_disposition()
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            one["text"] = data.decode(part.get_content_charset() or "utf-8").replace("\r\n", "\n").rstrip("\n")
        else:
            one["base64"] = base64.b64encode(data).decode()
        found["parts"].append(one)
    return {"mail": found}


def shortened(value):
    if isinstance(value, dict):
        return {name: shortened(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        digest = hashlib.sha256(value.encode()).hexdigest()[:24]
        return f"{value[:40]}… {len(value)} characters, SHA-256 {digest}"
    return value
