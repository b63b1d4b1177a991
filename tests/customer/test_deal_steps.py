"""Deals without next step: the anti joins find what the column of the whole report says, on random data."""

import random
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from ..common import EmptyIsNotZero, RelationsCommon


@tagged("post_install", "-at_install")
class TestDealSteps(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        draw = random.Random(7)
        env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.user_director.company_ids = [Command.link(cls.company2.id)]
        (cls.user_sales | cls.user_supervisor | cls.user_sub).write(
            {"company_ids": [Command.link(cls.company2.id)]}
        )
        users = cls.user_sales | cls.user_sub | cls.user_sales2
        customers = [
            cls._create_company_partner(f"Customer {number}", user_id=draw.choice(users).id)
            for number in range(14)
        ]
        persons = [cls._create_person(f"Person {number}", customers[number]) for number in range(6)]
        goods = env["product.product"].create({"name": "Chair", "type": "consu", "invoice_policy": "order"})
        service = env["product.product"].create(
            {"name": "Advice", "type": "service", "invoice_policy": "order"}
        )

        def order(lead=False):
            partner = lead.partner_id if lead and lead.partner_id else draw.choice(customers + persons)
            return env["sale.order"].create(
                {
                    "partner_id": partner.id,
                    "user_id": draw.choice(users).id,
                    "opportunity_id": lead and lead.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": draw.choice(goods | service).id,
                                "product_uom_qty": 2,
                                "price_unit": draw.choice([10, 250, 5000]),
                            }
                        )
                    ],
                }
            )

        leads = env["crm.lead"].create(
            [
                {
                    "name": f"Lead {number}",
                    "type": "opportunity",
                    "partner_id": draw.choice([*customers, *persons, env["res.partner"]]).id,
                    "user_id": draw.choice([*users, env["res.users"]]).id,
                    "company_id": draw.choice([cls.company.id, False]),
                    "expected_revenue": draw.choice([0, 400, 9000]),
                }
                for number in range(40)
            ]
        )
        orders = env["sale.order"]
        for number in range(45):
            made = order(leads[number] if number % 3 == 0 and number < len(leads) else False)
            orders |= made
            fate = draw.random()
            if fate > 0.4:
                made.action_confirm()
            if fate > 0.6:
                made.order_line.qty_delivered = draw.choice([1, 2])
                invoice = made._create_invoices()
                if fate > 0.7:
                    invoice.action_post()
        leads[:4].action_set_lost()
        leads[4:7].action_set_won()
        for document in draw.sample(list(leads), 3) + draw.sample(list(orders), 3):
            document.activity_schedule("mail.mail_activity_data_todo", user_id=cls.user_sales.id)
        # done activities stay, archived
        for document in draw.sample(list(orders), 5):
            document.activity_schedule("mail.mail_activity_data_todo").action_feedback()
        for customer in draw.sample(customers, 2):
            company = draw.choice([cls.company, cls.company2])
            env["partner.contact.log"].create(
                {
                    "title": "Planned",
                    "partner_id": customer.id,
                    "company_id": company.id,
                    "state": "planned",
                    "date": fields.Datetime.now() + timedelta(days=2),
                }
            )
        env["partner.contact.log"].search([("title", "=", "Planned")], limit=1).company_id = False
        # what somebody planned who left counts no more
        leaver = cls._create_user("relations_leaver", "partner_relations.group_director")
        for document in (leads[10], leads[11], orders[5], orders[6]):
            document.activity_schedule("mail.mail_activity_data_todo", user_id=leaver.id)
        env["partner.contact.log"].with_user(leaver).create(
            [
                {
                    "title": "Left",
                    "partner_id": customer.id,
                    "state": "planned",
                    "date": fields.Datetime.now(),
                }
                for customer in customers[:3]
            ]
        )
        leaver.active = False
        env.flush_all()

    def _deals(self, user, companies=None):
        return (
            self.env["partner.deal.report"]
            .with_user(user)
            .with_context(allowed_company_ids=(companies or self.company).ids)
        )

    def test_same_deals(self):
        """For each role, alone and in two companies; with further conditions and for a person's deals."""
        both = self.company | self.company2
        sizes = []
        for user in (self.user_sales, self.user_supervisor, self.user_director):
            for companies in (self.company, both):
                deals = self._deals(user, companies)
                for domain in (
                    [],
                    [("user_id", "=", self.user_sales.id)],
                    [("user_id", "in", (self.user_sales | self.user_sub).ids)],
                    [("user_id", "in", self.env["res.users"].search([]).ids)],
                    [("kind", "=", "order")],
                    [("waits_for", "=", "payment")],
                ):
                    whole = deals.search(domain)
                    wanted = whole.filtered(lambda deal: not deal.has_next_step)
                    found = deals.search([*domain, ("has_next_step", "=", False)])
                    self.assertEqual(found, wanted, (user.login, domain))
                    self.assertEqual(
                        deals.search_count([*domain, ("has_next_step", "!=", True)]), len(wanted)
                    )
                    values = [
                        "name",
                        "value",
                        "unpaid_value",
                        "uninvoiced_value",
                        "undelivered_value",
                        "phase",
                    ]
                    self.assertEqual(found.read(values), wanted.read(values))
                    sizes.append((len(wanted), len(whole)))
        self.assertGreater(max(sizes)[0], 15, "there is something to find")
        self.assertTrue(all(few < many for few, many in sizes if many > 20), sizes)

    def test_groups(self):
        """The same counts by person as the rows have."""
        deals = self._deals(self.user_director)
        counts = dict(deals._read_group([("has_next_step", "=", False)], ["user_id"], ["__count"]))
        rows = deals.search([]).filtered(lambda deal: not deal.has_next_step)
        self.assertEqual(counts, {user: len(mine) for user, mine in rows.grouped("user_id").items()})

    def test_either(self):
        """Where the rows may have a next step as well, both kinds are found."""
        deals = self._deals(self.user_director)
        whole = deals.search([])
        either = deals.search(["|", ("has_next_step", "=", False), ("has_next_step", "=", True)])
        self.assertEqual(either, whole)
        without = deals.search([("has_next_step", "=", False)])
        self.assertEqual(deals.search([("has_next_step", "=", True)]), whole - without)
        self.assertEqual(deals.search(["!", ("has_next_step", "=", True)]), without)
