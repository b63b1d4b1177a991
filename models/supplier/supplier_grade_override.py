from odoo import fields, models

from .supplier_scorecard import GRADES


class SupplierGradeOverride(models.Model):
    """A supplier's grade set by hand, with a reason, an author and an expiry; it wins over the computed one."""

    _name = "supplier.grade.override"
    _description = "Supplier Grade Set by Hand"
    _inherit = ["mail.thread"]
    _order = "date_until desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('commercial_partner_id', '=', id)]",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, help="Off: taken back before it expired.")
    grade = fields.Selection(GRADES, required=True, tracking=True)
    reason = fields.Char(required=True, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        string="Set By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        copy=False,
    )
    date_until = fields.Date(string="Valid Until", required=True, tracking=True)
