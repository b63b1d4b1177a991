"""Response time to letters, and letters answered in time, as indicators of sales managers."""

from datetime import date, datetime

from odoo.tests import freeze_time, tagged

from ..common import EmptyIsNotZero, RelationsCommon

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
ZONE = "Asia/Ho_Chi_Minh"


@tagged("post_install", "-at_install")
@freeze_time("2026-04-15 05:00:00")
class TestLetterIndicators(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.tz = ZONE
        cls.customer = cls._create_company_partner("Customer", user_id=cls.user_sales.id)
        cls.mailbox = cls.env["partner.mailbox"].create({"name": "Box", "email": "box@our.example.com"})
        cls.number = 0

    def _letter(self, answered=None, hours=None, deadline=None, mailbox=None, **values):
        cls = type(self)
        cls.number += 1
        return self.env["partner.letter"].create(
            {
                "name": f"Letter {self.number}",
                "message_id": f"<{self.number}@example.com>",
                "mailbox_id": (mailbox or self.mailbox).id,
                "partner_id": self.customer.id,
                "user_id": self.user_sales.id,
                "state": "assigned",
                "date": datetime(2026, 3, 10, 5),
                "date_answered": answered,
                "is_answered": bool(answered),
                "response_hours": hours if answered else False,
                "date_deadline": deadline,
                **values,
            }
        )

    def _values(self, user=None, company=None, first=FIRST, last=LAST):
        """Response time and share in time of a user, None without data."""
        codes = ("letter_response", "letters_in_time")
        indicators = [self.env.ref(f"partner_relations.manager_indicator_{code}") for code in codes]
        both = self.env["manager.indicator"].concat(*indicators)
        found = both._compute_values(company or self.company, first, last, None, "owner")
        key = (user or self.user_sales).id
        return [found[one.id, key].value if (one.id, key) in found else None for one in indicators]

    def test_no_data(self):
        self.assertEqual(self._values(), [None, None])
        self._letter()
        self.assertEqual(self._values(), [None, None], "neither answered nor with a deadline")

    def test_mean_of_the_answered(self):
        self._letter("2026-03-10 06:00:00", 1)
        self._letter("2026-03-12 06:00:00", 4)
        self._letter("2026-03-12 06:00:00", 0)
        self.assertEqual(self._values()[0], 5 / 3)

    def test_the_month_is_that_of_the_answer(self):
        """The first and the last second of March in Hanoi, and the seconds beside them."""
        for moment, hours in (
            ("2026-02-28 16:59:59", 1000),
            ("2026-02-28 17:00:00", 2),
            ("2026-03-31 16:59:59", 4),
            ("2026-03-31 17:00:00", 1000),
        ):
            self._letter(moment, hours)
        self.assertEqual(self._values()[0], 3)

    def test_in_time(self):
        deadline = "2026-03-11 05:00:00"
        self._letter("2026-03-11 05:00:00", 1, deadline)  # at the last moment
        self._letter("2026-03-11 05:00:01", 1, deadline)
        self._letter(deadline=deadline)  # never
        self._letter(
            deadline=deadline, state="done", date_done="2026-03-11 04:00:00"
        )  # closed without an answer
        self.assertEqual(self._values()[1], 0.5)

    def test_not_due_yet(self):
        self._letter(deadline="2026-04-20 05:00:00")
        april = {"first": date(2026, 4, 1), "last": date(2026, 4, 30)}
        self.assertEqual(self._values(**april), [None, None])
        self._letter("2026-04-14 05:00:00", 2, "2026-04-20 05:00:00")
        self.assertEqual(self._values(**april), [2, 1], "what is answered need not wait for its deadline")

    def test_what_does_not_count(self):
        answered = ("2026-03-11 05:00:00", 1, "2026-03-11 06:00:00")
        supplier = self._create_company_partner("Supplier", supplier_rank=1)
        self._letter(*answered, partner_id=supplier.id)
        self._letter(*answered, is_junk=True)
        self._letter(*answered, kind="newsletter")
        self._letter(*answered, direction="out")
        company_b = self.env["res.company"].create({"name": "Second"})
        other = self.env["partner.mailbox"].create(
            {"name": "B", "email": "b@our.example.com", "company_id": company_b.id}
        )
        self._letter(*answered, mailbox=other)
        self.assertEqual(self._values(), [None, None])
        self.assertEqual(self._values(company=company_b), [1, 1])
        self._letter(*answered, partner_id=False, email="new@unknown.example.com")
        self.assertEqual(self._values(), [1, 1], "whoever writes for the first time may become a customer")

    def test_whose_it_is(self):
        answered = ("2026-03-11 05:00:00", 3)
        self._letter(*answered, answered_by_id=self.user_sales2.id)
        self.assertEqual(self._values()[0], 3, "the executor's, whoever answered")
        self.assertIsNone(self._values(self.user_sales2)[0])
        self._letter(*answered, user_id=False, answered_by_id=self.user_sales2.id)
        self.assertEqual(self._values(self.user_sales2)[0], 3)

    def test_evidence(self):
        letter = self._letter("2026-03-11 05:00:00", 3)
        self._letter("2026-04-11 05:00:00", 3)
        indicator = self.env.ref("partner_relations.manager_indicator_letter_response")
        action = indicator._get_evidence_action(self.company, self.user_sales, FIRST, LAST)
        self.assertEqual(action["res_model"], "partner.letter")
        self.assertEqual(self.env["partner.letter"].search(action["domain"]), letter)
