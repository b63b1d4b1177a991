"""Owners as plain values, and databases without history, for the tests of the owner history."""

from odoo import Command
from odoo.tests.common import freeze_time

from odoo.addons.partner_relations.tools.owner_periods import Period

from ..common import EmptyIsNotZero, RelationsCommon


class OwningCommon(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.periods = cls.env["partner.owner.period"]
        cls.product = cls.env["product.product"].create({"name": "Sold", "type": "consu"})

    def _install(self, moment):
        """Forget all owners and begin to keep them at ``moment``, as an installation then would have."""
        self.env.flush_all()
        self.env["partner.owner.history"].search([]).unlink()
        self.periods.sudo().with_context(active_test=False).search([]).unlink()
        self.env.flush_all()
        with freeze_time(moment):
            history = self.env["partner.owner.history"]._start()
            while history.next_id:
                history._read_batch(100_000)
        return history

    def _values(self, partner):
        """The periods of a customer as plain values, in a fixed order."""
        self.periods._flush_owners()
        rows = self.periods.sudo().search([("partner_id", "=", partner.id)])
        return sorted(
            (
                Period(
                    row.user_id.id,
                    row.date_from or None,
                    row.date_to or None,
                    row.company_id.id or None,
                    row.estimated,
                    row.origin,
                )
                for row in rows
            ),
            key=self._order,
        )

    @staticmethod
    def _order(period):
        return (period.company or 0, str(period.start or ""), period.user)

    def _track(self, partner, moment, before, after):
        """Let the contact's messages tell that its salesperson was changed."""
        message = self.env["mail.message"].create(
            {
                "model": "res.partner",
                "res_id": partner.id,
                "date": moment,
                "message_type": "notification",
                "body": "",
            }
        )
        self.env["mail.tracking.value"].create(
            {
                "mail_message_id": message.id,
                "field_id": self.env["ir.model.fields"]._get("res.partner", "user_id").id,
                "old_value_integer": before,
                "new_value_integer": after,
            }
        )

    def _order_of(self, partner, moment, user, company=None):
        """A confirmed order, as it stands in a database with years of business."""
        company = company or self.company
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": company.id,
                "user_id": user.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "price_unit": 1, "tax_ids": False})
                ],
            }
        )
        order.write({"state": "sale", "date_order": moment})
        return order
