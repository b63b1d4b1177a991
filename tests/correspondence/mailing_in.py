"""Mailboxes, and mail that comes in, shared by the tests of the room."""

from email.message import EmailMessage

from odoo.fields import Command

from ..common import RelationsCommon


class LetterCommon(RelationsCommon):
    """A shared mailbox that the salesperson may answer from, a personal one, and one of the second company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("mail.default.from_filter", "example.com")
        cls.mailbox = cls._create_mailbox(
            "Service",
            email="service@our.example.com",
            access_ids=[Command.create({"user_id": cls.user_sales.id, "level": "reply"})],
        )
        cls.customer = cls._create_company_partner("Bamboo Works", email="office@bamboo.example.com")
        cls.person = cls._create_person("Mai Tran", cls.customer, email="mai@bamboo.example.com")
        cls.number = 0

    @classmethod
    def _create_mailbox(cls, name, **values):
        return cls.env["partner.mailbox"].create({"name": name, **values})

    @classmethod
    def _make(cls, sender="Mai Tran <mai@bamboo.example.com>", subject="Delivery", body="When?", **headers):
        """The source of a letter."""
        message = EmailMessage()
        cls.number += 1
        message["Message-ID"] = headers.pop("message_id", f"<letter-{cls.number}@bamboo.example.com>")
        message["From"] = sender
        message["To"] = headers.pop("to", "service@our.example.com")
        message["Subject"] = subject
        message["Date"] = headers.pop("date", "Mon, 02 Nov 2026 10:00:00 +0700")
        files = headers.pop("files", ())
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(body)
        for name, content in files:
            message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        return message

    @classmethod
    def _receive(cls, mailbox=None, message=None, **values):
        """Have the gateway process a letter for a mailbox; return it, empty if it was registered before."""
        message = message or cls._make(**values)
        letter_id = cls.env["mail.thread"].message_process(
            "partner.letter", message.as_bytes(), custom_values={"mailbox_id": (mailbox or cls.mailbox).id}
        )
        cls.env.flush_all()
        return cls.env["partner.letter"].browse(letter_id or [])
