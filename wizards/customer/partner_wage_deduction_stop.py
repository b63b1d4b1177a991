from odoo import fields, models
from odoo.exceptions import UserError


class PartnerWageDeductionStop(models.TransientModel):
    """Asks when and why a membership, or a whole arrangement, is stopped, and says what is still open."""

    _name = "partner.wage.deduction.stop"
    _description = "Stop a Wage Deduction"
    _inherit = "partner.pointer.mixin"

    member_id = fields.Many2one("partner.wage.deduction.member", readonly=True)
    arrangement_id = fields.Many2one("partner.wage.deduction", readonly=True)
    date = fields.Date(
        string="Stop on",
        required=True,
        default=fields.Date.context_today,
        help="Nothing is deducted on pay days from this day on. A list that was sent already stays as it is.",
    )
    reason = fields.Char(required=True)
    summary = fields.Text(compute="_compute_summary", string="What Becomes of It")

    def _compute_summary(self):
        for dialog in self:
            members = dialog.member_id or dialog.arrangement_id.member_ids
            words = []
            for member, instalments in members._get_open_instalments().items():
                free = [one for one in instalments if one.free]
                if free:
                    words.append(f"{member.partner_id.name}: {member._get_open_words(free)}")
                if any(one.listed for one in instalments):
                    words.append(
                        self.env._(
                            "%s: what is on a list that was sent is still deducted.", member.partner_id.name
                        )
                    )
            dialog.summary = "\n".join(words) or self.env._("Nothing is open.")

    def action_stop(self):
        """Stop it.

        :raise UserError: if an arrangement is to be stopped on a later day
        """
        self.ensure_one()
        if self.member_id:
            self.member_id.check_access("write")
            self.member_id._stop(self.date, self.reason)
            return
        self.arrangement_id.check_access("write")
        if self.date > fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "The arrangement with %s is stopped at once. For a later day enter “Valid until”.",
                    self.arrangement_id.display_name,
                )
            )
        self.arrangement_id._stop(self.date, self.reason)
