"""The vendors' own libraries for push messages."""

import json

from . import driver


@driver("fcm", "push", "firebase-admin")
def fcm(m, s):
    import firebase_admin
    from firebase_admin import credentials, messaging

    app = firebase_admin.initialize_app(credentials.Certificate(json.loads(s["service_account"])), name=f"wire-{m.name}")
    data = {**m.data, **({"link": m.link} if m.link else {}), **m.metadata}
    messaging.send(messaging.Message(
        token=m.to, notification=messaging.Notification(title=m.title, body=m.body, image=m.image or None), data=data,
        android=messaging.AndroidConfig(collapse_key=m.collapse) if m.collapse else None,
        apns=messaging.APNSConfig(headers={"apns-collapse-id": m.collapse}) if m.collapse else None), app=app)
    firebase_admin.delete_app(app)


def custom(m):
    """What an app gets beside the words."""
    return {**m.data, **({"link": m.link} if m.link else {}), **m.metadata}


@driver("apns", "push", "aioapns")
def apns(m, s):
    import asyncio

    from aioapns import APNs, NotificationRequest, PushType

    alert = {"alert": {"title": m.title, "body": m.body}, **({"mutable-content": 1} if m.image else {})}

    async def send():
        client = APNs(key=s["private_key"], key_id=s["key_id"], team_id=s["team_id"], topic=s["topic"])
        await client.send_notification(NotificationRequest(
            device_token=m.to, message={"aps": alert, **custom(m), **({"image": m.image} if m.image else {})},
            notification_id=m.key_uuid, collapse_key=m.collapse or None, push_type=PushType.ALERT))

    asyncio.run(send())


@driver("expo", "push", "exponent-server-sdk")
def expo(m, s):
    import requests
    from exponent_server_sdk import PushClient, PushMessage

    session = requests.Session()
    session.headers.update({
        "Authorization": f"Bearer {s['access_token']}", "accept": "application/json", "content-type": "application/json"})
    PushClient(session=session).publish(PushMessage(
        to=m.to, title=m.title, body=m.body, data=custom(m),
        mutable_content=True if m.image else None))


@driver("onesignal", "push", "onesignal-python-api")
def onesignal(m, s):
    import onesignal
    from onesignal.api.default_api import DefaultApi
    from onesignal.model.language_string_map import LanguageStringMap
    from onesignal.model.notification import Notification

    more = {"url": m.link, "big_picture": m.image, "chrome_web_image": m.image, "collapse_id": m.collapse}
    if m.image:
        more["ios_attachments"] = {"image": m.image}
    with onesignal.ApiClient(onesignal.Configuration(rest_api_key=s["api_key"])) as client:
        DefaultApi(client).create_notification(Notification(
            app_id=s["app_id"], target_channel="push", include_subscription_ids=[m.to],
            headings=LanguageStringMap(en=m.title), contents=LanguageStringMap(en=m.body),
            data={**m.data, **m.metadata}, idempotency_key=m.key_uuid,
            **{name: value for name, value in more.items() if value}))
