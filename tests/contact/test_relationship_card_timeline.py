# pylint: disable=translation-required
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .carding import CardCommon

SELLER = "sales_team.group_sale_salesman_all_leads"


@tagged("post_install", "-at_install")
class TestRelationshipCardTimeline(CardCommon):
    """The history on the card: every source once, in the order of time, page by page, as far as one may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_director.group_ids += (
            cls.env.ref("account.group_account_invoice")
            + cls.env.ref(SELLER)
            + cls.env.ref("purchase.group_purchase_user")
        )
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=cls.late.ids
        )
        cls.payment = wizard.create({"payment_date": cls.today - timedelta(days=1)})._create_payments()
        purchase = cls.env["purchase.order"].with_company(cls.company_eur)
        cls.purchase = purchase.create(
            {
                "partner_id": cls.decider.id,
                "date_order": cls.now - timedelta(days=6),
                "order_line": [
                    Command.create({"product_id": cls.chair.id, "product_qty": 1, "price_unit": 5})
                ],
            }
        )
        cls.purchase.button_confirm()
        cls.env.flush_all()

    def _pages(self, user=None, partner=None):
        """All rows, page by page."""
        cards = self._cards(user or self.user_director)
        partner = partner or self.big
        page = cards.get_card(partner.id)["timeline"]
        rows, sizes = [*page["rows"]], [len(page["rows"])]
        while page["has_more"]:
            page = cards.get_timeline(partner.id, page["offsets"])
            rows += page["rows"]
            sizes.append(len(page["rows"]))
        return rows, sizes

    def test_everything_once_in_the_order_of_time(self):
        rows, sizes = self._pages()
        self.assertEqual([row["day"] for row in rows], sorted((row["day"] for row in rows), reverse=True))
        self.assertEqual(len({row["key"] for row in rows}), len(rows))
        self.assertEqual(sizes[0], 4)
        found = {row["key"]: row for row in rows}
        invoices = self.env["account.move"].search(
            [
                ("commercial_partner_id", "=", self.big.id),
                ("state", "=", "posted"),
                ("move_type", "!=", "entry"),
                ("company_id", "=", self.company_eur.id),
            ]
        )
        done = self.logs.filtered(lambda log: log.state == "done")
        expected = {
            *(f"invoice,{move.id}" for move in invoices),
            *(f"log,{log.id}" for log in done),
            f"sale,{self.quotation.id}",
            f"payment,{self.payment.id}",
            f"purchase,{self.purchase.id}",
        }
        self.assertEqual(set(found), expected)
        self.assertEqual(found[f"payment,{self.payment.id}"]["amount"], 300)
        self.assertEqual(found[f"invoice,{self.credit.id}"]["amount"], -50)
        self.assertEqual(found[f"sale,{self.quotation.id}"]["label"], "Quotation")
        self.assertEqual(found[f"log,{self.logs[0].id}"]["state"], self.logs[0].outcome_id.name)

    def test_pages_neither_repeat_nor_leave_out(self):
        """Many at the same moment, so that only ids tell them apart."""
        self.env["partner.contact.log"].create(
            [
                {
                    "name": f"Call {number}",
                    "partner_id": self.big.id,
                    "user_id": self.user_sales.id,
                    "date": self.now - timedelta(days=number // 7),
                }
                for number in range(40)
            ]
        )
        rows, sizes = self._pages()
        self.assertEqual(len({row["key"] for row in rows}), len(rows))
        self.assertEqual(sum(row["source"] == "log" for row in rows), 43)
        self.assertEqual(sizes[1], 15)

    def test_only_what_one_may_see(self):
        self.user_sales.group_ids += self.env.ref("sales_team.group_sale_salesman")
        rows, _sizes = self._pages(self.user_sales)
        sources = {row["source"] for row in rows}
        self.assertIn("log", sources)
        self.assertIn("sale", sources)
        self.assertFalse(sources & {"purchase", "payment"}, "no right to purchases and accounting")
        plain = new_test_user(
            self.env,
            "timeline_plain",
            groups="base.group_user",
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        self.assertIs(self._cards(plain).get_timeline(self.big.id), False)
        self.user_director.company_ids += self.company_usd
        self.assertFalse(
            self._card(self.user_director, company=self.company_usd)["timeline"]["rows"],
            "of the company that is shown",
        )

    def test_odd_offsets(self):
        cards = self._cards(self.user_director)
        for offsets in ({"log": -1}, {"log": "1"}, {"log": 1e9}, {"log": 10**9}, [1], "log"):
            with self.assertRaises(UserError, msg=offsets):
                cards.get_timeline(self.big.id, offsets)
        self.assertTrue(cards.get_timeline(self.big.id, {"nothing": 3})["rows"])

    def test_queries_do_not_grow(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._cards(self.user_director).get_timeline(self.big.id)
            return self.cr.sql_log_count - before

        count()
        few = count()
        for number in range(20):
            self._quote([(self.chair, 1, 10)], partner_id=self.big.id)
            self._sell(self.big, 10, self.today - timedelta(days=number))
        self.assertLessEqual(count(), few + 1)
        self.assertLessEqual(few, 22)


@tagged("post_install", "-at_install")
class TestRelationshipCardAnswers(CardCommon):
    """Documents that answer a need, the Incoterm on quotations, and the persons' part in the dialog."""

    def test_documents_that_answer_a_need(self):
        need = self.needs[0]
        need.write(
            {
                "lead_id": self.lead.id,
                "sale_order_id": self.quotation.id,
                "account_move_id": self.late.id,
            }
        )
        self.user_director.group_ids += self.env.ref("account.group_account_invoice") + self.env.ref(SELLER)
        row = self._card(self.user_director)["needs"]["rows"][0]
        self.assertEqual(
            [answer["name"] for answer in row["documents"]],
            [self.lead.display_name, self.quotation.display_name, self.late.display_name],
        )
        self.assertEqual(self._card()["needs"]["rows"][0]["documents"], [], "no right to such documents")

    def test_who_links_a_document_has_to_be_allowed_to_read_it(self):
        need = self.needs[0].with_user(self.user_sales)
        need = need.with_context(allowed_company_ids=self.company_eur.ids)
        order = self.env["purchase.order"].with_company(self.company_eur).create({"partner_id": self.big.id})
        with self.assertRaises(AccessError):
            need.purchase_order_id = order.id
        # nor with the right to such documents, where a rule hides this one
        self.user_sales.group_ids += self.env.ref("purchase.group_purchase_user")
        self.env["ir.rule"].create(
            {
                "name": "None of the tests'",
                "model_id": self.env["ir.model"]._get_id("purchase.order"),
                "domain_force": [("id", "!=", order.id)],
            }
        )
        with self.assertRaises(AccessError):
            need.purchase_order_id = order.id
        with self.assertRaises(AccessError):
            need.account_move_id = self.late.id

    def _quotation(self, partner, **values):
        orders = self.env["sale.order"].with_company(self.company_eur)
        return orders.create({"partner_id": partner.id, "company_id": self.company_eur.id, **values})

    def test_quotations_take_the_agreed_incoterm(self):
        dap, exw = self.env.ref("account.incoterm_DAP"), self.env.ref("account.incoterm_EXW")
        order = self._quotation(self.decider)
        self.assertEqual((order.incoterm, order.incoterm_location), (dap, "Hue"))
        self.assertEqual(order.pricelist_id, self.pricelist, "as price list and payment terms")
        self.assertEqual(order.payment_term_id.name, "60 days net")
        given = self._quotation(self.decider, incoterm=exw.id)
        self.assertEqual((given.incoterm, given.incoterm_location), (exw, False))
        order.partner_id = self.mid
        self.assertEqual((order.incoterm, order.incoterm_location), (self.env["account.incoterms"], False))
        order.partner_id = self.big
        self.assertEqual((order.incoterm, order.incoterm_location), (dap, "Hue"))
        order.incoterm = exw
        self.assertEqual(order.incoterm_location, "Hue", "what somebody enters stays as it is")
        self.assertEqual(order.copy().incoterm, exw)
        order.action_confirm()
        order.partner_id = self.mid
        self.assertEqual(order.incoterm, exw, "what is confirmed is agreed")
        past = self._quotation(self.big, date_order=self.now - timedelta(days=90))
        self.assertFalse(past.incoterm, "before the terms held")

    def test_many_quotations_ask_no_more_than_one(self):
        orders = self.env["sale.order"].union(*(self._quotation(self.big) for _number in range(20)))

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            # what Odoo reads of an order in any case
            some.mapped(
                lambda order: (
                    order.incoterm,
                    order.partner_id.commercial_partner_id.name,
                    order.company_id.name,
                )
            )
            before = self.cr.sql_log_count
            some._compute_incoterm()
            return self.cr.sql_log_count - before

        count(orders)
        few = count(orders[:1])
        self.assertLessEqual(few, 3)
        self.assertLessEqual(count(orders), few)
        self.assertEqual(orders.incoterm.code, "DAP")

    def test_incoterms_of_companies_that_agree_none_stay(self):
        self.terms.incoterm_id = False
        exw = self.env.ref("account.incoterm_EXW")
        order = self._quotation(self.big, incoterm=exw.id, incoterm_location="Dock 3")
        order.partner_id = self.mid
        self.assertEqual((order.incoterm, order.incoterm_location), (exw, "Dock 3"))

    def test_quotation_form_of_who_may_not_see_the_terms(self):
        seller = new_test_user(
            self.env,
            "incoterm_seller",
            groups=SELLER,
            company_id=self.company_eur.id,
            company_ids=[Command.set(self.company_eur.ids)],
        )
        orders = self.env["sale.order"].with_user(seller)
        form = Form(orders.with_context(allowed_company_ids=self.company_eur.ids))
        form.partner_id = self.big
        self.assertEqual(form.incoterm.code, "DAP")
        form.partner_id = self.mid
        self.assertFalse(form.incoterm)
        form.partner_id = self.big
        self.assertEqual(form.save().incoterm_location, "Hue")

    def test_quotation_form_of_a_company_that_is_not_ones_own(self):
        """A client may name any company in a form: it is not told what was agreed there. What a shop makes takes it."""
        stranger = new_test_user(
            self.env,
            "incoterm_stranger",
            groups=SELLER,
            company_id=self.company_usd.id,
            company_ids=[Command.set(self.company_usd.ids)],
        )
        orders = self.env["sale.order"].with_user(stranger)
        orders = orders.with_context(allowed_company_ids=self.company_usd.ids)
        values = {"partner_id": self.big.id, "company_id": self.company_eur.id}
        form = orders.new(values)
        self.assertFalse(form.incoterm)
        self.assertFalse(form.incoterm_location)
        guess = {"incoterm": self.terms.incoterm_id.id}
        self.assertFalse(orders.new({**values, **guess}).incoterm_location, "nor the place by a guess")
        cart = orders.sudo().with_company(self.company_eur).create(values)
        self.assertEqual((cart.incoterm.code, cart.incoterm_location), ("DAP", "Hue"))

    def test_attitude_of_a_person_in_the_dialog_of_the_company(self):
        big = self.big.with_user(self.user_director).with_context(allowed_company_ids=self.company_eur.ids)
        with Form(big) as form, form.child_ids.new() as person:
            person.name = "New Person"
            person.contact_role_id = self._role("uses")
            person.decision_attitude = "against"
        person = self.big.child_ids.filtered(lambda child: child.name == "New Person")
        self.assertEqual(person.decision_attitude, "against")
