import io
from unittest.mock import patch

import openpyxl

from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.partner_relations.models.manager import manager_scorecard_excel

from .scoring import MARCH, ScoringCommon


@tagged("post_install", "-at_install")
class TestScorecardOutputs(ScoringCommon, HttpCase):
    """Managers compared on the screen and in Excel, and the page for the talk with one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user, amount in ((cls.user_sales, 800), (cls.user_sales2, 500), (cls.user_sub, 1200)):
            cls._sell(user, amount)
        cls._sell(cls.user_sales, 400, "2025-02-10")
        cls._compute()
        cls._compute(cls.env["manager.score.scheme"]._get_period(MARCH[0].replace(month=2), "month")[0])
        # sheets have short names
        for user, name in ((cls.user_sales, "Anna"), (cls.user_sales2, "Ben"), (cls.user_sub, "Clara")):
            user.name = name
        for user in (cls.user_director, cls.user_supervisor, cls.user_sales):
            user.write({"group_ids": [(4, cls.env.ref("base.group_allow_export").id)]})

    def _compare(self, user, *arguments):
        return self._as(user, self.cards).get_comparison(*arguments)

    def test_director_compares_all(self):
        data = self._compare(self.user_director)
        self.assertEqual(data["window"], f"2025-03-01|2025-03-31|{self.company_eur.id}")
        self.assertEqual(
            [manager["id"] for manager in data["managers"]],
            [self._card(user).id for user in (self.user_sub, self.user_sales, self.user_sales2)],
        )
        [card] = [one for one in data["cards"] if one["id"] == self._card(self.user_sales).id]
        line = card["lines"][self.revenue.id]
        self.assertEqual((line["points"], line["documents"]), (80, 1))
        self.assertIn("800", line["value"])

    def test_supervisor_sees_the_team_and_a_manager_the_own(self):
        data = self._compare(self.user_supervisor)
        self.assertEqual(
            {card["id"] for card in data["cards"]},
            {self._card(self.user_sales).id, self._card(self.user_sub).id},
        )
        hidden = self._card(self.user_sales2).id
        data = self._compare(self.user_supervisor, [hidden, self._card(self.user_sub).id])
        self.assertEqual([card["id"] for card in data["cards"]], [self._card(self.user_sub).id])
        data = self._compare(self.user_sales)
        self.assertEqual(len(data["managers"]), 1)
        self.assertEqual(
            [card["id"] for card in data["cards"]],
            [self._card(self.user_sales).id, self._card(self.user_sales, MARCH[0].replace(month=2)).id],
            "against the own period before",
        )

    def test_hostile_arguments(self):
        for arguments in ((["x", None, 10**30], "1; DROP"), ("abc", 5), ([], "a|b|c"), (None, {"a": 1})):
            self.assertTrue(self._compare(self.user_director, *arguments)["cards"])

    def test_statements_do_not_grow_with_the_managers(self):
        ids = [self._card(user).id for user in (self.user_sub, self.user_sales, self.user_sales2)]
        counts = []
        for chosen in (ids, ids[:1], ids):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._compare(self.user_director, chosen)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1])

    def test_compare_button(self):
        cards = self._as(self.user_director, self._card(self.user_sub) + self._card(self.user_sales))
        self.assertEqual(cards.action_compare()["context"], {"comparison_card_ids": cards.ids})
        other = self._as(self.user_director, self._card(self.user_sales, MARCH[0].replace(month=2)))
        with self.assertRaisesRegex(UserError, "one period"):
            (cards + other).action_compare()

    def _open(self, user, records):
        action = self._as(user, records).action_export_excel()
        self.authenticate(user.login, user.login)
        response = self.url_open(action["url"])
        self.assertEqual(
            response.status_code, 200, response.text[-800:] if response.status_code != 200 else ""
        )
        return openpyxl.load_workbook(io.BytesIO(response.content), data_only=True)

    def test_excel_has_a_comparison_and_a_sheet_for_each(self):
        cards = self.cards.search([("date_from", "=", MARCH[0]), ("scheme_id", "=", self.scheme.id)])
        cards.action_close()
        book = self._open(self.user_director, cards)
        names = book.sheetnames
        self.assertEqual(len(names), 2 + 3 + 1)
        self.assertTrue(book[names[0]]._charts, "charts of the comparison")
        rows = list(book[names[1]].iter_rows(values_only=True))
        head = rows[0]
        values = {
            (row[head.index("Manager")], row[head.index("Indicator")]): row[head.index("Value")]
            for row in rows[1:]
        }
        self.assertEqual(values[self.user_sales.name, self.revenue.name], 800)
        text = " ".join(str(cell) for row in book["Anna"].iter_rows(values_only=True) for cell in row)
        invoice = self._card(self.user_sales).evidence_ids[0]
        self.assertIn(self.env["account.move"].browse(invoice.res_id).name, text)

    def test_excel_finds_the_documents_of_all_at_once(self):
        cards = self.cards.search([("date_from", "=", MARCH[0]), ("scheme_id", "=", self.scheme.id)])
        self._sell(self.user_sales, 30, "2025-03-11")
        cards.action_close()
        cards = self._as(self.user_director, cards)
        evidence = cards.env["manager.scorecard.evidence"]
        counts = []
        for some in (cards, cards[:1], cards):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = some._get_excel_evidence()
            for card in some:
                count, rows = found[card]
                rows.mapped("document")
                rows.mapped("partner_id.display_name")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1])
        with patch.object(manager_scorecard_excel, "EVIDENCE_ROWS", 2):
            found = cards._get_excel_evidence()
        for card in cards:
            usual = evidence.search([("scorecard_id", "=", card.id)])
            count, rows = found[card]
            self.assertEqual((count, rows.ids), (len(usual), usual[:2].ids))
        self.assertEqual(max(count for count, _rows in found.values()), 4)
        self.assertFalse(self._as(self.user_sub, cards - cards)._get_excel_evidence())

    def test_excel_holds_what_the_user_may_see(self):
        book = self._open(self.user_sales, self.cards.browse())
        self.assertIn("Anna", book.sheetnames)
        everything = " ".join(
            str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
        )
        self.assertNotIn(self.user_sub.name, everything)

    def test_numbers_in_words_are_those_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self._sell(self.user_sales, 45.2)
        self._compute()
        for lang, points in (("en_US", "84.52"), ("de_DE", "84,52")):
            line = self._line(self.user_sales).with_context(lang=lang)
            self.assertIn(points, line.reason)
            self.assertIn(points, line.scorecard_id.reason)

    def test_page_for_the_talk(self):
        card = self._as(self.user_sales, self._card(self.user_sales))
        report = self._as(self.user_sales, self.env["ir.actions.report"])
        html, _kind = report._render_qweb_html("partner_relations.manager_scorecard_report", card.ids)
        html = html.decode()
        for words in (self.user_sales.name, self.revenue.name, "Agreed", "80"):
            self.assertIn(words, html)

    def test_page_has_the_numbers_of_the_reader(self):
        """As the words beside them, which say how they come about."""
        self.env["res.lang"]._activate_lang("de_DE")
        self._sell(self.user_sales, 45.2)
        self._compute()
        report = self._as(self.user_sales, self.env["ir.actions.report"])
        for lang, points in (("en_US", "84.52"), ("de_DE", "84,52")):
            html, _kind = report.with_context(lang=lang)._render_qweb_html(
                "partner_relations.manager_scorecard_report", self._card(self.user_sales).ids
            )
            self.assertIn(f"<b>{points}</b>", html.decode())
