import random
from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, tagged, users
from odoo.tools import SQL

from ...tools.birthdays import NO_YEAR, age_on, next_birthday
from ..common import RelationsCommon


@tagged("post_install", "-at_install")
class TestBirthdays(RelationsCommon):
    def _partner(self, birthdate, **values):
        return self.env["res.partner"].create({"name": f"Born {birthdate}", "birthdate": birthdate, **values})

    def test_pure_next_birthday_borders(self):
        for born, today, expected in [
            (date(1980, 3, 14), date(2026, 3, 13), date(2026, 3, 14)),
            (date(1980, 3, 14), date(2026, 3, 14), date(2026, 3, 14)),
            (date(1980, 3, 14), date(2026, 3, 15), date(2027, 3, 14)),
            (date(1980, 12, 31), date(2027, 1, 1), date(2027, 12, 31)),
            (date(2000, 2, 29), date(2027, 2, 28), date(2027, 2, 28)),
            (date(2000, 2, 29), date(2027, 3, 1), date(2028, 2, 29)),
            (date(2000, 2, 29), date(2028, 2, 28), date(2028, 2, 29)),
            (date(2000, 2, 29), date(2028, 3, 1), date(2029, 2, 28)),
            (date(2000, 2, 28), date(2028, 2, 29), date(2029, 2, 28)),
        ]:
            with self.subTest(born=born, today=today):
                self.assertEqual(next_birthday(born, today), expected)

    def test_pure_age(self):
        self.assertEqual(age_on(date(1980, 3, 14), date(2026, 3, 13)), 45)
        self.assertEqual(age_on(date(1980, 3, 14), date(2026, 3, 14)), 46)
        self.assertEqual(age_on(date(2000, 2, 29), date(2027, 2, 28)), 27)

    @users("relations_sales")
    @freeze_time("2026-03-10 12:00:00")
    def test_text_age_and_next(self):
        known = self._partner("1980-03-14")
        yearless = self._partner("1980-03-14", birth_year_known=False)
        none = self._partner(False)
        self.assertRecordValues(
            known + yearless + none,
            [
                {"birthday_text": "March 14, 1980", "birthday_age": 45, "next_birthday": date(2026, 3, 14)},
                {"birthday_text": "March 14", "birthday_age": 0, "next_birthday": date(2026, 3, 14)},
                {"birthday_text": False, "birthday_age": 0, "next_birthday": False},
            ],
        )
        self.env["res.lang"].sudo()._activate_lang("vi_VN")
        self.assertEqual(known.with_context(lang="vi_VN").birthday_text, "14 tháng 3, 1980")
        self.assertEqual(yearless.with_context(lang="vi_VN").birthday_text, "14 tháng 3")

    @users("relations_sales")
    def test_today_is_the_users(self):
        partner = self._partner("1980-03-14")
        with freeze_time("2026-03-14 20:00:00"):
            self.env.invalidate_all()
            self.assertEqual(partner.with_context(tz="UTC").next_birthday, date(2026, 3, 14))
            # already the 15th in Hanoi
            self.assertEqual(partner.with_context(tz="Asia/Ho_Chi_Minh").next_birthday, date(2027, 3, 14))
            domain = [("id", "=", partner.id), ("next_birthday", "=", "2026-03-14")]
            self.assertTrue(partner.with_context(tz="UTC").search(domain))
            self.assertFalse(partner.with_context(tz="Asia/Ho_Chi_Minh").search(domain))

    @users("relations_sales")
    def test_unknown_year_is_not_stored(self):
        leap = self._partner("1980-02-29", birth_year_known=False)
        self.assertEqual(leap.birthdate, date(NO_YEAR, 2, 29))
        partners = self._partner("1980-03-14") + self._partner("1981-03-14") + self._partner("1982-05-01")
        partners.write({"birth_year_known": False})
        self.assertEqual(
            partners.mapped("birthdate"), [date(NO_YEAR, 3, 14), date(NO_YEAR, 3, 14), date(NO_YEAR, 5, 1)]
        )
        partners[0].birthdate = "1999-07-01"
        self.assertEqual(partners[0].birthdate, date(NO_YEAR, 7, 1))
        partners[0].write({"birthdate": "1999-07-01", "birth_year_known": True})
        self.assertEqual(partners[0].birthdate, date(1999, 7, 1))

    @users("relations_sales")
    def test_form_day_and_month(self):
        with Form(self.env["res.partner"]) as form:
            form.company_type = "person"
            form.name = "Lan"
            form.birth_year_known = False
            # as the widget writes the day and the month that were chosen
            form.birthdate = date(NO_YEAR, 2, 29)
        lan = form.record
        self.assertRecordValues(
            lan,
            [
                {
                    "birthdate": date(NO_YEAR, 2, 29),
                    "birth_year_known": False,
                    "birth_day": "29",
                    "birth_month": "02",
                }
            ],
        )
        with Form(lan) as form:
            form.birthdate = date(NO_YEAR, 3, 29)
        self.assertEqual(lan.birthdate, date(NO_YEAR, 3, 29))
        with Form(lan) as form:
            form.birth_year_known = True
            form.birthdate = "1990-03-29"
        self.assertEqual(lan.birthdate, date(1990, 3, 29))
        with Form(lan) as form:
            form.birth_year_known = False
        self.assertEqual(lan.birthdate, date(NO_YEAR, 3, 29))
        lan.birth_month = "05"
        self.assertEqual(lan.birthdate, date(NO_YEAR, 5, 29))
        with Form(lan) as form:
            form.birthdate = False
        self.assertFalse(lan.birthdate)

    @users("relations_sales")
    def test_impossible_day_and_month(self):
        lan = self.env["res.partner"].create({"name": "Lan"})
        for day, month in [("30", "02"), ("31", "04"), ("14", False), (False, "05")]:
            with self.subTest(day=day, month=month), self.assertRaisesRegex(ValidationError, "Lan"):
                lan.write({"birth_day": day, "birth_month": month})

    @users("relations_sales")
    @freeze_time("2026-03-14 12:00:00")
    def test_impossible_dates(self):
        lan = self._partner("2026-03-14", name="Lan")
        with self.assertRaisesRegex(ValidationError, "Lan.*March 15, 2026.*future"):
            lan.birthdate = "2026-03-15"
        with self.assertRaisesRegex(ValidationError, "Lan.*too far back"):
            lan.birthdate = "1904-12-31"
        lan.birthdate = "1905-01-01"
        with self.assertRaisesRegex(ValidationError, "Lan.*Year Known"):
            lan.write({"birthdate": "1904-03-14", "birth_year_known": True})
        result = self.env["res.partner"].load(["name", "birthdate"], [["Mai", "1987-02-30"]])
        self.assertFalse(result["ids"])
        self.assertIn("1987-02-30", result["messages"][0]["message"])

    @users("relations_sales")
    def test_search_agrees_with_compute(self):
        rnd = random.Random(20260314)
        born = [date(1960, 1, 1) + timedelta(days=rnd.randrange(20000)) for _ in range(60)]
        born += [date(2000, 2, 28), date(2000, 2, 29), date(2000, 3, 1), date(1999, 12, 31), date(2000, 1, 1)]
        partners = self.env["res.partner"].create(
            [
                {"name": f"P{i}", "birthdate": day, "birth_year_known": bool(i % 3)}
                for i, day in enumerate(born)
            ]
            + [{"name": "unknown"}]
        )
        compare = {
            "<": lambda a, b: a < b,
            "<=": lambda a, b: a <= b,
            ">": lambda a, b: a > b,
            ">=": lambda a, b: a >= b,
            "=": lambda a, b: a == b,
        }
        for today in [
            "2026-02-27",
            "2027-02-28",
            "2027-03-01",
            "2028-02-28",
            "2028-02-29",
            "2028-03-01",
            "2026-12-31",
        ]:
            with freeze_time(f"{today} 12:00:00"):
                self.env.invalidate_all()
                start = date.fromisoformat(today)
                days = [start + timedelta(days=rnd.randrange(-5, 380)) for _ in range(4)]
                days += [start, date(2027, 2, 28), date(2028, 2, 29), date.min, date.max]
                for operator, function in compare.items():
                    for day in days:
                        with self.subTest(today=today, operator=operator, day=day):
                            found = partners.search(
                                [("id", "in", partners.ids), ("next_birthday", operator, day)]
                            )
                            expected = partners.filtered(
                                lambda p: p.next_birthday and function(p.next_birthday, day)  # noqa: B023
                            )
                            self.assertEqual(set(found.ids), set(expected.ids))
                found = partners.search(
                    [("id", "in", partners.ids), ("next_birthday", "in", [days[0], days[1], False])]
                )
                expected = partners.filtered(lambda p: p.next_birthday in (days[0], days[1], False))  # noqa: B023
                self.assertEqual(set(found.ids), set(expected.ids))
                ordered = partners.search([("id", "in", partners.ids)], order="next_birthday, id")
                self.assertEqual(
                    ordered.mapped("next_birthday"),
                    [*sorted(partners.filtered("birthdate").mapped("next_birthday")), False],
                )

    @users("relations_sales")
    @freeze_time("2026-12-28 12:00:00")
    def test_search_forms(self):
        partners = self.env["res.partner"]
        for day in ("12-27", "12-28", "01-04", "01-05", "12-01"):
            partners += self._partner(f"1990-{day}")
        none = self._partner(False)
        mine = [("id", "in", (partners + none).ids)]

        def names(domain):
            return sorted(p.name[-5:] for p in partners.search(mine + domain))

        self.assertEqual(names([("next_birthday", "<=", "today +7d")]), ["01-04", "12-28"])
        self.assertEqual(names([("next_birthday", "=", "today")]), ["12-28"])
        self.assertEqual(names([("birth_month", "=", "12")]), ["12-01", "12-27", "12-28"])
        self.assertEqual(names([("birth_month", "in", ["may", "13", "12"])]), ["12-01", "12-27", "12-28"])
        self.assertEqual(partners.search([*mine, ("next_birthday", "=", False)]), none)
        self.assertEqual(partners.search([*mine, ("next_birthday", "!=", False)]).sorted("id"), partners)
        self.assertEqual(
            names([("next_birthday", "not in", ["2026-12-28", "2027-01-04"])]),
            ["01-05", "12-01", "12-27", "False"],
        )
        self.assertEqual(
            (partners + none).filtered_domain([("next_birthday", "=", "2026-12-28")]), partners[1]
        )

    @users("relations_sales")
    def test_query_count(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{i}", "birthdate": "1990-05-05"} for i in range(20)]
        )
        partners.mapped("next_birthday")
        counts = []
        for records in (partners[0], partners):
            partners.invalidate_recordset()
            before = self.env.cr.sql_log_count
            records.mapped("next_birthday")
            records.mapped("birthday_age")
            counts.append(self.env.cr.sql_log_count - before)
        # the contacts, and the time zone of the user
        self.assertLessEqual(max(counts), 2, counts)

    def test_search_uses_the_index(self):
        person = self.env["res.partner"].create({"name": "P", "birthdate": date(1970, 1, 1)})
        self._multiply(person, 2000, birthdate=SQL("DATE '1970-01-01' + 7 * each.number"))
        with freeze_time("2026-12-28 12:00:00"):
            query = self.env["res.partner"]._search([("next_birthday", "<=", "today +7d")])
        self.env.cr.execute(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row[0] for row in self.env.cr.fetchall())
        self.assertIn("res_partner_birth_day_idx", plan)

    def test_portal_sees_nothing(self):
        company = self._create_company_partner("Company")
        person = self._create_person("Person", company, birthdate="1990-05-05")
        portal = self._create_user("relations_portal", "base.group_portal")
        portal.partner_id.parent_id = company
        self.env.invalidate_all()
        values = person.with_user(portal).read(["name"])
        self.assertEqual(values[0]["name"], "Person")
        for name in (
            "birthdate",
            "next_birthday",
            "birthday_text",
            "contact_role_id",
            "contact_completeness",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                person.with_user(portal).read([name])
