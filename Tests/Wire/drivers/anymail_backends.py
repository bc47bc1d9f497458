"""django-anymail, a second opinion for its providers of email.

By Mailgun and SparkPost it sends fields, by other endpoints, where Sobre sends the whole mail.
"""

from email.mime.image import MIMEImage

from . import driver

# The backend, and its settings from ours.
BACKENDS = {
    "brevo": ("brevo", lambda s: {"BREVO_API_KEY": s["api_key"]}),
    "mailersend": ("mailersend", lambda s: {"MAILERSEND_API_TOKEN": s["api_token"]}),
    "mailjet": ("mailjet", lambda s: {"MAILJET_API_KEY": s["api_key"], "MAILJET_SECRET_KEY": s["secret_key"]}),
    "mailtrap": ("mailtrap", lambda s: {"MAILTRAP_API_TOKEN": s["api_token"]}),
    "postmark": ("postmark", lambda s: {"POSTMARK_SERVER_TOKEN": s["server_token"]}),
    "resend": ("resend", lambda s: {"RESEND_API_KEY": s["api_key"]}),
    "scaleway": ("scaleway", lambda s: {
        "SCALEWAY_SECRET_KEY": s["secret_key"], "SCALEWAY_PROJECT_ID": s["project_id"], "SCALEWAY_REGION": "fr-par"}),
    "sendgrid": ("sendgrid", lambda s: {"SENDGRID_API_KEY": s["api_key"], "SENDGRID_GENERATE_MESSAGE_ID": False}),
    "ses-v2": ("amazon_ses", lambda s: {"AMAZON_SES_CLIENT_PARAMS": {
        "region_name": s["region"], "aws_access_key_id": s["access_key"], "aws_secret_access_key": s["secret_key"],
        "aws_session_token": s["session_token"]}, "AMAZON_SES_CONFIGURATION_SET_NAME": s["configuration_set"]}),
    "postal": ("postal", lambda s: {"POSTAL_API_URL": s["url"], "POSTAL_API_KEY": s["server_key"]}),
}


def send(backend, options, m, s):
    import django
    from django.conf import settings
    from django.core import mail

    if not settings.configured:
        settings.configure(DEFAULT_CHARSET="utf-8", USE_TZ=True, SECRET_KEY="none")
        django.setup()
    settings.ANYMAIL = options(s)
    message = mail.EmailMultiAlternatives(
        m.subject, m.text, m.from_mailbox, [m.to], reply_to=[m.reply_mailbox] if m.reply_address else None,
        headers=m.headers)
    if m.html:
        message.attach_alternative(m.html, "text/html")
    for file in m.attachments:
        if file.content_id:
            image = MIMEImage(file.content, file.content_type.partition("/")[2])
            image["Content-Disposition"] = f'inline; filename="{file.filename}"'
            image["Content-ID"] = f"<{file.content_id}>"
            message.attach(image)
        else:
            message.attach(file.filename, file.content, file.content_type)
    # These return no metadata, and Anymail refuses it.
    if backend not in ("mailersend", "postal"):
        message.metadata = {"sobre_id": m.id}
    mail.get_connection(f"anymail.backends.{backend}.EmailBackend").send_messages([message])


for name, (backend, options) in BACKENDS.items():
    # Postal's fields have none for images, which Sobre sends in the whole mail.
    fits = (lambda m: not m.has_images) if name in ("brevo", "scaleway", "postal") else lambda m: True
    driver(name, "email", "django-anymail", fits)(lambda m, s, backend=backend, options=options: send(backend, options, m, s))
