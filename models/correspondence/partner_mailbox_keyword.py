from odoo import fields, models


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
        domain="[('share', '=', False)]",
        help="Gets the letter. If away, the next line that matches is taken, else the default executor.",
    )

    def _matches(self, subject, text, sender):
        """Tell whether one of the words is in the letter."""
        self.ensure_one()
        places = {"subject": subject, "all": f"{subject}\n{text}", "sender": sender}
        where = places[self.place].casefold()
        return any(word.strip().casefold() in where for word in self.name.split(",") if word.strip())
