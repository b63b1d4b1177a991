from odoo import fields, models


class PartnerOwnerCorrection(models.Model):
    """The trace of a correction: who said, when and why, that somebody was responsible for a customer.

    Written by ``partner.owner.period._correct`` alone and never changed.
    """

    _name = "partner.owner.correction"
    _description = "Correction of Owners"
    _order = "create_date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, ondelete="cascade", help="Empty: in every company."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Manager",
        readonly=True,
        ondelete="set null",
        help="Who was responsible, as the director says. Empty: nobody.",
    )
    date_from = fields.Datetime(string="From", readonly=True, help="Empty: from the beginning.")
    date_to = fields.Datetime(string="To", required=True, readonly=True)
    reason = fields.Char(required=True, readonly=True)
    before = fields.Text(string="Was Before", readonly=True, help="The periods it replaced, or cut.")
    create_uid = fields.Many2one("res.users", string="Corrected By", readonly=True)
    create_date = fields.Datetime(string="Corrected On", readonly=True)
