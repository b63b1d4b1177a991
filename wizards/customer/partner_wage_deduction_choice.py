from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, formatLang


class PartnerWageDeductionChoice(models.TransientModel):
    """Asks into how many instalments an invoice is split, and shows what would be deducted on each pay day."""

    _name = "partner.wage.deduction.choice"
    _description = "Instalments of an Invoice"
    _inherit = "partner.pointer.mixin"

    move_id = fields.Many2one("account.move", string="Invoice", required=True, readonly=True)
    member_id = fields.Many2one("partner.wage.deduction.member", required=True, readonly=True)
    instalments = fields.Integer(
        required=True,
        help="As many as the arrangement says, or as many as the limit wants if that is more.",
    )
    instalments_max = fields.Integer(string="At Most", compute="_compute_preview")
    fits = fields.Boolean(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        move = self.env["account.move"].browse(values.get("move_id"))
        member = self.env["partner.wage.deduction.member"].browse(values.get("member_id"))
        if move and member:
            usual = member.arrangement_id.instalments
            fewest = move._get_fewest_instalments(member)
            values["instalments"] = max(usual, fewest or member.arrangement_id.instalments_max)
        return values

    @api.depends("instalments", "move_id", "member_id")
    def _compute_preview(self):
        for dialog in self:
            member, move = dialog.member_id, dialog.move_id
            most = member.arrangement_id.instalments_max
            dialog.instalments_max = most
            rows, limit = [], None
            if 1 <= dialog.instalments <= most:
                rows, limit = move._get_wage_forecast(member, dialog.instalments)
            over = [
                limit is not None and member.currency_id.compare_amounts(row[3], limit) > 0 for row in rows
            ]
            dialog.fits = bool(rows) and not any(over)
            dialog.preview = dialog._render_preview(rows, over, limit) if rows else False

    def _render_preview(self, rows, over, limit):
        currency = self.member_id.currency_id
        money = lambda amount: formatLang(self.env, amount, currency_obj=currency)  # noqa: E731
        heads = [
            self.env._("Pay Day"),
            self.env._("Already Agreed"),
            self.env._("This Invoice"),
            self.env._("To Be Deducted"),
        ]
        head = Markup("<tr>%s</tr>") % Markup("").join(
            Markup('<th class="%s">%s</th>') % ("text-end" if number else "", text)
            for number, text in enumerate(heads)
        )
        body = Markup("").join(
            Markup("<tr class='%s'><td>%s</td>%s</tr>")
            % (
                "text-danger fw-bold" if is_over else "",
                format_date(self.env, day),
                Markup("").join(Markup("<td class='text-end'>%s</td>") % money(amount) for amount in amounts),
            )
            for (day, *amounts), is_over in zip(rows, over, strict=True)
        )
        words = self.env._("Limit on a pay day: %s.", money(limit)) if limit is not None else ""
        if any(over):
            words += " " + self.env._("It would be exceeded: choose more instalments.")
        return Markup("<table class='table table-sm'>%s%s</table><p>%s</p>") % (head, body, words)

    def action_choose(self):
        """Split the invoice.

        :raise UserError: if the limit would be exceeded
        """
        self.ensure_one()
        return self.move_id.action_pay_by_wage_deduction(self.instalments)
