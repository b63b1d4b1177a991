from odoo import api, fields, models

from ...tools.some import has_some


class ResPartner(models.Model):
    """What the payment reminders know of a customer. Pauses and exclusions are of the company at work.

    For internal users: portal users may read their own contact by a call.
    """

    _inherit = "res.partner"

    payment_reminder_excluded = fields.Boolean(
        string="No Payment Reminders",
        company_dependent=True,
        prefetch=False,
        groups="base.group_user",
        help="The customer gets no payment reminders.",
    )
    payment_reminder_pause_until = fields.Date(
        string="Reminders Paused until",
        company_dependent=True,
        prefetch=False,
        groups="base.group_user",
        help="Up to this day the customer gets no payment reminders.",
    )
    payment_reminder_pause_reason = fields.Char(
        string="Reason of the Pause",
        company_dependent=True,
        prefetch=False,
        groups="base.group_user",
        help="For colleagues: why, and who agreed.",
    )
    payment_reminder_count = fields.Integer(
        string="Payment Reminders",
        compute="_compute_payment_reminder_count",
        groups="account.group_account_invoice,partner_relations.group_user",
        help="Letters that were sent, in the companies switched on.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_payment_reminder_count(self):
        reminders = self.env["partner.payment.reminder"]
        some = has_some(reminders, self.commercial_partner_id.ids, "partner_id")
        counts = some and dict(
            reminders._read_group(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("state", "in", ("queued", "sent")),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.payment_reminder_count = counts.get(partner.commercial_partner_id, 0) if some else 0

    def _get_contact_stats(self):
        stats = super()._get_contact_stats()
        if self.env["partner.payment.reminder"].has_access("read") and self.payment_reminder_count:
            stats.append(
                {
                    "action": "action_view_payment_reminders",
                    "icon": "fa-bell-o",
                    "label": self.env._("Reminders"),
                    "value": str(self.payment_reminder_count),
                }
            )
        return stats

    @api.readonly
    def action_view_payment_reminders(self):
        """Open the letters about payments that were written to the customer."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.partner_payment_reminder_action_all"
            ),
            "domain": [("partner_id", "=", self.commercial_partner_id.id)],
            "context": {},
        }

    def _get_payment_blocks(self, company):
        """What stands in the way of new orders of these customers: reminders sent whose invoices are still open.

        Payments and credit notes that nobody matched yet, or that have no journal entry yet, are deducted, as they are
        in the letters: who paid is not kept from ordering until the accountant has matched it.

        :return: by customer the block (``warn`` or ``block``), the letter and what of it is still open
        :rtype: dict
        """
        # sudo: whether an order may be confirmed does not depend on who may read the letters
        reminders = self.env["partner.payment.reminder"].sudo()
        if not has_some(reminders, self.commercial_partner_id.ids, "partner_id"):
            return {}
        lines = (
            self.env["partner.payment.reminder.line"]
            .sudo()
            .search(
                [
                    ("reminder_id.partner_id", "in", self.commercial_partner_id.ids),
                    ("reminder_id.company_id", "=", company.id),
                    ("reminder_id.state", "=", "sent"),
                    ("level_id.order_block", "!=", "none"),
                    ("move_line_id.reconciled", "=", False),
                    ("move_line_id.parent_state", "=", "posted"),
                    ("move_id.reminder_dispute", "=", False),
                    # Odoo lets nobody pay it in the portal
                    ("move_id.payment_state", "!=", "blocked"),
                ]
            )
        )
        if not lines:
            return {}
        told = lines.grouped(lambda line: line.reminder_id.partner_id)
        items = reminders._read_open_items(company, lines.reminder_id.partner_id.ids)
        today, blocks = reminders._get_today(company), {}
        for partner, mine in told.items():
            opened = {
                item["move_line_id"]: float(item["amount_company"]) for item in items.get(partner.id, ())
            }
            mine = mine.filtered(lambda line, opened=opened: line.move_line_id.id in opened)
            if not mine:
                continue
            strict = mine.filtered(lambda line: line.level_id.order_block == "block")
            last = (strict or mine).sorted(lambda line: (line.level_id.days, line.reminder_id.date))[-1]
            # which of several items a payment is for is not known: what is due in all, at most what was told
            due = sum(
                float(item["amount_company"])
                for item in items.get(partner.id, ())
                if item["amount_company"] < 0
                or item["date_due"] < today
                or item["move_line_id"] in mine.move_line_id.ids
            )
            amount = min(due, sum(opened[item_id] for item_id in mine.move_line_id.ids))
            if company.currency_id.compare_amounts(amount, 0) > 0:
                blocks[self.browse(partner.id)] = last.level_id.order_block, last.reminder_id, amount
        return blocks
