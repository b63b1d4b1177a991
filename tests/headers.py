"""Names and subjects with line breaks, and what mails make of them."""

from email import message_from_bytes

EVIL = "Hello\r\nBcc: victim@else.example.net\nX-Evil: 1\r\n\r\n<b>body</b>"


def build(mails):
    """The sources of mails as they go to the mail server; None for one that Python's library refuses to write."""
    servers = mails.env["ir.mail_server"]
    for mail in mails:
        for values in mail._prepare_outgoing_list():
            names = ("email_from", "email_to", "email_cc", "subject", "body", "reply_to", "headers")
            try:
                source = servers._build_email__(
                    **{name: values[name] for name in names},
                    message_id=values["message_id"],
                    references=values["references"],
                    subtype="html",
                )
                yield source.as_bytes()
            except ValueError as error:
                if "linefeed" not in str(error):
                    raise
                yield None


def find_forged(mails):
    """Return the headers that a line break made in these mails, and how many mails there are."""
    forged, count = set(), 0
    for source in build(mails):
        count += 1
        if source:
            message = message_from_bytes(source)
            forged |= {name.lower() for name in message.keys()} & {"bcc", "x-evil"}
            if len(message.get_all("To", [])) > 1:
                forged.add("to")
    return forged, count
