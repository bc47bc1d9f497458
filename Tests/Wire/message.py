"""The messages that are compared, as the drivers see them."""

import base64
import json
import uuid
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formataddr
from pathlib import Path


@dataclass
class Attachment:
    filename: str
    content_type: str
    content: bytes
    content_id: str = ""

    @property
    def base64(self):
        return base64.b64encode(self.content).decode()


@dataclass
class Message:
    name: str
    channel: str
    to: str
    id: str
    recipient: str
    campaign: str
    category: str
    callback: str
    from_name: str = ""
    from_address: str = ""
    reply_name: str = ""
    reply_address: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    sender: str = ""
    title: str = ""
    body: str = ""
    link: str = ""
    image: str = ""
    collapse: str = ""
    data: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    attachments: list = field(default_factory=list)

    @property
    def metadata(self):
        """What Sobre gives along where a provider returns metadata in its receipts."""
        return {
            "sobre_id": self.id, "sobre_recipient": self.recipient, "sobre_campaign": self.campaign,
            "sobre_category": self.category,
        }

    @property
    def key_uuid(self):
        """The idempotency key for providers that want a UUID."""
        return str(uuid.uuid5(KEYS, self.id))

    @property
    def from_mailbox(self):
        return formataddr((self.from_name, self.from_address))

    @property
    def reply_mailbox(self):
        return formataddr((self.reply_name, self.reply_address))

    @property
    def has_images(self):
        """Whether the HTML shows attached images."""
        return any(file.content_id for file in self.attachments)

    def mime(self):
        """The mail as Python's own library builds it."""
        mail = EmailMessage()
        mail["From"] = self.from_mailbox
        mail["To"] = self.to
        if self.reply_address:
            mail["Reply-To"] = self.reply_mailbox
        mail["Subject"] = self.subject
        for name, value in self.headers.items():
            mail[name] = value
        mail.set_content(self.text)
        if self.html:
            mail.add_alternative(self.html, subtype="html")
        for file in self.attachments:
            main, _, sub = file.content_type.partition("/")
            if file.content_id:
                mail.get_payload()[-1].add_related(
                    file.content, maintype=main, subtype=sub, cid=f"<{file.content_id}>", filename=file.filename,
                    disposition="inline")
        for file in self.attachments:
            if file.content_id:
                continue
            main, _, sub = file.content_type.partition("/")
            mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.filename)
        return mail.as_bytes()


UNSUBSCRIBE = "https://larkspur.example/u/1"
# The namespace of UUIDs made from a delivery's id: SobreProviders/Manifest/NameUUID.swift.
KEYS = uuid.UUID("5b1f6a0e-934d-4c7a-8f21-6dc210e7953b")


def load(path=None):
    """All messages of messages.json, or of another file."""
    document = json.loads(Path(path or Path(__file__).parent / "messages.json").read_text())
    envelope = document["envelope"]
    return [parsed(one, envelope) for one in document["messages"]]


def parsed(one, envelope):
    def text(name):
        value = one.get(name, "")
        return value["repeat"] * value["times"] if isinstance(value, dict) else value

    message = Message(
        name=one["name"], channel=one["channel"], to=one["to"], id=envelope["id"], recipient=envelope["recipient"],
        campaign=envelope["campaign"], category="marketing" if one.get("unsubscribe") else "transactional",
        callback=f"{envelope['callback_url']}?sobre_id={envelope['id']}")
    for name in ("subject", "html", "title", "body", "link", "image", "collapse"):
        setattr(message, name, text(name))
    message.text = text("text").rstrip() if one["channel"] == "sms" else text("text")
    message.body = message.body.rstrip()
    message.data = dict(one.get("data", []))
    if one["channel"] == "email":
        message.from_name, message.from_address = one["from"]
        message.reply_name, message.reply_address = one.get("reply_to", ["", ""])
    else:
        message.sender = one.get("from", "")
    if one.get("unsubscribe"):
        message.headers = {"List-Unsubscribe": f"<{UNSUBSCRIBE}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message.attachments = [
        Attachment(
            file["filename"], file["content_type"], base64.b64decode(file["base64"]), file.get("content_id", ""))
        for file in one.get("attachments", [])]
    return message
