"""Keys and accounts made for one run."""

import base64
import json

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


class Keys:
    """The vendors' halves of key pairs, and what an operator would put into Sobre's settings."""

    def __init__(self):
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.p256 = ec.generate_private_key(ec.SECP256R1())
        self.ed25519 = ed25519.Ed25519PrivateKey.generate()

    def settings(self):
        """By provider the secrets that are made at run time."""
        der, info = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        raw = self.ed25519.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return {
            "apns": {"private_key": pem(self.p256)},
            "fcm": {"service_account": self.service_account()},
            "postal": {"webhook_key": self.rsa.public_key().public_bytes(serialization.Encoding.PEM, info).decode()},
            "sendgrid": {"webhook_key": base64.b64encode(self.p256.public_key().public_bytes(der, info)).decode()},
            "vonage-messages": {"private_key": pem(self.rsa)},
            "telnyx": {"webhook_key": base64.b64encode(raw).decode()},
        }

    def service_account(self):
        """The file of a Google service account."""
        return json.dumps({
            "type": "service_account", "project_id": "wire-project", "private_key_id": "wire-key",
            "private_key": pem(self.rsa), "client_email": "sender@wire-project.iam.gserviceaccount.com",
            "client_id": "1", "token_uri": "https://oauth2.googleapis.com/token",
        })
