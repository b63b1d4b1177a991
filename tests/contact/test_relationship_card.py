# pylint: disable=translation-required
import json
from datetime import timedelta

from psycopg2.errors import ReadOnlySqlTransaction

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .carding import CardCommon

BLOCKS = {
    *("who", "needs", "log", "deals", "debts", "letters", "complaints", "decisions", "terms", "timeline"),
}


@tagged("post_install", "-at_install")
class TestRelationshipCard(CardCommon):
    """What the card shows and to whom, where it leads, and what it costs."""

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------
    def test_who(self):
        card = self._card()
        self.assertEqual(card["partner"], {"id": self.big.id, "name": "Big Customer"})
        self.assertFalse(card["person"])
        self.assertFalse(card["is_limited"])
        who = card["who"]
        self.assertEqual(
            (who["user"], who["city"], who["phone"]), (self.user_sales.name, "Hue", "+84 28 3822 0001")
        )
        classes = who["classes"]
        self.assertEqual((classes["abc"], classes["xyz"], classes["stage"]), ("a", "x", "regular"))
        # regular in both runs: since the first one
        self.assertEqual(classes["since"], fields.Date.to_string(self.run1.stage_date))
        self.assertEqual(classes["customer_since"], "2024-04-15")
        self.assertEqual(classes["rhythm"]["days"], 14)
        self.assertEqual(
            classes["rhythm"]["due"], fields.Date.to_string(self.logs[2].date.date() + timedelta(days=14))
        )
        # lost in the current run only
        gone = self._card(partner=self.gone)["who"]["classes"]
        self.assertEqual(
            (gone["stage"], gone["since"]), ("lost", fields.Date.to_string(self.run2.stage_date))
        )

    def test_person_has_the_card_of_the_company(self):
        card, whole = self._card(partner=self.decider), self._card()
        self.assertEqual(card.pop("person"), {"id": self.decider.id, "name": self.decider.display_name})
        whole.pop("person")
        self.assertEqual(card, whole)

    def test_needs(self):
        needs = self._card()["needs"]
        self.assertEqual((needs["count"], needs["overdue"], needs["taste_count"]), (2, 1, 2))
        self.assertEqual(
            [row["name"] for row in needs["rows"]], ["Chairs that stack", "Deliver before eight"]
        )
        self.assertEqual(needs["rows"][0]["products"], ["Chair"])
        self.assertEqual(needs["rows"][0]["documents"], [])
        self.assertTrue(needs["rows"][0]["is_overdue"])
        self.assertEqual(
            {(row["kind"], row["name"]) for row in needs["tastes"]},
            {("preference", "Green tea"), ("dislike", "Calls after five")},
        )

    def test_contacts(self):
        log = self._card()["log"]
        self.assertEqual([entry["name"] for entry in log["planned"]], ["Visit"])
        self.assertEqual(log["last"], fields.Datetime.to_string(self.logs[2].date))
        self.assertFalse(log["has_more_planned"])
        self.assertFalse(self._card(partner=self.prospect, user=self.user_director)["log"]["last"])

    def test_deals_are_those_of_the_report(self):
        deals = self._card()["deals"]
        rows = self._read(domain=[("partner_id", "=", self.big.id)])
        self.assertEqual(deals["count"], len(rows))
        self.assertAlmostEqual(deals["value"], sum(rows.mapped("value")), 2)
        self.assertAlmostEqual(deals["value"], 5200, 2)
        self.assertEqual(deals["overdue"], 1)
        self.assertEqual(deals["rows"][0]["name"], self.quotation.name)
        self.assertTrue(deals["rows"][0]["is_overdue"])
        self.lead.action_set_lost()
        self.quotation._action_cancel()
        self.env.flush_all()
        empty = self._card()["deals"]
        self.assertEqual((empty["count"], empty["value"], empty["rows"]), (0, False, []))

    def test_debts_are_the_balance_of_the_accounts(self):
        debts = self._card()["debts"]
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.big.id),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company_eur.id),
            ]
        )
        self.assertAlmostEqual(debts["amount"], sum(items.mapped("amount_residual")), 2)
        self.assertAlmostEqual(debts["amount"], 12 * 1200 + 300 - 50, 2)
        late = items.filtered(lambda item: item.date_maturity < self.today and item.amount_residual > 0)
        self.assertIn(self.late, late.move_id)
        # the credit note is matched with nothing: it is not due
        self.assertAlmostEqual(debts["overdue"], sum(late.mapped("amount_residual")), 2)
        self.assertEqual(debts["days"], (self.today - min(late.mapped("date_maturity"))).days)
        empty = self._card(partner=self.prospect, user=self.user_director)["debts"]
        self.assertEqual((empty["count"], empty["amount"], empty["overdue"]), (0, False, False))

    def test_letters_complaints_and_what_came_back(self):
        card = self._card()
        self.assertEqual((card["letters"]["count"], card["letters"]["overdue"]), (1, 1))
        self.assertEqual(card["letters"]["rows"][0]["name"], "When do you deliver?")
        self.letter.action_done()
        self.assertEqual(self._card()["letters"], {"count": 0, "overdue": 0, "rows": []})
        complaints = card["complaints"]
        self.assertEqual([row["name"] for row in complaints["rows"]], ["Chairs wobble"])
        self.assertEqual((complaints["credits"], complaints["credited"], complaints["returns"]), (1, 50.0, 0))
        order = self._order([(self.lamp, 2, 10)], partner_id=self.big.id)
        self.env["stock.quant"].with_company(self.company_eur)._update_available_quantity(
            self.lamp, order.warehouse_id.lot_stock_id, 2
        )
        [delivery] = self._deliver(order, 2)
        wizard = self.env["stock.return.picking"].create({"picking_id": delivery.id})
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.write({"quantity": 1, "picked": True})
        back.button_validate()
        self.assertEqual(self._card()["complaints"]["returns"], 1)

    def test_decisions(self):
        decisions = self._card()["decisions"]
        columns = {column["name"]: column["persons"] for column in decisions["columns"]}
        self.assertEqual(
            columns,
            {
                "Decides": [self.decider.id],
                "Influences": [],
                "Pays": [self.decider.id],
                "Uses": [],
                "Blocks": [self.blocker.id],
            },
        )
        self.assertEqual(
            [
                decisions["persons"][str(person.id)]["attitude_label"]
                for person in (self.decider, self.blocker)
            ],
            ["For Us", "Against Us"],
        )
        self.assertEqual(
            decisions["persons"][str(self.decider.id)]["last"], fields.Datetime.to_string(self.logs[2].date)
        )
        self.assertFalse(decisions["persons"][str(self.blocker.id)]["last"])
        self.silent.decision_attitude = "neutral"
        self.blocker.active = False
        columns = {column["name"]: column["persons"] for column in self._card()["decisions"]["columns"]}
        self.assertEqual(columns["Part not known"], [self.silent.id])
        self.assertNotIn("Blocks", columns)

    def test_terms(self):
        terms = self._card()["terms"]
        self.assertEqual(
            {row["key"]: row["value"] for row in terms["rows"]},
            {"pricelist": "Partners", "payment": "60 days net", "incoterm": "DAP Hue"},
        )
        self.assertEqual(terms["agreed"]["discount_limit"], 12.5)
        self.assertIn("Contract 7", terms["agreed"]["words"])
        self.assertFalse(terms["may_edit"])
        self.terms.date_to = self.today - timedelta(days=1)
        self.assertFalse(self._card()["terms"]["agreed"], "what is over does not hold")

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    def test_salesperson_of_other_customers_sees_nothing_of_it(self):
        card = self._card(self.user_sales2)
        self.assertTrue(card["is_limited"])
        self.assertFalse(card["who"]["classes"])
        self.assertEqual((card["needs"]["count"], card["needs"]["tastes"]), (0, []))
        self.assertEqual((card["log"]["planned"], card["log"]["last"]), ([], False))
        self.assertEqual(card["timeline"], {"rows": [], "offsets": {}, "has_more": False})
        self.assertEqual((card["deals"]["count"], card["deals"]["value"]), (0, False))
        self.assertEqual((card["debts"]["count"], card["debts"]["amount"]), (0, False))
        self.assertEqual(card["letters"]["count"], 0)
        complaints = card["complaints"]
        self.assertEqual(
            (complaints["count"], complaints["credits"], complaints["credited"], complaints["returns"]),
            (0, False, False, False),
        )
        self.assertFalse(card["terms"]["agreed"])
        # the needs and contacts of the user's own show
        needs = self._cards(self.user_sales2).env["partner.requirement"]
        needs.create({"name": "Noticed", "partner_id": self.big.id})
        self.assertEqual([row["name"] for row in self._card(self.user_sales2)["needs"]["rows"]], ["Noticed"])

    def test_superiors_see_it_all(self):
        mine = self._card()
        for user in (self.user_supervisor, self.user_director):
            card = self._card(user)
            with self.subTest(user=user.login):
                self.assertFalse(card["is_limited"])
                for block in BLOCKS - {"letters", "terms", "timeline"}:
                    self.assertEqual(card[block], mine[block], block)
                self.assertTrue(card["terms"]["may_edit"])
        # letters follow their mailbox, not the customer
        self.assertEqual(self._card(self.user_supervisor)["letters"]["count"], 0)

    def test_colleague_without_the_addon_sees_the_contact_only(self):
        plain = new_test_user(
            self.env,
            "card_plain",
            groups="base.group_user",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        card = self._card(plain)
        self.assertTrue(card["is_limited"])
        self.assertEqual({block for block in BLOCKS if card[block]}, {"who"})
        self.assertFalse(card["who"]["classes"])
        for what in (
            "needs",
            "log",
            "planned",
            "terms",
            "deals",
            "debts",
            "letters",
            "complaints",
            "credits",
        ):
            with self.subTest(what=what), self.assertRaises(AccessError):
                self._cards(plain).open_documents(self.big.id, what)
        portal = new_test_user(self.env, "card_portal", groups="base.group_portal")
        with self.assertRaises(AccessError):
            self._card(portal)

    def test_the_other_company_has_its_own_figures(self):
        self.user_director.company_ids += self.company_usd
        card = self._card(self.user_director, company=self.company_usd)
        self.assertEqual(card["currency_id"], self.usd.id)
        self.assertFalse(card["who"]["classes"])
        self.assertEqual(
            (
                card["needs"]["count"],
                card["deals"]["count"],
                card["debts"]["count"],
                card["letters"]["count"],
            ),
            (0, 0, 0, 0),
        )
        self.assertEqual(card["complaints"]["credits"], 0)
        self.assertEqual((card["terms"]["rows"], card["terms"]["agreed"]), ([], False))
        hidden = self._create_company_partner("Hidden", company_id=self.company_usd.id)
        with self.assertRaises(AccessError):
            self._card(partner=hidden)

    def test_odd_arguments(self):
        cards = self._cards(self.user_sales)
        gone = self._create_company_partner("Deleted")
        gone_id = gone.id
        gone.unlink()
        with self.assertRaisesRegex(UserError, "deleted or merged"):
            cards.get_card(gone_id)
        for partner_id in ("x", None, [1]):
            with self.assertRaisesRegex(UserError, "deleted or merged"):
                cards.get_card(partner_id)
        for what in ("nothing", "__class__", None, "who"):
            with self.assertRaisesRegex(UserError, "has no documents"):
                cards.open_documents(self.big.id, what)

    # ------------------------------------------------------------------
    # Where the figures lead
    # ------------------------------------------------------------------
    def test_each_figure_leads_to_what_it_counts(self):
        card = self._card(self.user_director)
        cards = self._cards(self.user_director)
        self.user_director.group_ids += self.env.ref("account.group_account_readonly")
        self.user_director.group_ids += self.env.ref("stock.group_stock_user")

        def opened(what):
            action = cards.open_documents(self.big.id, what)
            self.assertIn("Big Customer", action["display_name"])
            return cards.env[action["res_model"]].search(action["domain"])

        self.assertEqual(opened("needs").with_env(self.env), self.needs.sorted())
        self.assertEqual(len(opened("log")), 4)
        self.assertEqual(len(opened("planned")), len(card["log"]["planned"]))
        self.assertEqual(opened("terms").with_env(self.env), self.terms)
        self.assertEqual(
            opened("persons").with_env(self.env), (self.decider | self.blocker | self.silent).sorted()
        )
        deals = opened("deals")
        self.assertEqual(
            (len(deals), sum(deals.mapped("value"))), (card["deals"]["count"], card["deals"]["value"])
        )
        debts = opened("debts")
        self.assertAlmostEqual(sum(debts.mapped("amount")), card["debts"]["amount"], 2)
        self.assertEqual(len(opened("complaints")), card["complaints"]["count"])
        credits_ = opened("credits")
        self.assertEqual(credits_.with_env(self.env), self.credit)
        self.assertFalse(opened("returns"))
        self.mailbox.access_ids = [Command.create({"user_id": self.user_director.id, "level": "see"})]
        self.assertEqual(len(opened("letters")), 1)

    # ------------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------------
    def _count(self, partner):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        card = self._card(partner=partner)
        return self.cr.sql_log_count - before, len(json.dumps(card, default=str))

    def test_one_call_of_few_queries_and_little_weight(self):
        self.prospect.user_id = self.user_sales
        self._card()  # fills caches that the server keeps
        much, weight = self._count(self.big)
        nothing, light = self._count(self.prospect)
        # ten times as much of everything
        for _number in range(5):
            self._fill_needs()
            self._fill_log()
            self._quote([(self.chair, 1, 10)], partner_id=self.big.id)
        self.env["res.partner"].create(
            [
                {
                    "name": f"Person {number}",
                    "parent_id": self.big.id,
                    "contact_role_id": self._role("uses").id,
                }
                for number in range(20)
            ]
        )
        more, heavy = self._count(self.big)
        self.assertLessEqual(nothing, 45)
        self.assertLessEqual(much, 75)
        self.assertLessEqual(more, much + 2, "the number of queries does not grow with what there is")
        # bytes before compression: a second on slow 3G is some 50,000
        self.assertLessEqual(light, 2500)
        self.assertLessEqual(max(weight, heavy), 10_000)

    def test_it_is_read_on_a_replica(self):
        """Reading the card writes nothing: PostgreSQL refuses it within this savepoint."""
        self.env.flush_all()
        self.env.invalidate_all()
        read = []
        with self.assertRaises(ReadOnlySqlTransaction), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute("SET TRANSACTION READ ONLY")
            for user in (self.user_sales, self.user_sales2, self.user_director):
                read.append(self._card(user)["partner"])
            # the counterproof, which also ends the savepoint
            self.cr.execute("UPDATE res_partner SET name = name WHERE id = %s", [self.big.id])
        self.assertEqual(len([partner for partner in read if partner]), 3, "a card writes something")
        for method in ("get_card", "get_timeline", "open_documents"):
            self.assertTrue(getattr(type(self.env["partner.relationship.card"]), method)._readonly)
