from odoo import models
from odoo.fields import Domain

# What is better than a class, by that class.
BETTER = {"b": ("a",), "c": ("a", "b")}


class PartnerClassification(models.Model):
    """A posted run tells which customers went up a class, and which were lost."""

    _inherit = "partner.classification"

    def action_post(self):
        fresh = self.filtered(lambda run: run.state != "posted")
        result = super().action_post()
        fresh._fire_mail_rules()
        return result

    def _fire_mail_rules(self):
        rules = self.env["partner.mail.rule"]
        up = Domain.OR(
            Domain("previous_abc_class", "=", previous) & Domain("abc_class", "in", better)
            for previous, better in BETTER.items()
        )
        # lost since the run before; whoever was never seen before is no news
        lost = (
            Domain("stage", "=", "lost")
            & Domain("previous_stage", "!=", "lost")
            & Domain("previous_stage", "!=", False)
        )
        for run in self.filtered(lambda run: run.kind == "customer" and run.previous_id):
            for trigger, changed in (("class_up", up), ("stage_lost", lost)):
                if rules._get_event_rules(trigger, run.company_id.id):
                    lines = self.env["partner.classification.line"].search_fetch(
                        Domain("classification_id", "=", run.id) & changed, ["partner_id"]
                    )
                    rules._fire_in(trigger, run.company_id, "res.partner", lines.partner_id.ids)
