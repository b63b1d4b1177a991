"""What the addon does on a database that has had it since its first version; see dev/house/life.py.

That no row and no value was lost is compared there by SQL; here it works.
"""

from odoo import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from ..jobs import run_all
from .opening import open_all

ADDON = "partner_relations"
# Stored values that are not to be what they would be today.
FROZEN = {}


@tagged("post_install", "-at_install", "-standard", "beside")
class TestUpgrade(TransactionCase):
    beside = "upgrade"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everything = new_test_user(
            cls.env,
            "upgrade_director",
            "partner_relations.group_director,sales_team.group_sale_manager,purchase.group_purchase_manager,"
            "account.group_account_manager,mass_mailing.group_mass_mailing_user,base.group_partner_manager",
            company_ids=[Command.set(cls.env["res.company"].search([]).ids)],
        )
        cls.seller = cls.env["res.users"].search([("login", "=", "life_seller")])

    def test_screens_open(self):
        for user in (self.everything, self.seller):
            opened, faults = open_all(self.env(user=user))
            self.assertGreater(opened, 60)
            self.assertEqual(faults, [], user.login)

    def test_crons_run(self):
        run_all(self)

    def test_stored_computed_fields_are_filled(self):
        """Computing them anew gives what is stored."""
        checked, wrong = 0, []
        for name, model in sorted(self.env.registry.items()):
            if model._abstract or not model._auto or model._transient:
                continue
            records = self.env[name].with_context(active_test=False).sudo().search([], limit=500)
            for field in self.env[name]._fields.values():
                if (
                    not field.store
                    or not field.compute
                    or not field.readonly
                    or ADDON not in (field._modules or ())
                    or f"{name}.{field.name}" in FROZEN
                    or not records
                ):
                    continue
                before = [record[field.name] for record in records]
                self.env.add_to_compute(field, records)
                records._recompute_recordset([field.name])
                after = [record[field.name] for record in records]
                checked += 1
                different = sum(old != new for old, new in zip(before, after, strict=True))
                if different:
                    wrong.append(f"{name}.{field.name}: {different} of {len(records)}")
        self.assertGreaterEqual(checked, 5)
        self.assertEqual(wrong, [])

    def test_companies_have_their_settings(self):
        for company in self.env["res.company"].search([]):
            for model in (
                "partner.classification.policy",
                "partner.effort.policy",
                "supplier.score.policy",
                "manager.score.scheme",
                "partner.payment.reminder.level",
            ):
                self.assertTrue(
                    self.env[model].search_count([("company_id", "=", company.id)]), (company.name, model)
                )

    def test_history_was_read(self):
        """What an installation reads from the past, an upgrade read as well."""
        lines = self.env["purchase.order.line"].search([("order_id.state", "=", "purchase")])
        self.assertTrue(lines)
        self.assertTrue(all(lines.mapped("promised_date")))
        self.assertTrue(self.env["partner.owner.period"].search_count([]))
        self.assertTrue(self.env["crm.lead"].search_count([("is_inquiry", "=", True)]))
        invoiced = self.env["account.move.line"].search(
            [
                ("display_type", "=", "product"),
                ("move_id.move_type", "=", "out_invoice"),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertTrue(invoiced)
        self.assertTrue(all(line.sale_cost for line in invoiced))
