from odoo import api, fields, models


class PartnerOwnerCorrect(models.TransientModel):
    """A director says who was responsible for a customer before owners were kept, and why."""

    _name = "partner.owner.correct"
    _description = "Correct the Owner of a Customer"
    _inherit = "partner.pointer.mixin"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    company_id = fields.Many2one(
        "res.company", help="Only for the documents of this company. Empty: of every company."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Manager",
        domain="[('share', '=', False)]",
        context={"active_test": False},
        help="Who was responsible. Empty: nobody.",
    )
    date_from = fields.Datetime(string="From", help="Empty: from the beginning.")
    date_to = fields.Datetime(
        string="To",
        help="The moment from which on the manager was responsible no more. Empty: until it is known who was.",
    )
    kept_from = fields.Datetime(
        string="Known From",
        compute="_compute_kept_from",
        help="From then on it was kept who is responsible. Only what was before can be corrected.",
    )
    reason = fields.Char(required=True, help="Why. Kept with your name and the periods it replaces.")

    @api.depends("partner_id")
    def _compute_kept_from(self):
        for wizard in self:
            customer = wizard.partner_id.commercial_partner_id
            wizard.kept_from = customer and self.env["partner.owner.period"]._get_kept_from(customer)

    def action_apply(self):
        """Correct it and keep a trace."""
        self.ensure_one()
        self.env["partner.owner.period"]._correct(
            self.partner_id.commercial_partner_id,
            self.user_id,
            self.date_from,
            self.date_to,
            self.company_id,
            self.reason,
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
