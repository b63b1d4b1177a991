from contextlib import contextmanager
from unittest.mock import patch

from odoo.addons.web.models.models import Base
from odoo.exceptions import AccessError
from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL

from ...tools.found_rows import FoundRows
from .failing import FailingCommon

SPECIFICATION = {
    "name": {},
    "date": {},
    "partner_id": {"fields": {"display_name": {}}},
    "value": {},
    "currency_id": {},
    "in_time_rate": {},
}
# Where a statement puts the rows of the report together.
TABLE = 'AS "partner_closed_order_report"'


@tagged("post_install", "-at_install")
class TestReportPages(FailingCommon):
    """Lists and Excel files of a report: what core would read, with the rows put together once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer = cls._create_company_partner("Not of Sales", user_id=cls.user_sales2.id)

    def setUp(self):
        super().setUp()
        for _number in range(3):
            self._deliver(self._order([(self.chair, 10, 100), (self.table, 2, 50)]))
        theirs = self._order(
            [(self.chair, 1, 70)], partner_id=self.other_customer.id, user_id=self.user_sales2.id
        )
        self._deliver(theirs)
        self.env.flush_all()
        self.theirs = self.closed_report.search(
            [("res_model", "=", "sale.order"), ("res_id", "=", theirs.id)]
        )

    def _as(self, user):
        self.env.invalidate_all()
        return self.closed_report.with_user(user)

    @contextmanager
    def _statements(self):
        """The statements of the block that put the rows of the report together."""
        seen, execute = [], Cursor.execute

        def listen(cursor, query, *args, **kwargs):
            text = query.code if isinstance(query, SQL) else str(query)
            if TABLE in text:
                seen.append(text)
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", listen):
            yield seen

    def test_as_core(self):
        """Pages, numbers and rights are those of core, however the list is asked for."""
        for user in (self.user_director, self.user_supervisor, self.user_sales, self.user_sales2):
            whole = self._as(user).web_search_read([], SPECIFICATION)
            self.assertTrue(whole["records"])
            for domain in ([], [("value", ">", 100)], [("name", "=", "nothing")], [("id", "in", [])]):
                for page in (
                    {},
                    {"limit": 80},
                    {"limit": 2},
                    {"limit": 2, "offset": 2},
                    {"limit": 2, "offset": 99},
                    {"limit": 2, "count_limit": 3},
                    {"limit": 2, "count_limit": 1},
                    {"limit": 2, "offset": 2, "count_limit": 3},
                    {"limit": len(whole["records"])},
                    {"limit": 3, "order": "value, id"},
                ):
                    with self.subTest(user=user.login, domain=domain, **page):
                        expected = Base.web_search_read(self._as(user), domain, SPECIFICATION, **page)
                        found = self._as(user).web_search_read(domain, SPECIFICATION, **page)
                        self.assertEqual(found, expected)

    def test_own_rows_alone(self):
        for user, sees in ((self.user_sales, False), (self.user_sales2, True), (self.user_director, True)):
            found = self._as(user).web_search_read([], {"name": {}}, limit=80)
            self.assertEqual(self.theirs.id in [row["id"] for row in found["records"]], sees, user.login)
            self.assertEqual(found["length"], len(found["records"]))

    def test_rows_are_put_together_once(self):
        for user in (self.user_director, self.user_supervisor, self.user_sales):
            report = self._as(user)
            with self._statements() as seen:
                found = report.web_search_read([], SPECIFICATION, limit=2)
            self.assertEqual(found["length"], len(report.search([])), "counted beyond the page")
            self.assertEqual(len(seen), 1, user.login)

    def test_rights_are_asked(self):
        """No right on the model, or on a field: refused, as by core."""
        with self.assertRaises(AccessError):
            self._as(self.user_seller).web_search_read([], {"name": {}}, limit=80)
        field = self.closed_report._fields["value"]
        with patch.object(field, "groups", "base.group_system"), self.assertRaises(AccessError):
            self._as(self.user_sales).web_search_read([], {"name": {}, "value": {}}, limit=80)

    def test_found_rows_are_of_one_search(self):
        """What one search found lets nothing else be read, and a client cannot say that it was found."""
        report = self._as(self.user_sales)
        theirs = report.browse(self.theirs.ids)
        self.assertFalse(theirs.has_access("read"))
        for value in (True, self.theirs.ids, {"_ids": self.theirs.ids}, "INTERNAL", repr(FoundRows(theirs))):
            self.assertFalse(theirs.with_context(relations_found_rows=value).has_access("read"), value)
        own = report.search([], limit=1)
        self.assertFalse(theirs.with_context(relations_found_rows=FoundRows(own)).has_access("read"))
        self.assertFalse((own + theirs).with_context(relations_found_rows=FoundRows(own)).has_access("read"))
        found = FoundRows(theirs.with_user(self.user_sales2))
        self.assertFalse(
            theirs.with_context(relations_found_rows=found).has_access("read"), "of another user"
        )
        found = FoundRows(theirs.sudo())
        self.assertFalse(
            theirs.with_context(relations_found_rows=found).has_access("read"), "with all rights"
        )
        found = FoundRows(self.env["partner.inquiry.report"].with_env(report.env).browse(theirs.ids))
        self.assertFalse(theirs.with_context(relations_found_rows=found).has_access("read"), "another report")
        self.user_sales.company_ids += self.company_usd
        companies = (self.company_eur | self.company_usd).ids
        found = FoundRows(theirs.with_context(allowed_company_ids=companies))
        self.assertFalse(
            theirs.with_context(relations_found_rows=found).has_access("read"), "other companies"
        )
        found = own.with_context(relations_found_rows=FoundRows(own))
        self.assertTrue(found.has_access("read"))
        self.assertFalse(found.has_access("write"))

    def test_excel_rows_are_put_together_once(self):
        for user in (self.user_director, self.user_sales):
            report = self._as(user)
            columns = [report._get_excel_column(name) for name in ("name", "partner_id", "value", "is_own")]
            whole = [*map(list, report._get_excel_rows([], columns))]
            with self._statements() as seen:
                pieces = [*map(list, report._get_excel_rows([], columns[:3], batch_size=1))]
            self.assertEqual(len(seen), 1)
            self.assertEqual(pieces, [row[:3] for row in whole])
            self.assertEqual(len(pieces), len(report.search([])))

    def test_excel_of_two_lists_at_a_time(self):
        """Each list has its own cursor, and leaves none behind."""
        report = self._as(self.user_director)
        columns = [report._get_excel_column("name")]
        pairs = [
            *zip(
                report._get_excel_rows([], columns, batch_size=1),
                report._get_excel_rows([], columns, batch_size=2),
                strict=True,
            )
        ]
        self.assertEqual(len(pairs), len(report.search([])))
        self.assertTrue(all(one == other for one, other in pairs))
        self.env.cr.execute("SELECT COUNT(*) FROM pg_cursors WHERE name LIKE 'excel%'")
        self.assertEqual(self.env.cr.fetchone(), (0,))
