"""Whose contacts they are: what rules and reports put into their statements is what the domain says."""

import random
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import tagged

from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestCare(RelationsCommon):
    def _make_contacts(self, generator, users, count):
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Contact {number}",
                    "user_id": generator.choice([*[False] * 8, *users.ids]),
                    "buyer_id": generator.choice([*[False] * 8, *users.ids]),
                    "responsible_user_ids": [
                        Command.set(generator.sample(users.ids, generator.choice([0, 0, 0, 1, 2])))
                    ],
                    "active": generator.random() < 0.8,
                }
                for number in range(count)
            ]
        )

    def test_query_is_the_domain(self):
        generator = random.Random(20261126)
        users = self.user_sales + self.user_sales2 + self.user_sub + self.user_supervisor
        contacts = self._make_contacts(generator, users, 80)
        everybody = self.env["res.partner"].with_context(active_test=False)
        for chosen in (users[:1], users[1:3], users):
            wanted = everybody.search(
                Domain("id", "in", contacts.ids) & everybody._get_responsible_domain(chosen.ids)
            )
            found = everybody.search(
                Domain("id", "in", contacts.ids)
                & Domain("id", "in", everybody._get_responsible_query(chosen.ids))
            )
            self.assertTrue(0 < len(wanted) < len(contacts))
            self.assertTrue(wanted.filtered(lambda contact: not contact.active))
            self.assertEqual(found, wanted)
        self.assertFalse(everybody.search(Domain("id", "in", everybody._get_responsible_query([]))))

    def test_many_contacts_are_joined(self):
        """Beyond a number of contacts the condition is a join: it finds the same, for each model and person."""
        generator = random.Random(20261127)
        users = self.user_sales + self.user_sales2 + self.user_sub + self.user_supervisor
        contacts = self._make_contacts(generator, users, 60)
        self.env["partner.contact.log"].create(
            [
                {"title": "Call", "partner_id": contact.id, "user_id": generator.choice(users.ids)}
                for contact in contacts
            ]
        )
        models = [
            name
            for name, model in self.env.items()
            if "is_own" in model._fields
            and not model._abstract
            and model.with_user(self.user_sales).has_access("read")
        ]
        self.assertLess({"partner.contact.log", "partner.turnover.report", "partner.deal.report"}, {*models})
        for name in models:
            for user, flag in (
                *((user, "is_own") for user in users),
                (self.user_supervisor, "in_my_team"),
            ):
                model = self.env[name].with_user(user).sudo()
                for value in (True, False):
                    domain = Domain(flag, "=", value)
                    found = []
                    for many in (False, True):
                        with patch.object(self.registry, "relations_many_contacts", many):
                            found.append(sorted(model.search(domain).ids))
                    self.assertEqual(*found, (name, user.name, flag, value))
        log = self.env["partner.contact.log"].with_user(self.user_sales)
        with patch.object(self.registry, "relations_many_contacts", True):
            query = log._search([("is_own", "=", True)])
            self.assertTrue(len(query.get_result_ids()) > 0)
        # a set of ids would be a subplan, searched for each row
        self.assertNotIn('"partner_id" IN', query.select().code)

    def test_unwritten_changes_count(self):
        """The statement is raw: what is not written yet has to be, before it is run."""
        contact = self._create_company_partner("New Customer")
        entry = self.env["partner.contact.log"].create({"title": "Call", "partner_id": contact.id})
        own = Domain("id", "=", entry.id) & Domain("is_own", "=", True)
        log = self.env["partner.contact.log"].with_user(self.user_sales2)
        self.assertFalse(log.search(own))
        for values in (
            {"user_id": self.user_sales2.id},
            {"buyer_id": self.user_sales2.id},
            {"responsible_user_ids": [Command.link(self.user_sales2.id)]},
        ):
            contact.write(values)
            self.assertTrue(log.search(own), values)
            self.assertTrue(entry.with_user(self.user_sales2).is_own)
            contact.write({"user_id": False, "buyer_id": False, "responsible_user_ids": [Command.clear()]})
            self.assertFalse(log.search(own), values)
            self.assertFalse(entry.with_user(self.user_sales2).is_own, values)
            with self.assertRaises(AccessError):
                entry.with_user(self.user_sales2).read(["name"])

    def test_unwritten_changes_count_by_company_and_team(self):
        """A person that comes to a company with a salesperson, and who becomes somebody's subordinate."""
        company = self._create_company_partner("New Customer", user_id=self.user_sales2.id)
        contact = self._create_person("New Contact")
        entry = self.env["partner.contact.log"].create({"title": "Call", "partner_id": contact.id})
        own, team = entry.with_user(self.user_sales2), entry.with_user(self.user_supervisor)
        self.assertFalse(own.is_own)
        self.assertFalse(team.in_my_team)
        contact.parent_id = company
        self.assertTrue(own.is_own)
        self.assertFalse(team.in_my_team)
        self.employee_sales2.parent_id = self.employee_supervisor
        self.assertTrue(team.in_my_team)
        team.read(["name"])
        self.employee_sales2.parent_id = False
        self.assertFalse(team.in_my_team)
        with self.assertRaises(AccessError):
            team.read(["name"])

    def test_employee_who_comes_and_goes_counts_at_once(self):
        """In the same transaction, whoever was asked for the team before."""
        newcomer = self._create_user("newcomer", "partner_relations.group_user")
        self.assertNotIn(newcomer.id, self.user_supervisor._get_subordinate_user_ids())
        employee = self.env["hr.employee"].create(
            {"name": "Newcomer", "user_id": newcomer.id, "parent_id": self.employee_supervisor.id}
        )
        self.assertIn(newcomer.id, self.user_supervisor._get_subordinate_user_ids())
        employee.unlink()
        self.assertNotIn(newcomer.id, self.user_supervisor._get_subordinate_user_ids())

    def test_saving_a_contact_searches_nothing(self):
        """What is computed of whose contacts they are is forgotten, not looked for."""
        contact = self._create_company_partner("New Customer")
        self.env["partner.contact.log"].create({"title": "Call", "partner_id": contact.id})
        self.env.flush_all()
        contact.write({"buyer_id": self.user_sales.id})
        self.env.flush_all()
        # the columns, and nothing else
        with self.assertQueryCount(1):
            contact.write({"buyer_id": self.user_sales2.id})
            self.env.flush_all()
