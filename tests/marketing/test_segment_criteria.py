from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time, tagged

from ..customer.classified import ClassifiedCommon


@tagged("post_install", "-at_install")
class TestSegmentCriteria(ClassifiedCommon):
    """Each criterion at its border, alone and with others in one rule."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["res.partner.category"].create({"name": "Criteria"})
        cls.all = cls.big | cls.mid | cls.small | cls.gone | cls.prospect
        cls.person = cls._create_person("Person of Big", cls.big)
        cls.all |= cls.person
        cls.all.category_id = cls.tag

    def _found(self, domain, user=None, **values):
        """The contacts of a segment with the rule, as a set of names."""
        user = user or self.user_director
        segment = self.env["partner.segment"].create(
            {
                "name": "Criterion",
                "domain": repr([("category_id", "in", self.tag.ids), *domain]),
                "company_id": self.company_eur.id,
                "user_id": user.id,
                **values,
            }
        )
        partners = (
            segment.with_user(user).with_context(allowed_company_ids=self.company_eur.ids)._get_partners()
        )
        return partners.with_env(self.env)

    def _criterion(self, key, replace=None):
        groups = self.env["partner.segment"].with_user(self.user_director).get_criteria()
        domain = next(one["domain"] for group in groups for one in group["criteria"] if one["key"] == key)
        for field, value in (replace or {}).items():
            self.assertIn(field, repr(domain))
            domain = [(field, leaf[1], value) if leaf[0] == field else leaf for leaf in domain]
        return domain

    # ------------------------------------------------------------------
    # The contact and its company
    # ------------------------------------------------------------------
    def test_region(self):
        vn, de = self.env.ref("base.vn"), self.env.ref("base.de")
        state = self.env.ref("base.state_vn_VN-SG")
        self.big.write({"country_id": vn.id, "state_id": state.id})
        # an address of its own, which Odoo does not keep in step with that of the company
        self.person.type = "other"
        self.person.write({"country_id": de.id, "state_id": False})
        self.assertEqual(self._found(self._criterion("country", {"country_id": vn.ids})), self.big)
        self.assertEqual(self._found(self._criterion("state", {"state_id": state.ids})), self.big)
        in_company = self._criterion("company_country", {"commercial_partner_id.country_id": vn.ids})
        self.assertEqual(self._found(in_company), self.big | self.person)
        self.assertFalse(self._found(self._criterion("country")), "nothing chosen yet is nobody")

    def test_industry_market_salesperson(self):
        industry = self.env["res.partner.industry"].create({"name": "Criteria"})
        market = self.env["partner.market"].create({"name": "Criteria"})
        industry.market_id = market
        self.big.industry_id = industry
        chosen = self._criterion("industry", {"commercial_partner_id.industry_id": industry.ids})
        self.assertEqual(self._found(chosen), self.big | self.person)
        self.assertEqual(
            self._found(self._criterion("market", {"market_id": market.ids})), self.big | self.person
        )
        chosen = self._criterion("user", {"commercial_partner_id.user_id": self.user_sales.ids})
        self.assertEqual(self._found(chosen), self.big | self.person | self.gone)

    def test_function_role_language_tags(self):
        role = self.env["partner.contact.role"].create({"name": "Criteria"})
        other = self.env["res.partner.category"].create({"name": "Other"})
        self.person.write({"function": "Head of PURCHASING", "contact_role_id": role.id, "lang": "en_US"})
        (self.all - self.person).lang = False
        self.mid.category_id += other
        self.assertEqual(self._found([("function", "ilike", "purchasing")]), self.person)
        chosen = {"contact_role_id": role.ids, "contact_role_more_ids": role.ids}
        self.assertEqual(self._found(self._criterion("role", chosen)), self.person)
        self.assertEqual(self._found([("lang", "=", "en_US")]), self.person)
        self.assertEqual(self._found(self._criterion("tags", {"category_id": other.ids})), self.mid)
        colleague = self._create_person("Colleague", self.big, category_id=self.tag.ids)
        colleague.contact_role_more_ids = role
        self.assertEqual(self._found(self._criterion("role", chosen)), self.person | colleague)

    def test_address_phone_blacklist(self):
        self.all.write({"email": False, "phone": False})
        self.big.email, self.mid.phone = "big@example.com", "+84 28 1234 5678"
        self.small.email = "no address"
        self.assertEqual(self._found(self._criterion("email")), self.big)
        self.assertEqual(self._found(self._criterion("phone")), self.mid)
        self.env["mail.blacklist"]._add("big@example.com")
        self.assertEqual(self._found(self._criterion("blacklist")), self.all - self.big)

    def test_completeness_border(self):
        figure = self.big.contact_completeness
        self.assertIn(self.big, self._found([("contact_completeness", ">=", figure)]))
        self.assertNotIn(self.big, self._found([("contact_completeness", ">=", figure + 0.01)]))

    # ------------------------------------------------------------------
    # Classes
    # ------------------------------------------------------------------
    def test_classes(self):
        self.assertEqual(self._found(self._criterion("abc")), self.big | self.person | self.mid)
        self.assertEqual(self._found([("abc_class", "=", "a")]), self.big | self.person)
        self.assertEqual(self._found([("xyz_class", "=", "z")]) & self.mid, self.mid)
        self.assertEqual(self._found(self._criterion("stage")), self.big | self.person | self.mid)
        self.assertEqual(self._found(self._criterion("lost")), self.gone)
        self.assertEqual(self._found([("relation_stage", "=", "potential")]) & self.prospect, self.prospect)

    def test_classes_of_own_customers_only(self):
        self.assertEqual(self._found(self._criterion("abc"), self.user_sales), self.big | self.person)
        self.assertFalse(self._found(self._criterion("abc"), self.user_sales2))

    # ------------------------------------------------------------------
    # Contacts
    # ------------------------------------------------------------------
    def _log(self, partner, date):
        self.env["partner.contact.log"].create(
            {
                "name": "Call",
                "partner_id": partner.id,
                "date": date,
                "channel": "phone",
                "company_id": self.company_eur.id,
            }
        )

    def test_last_contact_border(self):
        """Days are those of the calendar where the user is; who had no contact had none for any time."""
        self.user_director.tz = "Asia/Ho_Chi_Minh"
        with freeze_time("2025-06-30 12:00:00"):
            # 90 days ago the day began at 17:00 of the day before, in UTC
            border = datetime(2025, 6, 29, 17) - timedelta(days=90)
            self._log(self.big, border)
            self._log(self.mid, border - timedelta(seconds=1))
            self._log(self.small, datetime(2025, 6, 29))
            self._log(self.small, datetime(2024, 6, 29))
            within, longer = self._criterion("contacted"), self._criterion("not_contacted")
            self.assertEqual(self._found(within), self.big | self.small)
            self.assertEqual(self._found(longer), self.all - self.big - self.small)
            self.assertEqual(self._found([("last_contact_date", "<", "today -90d")]), self.mid)
            seen = self.all.with_user(self.user_director).with_context(
                allowed_company_ids=self.company_eur.ids
            )
            days = {partner.id: partner.last_contact_days for partner in seen}
            self.assertEqual([days[one.id] for one in (self.big, self.mid, self.small)], [90, 91, 1])
            self.assertIs(days[self.gone.id], False, "no contact is not a contact today")
            for number in (0, 1, 2, 89, 90, 91, 92):
                had = {one: count for one, count in days.items() if count is not False}
                for operator, expected in (
                    ("<=", {one for one, count in had.items() if count <= number}),
                    ("<", {one for one, count in had.items() if count < number}),
                    ("=", {one for one, count in had.items() if count == number}),
                    (">", {one for one in days if days[one] is False or days[one] > number}),
                    (">=", {one for one in days if days[one] is False or days[one] >= number}),
                ):
                    with self.subTest(operator=operator, number=number):
                        found = self._found([("last_contact_days", operator, number)])
                        self.assertEqual(set(found.ids), expected)
            self.assertEqual(
                self._found([("last_contact_days", "=", False)]), self.all - self.big - self.mid - self.small
            )

    def test_last_contact_of_who_moved(self):
        """A contact is that of the person, of the company then, and of the company the person belongs to now."""
        with freeze_time("2025-06-30 12:00:00"):
            self._log(self.person, datetime(2025, 6, 25))
            self.person.parent_id = self.mid
            touched = self.person | self.big | self.mid
            self.assertEqual(self._found([("last_contact_days", "<=", 5)]), touched)
            self.assertEqual(self._found([("last_contact_days", "<=", 1_000_000)]), touched)
            self.assertEqual(self._found([("last_contact_days", ">", 10**12)]), self.all - touched)
            self.assertFalse(self._found([("last_contact_days", "<", -(10**12))]))
            self.assertEqual(self._found([("last_contact_days", "=", 5)]), touched)
            self.assertEqual(self._found([("last_contact_days", ">", 5)]), self.all - touched)
            self.assertEqual(self._found(["!", ("last_contact_days", "<=", 5)]), self.all - touched)
            self.assertEqual(
                self._found(["|", ("last_contact_days", ">", 5), ("is_company", "=", False)]),
                (self.all - touched) | self.person,
            )

    # ------------------------------------------------------------------
    # Purchases
    # ------------------------------------------------------------------
    def _bought(self, category, months=12):
        return [
            (
                "turnover_ids",
                "any",
                [
                    "&",
                    "&",
                    ("categ_id", "child_of", category.ids),
                    ("months_ago", "<=", months),
                    ("revenue", ">", 0),
                ],
            )
        ]

    def test_bought_border(self):
        with freeze_time("2025-03-31 12:00:00"):
            self.assertEqual(
                self._found(self._bought(self.category)),
                self.big | self.person | self.mid | self.small | self.gone,
            )
            self.assertFalse(self._found(self._bought(self.category2)))
            self.assertEqual(
                self._found(self._bought(self.category, 1)), self.big | self.person | self.mid | self.small
            )
        # the last purchase of the small one was on 31 March 2025
        with freeze_time("2025-04-30 12:00:00"):
            self.assertEqual(self._found(self._bought(self.category, 1)), self.small)
        with freeze_time("2025-05-01 12:00:00"):
            self.assertFalse(self._found(self._bought(self.category, 1)))

    def test_months_ago_is_what_it_finds(self):
        report = self.env["partner.turnover.report"].with_company(self.company_eur)
        for today in ("2025-03-31", "2025-04-30", "2025-05-01", "2025-02-28", "2024-05-20"):
            self.env.invalidate_all()
            with freeze_time(f"{today} 12:00:00"):
                rows = report.search([("partner_id", "in", self.all.ids)])
                months = {row.id: row.months_ago for row in rows if str(row.date) <= today}
                self.assertTrue(months, today)
                for number in range(14):
                    for operator, expected in (
                        ("<=", {one for one, count in months.items() if count <= number}),
                        ("<", {one for one, count in months.items() if count < number}),
                        ("=", {one for one, count in months.items() if count == number}),
                        (">", {one for one, count in months.items() if count > number}),
                        (">=", {one for one, count in months.items() if count >= number}),
                    ):
                        found = report.search([("id", "in", list(months)), ("months_ago", operator, number)])
                        self.assertEqual(set(found.ids), expected, (today, operator, number))

    def test_bought_of_a_sub_category(self):
        self.category.parent_id = parent = self.env["product.category"].create({"name": "Furniture"})
        with freeze_time("2025-03-31 12:00:00"):
            self.assertIn(self.small, self._found(self._bought(parent)))

    def test_credit_note_is_no_purchase(self):
        lines = [{"product_id": self.table.id, "quantity": 1, "price_unit": 10}]
        values = {"partner": self.prospect, "date": "2025-03-30"}
        self._create_invoice(lines, move_type="out_refund", **values)
        draft = self._create_invoice(lines, post=False, **values)
        self.env.flush_all()
        with freeze_time("2025-03-31 12:00:00"):
            self.assertFalse(self._found(self._bought(self.category2)))
        draft.action_post()
        self.env.flush_all()
        with freeze_time("2025-03-31 12:00:00"):
            self.assertEqual(
                self._found(self._bought(self.category2)), self.prospect, "what is posted is one"
            )

    def test_bought_nothing(self):
        with freeze_time("2025-03-31 12:00:00"):
            self.assertEqual(self._found(self._criterion("not_bought")), self.prospect)
        with freeze_time("2026-03-31 12:00:00"):
            self.assertEqual(
                self._found(self._criterion("not_bought")),
                self.all - self.small,
                "31 March 2025 is 12 months ago",
            )
        with freeze_time("2026-04-01 12:00:00"):
            self.assertEqual(self._found(self._criterion("not_bought")), self.all)
        self.assertEqual(self._found([("turnover_ids", "=", False)]), self.prospect)
        self.assertEqual(self._found([("turnover_ids", "!=", False)]), self.all - self.prospect)

    def test_bought_of_own_customers_only(self):
        with freeze_time("2025-03-31 12:00:00"):
            found = self._found(self._bought(self.category), self.user_sales)
        self.assertEqual(found, self.big | self.person | self.gone)

    def test_invoices_of_another_company_do_not_count(self):
        lines = [{"product_id": self.table.id, "quantity": 1, "price_unit": 10}]
        values = {"partner": self.prospect, "date": "2025-03-30"}
        for company, expected in (
            (self.company_usd, self.env["res.partner"]),
            (self.company_eur, self.prospect),
        ):
            self._create_invoice(lines, company=company, **values)
            self.env.flush_all()
            with freeze_time("2025-03-31 12:00:00"):
                self.assertEqual(self._found(self._bought(self.category2)), expected, company.name)

    # ------------------------------------------------------------------
    # Together
    # ------------------------------------------------------------------
    def test_five_in_one_rule(self):
        vn = self.env.ref("base.vn")
        self.big.country_id = self.mid.country_id = vn
        self.big.email = self.mid.email = "a@example.com"
        self._log(self.mid, datetime(2025, 3, 30))
        with freeze_time("2025-03-31 12:00:00"):
            rule = [
                ("country_id", "=", vn.id),
                ("email_normalized", "!=", False),
                *self._criterion("abc"),
                *self._criterion("not_contacted"),
                *self._bought(self.category),
            ]
            self.assertEqual(self._found(rule), self.big)


@tagged("post_install", "-at_install")
class TestContactSegments(ClassifiedCommon):
    """The segments of a contact, as a field and as a filter."""

    def test_field_and_filter(self):
        segments = (
            self.env["partner.segment"]
            .with_company(self.company_eur)
            .create(
                [
                    {"name": "One", "domain": repr([("id", "in", (self.big | self.mid).ids)])},
                    {"name": "Two", "include_ids": [Command.link(self.big.id)]},
                    {"name": "Nobody"},
                ]
            )
        )
        partners = (self.big | self.mid | self.small).with_user(self.user_director)
        partners = partners.with_context(allowed_company_ids=self.company_eur.ids)
        one, two, _nobody = segments
        self.assertEqual(partners.mapped(lambda partner: partner.segment_ids & segments), one | two)
        self.assertEqual(partners[0].segment_ids & segments, one | two)
        self.assertEqual(partners[1].segment_ids & segments, one)
        self.assertFalse(partners[2].segment_ids & segments)

        def found(*condition):
            return partners.search([condition, ("id", "in", partners.ids)])

        self.assertEqual(found("segment_ids", "in", two.ids), self.big)
        self.assertEqual(found("segment_ids", "in", segments.ids), self.big | self.mid)
        self.assertEqual(found("segment_ids", "not in", two.ids), self.mid | self.small)
        self.assertEqual(found("segment_ids", "ilike", "Tw"), self.big)
        self.assertEqual(found("segment_ids.name", "=", "One"), self.big | self.mid)
        self.assertEqual(found("segment_ids", "=", False), self.small)
        self.assertEqual(found("segment_ids", "!=", False), self.big | self.mid)
