import unicodedata

from odoo import api, fields, models


class PartnerMailboxKeyword(models.Model):
    """Words by which letters of a mailbox go to a person."""

    _name = "partner.mailbox.keyword"
    _description = "Mailbox Keyword"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("mailbox_id",)
    _order = "sequence, id"

    mailbox_id = fields.Many2one("partner.mailbox", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(
        string="Words",
        required=True,
        help="Words or phrases, separated by commas. One of them is enough; capitals do not matter.",
    )
    place = fields.Selection(
        [("subject", "Subject"), ("all", "Subject and Text"), ("sender", "Sender Address")],
        string="Looked For In",
        required=True,
        default="subject",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Executor",
        required=True,
        ondelete="cascade",
        domain=lambda self: f"[{self.env['res.users']._get_executor_condition()}]",
        help="Gets the letter. If away, the next line that matches is taken, else the default executor.",
    )

    def _matches(self, subject, text, sender):
        """Tell whether one of the words is in the letter."""
        self.ensure_one()
        places = {"subject": (subject,), "all": (subject, text), "sender": (sender,)}
        where = [self._normalize(part) for part in places[self.place]]
        words = filter(None, map(self._normalize, self.name.split(",")))
        return any(word in part for word in words for part in where)

    @api.model
    def _normalize(self, text):
        """Return a text as words are looked for: without capitals, on one line, each accented letter one character."""
        return " ".join(unicodedata.normalize("NFC", text.casefold()).split())
