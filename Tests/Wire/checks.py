"""What `make wire` checks beside the comparison: signatures, receipts, Amazon's services in moto, and secrets."""

import base64
import json
import time
from urllib.parse import parse_qs, quote, quote_plus

import hooks


class Checks:
    """Collects rows of a table and what is wrong."""

    def __init__(self):
        self.rows, self.wrong = [], []

    def add(self, what, by, found, problem=None):
        self.rows.append((what, by, found if problem is None else "WRONG"))
        if problem:
            self.wrong.append(f"{what}: {problem}")


def aws_signatures(checks, requests, secrets):
    """Each signed request of Sobre's, signed once more by botocore at the same time."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    checked, problem = 0, None
    for provider in ("ses-v2", "aws-sms", "aws-sns"):
        for request in requests.get(provider, []):
            headers = {name.lower(): value for name, value in request["headers"]}
            authorization = headers["authorization"]
            fields = dict(part.split("=", 1) for part in authorization.split(" ", 1)[1].replace(" ", "").split(","))
            _, _, region, service, _ = fields["Credential"].split("/")
            signed = {name: headers[name] for name in fields["SignedHeaders"].split(";")}
            own = AWSRequest(
                request["method"], f"https://{request['host']}{request['target']}", signed, request["body"])
            own.context["timestamp"] = headers["x-amz-date"]
            keys = secrets[provider]
            auth = SigV4Auth(
                Credentials(keys["access_key"], keys["secret_key"], keys.get("session_token")), service, region)
            if "x-amz-content-sha256" in headers:
                own.headers["X-Amz-Content-SHA256"] = headers["x-amz-content-sha256"]
            signature = auth.signature(auth.string_to_sign(own, auth.canonical_request(own)), own)
            checked += 1
            if signature != fields["Signature"]:
                problem = f"{provider}: botocore signs otherwise"
            if ("session_token" in keys) != ("x-amz-security-token" in headers):
                problem = f"{provider}: the session token is missing, or too much"
    checks.add("AWS Signature Version 4", "botocore", f"{checked} requests signed alike",
               problem or (None if checked else "nothing was signed"))


def json_web_tokens(checks, requests, keys):
    """The assertion for Google's access token."""
    import jwt

    problem, checked = None, 0
    for request in requests.get("fcm", []):
        if request["host"] != "oauth2.googleapis.com":
            continue
        token = parse_qs(request["body"].decode())["assertion"][0]
        known = {
            "key": keys.rsa.public_key(), "algorithms": ["RS256"], "audience": "https://oauth2.googleapis.com/token",
            "issuer": "sender@wire-project.iam.gserviceaccount.com", "options": {"require": ["exp", "iat", "iss", "aud"]}}
        try:
            jwt.decode(token, **known)
            checked += 1
        except jwt.PyJWTError as error:
            problem = f"PyJWT refuses it: {error}"
        head, claims, code = token.split(".")
        try:
            jwt.decode(".".join([head, claims, code[:9] + ("A" if code[9] != "A" else "B") + code[10:]]), **known)
            problem = "PyJWT accepts a changed signature"
        except jwt.PyJWTError:
            pass
    checks.add("the JWT for Google's access token", "PyJWT", f"{checked} accepted",
               problem or (None if checked else "there was none"))


def own_webhook(checks, requests, secret):
    """The signature of Sobre's own webhook, by the library that its receivers use."""
    from standardwebhooks import Webhook

    checked, problem = 0, None
    for request in requests.get("webhook", []):
        headers = {name.lower(): value for name, value in request["headers"]}
        try:
            Webhook(secret).verify(request["body"], headers)
            checked += 1
        except Exception as error:
            problem = f"standardwebhooks refuses it: {error}"
        try:
            Webhook(secret).verify(request["body"].replace(b"Your", b"Their", 1) + b" ", headers)
            problem = "standardwebhooks accepts a changed body"
        except Exception:
            pass
    checks.add("Sobre's own webhook", "standardwebhooks", f"{checked} accepted",
               problem or (None if checked else "there was none"))


def receipts(checks, gateway, recorder, signer, deliveries):
    """A good receipt of each provider counts once; a changed one and an old one are refused."""
    recorder.files[hooks.CERTIFICATE] = signer.certificate()
    for provider, function, library, has_time in hooks.HOOKS:
        if provider not in deliveries:
            continue
        make, (delivery, own) = getattr(signer, function), deliveries[provider]
        try:
            problem = receipt_problem(gateway, provider, lambda at: make(delivery, own, at), delivery, has_time)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        refused = "changed and old refused" if has_time else "changed refused"
        checks.add(f"receipts of {provider}", library, f"accepted once, {refused}", problem)


def receipt_problem(gateway, provider, make, delivery, has_time):
    now = time.time()
    good = make(now)
    if good.theirs:
        # The vendor's code must agree, else the test's own signature is wrong.
        good.theirs(good)
        try:
            good.theirs(good.changed())
            return "the vendor's code accepts a changed receipt"
        except Exception:
            pass

    def post(hook):
        for _ in range(20):
            path = f"/v1/receipts/{provider}" + (f"?{hook.query}" if hook.query else "")
            body = hook.body.encode() if hook.method == "POST" else None
            headers = {"Content-Type": "application/json", **hook.headers} if body is not None else hook.headers
            status, answer = gateway.call(hook.method, path, body, headers)
            # Amazon's certificate is being fetched.
            if status != 503:
                return status, answer.decode()
            time.sleep(0.2)
        return status, answer.decode()

    def count():
        # Receipts are applied a moment after they are accepted.
        for _ in range(50):
            answer = json.loads(gateway.call("GET", "/v1/receipts?limit=1000")[1])
            if not answer["totals"]["waiting"]:
                break
            time.sleep(0.1)
        return len([one for one in answer["receipts"] if one.get("provider") == provider])

    status, answer = post(make(now).changed())
    if status != 401:
        return f"a receipt with one byte changed is answered {status}: {answer[:300]}"
    if has_time:
        status, answer = post(make(now - 3600))
        if status != 401:
            return f"a receipt that was signed an hour ago is answered {status}: {answer[:300]}"
    before = count()
    status, answer = post(good)
    if status != 200:
        return f"a good receipt is answered {status}: {answer[:300]}"
    once = count()
    if once != before + 1:
        return f"a good receipt made {once - before} entries"
    status, answer = post(good)
    if status not in (200, 401) or count() != once:
        return f"the same receipt again is answered {status} and makes {count() - once} entries"
    states = {one["state"] for one in json.loads(gateway.call("GET", f"/v1/messages/{delivery}")[1])["deliveries"]}
    return None if states == {"delivered"} else f"after its receipt the delivery is {states}"


class Moto:
    """Amazon's SES and SNS as moto imitates them, on loopback."""

    PORT = 5017

    def __init__(self):
        from moto.server import ThreadedMotoServer

        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.PORT, verbose=False)
        self.server.start()

    @classmethod
    def providers(cls, settings):
        """Instances of Sobre's that send to it."""
        endpoint = f"http://127.0.0.1:{cls.PORT}"
        found = {}
        for name in ("ses-v2", "aws-sns"):
            if name in settings:
                known = settings[name]
                found[f"{name}-moto"] = {
                    "type": name, "channel": known["channel"], "hosts": [], "secrets": known["secrets"],
                    "settings": {**known.get("settings", {}), "endpoint": endpoint}}
        return found

    def verify(self, addresses):
        import boto3

        client = boto3.client(
            "ses", region_name="eu-west-1", endpoint_url=f"http://127.0.0.1:{self.PORT}", aws_access_key_id="x",
            aws_secret_access_key="x")
        for address in addresses:
            client.verify_email_identity(EmailAddress=address)

    def mails(self):
        from moto.ses.models import ses_backends

        return ses_backends["123456789012"]["eu-west-1"].sent_messages

    def texts(self):
        from moto.sns.models import sns_backends

        return sns_backends["123456789012"]["eu-west-1"].sms_messages


def moto(checks, server, gateway, messages, wait):
    """Sends each message to moto, and one from an address that was not verified."""
    server.verify({m.from_address for m in messages if m.channel == "email"})
    for name, channel, what in (("ses-v2-moto", "email", "SES v2"), ("aws-sns-moto", "sms", "SNS")):
        if name not in gateway.providers:
            continue
        chosen = [m for m in messages if m.channel == channel and (channel == "email" or m.sender.isalpha())]
        problem = None
        for m in chosen:
            # One at a time: a message that waits is judged anew when its recipient changes.
            delivery = wait({name: gateway.send(name, m)})[name]
            if delivery.get("state") != "sent":
                problem = f"{m.name}: {delivery.get('state')} {delivery.get('detail')}"
        if channel == "email":
            taken = [str(mail.raw_data) for mail in server.mails() if hasattr(mail, "raw_data")]
            found = sum(any(ascii_address(m.to) in mail for mail in taken) for m in chosen)
        else:
            taken = list(server.texts().values())
            found = sum((m.to, m.text) in [tuple(one[:2]) for one in taken] for m in chosen)
        if found != len(chosen) and problem is None:
            problem = f"{len(chosen)} messages were sent, and moto knows {found}"
        checks.add(f"{what}, a running peer", "moto", f"{found} messages taken", problem)


def ascii_address(address):
    local, _, domain = address.partition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def forms_of(value):
    """The forms in which a secret could be written."""
    yield value
    yield quote(value, safe="")
    yield quote_plus(value)
    yield json.dumps(value)[1:-1]
    # Base64 at each of the three places of a group, without the characters that depend on what is beside it.
    for shift in range(3):
        code = base64.b64encode(b"\0" * shift + value.encode()).decode().rstrip("=")
        core = code[(0, 2, 3)[shift]:-1]
        if len(core) >= 12:
            yield core
            yield core.replace("+", "-").replace("/", "_")
    yield value.encode().hex()


def secrets(checks, known, texts):
    """Looks for every secret in all that was written: `texts` are pairs of a name and bytes."""
    wanted = {}
    for provider, values in known.items():
        for name, value in values.items():
            if value.startswith("{"):
                value = json.loads(value)["private_key"]
            if "PRIVATE KEY" in value:
                value = value.split("\n")[2]
            # What is public, and what is too short to be found by itself.
            if "PUBLIC KEY" in value or (name == "webhook_key" and provider in ("sendgrid", "telnyx")):
                continue
            for form in forms_of(value):
                if len(form) >= 8:
                    wanted.setdefault(form.encode(), f"{provider}.{name}")
    problem, total = None, 0
    for place, data in texts:
        total += len(data)
        for form, name in wanted.items():
            if form in data:
                at = data.index(form)
                problem = f"{name} stands in {place}: …{data[max(0, at - 60):at].decode(errors='replace')}[here]"
    marked = len(set(wanted.values()))
    checks.add(f"{marked} secrets in what was written", "search", f"none in {total // 1024:,} KiB", problem)


# The other way to log in beside the one that is used.
UNUSED = {"apns.certificate", "apns.certificate_key"}


def planted(checks, known, manifests):
    """Every secret of every manifest has a value that can be found."""
    import yaml

    missing = []
    for name in known:
        path = manifests / f"{name}.yaml"
        settings = yaml.safe_load(path.read_text())["settings"] if path.exists() else {}
        missing += [
            f"{name}.{setting}" for setting, keys in settings.items() if keys and keys.get("secret")
            and setting not in known[name] and f"{name}.{setting}" not in UNUSED]
    checks.add("every secret of a manifest has a marked value", "search", "all", f"none for {missing}" if missing else None)


def basic_codes(known):
    """Basic authentication is the Base64 of both parts."""
    pairs = [
        ("twilio", "account_sid", "auth_token"), ("plivo", "auth_id", "auth_token"), ("mailjet", "api_key", "secret_key"),
        ("46elks", "username", "password"), ("clicksend", "username", "api_key"),
        ("vonage-sms", "api_key", "api_secret"), ("sinch", "key_id", "key_secret")]
    found = {}
    for provider, user, password in pairs:
        if provider in known:
            values = known[provider]
            found[f"{provider} (Basic)"] = {
                "pair": base64.b64encode(f"{values[user]}:{values[password]}".encode()).decode()}
    return found
