from odoo import fields, models

from ...tools.some import has_some


class AccountMove(models.Model):
    """Invoices that the payment reminders leave out, and what was told about them.

    For internal users: portal users may read their own invoices by a call.
    """

    _inherit = "account.move"

    reminder_dispute = fields.Char(
        string="Disputed because",
        copy=False,
        tracking=True,
        prefetch="relations",
        groups="base.group_user",
        help="Why the customer does not accept the invoice. While it is filled in, payment reminders leave it out.",
    )
    reminder_pause_until = fields.Date(
        string="No Reminder until",
        copy=False,
        tracking=True,
        prefetch="relations",
        groups="base.group_user",
        help="Payment reminders leave the invoice out up to this day, for example as a payment was promised.",
    )
    reminder_level_id = fields.Many2one(
        "partner.payment.reminder.level",
        string="Reminded at Level",
        compute="_compute_reminder_level",
        groups="base.group_user",
        help="The last level that the customer was told for this invoice.",
    )

    def _compute_reminder_level(self):
        # sudo: the level of an invoice that the reader may read
        lines = self.env["partner.payment.reminder.line"].sudo()
        last = {}
        if has_some(lines, self.ids, "move_id"):
            for move, level in lines._read_group(
                [
                    ("move_id", "in", self.ids),
                    ("level_id", "!=", False),
                    ("reminder_id.state", "in", ("queued", "sent")),
                ],
                ["move_id", "level_id"],
                order="move_id, level_id",
            ):
                if move.id not in last or last[move.id].days < level.days:
                    last[move.id] = level
        for move in self:
            move.reminder_level_id = last.get(move.id)
