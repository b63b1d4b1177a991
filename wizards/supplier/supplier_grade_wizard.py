from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.supplier.supplier_scorecard import GRADES


class SupplierGradeWizard(models.TransientModel):
    """Sets the grade of one or more suppliers by hand, or gives them back to their score."""

    _name = "supplier.grade.wizard"
    _description = "Set Grade by Hand"
    _inherit = "partner.pointer.mixin"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Suppliers",
        required=True,
        default=lambda self: self._default_partner_ids(),
        help="Persons stand for the company they belong to.",
    )
    partner_count = fields.Integer(string="Number of Suppliers", compute="_compute_partner_count")
    mode = fields.Selection(
        [("set", "Set the grade"), ("reset", "Back to the computed grade")], required=True, default="set"
    )
    grade = fields.Selection(GRADES)
    reason = fields.Char(help="Why the computed grade does not do.")
    date_until = fields.Date(
        string="Valid Until",
        help="The last day on which it applies. From the next day on, the computed grade applies again.",
    )
    now = fields.Text(string="At Present", compute="_compute_now")

    @api.model
    def _default_partner_ids(self):
        if self.env.context.get("active_model") == "res.partner":
            partners = self.env["res.partner"].browse(self.env.context.get("active_ids") or [])
            return partners.commercial_partner_id
        return False

    @api.model
    def _get_action(self, partners, companies):
        """The action that opens the dialog for these suppliers.

        :raises UserError: when they are of several companies
        """
        if len(companies) > 1:
            raise UserError(
                self.env._(
                    "The scorecards are of several companies: %s. Choose those of one.",
                    ", ".join(companies.mapped("name")),
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.supplier_grade_wizard_action"
        )
        return {
            **action,
            "context": {
                "default_partner_ids": partners.ids,
                "default_company_id": (companies or self.env.company).id,
            },
        }

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    @api.depends("partner_ids", "company_id")
    def _compute_now(self):
        for wizard in self:
            partner = wizard.partner_ids._origin
            wizard.now = (
                partner.with_company(wizard.company_id).supplier_grade_reason if len(partner) == 1 else False
            )

    def action_apply(self):
        """Keep the grade with reason and expiry, in place of an earlier one; or take that back.

        :raises UserError: without grade, reason or expiry
        """
        self.ensure_one()
        partners = self.partner_ids.commercial_partner_id
        overrides = self.env["supplier.grade.override"]
        if self.mode == "reset":
            overrides.search(
                [("partner_id", "in", partners.ids), ("company_id", "=", self.company_id.id)]
            ).action_take_back()
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        if not (self.grade and (self.reason or "").strip() and self.date_until):
            raise UserError(self.env._("Enter the grade, the reason and the day until which it is valid."))
        overrides.create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company_id.id,
                    "grade": self.grade,
                    "reason": self.reason,
                    "date_until": self.date_until,
                }
                for partner in partners
            ]
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
