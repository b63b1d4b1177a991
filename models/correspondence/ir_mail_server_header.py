from odoo import api, models

from ...tools.header_text import clean_headers, one_line


class IrMailServer(models.Model):
    """A line break in a name or a subject, however it is written, begins no header of its own in what is sent.

    Core hands the receivers to Python's library as a list, which it does not look through; and some versions of it
    write a line break that was encoded (RFC 2047) into a subject, such as that of a letter which is answered.
    """

    _inherit = "ir.mail_server"

    @api.model
    def _build_email__(self, email_from, email_to, subject, body, *args, **kwargs):
        for name in ("reply_to", "references", "message_id"):
            if kwargs.get(name):
                kwargs[name] = one_line(kwargs[name])
        if kwargs.get("headers"):
            kwargs["headers"] = {name: one_line(value) for name, value in kwargs["headers"].items()}
        if kwargs.get("attachments"):
            kwargs["attachments"] = [(one_line(name), *rest) for name, *rest in kwargs["attachments"]]
        if kwargs.get("email_cc"):
            kwargs["email_cc"] = self._get_lines(kwargs["email_cc"])
        message = super()._build_email__(
            one_line(email_from), self._get_lines(email_to), one_line(subject), body, *args, **kwargs
        )
        clean_headers(message)
        return message

    @api.model
    def _get_lines(self, addresses):
        if isinstance(addresses, (list, tuple)):
            return [one_line(address) for address in addresses]
        return one_line(addresses)
