"""The vendors' own libraries for email."""

from . import driver


def present(**values):
    """The values that are there, as a caller would leave out what it does not have."""
    return {name: value for name, value in values.items() if value}


def named(message, part, email="email", name="name"):
    """An object with an address and, where there is one, a name."""
    address, shown = getattr(message, f"{part}_address"), getattr(message, f"{part}_name")
    return present(**{email: address, name: shown}) if address else None


def without_images(message):
    """For providers that take files but no images of the HTML."""
    return not message.has_images


@driver("sendgrid", "email", "sendgrid")
def sendgrid(m, s):
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers import mail as helpers

    mail = helpers.Mail()
    mail.from_email = helpers.Email(m.from_address, m.from_name or None)
    person = helpers.Personalization()
    person.add_to(helpers.To(m.to))
    for name, value in m.metadata.items():
        person.add_custom_arg(helpers.CustomArg(name, value))
    mail.add_personalization(person)
    mail.subject = helpers.Subject(m.subject)
    if m.reply_address:
        mail.reply_to_list = [helpers.ReplyTo(m.reply_address, m.reply_name or None)]
    mail.add_content(helpers.Content("text/plain", m.text))
    if m.html:
        mail.add_content(helpers.Content("text/html", m.html))
    for name, value in m.headers.items():
        mail.add_header(helpers.Header(name, value))
    # The library puts a further one before the others.
    for file in reversed(m.attachments):
        mail.add_attachment(helpers.Attachment(
            helpers.FileContent(file.base64), helpers.FileName(file.filename), helpers.FileType(file.content_type),
            helpers.Disposition("inline" if file.content_id else "attachment"),
            helpers.ContentId(file.content_id) if file.content_id else None))
    SendGridAPIClient(s["api_key"]).send(mail)


@driver("ses-v2", "email", "boto3")
def ses(m, s):
    import boto3

    boto3.client(
        "sesv2", region_name=s["region"], aws_access_key_id=s["access_key"], aws_secret_access_key=s["secret_key"],
        aws_session_token=s["session_token"],
    ).send_email(
        FromEmailAddress=m.from_mailbox, Destination={"ToAddresses": [m.to]}, Content={"Raw": {"Data": m.mime()}},
        ConfigurationSetName=s["configuration_set"], EmailTags=[{"Name": "sobre_id", "Value": m.id}])


@driver("mailgun", "email", "mailgun")
def mailgun(m, s):
    from mailgun.client import Client

    with Client(auth=("api", s["api_key"])) as client:
        client.mimemessage.create(
            domain=s["domain"], data={"to": m.to, "v:sobre_id": m.id},
            files={"message": ("message.mime", m.mime(), "message/rfc822")})


def postmark_fields(m):
    return present(
        From=m.from_mailbox, To=m.to, ReplyTo=m.reply_mailbox if m.reply_address else None, Subject=m.subject,
        TextBody=m.text, HtmlBody=m.html)


@driver("postmark", "email", "postmarker")
def postmarker(m, s):
    from postmarker.core import PostmarkClient

    client = PostmarkClient(server_token=s["server_token"])
    client.emails.send(
        **postmark_fields(m), Metadata={"sobre_id": m.id}, Headers=m.headers or None,
        Attachments=[
            present(
                Name=file.filename, Content=file.base64, ContentType=file.content_type,
                ContentID=file.content_id and f"cid:{file.content_id}") for file in m.attachments])


@driver("postmark", "email", "postmark-python")
def postmark(m, s):
    import postmark.sync

    with postmark.sync.ServerClient(s["server_token"]) as client:
        client.outbound.send({
            **postmark_fields(m), "Metadata": {"sobre_id": m.id},
            "Headers": [{"Name": name, "Value": value} for name, value in m.headers.items()],
            "Attachments": [
                present(
                    Name=file.filename, Content=file.base64, ContentType=file.content_type,
                    ContentID=file.content_id and f"cid:{file.content_id}") for file in m.attachments],
        })


@driver("resend", "email", "resend")
def resend(m, s):
    import resend

    resend.api_key = s["api_key"]
    resend.Emails.send(
        present(**{
            "from": m.from_mailbox, "to": [m.to], "reply_to": [m.reply_mailbox] if m.reply_address else None,
            "subject": m.subject, "text": m.text, "html": m.html, "headers": m.headers,
            "attachments": [
                present(
                    filename=file.filename, content=file.base64, content_type=file.content_type,
                    content_id=file.content_id) for file in m.attachments],
            "tags": [{"name": "sobre_id", "value": m.id}],
        }), {"idempotency_key": m.id})


@driver("brevo", "email", "brevo-python", without_images)
def brevo(m, s):
    from brevo import Brevo
    from brevo.transactional_emails import (
        SendTransacEmailRequestAttachmentItem, SendTransacEmailRequestReplyTo, SendTransacEmailRequestSender,
        SendTransacEmailRequestToItem)

    reply = named(m, "reply")
    Brevo(api_key=s["api_key"]).transactional_emails.send_transac_email(**present(
        sender=SendTransacEmailRequestSender(**named(m, "from")), to=[SendTransacEmailRequestToItem(email=m.to)],
        reply_to=reply and SendTransacEmailRequestReplyTo(**reply), subject=m.subject, html_content=m.html,
        text_content=m.text, headers={**m.headers, "idempotencyKey": m.key_uuid, "X-Mailin-custom": m.id},
        attachment=[
            SendTransacEmailRequestAttachmentItem(name=file.filename, content=file.base64) for file in m.attachments]))


@driver("mailjet", "email", "mailjet-rest")
def mailjet(m, s):
    from mailjet_rest import Client

    Client(auth=(s["api_key"], s["secret_key"]), version="v3.1").send.create(data={"Messages": [present(
        From=named(m, "from", "Email", "Name"), To=[{"Email": m.to}], ReplyTo=named(m, "reply", "Email", "Name"),
        Subject=m.subject, TextPart=m.text, HTMLPart=m.html, Headers=m.headers, CustomID=m.id,
        InlinedAttachments=[
            {
                "ContentType": file.content_type, "Filename": file.filename, "ContentID": file.content_id,
                "Base64Content": file.base64}
            for file in m.attachments if file.content_id],
        Attachments=[
            {"ContentType": file.content_type, "Filename": file.filename, "Base64Content": file.base64}
            for file in m.attachments if not file.content_id])]})


@driver("sparkpost", "email", "sparkpost")
def sparkpost(m, s):
    from sparkpost import SparkPost

    SparkPost(s["api_key"]).transmissions.send(
        recipients=[m.to], email_rfc822=m.mime().decode(), metadata={"sobre_id": m.id}, transactional=True,
        track_opens=False, track_clicks=False)


@driver("mailersend", "email", "mailersend")
def mailersend(m, s):
    from mailersend import EmailBuilder, MailerSendClient

    mail = EmailBuilder().from_email(m.from_address, m.from_name or None).to(m.to).subject(m.subject).text(m.text)
    if m.html:
        mail = mail.html(m.html)
    if m.reply_address:
        mail = mail.reply_to(m.reply_address, m.reply_name or None)
    for name, value in m.headers.items():
        mail = mail.header(name, value)
    for file in m.attachments:
        mail = mail.attach_content(file.content, file.filename, "inline" if file.content_id else "attachment")
    built = mail.build()
    # The builder has no argument for the id, its model has.
    for file, made in zip(m.attachments, built.attachments or []):
        made.id = file.content_id or None
    MailerSendClient(api_key=s["api_token"]).emails.send(built)


@driver("mailtrap", "email", "mailtrap")
def mailtrap(m, s):
    import mailtrap as mt

    reply = named(m, "reply")
    mt.MailtrapClient(token=s["api_token"]).send(mt.Mail(
        sender=mt.Address(**named(m, "from")), to=[mt.Address(email=m.to)], subject=m.subject, text=m.text,
        html=m.html or None, reply_to=reply and mt.Address(**reply), headers=m.headers or None,
        custom_variables={"sobre_id": m.id},
        attachments=[
            mt.Attachment(
                content=file.base64.encode(), filename=file.filename, mimetype=file.content_type,
                disposition=mt.Disposition.INLINE if file.content_id else mt.Disposition.ATTACHMENT,
                content_id=file.content_id or None)
            for file in m.attachments] or None))


@driver("scaleway", "email", "scaleway", without_images)
def scaleway(m, s):
    from scaleway import Client
    from scaleway.tem.v1alpha1 import (
        CreateEmailRequestAddress, CreateEmailRequestAttachment, CreateEmailRequestHeader, TemV1Alpha1API)

    client = Client(
        access_key="SCWXXXXXXXXXXXXXXXXX", secret_key=s["secret_key"], default_project_id=s["project_id"],
        default_region="fr-par")
    headers = {**({"Reply-To": m.reply_mailbox} if m.reply_address else {}), **m.headers}
    TemV1Alpha1API(client).create_email(
        from_=CreateEmailRequestAddress(email=m.from_address, name=m.from_name or None), subject=m.subject, text=m.text,
        html=m.html, to=[CreateEmailRequestAddress(email=m.to)], project_id=s["project_id"],
        additional_headers=[CreateEmailRequestHeader(key=name, value=value) for name, value in headers.items()] or None,
        attachments=[
            CreateEmailRequestAttachment(name=file.filename, type_=file.content_type, content=file.base64)
            for file in m.attachments] or None)


@driver("azure-email", "email", "azure-communication-email")
def azure_email(m, s):
    from azure.communication.email import EmailClient
    from azure.core.credentials import AzureKeyCredential

    client = EmailClient(f"https://{s['resource']}.communication.azure.com", AzureKeyCredential(s["access_key"]))
    client.begin_send(present(
        headers=m.headers, senderAddress=m.from_address,
        content=present(subject=m.subject, plainText=m.text, html=m.html), recipients={"to": [{"address": m.to}]},
        attachments=[
            present(
                name=file.filename, contentType=file.content_type, contentInBase64=file.base64,
                contentId=file.content_id) for file in m.attachments],
        replyTo=[named(m, "reply", "address", "displayName")] if m.reply_address else None), operation_id=m.key_uuid)
