from odoo import api, fields, models

MODES = [("off", "Off"), ("review", "Somebody Reviews the Letters"), ("automatic", "Fully Automatic")]


class ResCompany(models.Model):
    """How a company reminds its customers of payments; those with a portal login read the company by a call."""

    _inherit = "res.company"

    payment_reminder_mode = fields.Selection(
        MODES,
        string="Payment Reminders",
        default="off",
        help="Off: nothing is looked for by itself. Review: letters are written every day and wait for approval. "
        "Automatic: they are sent at once.",
        prefetch="relations",
        groups="base.group_user",
    )
    payment_reminder_minimum = fields.Monetary(
        string="Reminders from",
        help="Customers who owe less in all, after unmatched payments and credit notes, get no letter.",
        prefetch="relations",
        groups="base.group_user",
    )
    payment_reminder_interval = fields.Integer(
        string="Days between Letters",
        default=7,
        help="A customer gets no letter before so many days after the last one, whatever becomes due.",
        prefetch="relations",
        groups="base.group_user",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._ensure_payment_reminder_levels()
        return companies

    def _ensure_payment_reminder_levels(self):
        """Give each company without levels a starter set: 3 days before, and 7, 21 and 35 days after the due date."""
        levels = self.env["partner.payment.reminder.level"].sudo().with_context(active_test=False)
        have = levels.search([("company_id", "in", self.ids)]).company_id
        template = self.env.ref("partner_relations.mail_template_payment_reminder", raise_if_not_found=False)
        if not template:
            return
        starter = [
            {"name": "Due Soon", "days": -3},
            {"name": "First Reminder", "days": 7},
            {"name": "Second Reminder", "days": 21, "attach_invoices": True, "order_block": "warn"},
            {
                "name": "Last Reminder",
                "days": 35,
                "attach_invoices": True,
                "order_block": "block",
                "make_activity": True,
            },
        ]
        created = levels.create(
            [
                {**values, "company_id": company.id, "template_id": template.id}
                for company in self - have
                for values in starter
            ]
        )
        self._translate_starter(created)
        return

    def _translate_starter(self, levels):
        """The names of the starter set in the other languages of the database."""
        for lang, _name in self.env["res.lang"].get_installed():
            spoken = self.with_context(lang=lang).env
            words = {
                "Due Soon": spoken._("Due Soon"),
                "First Reminder": spoken._("First Reminder"),
                "Second Reminder": spoken._("Second Reminder"),
                "Last Reminder": spoken._("Last Reminder"),
            }
            for level in levels:
                source = level.with_context(lang="en_US").name
                if lang != "en_US" and source in words:
                    level.with_context(lang=lang).name = words[source]
