"""An HTTPS server on loopback that answers as the providers do and keeps each request as it came.

Its certificate names every host that is asked for. The authority that signed it is made for one run and kept nowhere.
"""

import datetime
import itertools
import json
import re
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from compare import ACCESS_TOKEN

# What the providers answer to an accepted message: patterns of host and path, status, headers, body.
# NUMBER counts up, and REQUEST is the request's header of that name.
ANSWERS = [
    (r"api\.twilio\.com", r".*", 201, {}, {"sid": "SM-NUMBER", "status": "queued", "account_sid": "AC0"}),
    (r"api\.sendgrid\.com", r".*", 202, {"X-Message-Id": "sg-NUMBER"}, None),
    (r"email\..*amazonaws\.com", r"/v2/.*", 200, {}, {"MessageId": "ses-NUMBER"}),
    (r"sns\..*amazonaws\.com", r".*", 200, {"Content-Type": "text/xml"},
     '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>sns-NUMBER</MessageId>'
     "</PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>"),
    (r"sms-voice\..*amazonaws\.com", r".*", 200, {"Content-Type": "application/x-amz-json-1.0"}, {"MessageId": "eum-NUMBER"}),
    (r"api\.mailgun\.net", r".*", 200, {}, {"id": "<mg-NUMBER@mg.larkspur.example>", "message": "Queued. Thank you."}),
    (r"api\.postmarkapp\.com", r"/email/batch", 200, {}, [{
        "To": "x@example.org", "SubmittedAt": "2026-01-01T00:00:00Z", "MessageID": "pm-NUMBER", "ErrorCode": 0,
        "Message": "OK"}]),
    (r"api\.postmarkapp\.com", r".*", 200, {}, {
        "To": "ann@example.org", "SubmittedAt": "2026-01-01T00:00:00Z", "MessageID": "pm-NUMBER", "ErrorCode": 0,
        "Message": "OK"}),
    (r"api\.resend\.com", r".*", 200, {}, {"id": "re-NUMBER"}),
    (r"api\.brevo\.com", r".*", 201, {}, {"messageId": "<br-NUMBER@smtp-relay.example>"}),
    (r"api\.mailjet\.com", r".*", 200, {}, {"Messages": [{"Status": "success", "CustomID": "", "To": [
        {"Email": "ann@example.org", "MessageUUID": "u", "MessageID": 456, "MessageHref": ""}], "Cc": [], "Bcc": []}]}),
    (r"api\.sparkpost\.com", r".*", 200, {}, {"results": {
        "id": "sp-NUMBER", "total_accepted_recipients": 1, "total_rejected_recipients": 0}}),
    (r"api\.mailersend\.com", r".*", 202, {"X-Message-Id": "ms-NUMBER"}, {}),
    (r"api\.scaleway\.com", r".*", 200, {}, {"emails": [{
        "id": "sw-NUMBER", "message_id": "m", "project_id": "p", "mail_from": "a@b.example", "mail_rcpt": "c@d.example",
        "rcpt_to": "c@d.example", "rcpt_type": "to", "subject": "s", "status": "new", "try_count": 0, "last_tries": [],
        "flags": []}]}),
    (r"send\.api\.mailtrap\.io", r".*", 200, {}, {"success": True, "message_ids": ["mt-NUMBER"]}),
    (r"postal\..*", r".*", 200, {}, {"status": "success", "time": 0.1, "data": {
        "message_id": "po-NUMBER", "messages": {"ann@example.org": {"id": 1, "token": "t"}}}}),
    (r"rest\.nexmo\.com", r".*", 200, {}, {"message-count": "1", "messages": [{
        "to": "1", "message-id": "vo-NUMBER", "status": "0", "remaining-balance": "1", "message-price": "0.1",
        "network": "1"}]}),
    (r"auth\.sinch\.com", r".*", 200, {}, {
        "access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "bearer", "scope": ""}),
    (r".*sms\.api\.sinch\.com", r".*", 201, {}, {
        "id": "si-NUMBER", "to": ["1"], "from": "2", "body": "x", "type": "mt_text", "canceled": False}),
    (r".*api\.infobip\.com", r".*", 200, {}, {"bulkId": "b", "messages": [{
        "messageId": "ib-NUMBER", "destination": "1", "to": "1",
        "status": {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED", "description": "x"}}]}),
    (r"rest\.messagebird\.com", r".*", 201, {}, {"id": "mb-NUMBER", "recipients": {"totalCount": 1, "items": []}}),
    (r"api\.plivo\.com", r".*", 202, {}, {"message": "message(s) queued", "message_uuid": ["pl-NUMBER"], "api_id": "a"}),
    (r"api\.telnyx\.com", r".*", 200, {}, {"data": {"id": "tx-NUMBER", "record_type": "message"}}),
    (r"api\.46elks\.com", r".*", 200, {}, {"id": "el-NUMBER", "status": "created"}),
    (r"rest\.clicksend\.com", r".*", 200, {}, {
        "http_code": 200, "response_code": "SUCCESS", "response_msg": "x", "data": {
            "total_price": 1, "total_count": 1, "queued_count": 1,
            "messages": [{"status": "SUCCESS", "message_id": "cs-NUMBER", "to": "+1"}]}}),
    (r"hook\.wire\.example", r".*", 200, {}, {}),
    (r"oauth2\.googleapis\.com", r".*", 200, {}, {
        "access_token": ACCESS_TOKEN, "expires_in": 3600, "token_type": "Bearer"}),
    (r"fcm\.googleapis\.com", r".*", 200, {}, {"name": "projects/wire-project/messages/NUMBER"}),
    (r"api\.push\.apple\.com", r".*", 200, {"apns-id": "REQUEST"}, None),
    (r"wire-email\.communication\.azure\.com", r".*", 202,
     {"Operation-Location": "https://wire-email.communication.azure.com/emails/operations/az-NUMBER"},
     {"id": "az-NUMBER", "status": "Succeeded"}),
    (r"wire-sms\.communication\.azure\.com", r".*", 202, {}, {"value": [
        {"to": "+1", "messageId": "as-NUMBER", "httpStatusCode": 202, "repeatabilityResult": "accepted", "successful": True}]}),
    (r"platform\.clickatell\.com", r".*", 202, {}, {"messages": [
        {"apiMessageId": "ct-NUMBER", "accepted": True, "to": "1", "error": None}], "error": None}),
    (r"exp\.host", r".*", 200, {}, {"data": [{"status": "ok", "id": "ex-NUMBER"}]}),
    (r"api\.onesignal\.com", r".*", 200, {}, {"id": "on-NUMBER", "external_id": None}),
    (r"eu\.api\.ovh\.com", r"/1\.0/auth/time|/v1/auth/time", 200, {}, 1772356000),
    (r"eu\.api\.ovh\.com", r".*", 200, {}, {
        "ids": ["NUMBER"], "validReceivers": ["+1"], "invalidReceivers": [], "totalCreditsRemoved": 1}),
    (r"api\.pushover\.net", r".*", 200, {}, {"status": 1, "request": "po-NUMBER"}),
    (r"api\.nexmo\.com", r".*", 202, {}, {"message_uuid": "vm-NUMBER"}),
    (r".*", r".*", 404, {}, {"error": "The recorder knows no such host or path."}),
]


class Recorder:
    """Keeps requests of one run. `files` are further answers to GET: a dictionary of (host, path) to bytes."""

    def __init__(self, hosts, folder):
        self.requests, self.lock, self.files = [], threading.Lock(), {}
        # Whether each request is refused, with its own headers in the answer.
        self.echoes = False
        self.numbers = itertools.count(1)
        authority, chain = certificates(hosts, Path(folder))
        with open(Path(folder) / "trusted.pem", "ab") as trusted:
            trusted.write(b"\n" + authority.read_bytes())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        context.set_alpn_protocols(["h2", "http/1.1"])
        # A handshake belongs to the connection's thread: a slow one must not stop others.
        self.server = ThreadingHTTPServer(("127.0.0.1", 443), self.handler())
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self):
        """The requests since the last call."""
        with self.lock:
            requests, self.requests = self.requests, []
        return requests

    def hosts(self):
        with self.lock:
            return [request["host"] for request in self.requests]

    def keep(self, method, host, target, headers, body):
        """Records a request. Returns the answer: status, headers and body."""
        with self.lock:
            self.requests.append({
                "method": method, "scheme": "https", "host": host, "target": target, "headers": headers, "body": body})
            number = str(next(self.numbers))
        host, path = host.split(":")[0], target.split("?")[0]
        if (host, path) in self.files:
            return 200, {"Content-Type": "text/plain"}, self.files[host, path]
        if self.echoes:
            words = "; ".join(f"{name}: {value}" for name, value in headers)
            answer = {"message": words, "error": {"message": words}, "errors": [{"message": words}]}
            return 400, {"Content-Type": "application/json"}, json.dumps(answer).encode()
        given = {name.lower(): value for name, value in headers}
        status, headers, answer = next(
            rest for host_pattern, path_pattern, *rest in ANSWERS
            if re.fullmatch(host_pattern, host) and re.fullmatch(path_pattern, path))
        if answer is None or isinstance(answer, str):
            text = answer or ""
        else:
            text, headers = json.dumps(answer), {"Content-Type": "application/json"} | headers
        headers = {
            name: given.get(name, "") if value == "REQUEST" else value.replace("NUMBER", number)
            for name, value in headers.items()}
        return status, headers, text.replace("NUMBER", number).encode()

    def handler(recorder):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle(self):
                self.connection.do_handshake()
                # Some clients of Apple's name no protocol in the handshake and begin with HTTP/2.
                is_http2 = self.connection.selected_alpn_protocol() == "h2"
                if is_http2 or self.rfile.peek(3).startswith(b"PRI"):
                    serve_http2(self.connection, self.rfile, recorder.keep)
                else:
                    super().handle()

            def do_POST(self):
                status, headers, body = recorder.keep(
                    self.command, self.headers["Host"], self.path, self.headers.items(), self.body())
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

            def body(self):
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                data = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    data += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return data

        return Handler


def serve_http2(connection, reader, keep):
    """Serves one connection by HTTP/2: small requests, one answer each."""
    from h2.config import H2Configuration
    from h2.connection import H2Connection
    from h2.events import ConnectionTerminated, DataReceived, RequestReceived, StreamEnded

    state = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
    state.initiate_connection()
    connection.sendall(state.data_to_send())
    streams = {}
    while data := reader.read1(65536):
        for event in state.receive_data(data):
            if isinstance(event, RequestReceived):
                streams[event.stream_id] = (list(event.headers), bytearray())
            elif isinstance(event, DataReceived):
                streams[event.stream_id][1].extend(event.data)
                state.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                headers, body = streams.pop(event.stream_id)
                known = dict(headers)
                status, answer, text = keep(
                    known[":method"], known.get(":authority") or known["host"], known[":path"],
                    [pair for pair in headers if not pair[0].startswith(":")], bytes(body))
                pairs = [(":status", str(status))] + [(name.lower(), value) for name, value in answer.items()]
                state.send_headers(event.stream_id, pairs, end_stream=not text)
                if text:
                    state.send_data(event.stream_id, text, end_stream=True)
            elif isinstance(event, ConnectionTerminated):
                return
        connection.sendall(state.data_to_send())


def certificates(hosts, folder):
    """Files with an authority's certificate, and with the server's key and chain."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def signed(name, key, issuer, issuer_key, extensions):
        builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2)))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer_key, hashes.SHA256())

    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sobre's recorder")])
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
    root = signed(root_name, root_key, root_name, root_key, [
        (x509.BasicConstraints(ca=True, path_length=0), True), (usage, True), (identifier, False)])
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    leaf = signed(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "recorder")]), key, root_name, root_key, [
        (names, False), (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False)])
    authority, chain = folder / "authority.pem", folder / "chain.pem"
    pem = serialization.Encoding.PEM
    authority.write_bytes(root.public_bytes(pem))
    chain.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(pem) + root.public_bytes(pem))
    return authority, chain
