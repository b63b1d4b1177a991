from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import plaintext2html


class PartnerMailRulePreviewLine(models.TransientModel):
    """One mail of a preview."""

    _name = "partner.mail.rule.preview.line"
    _description = "Line of a Preview of Mail Rules"
    _inherit = "partner.pointer.mixin"
    _rec_name = "record_name"

    preview_id = fields.Many2one("partner.mail.rule.preview", required=True, index=True, ondelete="cascade")
    rule_id = fields.Many2one("partner.mail.rule", required=True, readonly=True, ondelete="cascade")
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    record_name = fields.Char(string="About", readonly=True)
    due_date = fields.Date(string="Due", readonly=True)
    send_at = fields.Datetime(readonly=True)
    status = fields.Selection(
        [("going", "Will Be Sent"), ("out", "Left Out"), ("done", "Already Handled")], readonly=True
    )
    reason = fields.Char(readonly=True, help="Why it is not sent on that day.")
    partner_id = fields.Many2one("res.partner", string="Recipient", readonly=True, ondelete="cascade")
    email = fields.Char(string="E-mail", readonly=True)
    subject = fields.Char(readonly=True)
    body = fields.Html(
        compute="_compute_body", sanitize=True, help="As it would be sent now, rendered with your rights."
    )

    @api.depends("rule_id", "res_id", "partner_id")
    def _compute_body(self):
        for line in self:
            key = (line.res_id, line.rule_id._get_lang(line.partner_id))
            try:
                line.body = line.rule_id._render([key], ("body_html",))[key]["body_html"]
            except (AccessError, UserError) as error:
                line.body = plaintext2html(str(error))

    def action_open_record(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
