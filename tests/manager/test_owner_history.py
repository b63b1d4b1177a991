"""Who was responsible for a customer when: kept as it happens."""

from datetime import datetime

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tests.common import freeze_time
from odoo.tools import SQL, mute_logger

from ..common import EmptyIsNotZero, RelationsCommon

JAN, FEB, MAR = (datetime(2026, month, 10, 8, 30) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestOwnerHistory(EmptyIsNotZero, RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.periods = cls.env["partner.owner.period"]

    def _history(self, partner):
        self.periods._flush_owners()
        rows = self.periods.search([("partner_id", "=", partner.id)])
        return [
            (row.user_id, row.date_from, row.date_to, row.origin)
            for row in rows.sorted(lambda row: (row.date_from or datetime.min, row.company_id.id))
        ]

    def _customer(self, moment=JAN, user=None, **values):
        with freeze_time(moment):
            partner = self._create_company_partner(
                values.pop("name", "Handed"), user_id=user and user.id, **values
            )
            partner.flush_recordset()
        self.env.cr.precommit.run()
        return partner

    def _hand_over(self, partner, user, moment):
        with freeze_time(moment):
            partner.user_id = user
            partner.flush_recordset()

    def _owner(self, partner, moment, company=None):
        return self.periods._get_owners(partner, moment, company or self.company)[partner]

    def test_first_owner_from_the_beginning(self):
        """Documents dated before the customer was entered belong to its first owner too."""
        partner = self._customer(user=self.user_sales)
        self.assertEqual(self._history(partner), [(self.user_sales, False, False, "created")])
        self.assertEqual(self._owner(partner, datetime(2020, 1, 1)), self.user_sales)

    def test_handover_at_the_exact_moment(self):
        partner = self._customer(user=self.user_sales)
        self._hand_over(partner, self.user_sales2, FEB)
        self.assertEqual(
            self._history(partner),
            [(self.user_sales, False, FEB, "created"), (self.user_sales2, FEB, False, "changed")],
        )
        self.assertEqual(self._owner(partner, FEB.replace(minute=29, second=59)), self.user_sales)
        self.assertEqual(self._owner(partner, FEB), self.user_sales2)

    def test_nobody_has_no_row(self):
        partner = self._customer()
        self.assertFalse(self._history(partner))
        self._hand_over(partner, self.user_sales, FEB)
        self._hand_over(partner, self.env["res.users"], MAR)
        self.assertEqual(self._history(partner), [(self.user_sales, FEB, MAR, "changed")])
        self.assertFalse(self._owner(partner, JAN))
        self.assertFalse(self._owner(partner, MAR))

    def test_replaced_within_the_same_second(self):
        with freeze_time(JAN):
            partner = self._create_company_partner("Twice", user_id=self.user_sales.id)
            partner.flush_recordset()
            partner.user_id = self.user_sales2
            partner.flush_recordset()
        self.assertEqual(self._history(partner), [(self.user_sales2, False, False, "created")])
        self._hand_over(partner, self.user_sales, FEB)
        self._hand_over(partner, self.env["res.users"], FEB)
        self.assertEqual(self._history(partner), [(self.user_sales2, False, FEB, "created")])

    def test_clock_that_goes_back(self):
        """The clocks of two servers differ: a contact can be written anyway, and periods do not overlap."""
        partner = self._customer(user=self.user_sales)
        self._hand_over(partner, self.user_sales2, MAR)
        self._hand_over(partner, self.env["res.users"], MAR.replace(second=5))
        self._hand_over(partner, self.user_sub, FEB)
        self.assertEqual(self._history(partner)[-1], (self.user_sub, MAR.replace(second=5), False, "changed"))

    def test_same_owner_written_again(self):
        partner = self._customer(user=self.user_sales)
        self._hand_over(partner, self.user_sales, FEB)
        self.assertEqual(len(self._history(partner)), 1)

    def test_person_of_a_company_is_no_customer(self):
        """Core gives a person the salesperson of the company, by its own compute."""
        company = self._customer(user=self.user_sales)
        with freeze_time(JAN):
            person = self._create_person("Person", company)
            person.flush_recordset()
        self.assertEqual(person.user_id, self.user_sales)
        self.assertFalse(self._history(person))
        self.assertEqual(self._owner(person, FEB), self.user_sales)

    def test_person_leaves_and_enters_a_company(self):
        company = self._customer(user=self.user_sales)
        with freeze_time(JAN):
            person = self._create_person("Person", company)
            person.flush_recordset()
        self.env.cr.precommit.run()
        with freeze_time(FEB):
            person.parent_id = False
            person.flush_recordset()
        self.assertEqual(self._history(person), [(self.user_sales, FEB, False, "changed")])
        with freeze_time(MAR):
            person.parent_id = company
            person.flush_recordset()
        self.assertEqual(self._history(person), [(self.user_sales, FEB, MAR, "changed")])

    def test_person_becomes_a_company(self):
        company = self._customer(user=self.user_sales)
        with freeze_time(JAN):
            person = self._create_person("Person", company)
            person.flush_recordset()
        self.env.cr.precommit.run()
        with freeze_time(FEB):
            person.is_company = True
            person.flush_recordset()
        self.assertEqual(self._history(person), [(self.user_sales, FEB, False, "changed")])

    def test_core_computes_the_salesperson(self):
        """A person without salesperson takes that of the company it enters, then leaves with it."""
        company = self._customer(user=self.user_sales)
        person = self._customer(name="Alone", is_company=False)
        with freeze_time(FEB):
            person.parent_id = company
            person.flush_recordset()
            self.assertEqual(person.user_id, self.user_sales)
        with freeze_time(MAR):
            person.parent_id = False
            person.flush_recordset()
        self.assertEqual(self._history(person), [(self.user_sales, MAR, False, "changed")])

    def test_archived(self):
        """Neither a customer nor a manager who was archived loses the history."""
        partner = self._customer(user=self.user_sales)
        partner.active = False
        self.user_sales.active = False
        self.assertEqual(self._history(partner), [(self.user_sales, False, False, "created")])
        self.assertEqual(self._owner(partner, FEB), self.user_sales)

    def test_deleted(self):
        partner, other = self._customer(user=self.user_sales), self._customer(user=self.user_sub)
        partner.unlink()
        self.assertFalse(self._history(partner))
        self.employee_sub.unlink()
        self.user_sub.unlink()
        self.assertFalse(self._history(other))

    def test_never_two_at_once(self):
        """The database itself refuses a second owner at the same moment in the same company."""
        partner = self._customer(user=self.user_sales)
        with mute_logger("odoo.sql_db"), self.assertRaisesRegex(IntegrityError, "no_overlap"):
            self.periods.sudo().create(
                {
                    "partner_id": partner.id,
                    "user_id": self.user_sales2.id,
                    "date_from": FEB,
                    "origin": "orders",
                    "company_id": self.company2.id,
                }
            )
            self.env.flush_all()

    def test_written_by_the_system_alone(self):
        partner = self._customer(user=self.user_sales)
        row = self.periods.with_user(self.user_director).search([("partner_id", "=", partner.id)])
        for act in (
            lambda: row.write({"user_id": self.user_sales2.id}),
            row.unlink,
            lambda: row.create({"partner_id": partner.id, "user_id": 1, "origin": "orders"}),
        ):
            with self.assertRaises(AccessError):
                act()

    def test_join_and_look_up_agree(self):
        partner = self._customer(user=self.user_sales)
        self._hand_over(partner, self.user_sales2, FEB)
        moments = [JAN, FEB, MAR]
        [found] = self.env.execute_query(
            SQL(
                "SELECT ARRAY_AGG(owner.user_id ORDER BY moment) FROM UNNEST(%s::timestamp[]) AS moment %s",
                moments,
                self.periods._owner_join(SQL("%s", partner.id), SQL("moment"), SQL("%s", self.company.id)),
            )
        )
        self.assertEqual(found[0], [self._owner(partner, moment).id for moment in moments])
        self.assertEqual(found[0], [self.user_sales.id, self.user_sales2.id, self.user_sales2.id])
