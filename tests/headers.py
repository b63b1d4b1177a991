"""Names and subjects with line breaks, and what mails make of them.

The mails are read as they go to the mail server: Python's own object of a mail shows no header that a line break makes.
"""

from email import message_from_bytes

# The second is encoded as mail programs write it, and decoded when a mail is written.
ENCODED = "=?utf-8?q?Hello=0D=0ABcc:_victim@else.example.net=0D=0AX-Evil:_1=0D=0A=0D=0A?="
EVIL = "Hello\r\nBcc: victim@else.example.net\nX-Evil: 1\r\n\r\n<b>body</b>"


def build(mails):
    """The sources of mails as they go to the mail server; None for one that Python's library refuses to write."""
    servers = mails.env["ir.mail_server"]
    for mail in mails:
        for values in mail._prepare_outgoing_list():
            names = (
                "attachments", "email_cc", "email_from", "email_to", "headers", "message_id", "object_id", "references",
                "reply_to", "subject", "body",
            )  # fmt: skip
            try:
                source = servers._build_email__(
                    **{name: values[name] for name in names},
                    subtype="html",
                )
                yield source.as_bytes()
            except ValueError as error:
                if "linefeed" not in str(error):
                    raise
                yield None


def read_forged(source):
    """Return the headers that a line break made in a mail as it goes to the mail server."""
    forged, message = set(), message_from_bytes(source)
    for part in message.walk():
        forged |= {name.lower() for name in part} & {"bcc", "x-evil"}
    if len(message.get_all("To", [])) > 1:
        forged.add("to")
    return forged


def find_forged(mails):
    """Return the headers that a line break made in these mails, and how many mails there are.

    ``refused`` is among them where a mail could not be written at all: whoever writes an evil name into a contact
    would keep it from being sent, and nothing would be known of its headers.
    """
    forged, count = set(), 0
    for source in build(mails):
        count += 1
        forged |= read_forged(source) if source else {"refused"}
    return forged, count
