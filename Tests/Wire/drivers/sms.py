"""The vendors' own libraries for SMS."""

from . import driver

# The basic alphabet of GSM 03.38 and its extension.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€")


def no_plus(number):
    return number.removeprefix("+")


@driver("twilio", "sms", "twilio")
def twilio(m, s):
    from twilio.rest import Client

    Client(s["account_sid"], s["auth_token"]).messages.create(
        to=m.to, from_=m.sender, body=m.text, status_callback=m.callback)


@driver("vonage-sms", "sms", "vonage")
def vonage(m, s):
    from vonage import Auth, Vonage
    from vonage_sms import SmsMessage

    kind = {} if set(m.text) <= GSM else {"type": "unicode"}
    Vonage(Auth(api_key=s["api_key"], api_secret=s["api_secret"])).sms.send(SmsMessage(
        to=no_plus(m.to), from_=no_plus(m.sender), text=m.text, client_ref=m.id, callback=m.callback, **kind))


@driver("sinch", "sms", "sinch")
def sinch(m, s):
    from sinch import SinchClient

    SinchClient(
        key_id=s["key_id"], key_secret=s["key_secret"], project_id=s["project_id"], sms_region=s["region"],
    ).sms.batches.send_sms(
        to=[m.to], from_=m.sender, body=m.text, delivery_report="per_recipient", client_reference=m.id,
        event_destination_target=m.callback)


@driver("infobip", "sms", "infobip-api-python-client")
def infobip(m, s):
    from infobip_api_client import (
        ApiClient, Configuration, SmsApi, SmsDestination, SmsMessage, SmsMessageContent, SmsMessageDeliveryReporting,
        SmsRequest, SmsTextContent, SmsWebhooks)

    configuration = Configuration(
        host=f"https://{s['host']}", api_key={"APIKeyHeader": s["api_key"]}, api_key_prefix={"APIKeyHeader": "App"})
    with ApiClient(configuration) as client:
        SmsApi(client).send_sms_messages(sms_request=SmsRequest(messages=[SmsMessage(
            sender=no_plus(m.sender), destinations=[SmsDestination(to=no_plus(m.to), message_id=m.id)],
            content=SmsMessageContent(SmsTextContent(text=m.text)),
            webhooks=SmsWebhooks(delivery=SmsMessageDeliveryReporting(url=m.callback), callback_data=m.id))]))


@driver("messagebird", "sms", "messagebird")
def messagebird(m, s):
    import messagebird

    messagebird.Client(s["access_key"]).message_create(
        no_plus(m.sender), [no_plus(m.to)], m.text,
        {"reference": m.id, "reportUrl": m.callback, "datacoding": "auto"})


@driver("plivo", "sms", "plivo")
def plivo(m, s):
    import plivo

    plivo.RestClient(s["auth_id"], s["auth_token"]).messages.create(
        src=m.sender, dst=m.to, text=m.text, url=m.callback, method="POST")


@driver("telnyx", "sms", "telnyx")
def telnyx(m, s):
    from telnyx import Telnyx

    Telnyx(api_key=s["api_key"]).messages.send(from_=m.sender, to=m.to, text=m.text, webhook_url=m.callback)


@driver("clicksend", "sms", "clicksend-client")
def clicksend(m, s):
    import clicksend
    from clicksend.models.send_sms_request import SendSmsRequest
    from clicksend.models.send_sms_request_messages_inner import SendSmsRequestMessagesInner

    configuration = clicksend.Configuration(username=s["username"], password=s["api_key"])
    clicksend.SmsApi(clicksend.ApiClient(configuration)).send_sms(send_sms_request=SendSmsRequest(messages=[
        SendSmsRequestMessagesInner(body=m.text, to=m.to, var_from=m.sender, source="sobre", custom_string=m.id)]))


@driver("aws-sms", "sms", "boto3")
def aws_sms(m, s):
    import boto3

    boto3.client(
        "pinpoint-sms-voice-v2", region_name=s["region"], aws_access_key_id=s["access_key"],
        aws_secret_access_key=s["secret_key"], aws_session_token=s["session_token"],
    ).send_text_message(
        DestinationPhoneNumber=m.to, OriginationIdentity=m.sender, MessageBody=m.text, MessageType="TRANSACTIONAL",
        Context={"sobre_id": m.id})


# SNS takes names as senders, not numbers.
@driver("aws-sns", "sms", "boto3", fits=lambda m: m.sender.isalpha())
def aws_sns(m, s):
    import boto3

    def text(value):
        return {"DataType": "String", "StringValue": value}

    boto3.client(
        "sns", region_name=s["region"], aws_access_key_id=s["access_key"], aws_secret_access_key=s["secret_key"],
        aws_session_token=s["session_token"],
    ).publish(
        PhoneNumber=m.to, Message=m.text,
        MessageAttributes={"AWS.SNS.SMS.SMSType": text("Transactional"), "AWS.SNS.SMS.SenderID": text(m.sender)})


@driver("azure-sms", "sms", "azure-communication-sms")
def azure_sms(m, s):
    from azure.communication.sms import SmsClient
    from azure.core.credentials import AzureKeyCredential

    SmsClient(f"https://{s['resource']}.communication.azure.com", AzureKeyCredential(s["access_key"])).send(
        from_=m.sender, to=m.to, message=m.text, enable_delivery_report=True, tag=m.id)


@driver("ovh-sms", "sms", "ovh")
def ovh_sms(m, s):
    import ovh

    ovh.Client(
        endpoint="ovh-eu", application_key=s["application_key"], application_secret=s["application_secret"],
        consumer_key=s["consumer_key"],
    ).post(
        f"/sms/{s['service']}/jobs", charset="UTF-8", coding="7bit" if set(m.text) <= GSM else "8bit", message=m.text,
        noStopClause=True, priority="high", receivers=[m.to], sender=m.sender, tag=m.id)


@driver("vonage-messages", "sms", "vonage")
def vonage_messages(m, s):
    from vonage import Auth, Vonage
    from vonage_messages import Sms

    Vonage(Auth(application_id=s["application_id"], private_key=s["private_key"])).messages.send(Sms(
        to=no_plus(m.to), from_=no_plus(m.sender), text=m.text, client_ref=m.id, webhook_url=m.callback,
        webhook_version="v1"))
