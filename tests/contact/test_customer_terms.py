# pylint: disable=translation-required
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.partner_relations.hooks import mark_complaints

from ..common import EmptyIsNotZero, RelationsCommon


@tagged("post_install", "-at_install")
class TestCustomerTerms(EmptyIsNotZero, RelationsCommon):
    """Terms of one customer: periods, rights, contacts that change, and the hint on quotations."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.customer = cls._create_company_partner("Acacia", user_id=cls.user_sub.id)
        cls.person = cls._create_person("Lan", cls.customer)
        cls.salesman = cls._create_user(
            "terms_salesman", "partner_relations.group_user,sales_team.group_sale_salesman_all_leads"
        )
        cls.product = cls.env["product.product"].create({"name": "Oak chair", "list_price": 100})

    @classmethod
    def _terms(cls, partner=None, user=None, **values):
        terms = cls.env["partner.customer.terms"].with_user(user or cls.user_supervisor)
        values = {"date_from": cls.today, "partner_id": (partner or cls.customer).id, **values}
        return terms.create(values).with_env(cls.env)

    def _order(self, *discounts, user=None, **values):
        order = (
            self.env["sale.order"]
            .with_user(user or self.salesman)
            .create(
                {
                    "partner_id": self.person.id,
                    "order_line": [
                        Command.create({"product_id": self.product.id, "discount": discount})
                        for discount in discounts
                    ],
                    **values,
                }
            )
        )
        order.invalidate_recordset()
        return order

    def test_periods(self):
        day = timedelta(days=1)
        first = self._terms(self.person, name="Contract 7", date_to=self.today + 9 * day, discount_limit=10)
        self.assertEqual(first.partner_id, self.customer)
        error = "Acacia already has terms for this time.*Contract 7"
        with self.assertRaisesRegex(ValidationError, error), self.cr.savepoint():
            self._terms(date_from=self.today + 9 * day)
        following = self._terms(date_from=self.today + 10 * day)
        elsewhere = self._terms(user=self.env.user, company_id=self.company2.id)
        past = self._terms(date_from=self.today - 9 * day, date_to=self.today - day)
        every = first | following | elsewhere | past
        self.assertEqual(every.mapped("state"), ["valid", "coming", "valid", "expired"])
        for state in ("valid", "coming", "expired"):
            self.assertEqual(
                every.search([("id", "in", every.ids), ("state", "=", state)]),
                every.filtered(lambda terms, state=state: terms.state == state).sorted(),
            )
        self.assertIs(following.discount_limit, False, "no limit is none, not 0")

    def test_name_of_new_terms(self):
        """Before it is known whose they are, and with it."""
        terms = self.env["partner.customer.terms"].new({"date_from": "2026-03-01"})
        words = terms.display_name
        self.assertEqual(words, terms._get_words())
        terms.partner_id = self.env["res.partner"].new({"name": "Shop"})
        self.assertEqual(terms.display_name, f"Shop: {words}")

    def test_overlap_tells_nothing_of_terms_one_may_not_see(self):
        """Not that there are any: the error is the same as without them."""
        hidden = self._create_company_partner("Hidden Acacia", user_id=self.user_sales2.id)
        foreign = self._terms(user=self.env.user, company_id=self.company2.id, name="Secret 8")
        self._terms(hidden, user=self.env.user, name="Secret 9", date_to=self.today + timedelta(days=3))
        movable = self._terms()
        supervised = movable.with_user(self.user_supervisor)
        errors = []
        for call in (
            lambda: self._terms(hidden),
            lambda: self._terms(hidden, date_from=self.today + timedelta(days=30)),
            lambda: self._terms(company_id=self.company2.id),
            lambda: supervised.write({"partner_id": hidden.id}),
            lambda: supervised.write({"company_id": foreign.company_id.id}),
        ):
            with self.assertRaises(AccessError) as caught, self.cr.savepoint():
                call()
            errors.append(str(caught.exception))
        for error in errors:
            for word in ("Hidden Acacia", "Secret", "Second Company", "already"):
                self.assertNotIn(word, error)
        self.assertEqual(errors[0], errors[1])

    def test_overlap_without_the_other_s_words(self):
        """Terms that a rule of the company hides, of a customer whose terms one makes."""
        terms = self._terms(user=self.env.user, name="Secret 9")
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env.ref("partner_relations.model_partner_customer_terms").id,
                "domain_force": f"[('id', '!=', {terms.id})]",
            }
        )
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            self._terms()
        self.assertIn("may not see", str(caught.exception))
        self.assertNotIn("Secret", str(caught.exception))

    def test_quotation_above_the_limit_warns(self):
        self._terms(name="Contract 7", discount_limit=10)
        order = self._order(10, 12, 0, 15)
        self.assertEqual(len(order.discount_limit_warning.splitlines()), 2)
        self.assertRegex(
            order.discount_limit_warning,
            r"Oak chair: a discount of 15\.00% is above the 10\.00% agreed with Acacia: Contract 7 \(from",
        )
        order.order_line.discount = 10
        self.assertFalse(order.discount_limit_warning)
        order.order_line[0].discount = 50
        self.assertTrue(order.discount_limit_warning)
        order.action_confirm()
        self.assertFalse(order.discount_limit_warning, "nothing is refused, and what is confirmed is agreed")

    def test_hint_follows_the_day_and_the_company(self):
        yesterday = self.today - timedelta(days=1)
        terms = self._terms(date_from=yesterday - timedelta(days=9), date_to=yesterday, discount_limit=5)
        self.assertFalse(self._order(50).discount_limit_warning, "the terms are over")
        self.assertTrue(
            self._order(
                50, date_order=fields.Datetime.to_datetime(yesterday) + timedelta(hours=12)
            ).discount_limit_warning
        )
        self._terms(discount_limit=0)
        self.assertTrue(self._order(0.5).discount_limit_warning, "0 allows no discount")
        self.assertFalse(self._order(0).discount_limit_warning)
        self.env["partner.customer.terms"].search(
            [("partner_id", "=", self.customer.id)]
        ).discount_limit = False
        self.assertFalse(self._order(50).discount_limit_warning)
        terms.unlink()

    def test_hint_in_the_form(self):
        self._terms(discount_limit=10)
        with Form(self.env["sale.order"].with_user(self.salesman)) as form:
            form.partner_id = self.person
            with form.order_line.new() as line:
                line.product_id = self.product
            self.assertFalse(form.discount_limit_warning)
        order = form.record
        order.order_line.discount = 20
        self.assertIn("20.00%", order.discount_limit_warning)

    def test_hint_in_the_form_of_a_company_that_is_not_ones_own(self):
        """A client may name any company in a form: it is not told what was agreed there."""
        self._terms(discount_limit=10)
        self._terms(user=self.env.user, company_id=self.company2.id, discount_limit=5)
        for company in (self.company, self.company2):
            form = (
                self.env["sale.order"]
                .with_user(self.salesman)
                .new(
                    {
                        "partner_id": self.person.id,
                        "company_id": company.id,
                        "order_line": [Command.create({"product_id": self.product.id, "discount": 50})],
                    }
                )
            )
            self.assertEqual(bool(form.discount_limit_warning), company == self.company)

    def test_hint_costs_nothing_without_discounts_and_one_query_for_many(self):
        self._terms(discount_limit=10)
        plain = self._order(0, 0)
        many = self.env["sale.order"].union(*(self._order(20) for _number in range(20)))
        for orders, count in ((plain, 0), (many[:1], 1), (many, 1)):
            self.env.flush_all()
            orders.invalidate_recordset(["discount_limit_warning"])
            # what core has read for its own form
            orders.order_line.mapped("product_id.display_name")
            orders.mapped("partner_id.commercial_partner_id.name")
            self.env["partner.customer.terms"].invalidate_model()
            self.env["decimal.precision"].precision_get("Discount")
            orders.mapped("discount_limit_warning")
            orders.invalidate_recordset(["discount_limit_warning"])
            with self.subTest(orders=len(orders)), self.assertQueryCount(count):
                orders.mapped("discount_limit_warning")

    def test_place_is_not_asked_for_without_an_incoterm(self):
        orders = self._order() + self._order()
        with patch.object(self.registry["partner.customer.terms"], "_get_valid") as asked:
            orders._compute_incoterm_location()
        asked.assert_not_called()

    def test_rights(self):
        terms = self._terms(discount_limit=10)
        values = {"partner_id": self.customer.id, "date_from": "2020-01-01", "date_to": "2020-01-02"}
        for user, reads, writes in (
            (self.user_sub, True, False),
            (self.user_sales, False, False),
            (self.user_sales2, False, False),
            (self.user_supervisor, True, True),
            (self.user_director, True, True),
        ):
            with self.subTest(user=user.login):
                mine = terms.with_user(user)
                found = mine.web_search_read([("id", "=", terms.id)], {"discount_limit": {}})
                self.assertEqual(found["length"], int(reads))
                if not reads:
                    with self.assertRaises(AccessError):
                        mine.read(["discount_limit"])
                if writes:
                    mine.discount_limit = 12
                else:
                    with self.assertRaises(AccessError):
                        mine.discount_limit = 90
                    with self.assertRaises(AccessError):
                        mine.create(values)
                    with self.assertRaises(AccessError):
                        mine.unlink()
        # the hint is told to whoever sells
        self.assertTrue(self._order(50).discount_limit_warning)
        there = self._terms(user=self.env.user, company_id=self.company2.id)
        self.assertFalse(there.with_user(self.user_director).search([("id", "=", there.id)]))
        stranger = self._create_user("terms_stranger", "base.group_user")
        with self.assertRaises(AccessError):
            terms.with_user(stranger).read(["name"])

    def test_order_of_somebody_else_is_not_linked(self):
        supervisor = self._create_user(
            "terms_supervisor", "partner_relations.group_director,sales_team.group_sale_salesman"
        )
        order = self._order(user=self.env.user, user_id=self.user_sales2.id)
        with self.assertRaises(AccessError):
            self._terms(user=supervisor, sale_order_id=order.id)
        mine = self._order(user=supervisor, user_id=supervisor.id)
        self.assertEqual(self._terms(user=supervisor, sale_order_id=mine.id).sale_order_id, mine)

    def test_merge_archives_what_overlaps(self):
        twin = self._create_company_partner("Acacia Ltd", user_id=self.user_sub.id)
        kept = self._terms(name="Kept", date_to=self.today + timedelta(days=9))
        overlapping = self._terms(twin, name="Twin", date_to=self.today + timedelta(days=3))
        later = self._terms(twin, date_from=self.today + timedelta(days=30))
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (twin | self.customer).ids, self.customer, extra_checks=False
        )
        every = kept | overlapping | later
        every.invalidate_recordset()
        self.assertEqual(every.partner_id, self.customer)
        self.assertEqual(every.mapped("active"), [True, False, True])
        self.assertIn("Kept", overlapping.message_ids[0].body)

    def test_archived_terms_keep_none_out(self):
        self._terms(name="Old").active = False
        twin = self._create_company_partner("Acacia Ltd", user_id=self.user_sub.id)
        terms = self._terms(twin, name="Twin")
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (twin | self.customer).ids, self.customer, extra_checks=False
        )
        terms.invalidate_recordset()
        self.assertRecordValues(terms, [{"partner_id": self.customer.id, "active": True}])
        terms.active = False
        self.assertTrue(
            self.env["partner.customer.terms"]
            .with_context(active_test=False)
            .create({"partner_id": self.customer.id, "date_from": self.today})
        )

    def test_customer_who_becomes_part_of_a_company(self):
        branch = self._create_company_partner("Branch", user_id=self.user_sub.id)
        terms = self._terms(branch)
        branch.write({"is_company": False, "parent_id": self.customer.id})
        self.assertEqual(terms.partner_id, self.customer)

    def test_branch_that_becomes_a_person(self):
        """Core takes the mark of companies out of the values of users: what follows it looks before."""
        branch = self._create_company_partner("Branch", parent_id=self.customer.id, user_id=self.user_sub.id)
        terms = self._terms(branch)
        need = self.env["partner.requirement"].create({"name": "Boxes", "partner_id": branch.id})
        editor = self._create_user("terms_editor", "base.group_user,base.group_partner_manager")
        branch.with_user(editor).is_company = False
        self.assertEqual(terms.partner_id, self.customer)
        self.assertRecordValues(need, [{"partner_id": self.customer.id, "contact_id": branch.id}])

    def test_complaints_are_marked_after_an_upgrade(self):
        outcome = self.env.ref("partner_relations.outcome_complaint")
        self.assertTrue(outcome.is_complaint)
        outcome.is_complaint = False
        mark_complaints(self.env)
        self.assertTrue(outcome.is_complaint)
