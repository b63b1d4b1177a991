from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .partner_reminder import BIRTHDAY_BATCH

ACTIVITY_TYPE = "partner_relations.mail_activity_type_expiry"


class PartnerReminder(models.Model):
    """Activities before a blanket order ends, for its buyer, and before a sent quotation ends, for its salesperson.

    A further document that ends, such as an agreement with a customer, extends ``_get_ending_documents`` and
    ``_get_expiry_words``. Supplier terms have reminders of their own, since each of them has its own days.
    """

    _inherit = "partner.reminder"

    kind = fields.Selection(selection_add=[("expiry", "Expiry")], ondelete={"expiry": "cascade"})

    @api.model
    def _cron_expiry(self, batch_size=BIRTHDAY_BATCH):
        """Make the activities of documents that end soon, in batches that commit; each end once."""
        self._remind_in_batches(self._get_expiring(), self._remind_expiry, batch_size)

    @api.model
    def _get_expiring(self):
        """``(user, document, last day)`` of what ends soon and nobody was reminded of."""
        users = self._get_reminded_users()
        days = self._get_days(users)
        if not days:
            return []
        # sudo: as the scheduler; who is reminded is responsible for the document and may read it (checked later)
        due = []
        for documents, name, setting in self.sudo()._get_ending_documents():
            for document in documents:
                user, day = document.user_id, document[name]
                # a company says how many days ahead; nothing is told of what is over
                if user in days and days[user] <= day <= days[user] + timedelta(
                    days=document.company_id[setting]
                ):
                    due.append((user, document, day))
        done = {
            (one.user_id.id, one.res_model, one.res_id, one.day)
            for one in self.search_fetch(
                [("kind", "=", "expiry"), ("day", ">=", min(days.values()))],
                ["user_id", "res_model", "res_id", "day"],
            )
        }
        return [row for row in due if (row[0].id, row[1]._name, row[1].id, row[2]) not in done]

    @api.model
    def _get_ending_documents(self):
        """Documents that end soon, by kind.

        :return: list of (records with ``user_id`` and ``company_id``, their field of the last day, the field of the
            company that says how many days ahead)
        """
        return [self._get_ending_blanket_orders(), self._get_ending_quotations()]

    @api.model
    def _get_ending_domain(self, name, setting):
        today = fields.Date.today()
        companies = self.env["res.company"].search([(setting, ">=", 0)])
        longest = max(companies.mapped(setting), default=0)
        return [
            (name, ">=", today - timedelta(days=1)),
            (name, "<=", today + timedelta(days=longest + 1)),
            ("user_id", "!=", False),
            ("company_id", "in", companies.ids),
        ]

    @api.model
    def _get_ending_blanket_orders(self):
        name, setting = "date_end", "blanket_order_reminder_days"
        domain = [*self._get_ending_domain(name, setting), ("state", "=", "confirmed")]
        domain.append(("requisition_type", "=", "blanket_order"))
        return self.env["purchase.requisition"].search(domain, order="date_end, id"), name, setting

    @api.model
    def _get_ending_quotations(self):
        name, setting = "validity_date", "quotation_reminder_days"
        domain = [*self._get_ending_domain(name, setting), ("state", "=", "sent")]
        return self.env["sale.order"].search(domain, order="validity_date, id"), name, setting

    @api.model
    def _remind_expiry(self, due):
        """Make the activities of ``due``, each once; not where somebody has one planned on the document already."""
        due = self._drop_unreadable_documents(due)
        planned = self._get_planned_documents(due)
        claimed = set(
            self._claim(
                "expiry", [(user.id, document._name, document.id, day) for user, document, day in due]
            )
        )
        # a type without channel, or none: that something ends is no contact
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE, raise_if_not_found=False)
        vals_list = [
            {
                "activity_type_id": type_id,
                "res_model_id": self.env["ir.model"]._get_id(document._name),
                "res_id": document.id,
                "user_id": user.id,
                "date_deadline": day,
                "automated": True,
                "summary": self._get_expiry_words(user, document, day),
            }
            for user, document, day in due
            if (user.id, document._name, document.id, day) in claimed
            and (user.id, document._name, document.id) not in planned
        ]
        # quick update: no e-mail for each, the activities stand in the top bar and in the morning e-mail
        return self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    @api.model
    def _drop_unreadable_documents(self, due):
        by_user = defaultdict(list)
        for user, document, _day in due:
            by_user[user, document._name].append(document.id)
        readable = {
            (user, model, res_id)
            for (user, model), ids in by_user.items()
            if self.env[model].with_user(user).has_access("read")
            for res_id in self.env[model]
            .with_user(user)
            .with_context(allowed_company_ids=user.company_ids.ids)
            .browse(ids)
            ._filtered_access("read")
            .ids
        }
        return [row for row in due if (row[0], row[1]._name, row[1].id) in readable]

    @api.model
    def _get_planned_documents(self, due):
        """``(user id, model, document id)`` where the person has an open activity already."""
        if not due:
            return set()
        activities = self.env["mail.activity"].search_fetch(
            [
                ("user_id", "in", [user.id for user, _document, _day in due]),
                ("res_model", "in", [document._name for _user, document, _day in due]),
                ("res_id", "in", [document.id for _user, document, _day in due]),
            ],
            ["user_id", "res_model", "res_id"],
        )
        return {(activity.user_id.id, activity.res_model, activity.res_id) for activity in activities}

    @api.model
    def _get_expiry_words(self, user, document, day):
        spoken = self.with_context(lang=user.lang or self.env.user.lang)
        end = format_date(spoken.env, day)
        if document._name == "sale.order":
            return spoken.env._("The quotation is valid until %s", end)
        return spoken.env._("The blanket order ends on %s", end)
