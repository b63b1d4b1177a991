"""Beside addons of the Odoo Community Association that touch the same models; see ``dev/test --oca``."""

import os

from odoo import Command
from odoo.tests import Form, TransactionCase, new_test_user, tagged

from .opening import open_all

# Models with fields or views of both sides.
TOUCHED = {
    "res.partner": ("list", "kanban", "form", "search"),
    "sale.order": ("list", "kanban", "form", "search"),
    "sale.mass.cancel.orders": ("form",),
    "mailing.mailing": ("list", "kanban", "form", "search"),
    "mailing.list": ("list", "kanban", "form", "search"),
    "mailing.contact": ("list", "kanban", "form", "search"),
    "mailing.trace": ("list", "form", "search"),
}
ROLES = {
    "salesperson": "partner_relations.group_user,sales_team.group_sale_salesman,base.group_partner_manager",
    "supervisor": "partner_relations.group_supervisor,sales_team.group_sale_salesman_all_leads",
    "director": "partner_relations.group_director,sales_team.group_sale_manager,base.group_partner_manager,"
    "mass_mailing.group_mass_mailing_user,purchase.group_purchase_manager,account.group_account_invoice",
    "marketing": "base.group_user,mass_mailing.group_mass_mailing_user",
    "internal": "base.group_user",
    "administrator": "base.group_system",
}


@tagged("post_install", "-at_install", "-standard", "beside")
class TestBesideOca(TransactionCase):
    beside = "oca"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(cls.env, f"oca_{role}", groups=groups) for role, groups in ROLES.items()
        }
        cls.director = cls.users["director"]
        cls.customer = cls.env["res.partner"].create(
            {"name": "Both Customer", "is_company": True, "user_id": cls.director.id}
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Both Product", "list_price": 100, "taxes_id": [Command.clear()]}
        )

    def _order(self):
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": self.product.id, "product_uom_qty": 2, "price_unit": 100})
                ],
            }
        )

    def test_views_open(self):
        """The views that both sides extend, for whoever may read their models."""
        opened = 0
        for role, user in self.users.items():
            for model, kinds in TOUCHED.items():
                records = self.env[model].with_user(user)
                if not records.has_access("read"):
                    continue
                with self.subTest(role=role, model=model):
                    found = records.get_views([(False, kind) for kind in kinds])
                    self.assertEqual(set(found["views"]), set(kinds))
                    opened += 1
        self.assertGreater(opened, 20)

    def test_screens_open(self):
        opened, faults = open_all(self.env(user=self.director))
        self.assertGreater(opened, 60)
        self.assertEqual(faults, [])

    def test_birthday_and_age(self):
        """Each side computes its own age from its own birthday."""
        person = self.env["res.partner"].create({"name": "Person", "birthdate": "1980-03-14"})
        self.assertGreater(person.birthday_age, 40)
        self.assertEqual(person.age, 0)
        person.write({"birthdate": False, "birthdate_date": "1990-03-14"})
        self.assertEqual(person.birthday_age, 0)
        self.assertGreater(person.age, 30)

    def test_birthdays_that_were_there_are_taken_over(self):
        born = self.env["res.partner"].search([("name", "=like", "Born %")], order="id")
        if os.environ["OCA_CAME"] == "last":
            # there the addon was first, and nobody had a birthday
            self.assertFalse(born)
            return
        self.assertEqual(
            [str(person.birthdate or "") for person in born],
            ["1980-03-14", "1992-02-29", ""],
            born.mapped("name"),
        )
        self.assertEqual([bool(person.next_birthday) for person in born], [True, True, False])

    def test_partner_form(self):
        stage = self.env["res.partner.stage"].create({"name": "Both Stage", "state": "confirmed"})
        with Form(self.env["res.partner"].with_user(self.director)) as form:
            form.name = "New Person"
            form.birthdate = "1985-05-05"
        person = form.record
        person.stage_id = stage
        self.assertEqual((person.stage_id, person.relation_stage), (stage, False))
        self.assertTrue(person.next_birthday)

    def test_order_cancelled_by_their_dialog(self):
        """Their button asks for their reason; the addon knows a failed order whose reason it was not told."""
        order = self._order()
        order.action_confirm()
        reason = self.env["sale.order.cancel.reason"].create({"name": "Their Reason"})
        action = order.with_user(self.director).action_cancel_wizard()
        self.env[action["res_model"]].with_context(**action.get("context", {})).create(
            {"order_id": order.id, "reason_id": reason.id}
        ).action_cancel()
        self.assertEqual((order.state, order.cancel_reason_id), ("cancel", reason))
        failure = self.env["partner.order.failure"].search([("order_id", "=", order.id)])
        self.assertEqual(len(failure), 1)
        self.assertEqual(failure.value_failed, 200)

    def test_orders_cancelled_together(self):
        """One dialog asks for both reasons, and both are kept."""
        orders = self._order() + self._order()
        theirs = self.env["sale.order.cancel.reason"].create({"name": "Their Reason"})
        ours = self.env["partner.order.failure.reason"].search([("for_lost", "=", True)], limit=1)
        wizard = (
            self.env["sale.mass.cancel.orders"]
            .with_user(self.director)
            .create(
                {
                    "sale_order_ids": [Command.set(orders.ids)],
                    "reason_id": theirs.id,
                    "failure_reason_id": ours.id,
                }
            )
        )
        wizard.action_mass_cancel()
        self.assertEqual(orders.mapped("state"), ["cancel", "cancel"])
        self.assertEqual(orders.cancel_reason_id, theirs)
        failures = self.env["partner.order.failure"].search([("order_id", "in", orders.ids)])
        self.assertEqual((len(failures), failures.reason_id), (2, ours))

    def test_merge(self):
        """Both sides follow merged contacts."""
        people = self.env["res.partner"].create(
            [{"name": f"Twin {number}", "email": f"twin{number}@both.example.com"} for number in range(2)]
        )
        lists = self.env["mailing.list"].create([{"name": "One"}, {"name": "Two"}])
        for person, mailing_list in zip(people, lists, strict=True):
            self.env["mailing.contact"].create(
                {"partner_id": person.id, "email": person.email, "list_ids": [Command.set(mailing_list.ids)]}
            )
            self.env["partner.contact.log"].create(
                {"name": "Call", "partner_id": person.id, "user_id": self.director.id}
            )
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(people.ids, people[0])
        self.assertEqual(people.exists(), people[0])
        contact = self.env["mailing.contact"].search([("partner_id", "=", people[0].id)])
        self.assertEqual(contact.list_ids, lists)
        self.assertEqual(self.env["partner.contact.log"].search_count([("partner_id", "=", people[0].id)]), 2)

    def test_segment_with_a_dynamic_list(self):
        """A list that follows a segment by the addon's criteria has those who get a mailing to that segment."""
        tag = self.env["res.partner.category"].create({"name": "Both"})
        other = self.customer.copy({"name": "Both Other", "email": "other@customer.example.com"})
        self.customer.write({"email": "both@customer.example.com", "category_id": [Command.link(tag.id)]})
        segment = self.env["partner.segment"].create(
            {"name": "Both", "domain": repr([("category_id", "in", tag.ids)])}
        )
        dynamic = self.env["mailing.list"].create(
            {
                "name": "Dynamic",
                "dynamic": True,
                "sync_method": "full",
                "sync_domain": repr([("segment_ids", "in", segment.ids)]),
            }
        )
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Both",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "segment_id": segment.id,
            }
        )

        def assert_both(partners):
            dynamic.action_sync()
            self.assertEqual(dynamic.contact_ids.partner_id, partners)
            self.assertEqual(segment._get_partners(), partners)
            self.assertEqual(mailing._get_remaining_recipients(), partners.ids)

        assert_both(self.customer)
        self.customer.write({"name": "Both Customer Renamed"})
        self.assertEqual(dynamic.contact_ids.name, "Both Customer Renamed")
        self.customer.category_id, other.category_id = False, tag
        assert_both(other)
