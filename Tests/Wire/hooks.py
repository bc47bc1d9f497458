"""Receipts as the providers send them, signed by the vendors' libraries or as these verify them."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from urllib.parse import urlencode

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import NameOID

# One byte of this is changed to see whether the signature covers it.
MARK, CHANGED = "wire-mark", "wire-nark"
CALLBACK = "https://hooks.example/r"


@dataclass
class Hook:
    """One receipt. `theirs` is the vendor's own check of it, where its library has one."""

    body: str = ""
    headers: dict = field(default_factory=dict)
    query: str = ""
    method: str = "POST"
    theirs: object = None

    def changed(self):
        """The same with one byte changed."""
        def change(text):
            return text.replace(MARK, CHANGED)

        return Hook(change(self.body), self.headers, change(self.query), self.method, self.theirs)


def json_text(value):
    return json.dumps(value, separators=(",", ":"))


def hex_code(secret, text):
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Signer:
    """Makes one provider's receipt about a delivery, which the provider calls `own`, at a time."""

    def __init__(self, keys, secrets):
        self.keys, self.secrets = keys, secrets

    def resend(self, delivery, own, at):
        from svix.webhooks import Webhook

        body = json_text({
            "type": "email.delivered", "created_at": stamp(at),
            "data": {"email_id": own, "tags": {"sobre_id": delivery}, "subject": MARK}})
        wanted = Webhook(self.secrets["resend"]["webhook_secret"])
        when = datetime.fromtimestamp(at, timezone.utc)
        identifier = f"msg_{uuid.uuid4().hex}"
        headers = {
            "svix-id": identifier, "svix-timestamp": str(int(at)), "svix-signature": wanted.sign(identifier, when, body)}
        return Hook(body, headers, theirs=lambda hook: wanted.verify(hook.body, hook.headers))

    def webhook(self, delivery, own, at):
        from standardwebhooks import Webhook

        body = json_text({"reference": delivery, "kind": "delivered", "detail": MARK})
        wanted = Webhook(self.secrets["webhook"]["receipts"])
        identifier = f"msg_{uuid.uuid4().hex}"
        headers = {
            "webhook-id": identifier, "webhook-timestamp": str(int(at)),
            "webhook-signature": wanted.sign(identifier, datetime.fromtimestamp(at, timezone.utc), body)}
        return Hook(body, headers, theirs=lambda hook: wanted.verify(hook.body, hook.headers))

    def twilio(self, delivery, own, at):
        from twilio.request_validator import RequestValidator

        wanted = RequestValidator(self.secrets["twilio"]["auth_token"])
        url = f"{CALLBACK}?sobre_id={delivery}"
        fields = {"MessageSid": f"SM{MARK}", "MessageStatus": "delivered", "To": "+15005550009"}
        headers = {"X-Twilio-Signature": wanted.compute_signature(url, fields), **FORM}
        return Hook(
            urlencode(fields), headers, f"sobre_id={delivery}",
            theirs=lambda hook: expect(wanted.validate(url, pairs(hook.body), hook.headers["X-Twilio-Signature"])))

    def plivo(self, delivery, own, at):
        from plivo.utils import signature_v3

        token, nonce = self.secrets["plivo"]["auth_token"], uuid.uuid4().hex
        url = f"{CALLBACK}?sobre_id={delivery}"
        fields = {"MessageUUID": MARK, "Status": "delivered", "ErrorCode": "000"}
        signed = signature_v3.construct_post_url(url, fields)
        signature = signature_v3.get_signature_v3(token, signed, nonce).decode()
        headers = {"X-Plivo-Signature-V3": signature, "X-Plivo-Signature-V3-Nonce": nonce, **FORM}
        return Hook(urlencode(fields), headers, f"sobre_id={delivery}", theirs=lambda hook: expect(
            signature_v3.validate_v3_signature(
                "POST", url, nonce, token, hook.headers["X-Plivo-Signature-V3"], pairs(hook.body))))

    def sendgrid(self, delivery, own, at):
        from sendgrid.helpers.eventwebhook import EventWebhook

        body = json_text([{
            "event": "delivered", "sobre_id": delivery, "sg_event_id": uuid.uuid4().hex, "timestamp": int(at),
            "response": MARK}])
        signature = self.keys.p256.sign((str(int(at)) + body).encode(), ec.ECDSA(hashes.SHA256()))
        headers = {
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": str(int(at))}
        wanted = EventWebhook(self.secrets["sendgrid"]["webhook_key"])
        return Hook(body, headers, theirs=lambda hook: expect(
            wanted.verify_signature(hook.body, *hook.headers.values())))

    def telnyx(self, delivery, own, at):
        from telnyx.lib.webhooks_ed25519 import verify_ed25519

        body = json_text({"data": {
            "event_type": "message.finalized", "id": uuid.uuid4().hex, "occurred_at": stamp(at),
            "payload": {"id": own, "to": [{"status": "delivered"}], "text": MARK, "errors": []}}})
        signature = base64.b64encode(self.keys.ed25519.sign(f"{int(at)}|{body}".encode())).decode()
        headers = {"telnyx-signature-ed25519": signature, "telnyx-timestamp": str(int(at))}
        return Hook(body, headers, f"sobre_id={delivery}", theirs=lambda hook: verify_ed25519(
            None, hook.body, hook.headers, key=self.secrets["telnyx"]["webhook_key"]))

    def messagebird(self, delivery, own, at):
        from messagebird.request_validator import RequestValidator

        query = urlencode({
            "sobre_id": delivery, "id": own, "reference": delivery, "recipient": "15005550009", "status": "delivered",
            "statusReason": MARK, "statusDatetime": stamp(at)})
        key = self.secrets["messagebird"]["signing_key"]
        url = f"{CALLBACK}?{query}"
        token = jwt.encode({
            "iss": "MessageBird", "nbf": int(at), "iat": int(at), "exp": int(at) + 60, "jti": str(uuid.uuid4()),
            "url_hash": hashlib.sha256(url.encode()).hexdigest()}, key, "HS256")
        return Hook("", {"MessageBird-Signature-JWT": token}, query, "GET", theirs=lambda hook: RequestValidator(key)
                    .validate_signature(token, f"{CALLBACK}?{hook.query}", b""))

    def mailgun(self, delivery, own, at):
        from mailgun.security import SecurityGuard

        key, token = self.secrets["mailgun"]["webhook_key"], f"{MARK}{uuid.uuid4().hex}"
        body = json_text({
            "signature": {"timestamp": str(int(at)), "token": token, "signature": hex_code(key, f"{int(at)}{token}")},
            "event-data": {
                "event": "delivered", "id": uuid.uuid4().hex, "timestamp": at, "user-variables": {"sobre_id": delivery}}})

        def theirs(hook):
            signature = json.loads(hook.body)["signature"]
            expect(SecurityGuard.verify_webhook(
                key, signature["token"], signature["timestamp"], signature["signature"]))

        return Hook(body, theirs=theirs)

    def mailtrap(self, delivery, own, at):
        from mailtrap.webhooks import verify_signature

        key = self.secrets["mailtrap"]["webhook_secret"]
        body = json_text({"events": [{
            "event": "delivery", "message_id": own, "event_id": uuid.uuid4().hex, "timestamp": int(at),
            "response": MARK, "custom_variables": {"sobre_id": delivery}}]})
        return Hook(body, {"Mailtrap-Signature": hex_code(key, body)}, theirs=lambda hook: expect(
            verify_signature(hook.body, hook.headers["Mailtrap-Signature"], key)))

    def mailersend(self, delivery, own, at):
        body = json_text({"type": "activity.delivered", "data": {
            "id": uuid.uuid4().hex, "type": "delivered", "created_at": stamp(at), "email": {"message": {"id": own}},
            "morph": {"reason": MARK}}})
        return Hook(body, {"Signature": hex_code(self.secrets["mailersend"]["webhook_secret"], body)})

    def sinch(self, delivery, own, at):
        body = json_text({
            "type": "recipient_delivery_report_sms", "batch_id": own, "client_reference": delivery, "code": 0,
            "status": "Delivered", "at": stamp(at), "recipient": MARK})
        nonce, key = uuid.uuid4().hex, self.secrets["sinch"]["webhook_secret"]
        code = hmac.new(key.encode(), f"{body}.{nonce}.{int(at)}".encode(), hashlib.sha256).digest()
        return Hook(body, {
            "x-sinch-webhook-signature": base64.b64encode(code).decode(), "x-sinch-webhook-signature-nonce": nonce,
            "x-sinch-webhook-signature-timestamp": str(int(at)), "x-sinch-webhook-signature-algorithm": "HmacSHA256"})

    def postal(self, delivery, own, at):
        body = json_text({
            "event": "MessageSent", "uuid": uuid.uuid4().hex, "timestamp": at,
            "payload": {"message": {"id": 1, "message_id": own}, "status": "Sent", "output": MARK}})
        signature = self.keys.rsa.sign(body.encode(), padding.PKCS1v15(), hashes.SHA1())
        return Hook(body, {"X-Postal-Signature": base64.b64encode(signature).decode()}, theirs=lambda hook: (
            self.keys.rsa.public_key().verify(signature, hook.body.encode(), padding.PKCS1v15(), hashes.SHA1())))

    def ses(self, delivery, own, at):
        message = json_text({
            "eventType": "Delivery", "mail": {"messageId": own, "tags": {"sobre_id": [delivery]}, "subject": MARK},
            "delivery": {"timestamp": stamp(at)}})
        fields = {
            "Message": message, "MessageId": str(uuid.uuid4()), "Timestamp": stamp(at), "TopicArn": TOPIC,
            "Type": "Notification"}
        text = "".join(f"{name}\n{fields[name]}\n" for name in sorted(fields))
        signature = self.keys.rsa.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        fields |= {
            "SignatureVersion": "2", "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": f"https://{CERTIFICATE[0]}{CERTIFICATE[1]}"}
        return Hook(json_text(fields), {"Content-Type": "text/plain"})

    def certificate(self):
        """The certificate of the key with which SNS would sign."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        now = datetime.now(timezone.utc)
        return (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.keys.rsa.public_key())
            .serial_number(1).not_valid_before(now.replace(year=now.year - 1)).not_valid_after(now.replace(year=now.year + 1))
            .sign(self.keys.rsa, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


TOPIC = "arn:aws:sns:eu-west-1:000000000001:sobre"
CERTIFICATE = ("sns.eu-west-1.amazonaws.com", "/SimpleNotificationService-wire.pem")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def stamp(at):
    return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def pairs(form):
    from urllib.parse import parse_qsl

    return dict(parse_qsl(form, keep_blank_values=True))


def expect(condition):
    if not condition:
        raise ValueError("not accepted")


# The provider, the function that makes its receipt, whose code checks the signature, whether it has a time.
HOOKS = [
    ("mailersend", "mailersend", "its documentation", False),
    ("mailgun", "mailgun", "mailgun", True),
    ("mailtrap", "mailtrap", "mailtrap", False),
    ("messagebird", "messagebird", "messagebird, PyJWT", True),
    ("plivo", "plivo", "plivo", False),
    ("postal", "postal", "cryptography", False),
    ("resend", "resend", "svix", True),
    ("sendgrid", "sendgrid", "sendgrid, cryptography", True),
    ("ses-v2", "ses", "cryptography", False),
    ("sinch", "sinch", "its documentation", True),
    ("telnyx", "telnyx", "telnyx, cryptography", True),
    ("twilio", "twilio", "twilio", False),
    ("webhook", "webhook", "standardwebhooks", True),
]
