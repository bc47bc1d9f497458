"""Apprise: a third opinion, and the only one for 46elks and Pushover.

By Clickatell it calls an older interface, by GET, which has nothing in common with the present one.
"""

from urllib.parse import quote

from . import driver


def q(text):
    return quote(text, safe="")


def number(text):
    return text.removeprefix("+")


def is_number(m):
    return m.sender.startswith("+")


SERVICES = {
    "46elks": lambda m, s: f"46elks://{q(s['username'])}:{q(s['password'])}@{number(m.sender)}/{number(m.to)}",
    "clicksend": lambda m, s: f"clicksend://{q(s['username'])}:{q(s['api_key'])}@{number(m.to)}",
    "infobip": lambda m, s: f"infobip://{q(s['api_key'])}@{s['host']}/{number(m.to)}?from={number(m.sender)}",
    "messagebird": lambda m, s: f"msgbird://{q(s['access_key'])}/{number(m.sender)}/{number(m.to)}",
    "plivo": lambda m, s: f"plivo://{q(s['auth_id'])}@{q(s['auth_token'])}/{number(m.sender)}/{number(m.to)}",
    "telnyx": lambda m, s: f"telnyx://{q(s['api_key'])}@{number(m.sender)}/{number(m.to)}",
    "twilio": lambda m, s: f"twilio://{q(s['account_sid'])}:{q(s['auth_token'])}@{number(m.sender)}/{number(m.to)}",
    "vonage-sms": lambda m, s: f"vonage://{q(s['api_key'])}:{q(s['api_secret'])}@{number(m.sender)}/{number(m.to)}",
}


def send(url, m, s):
    from apprise import Apprise, NotifyFormat

    sender = Apprise()
    if not sender.add(url(m, s)):
        raise ValueError("Apprise does not take the provider's URL")
    if not sender.notify(body=m.text, body_format=NotifyFormat.TEXT):
        raise ValueError("Apprise could not send")


def pushover(m, s):
    from apprise import Apprise, NotifyFormat

    sender = Apprise()
    sender.add(f"pover://{m.to}@{q(s['token'])}" + (f"?url={q(m.link)}" if m.link else ""))
    if not sender.notify(body=m.body, title=m.title, body_format=NotifyFormat.TEXT):
        raise ValueError("Apprise could not send")


driver("pushover", "push", "apprise", fits=lambda m: len(m.body) < 1000)(pushover)

for name, url in SERVICES.items():
    driver(name, "sms", "apprise", fits=lambda m: is_number(m) and len(m.text) < 160)(
        lambda m, s, url=url: send(url, m, s))
