from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...models.customer.partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES


class PartnerClassificationOverrideWizard(models.TransientModel):
    """Sets the classes of the chosen customers of a run by hand and computes the run again."""

    _name = "partner.classification.override.wizard"
    _description = "Set Class by Hand"
    _inherit = "partner.pointer.mixin"

    classification_id = fields.Many2one("partner.classification", required=True, readonly=True)
    partner_ids = fields.Many2many("res.partner", string="Customers", required=True, readonly=True)
    partner_count = fields.Integer(string="Number of Customers", compute="_compute_partner_count")
    kind = fields.Selection(related="classification_id.kind")
    mode = fields.Selection(
        [("set", "Set classes"), ("reset", "Back to the computed classes")], required=True, default="set"
    )
    abc_class = fields.Selection(ABC_CLASSES, string="ABC")
    xyz_class = fields.Selection(XYZ_CLASSES, string="XYZ")
    stage = fields.Selection(STAGES)
    reason = fields.Char(help="Why the computed class does not do.")
    date_until = fields.Date(
        string="Valid Until", help="The last day on which it applies. Later runs compute the class again."
    )

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        for wizard in self:
            wizard.partner_count = len(wizard.partner_ids)

    def action_apply(self):
        """Keep the classes with reason and expiry, in place of earlier ones, and compute the run again.

        :raises UserError: without a class, reason or expiry after the day of the run
        """
        self.ensure_one()
        run = self.classification_id
        overrides = self.env["partner.classification.override"]
        partners = self.partner_ids
        existing = overrides.search(
            [
                ("partner_id", "in", partners.ids),
                ("company_id", "=", run.company_id.id),
                ("kind", "=", run.kind),
            ]
        )
        existing.active = False
        existing.flush_recordset(["active"])  # before the new ones, of which only one may be valid
        if self.mode == "set":
            if not (self.abc_class or self.xyz_class or self.stage):
                raise UserError(self.env._("Choose at least one of ABC, XYZ and stage."))
            if not (self.reason or "").strip() or not self.date_until:
                raise UserError(self.env._("Enter the reason and the day until which it is valid."))
            if self.date_until < run.stage_date:
                raise UserError(
                    self.env._(
                        "“Valid Until” is %(until)s, before the day of the run, %(day)s. Enter a later day.",
                        until=format_date(self.env, self.date_until),
                        day=format_date(self.env, run.stage_date),
                    )
                )
            overrides.create(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": run.company_id.id,
                        "kind": run.kind,
                        "abc_class": self.abc_class,
                        "xyz_class": self.xyz_class,
                        "stage": self.stage,
                        "reason": self.reason,
                        "date_until": self.date_until,
                    }
                    for partner in partners
                ]
            )
        run.action_compute()
        return {"type": "ir.actions.act_window_close"}
