import csv
import doctest
import io
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged

from odoo.addons.partner_relations.tools import manager_bonus
from odoo.addons.partner_relations.tools.internal import INTERNAL

from ..jobs import held_elsewhere
from .scoring import MARCH, ScoringCommon


@tagged("post_install", "-at_install")
class TestBonus(ScoringCommon, HttpCase):
    """What a closed scorecard is worth: table, formula, approval, payroll, and who sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bonuses = cls.env["manager.bonus"]
        cls.bases = cls.env["manager.bonus.base"]
        cls.scheme.write(
            {
                "line_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "indicator_id": cls.revenue.id,
                            "weight": 1,
                            "target_kind": "fixed",
                            "target_value": 1000,
                        }
                    ),
                ],
                "bonus_method": "table",
                "bonus_band_ids": [
                    Command.create({"score_from": 60, "kind": "percent", "number": 5}),
                    Command.create({"score_from": 80, "kind": "percent", "number": 10}),
                    Command.create({"score_from": 110, "kind": "amount", "number": 700}),
                ],
            }
        )
        cls.director2 = new_test_user(
            cls.env,
            "bonus_director",
            "partner_relations.group_director,base.group_allow_export",
            company_id=cls.company_eur.id,
            company_ids=[Command.set(cls.company_eur.ids)],
        )
        cls.bases.create(
            [
                {"user_id": user.id, "company_id": cls.company_eur.id, "date_from": day, "amount": amount}
                for user, day, amount in (
                    (cls.user_sales, date(2025, 1, 1), 1000),
                    (cls.user_sales, date(2025, 3, 31), 2000),
                    (cls.user_sales, date(2025, 4, 1), 9000),
                    (cls.user_sub, date(2025, 1, 1), 500),
                )
            ]
        )

    def _close(self, **revenue):
        for name, amount in revenue.items():
            if amount:
                self._sell(getattr(self, name), amount)
        self._compute()
        cards = self.cards.search(
            [("date_from", "=", MARCH[0]), ("scheme_id", "=", self.scheme.id), ("state", "=", "open")]
        )
        cards.action_close()
        return cards

    def _bonus(self, user):
        return self.bonuses.search([("user_id", "=", user.id), ("date_from", "=", MARCH[0])])

    def _director(self, records):
        return self._as(self.director2, records)

    # ------------------------------------------------------------------
    # Amounts
    # ------------------------------------------------------------------
    def test_definitions(self):
        failures, count = doctest.testmod(manager_bonus)
        self.assertFalse(failures)
        self.assertGreater(count, 4)

    def test_borders_of_the_table(self):
        for sold, amount, words in (
            (800, 200, "80"),
            (799.9, 100, "60"),
            (599.9, 0, "below the first line"),
            (1100, 700, "700"),
        ):
            with self.subTest(sold=sold):
                cards = self._close(user_sales=sold)
                bonus = self._bonus(self.user_sales)
                self.assertEqual(bonus.amount, amount)
                self.assertEqual(bonus.base, 2000, "valid on the last day of the period")
                self.assertIn(words, bonus.reason)
                cards.action_reopen("Next case")
                self.env["account.move"].search(
                    [("invoice_user_id", "=", self.user_sales.id), ("state", "=", "posted")]
                ).button_draft()

    def test_without_base_there_is_no_amount_and_no_approval(self):
        self._close(user_sales=800, user_sales2=900)
        bonus = self._bonus(self.user_sales2)
        self.assertIs(bonus.amount, False)
        self.assertIn("none was entered", bonus.reason)
        with self.assertRaisesRegex(UserError, "has no amount"):
            self._director(bonus).action_approve()

    def test_another_director_decides_at_the_moment(self):
        self._close(user_sales=800)
        bonus = self._director(self._bonus(self.user_sales))
        with held_elsewhere(bonus), self.assertRaisesRegex(UserError, "decides on these bonuses right now"):
            bonus.action_approve()
        bonus.action_approve()
        self.assertEqual(bonus.state, "approved")

    def test_formula_with_limits(self):
        self.scheme.write(
            {
                "bonus_method": "formula",
                "bonus_formula": "base * min(score, 120) / 1000 + revenue / 100 - rank",
                "bonus_least": 120,
                "bonus_most": 150,
            }
        )
        self._close(user_sales=800, user_sub=500)
        # 2000 * 80 / 1000 + 8 - 1 = 167; 500 * 50 / 1000 + 5 - 2 = 28
        self.assertEqual(self._bonus(self.user_sales).parameters["raw"], 167)
        self.assertEqual(self._bonus(self.user_sales).amount, 150)
        self.assertEqual(self._bonus(self.user_sub).amount, 120)
        self.assertIn("At most", self._bonus(self.user_sales).reason)
        self.assertIn("revenue = 800", self._bonus(self.user_sales).reason)

    def test_formula_below_zero(self):
        self.scheme.write({"bonus_method": "formula", "bonus_formula": "base * (score - 100) / 100"})
        self._close(user_sales=800)
        bonus = self._director(self._bonus(self.user_sales))
        self.assertEqual((bonus.parameters["raw"], bonus.amount), (-400, 0))
        self.assertIn("never below 0", bonus.reason)
        # as it was computed before
        bonus.with_context(relations_bonus=INTERNAL).amount = -400
        with self.assertRaisesRegex(UserError, "is below 0"):
            bonus.action_approve()
        bonus._change(0, "Nothing")
        bonus.action_approve()
        self.assertEqual(bonus.state, "approved")

    def test_bonus_below_zero_that_was_approved_before(self):
        """It is not exported, by no way; one that was exported before stays in the file that is made again."""
        self._close(user_sales=800)
        bonus = self._director(self._bonus(self.user_sales))
        bonus.action_approve()
        bonus.with_context(relations_bonus=INTERNAL).amount = -400
        for export in (
            bonus.action_export_payroll,
            bonus.action_export_payroll_csv,
            lambda: bonus._build_csv([("id", "=", bonus.id)]),
        ):
            with self.assertRaisesRegex(UserError, "is below 0. Withdraw the approval"):
                export()
        self.assertEqual(bonus.state, "approved")
        bonus.action_withdraw()
        bonus._change(0, "Nothing")
        bonus.action_approve()
        bonus.action_export_payroll()
        self.assertEqual(bonus.state, "exported")
        bonus.with_context(relations_bonus=INTERNAL).amount = -400
        bonus.action_export_payroll()

    def test_formula_with_a_code_that_is_another_now(self):
        """Closing says what is wrong, and goes on once it is corrected."""
        own = self.revenue.copy({"code": "own_figure", "source": "plan"})
        self.scheme.line_ids = [
            Command.create({"indicator_id": own.id, "weight": 0, "target_kind": "own_past"})
        ]
        self.scheme.write({"bonus_method": "formula", "bonus_formula": "score + 0 * own_figure"})
        own.code = "another_figure"
        with self.assertRaisesRegex(UserError, "cannot be used.*own_figure"), self.cr.savepoint():
            self._close(user_sales=800)
        self.scheme.bonus_formula = "score"
        self._close(user_sales=800)
        self.assertEqual(self._bonus(self.user_sales).amount, 80)

    def test_formula_is_checked_when_saved(self):
        for formula, words in (
            ("__import__('os')", "has no place"),
            ("base * turnover", "no figure “turnover”"),
            ("", "Enter the bonus formula"),
        ):
            with self.subTest(formula), self.assertRaisesRegex(ValidationError, words), self.cr.savepoint():
                self.scheme.write({"bonus_method": "formula", "bonus_formula": formula})
        with self.assertRaisesRegex(ValidationError, "no lines"):
            self._create_scheme(
                [{"indicator_id": self.revenue.id, "weight": 1, "target_kind": "fixed", "target_value": 1}],
                bonus_method="table",
            )

    def test_preview_uses_what_is_not_saved(self):
        self._close(user_sales=800)
        draft = self.scheme.new(origin=self.scheme)
        draft.bonus_method = "formula"
        draft.bonus_formula = "base / 8"
        self.assertIn("250", draft.bonus_sample)
        draft.bonus_formula = "base / nothing"
        self.assertIn("no figure", draft.bonus_sample)

    def test_no_bonus_without_a_method(self):
        self.scheme.bonus_method = "none"
        self._close(user_sales=800)
        self.assertFalse(self._bonus(self.user_sales))

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------
    def test_approve_change_and_reopen(self):
        cards = self._close(user_sales=800, user_sub=700)
        bonuses = self._director(self._bonus(self.user_sales) + self._bonus(self.user_sub))
        with self.assertRaisesRegex(UserError, "Say why"):
            bonuses[0]._change(50, " ")
        bonuses[0]._change(333, "Stood in for a colleague")
        self.assertIn("Stood in", bonuses[0].reason)
        self.assertEqual((bonuses[0].amount_computed, bonuses[0].amount), (200, 333))
        bonuses.action_approve()
        self.assertEqual(set(bonuses.mapped("state")), {"approved"})
        with self.assertRaisesRegex(UserError, "Withdraw"):
            bonuses[0]._change(1, "Again")
        bonuses[1].action_withdraw()
        with self.assertRaisesRegex(UserError, "relations_sales.*March 2025.*is approved. Withdraw"):
            self._director(cards).action_reopen("A late credit note")
        self.assertEqual((bonuses[0].amount, bonuses[0].state), (333, "approved"))
        bonuses[0].action_withdraw()
        self._director(cards).action_reopen("A late credit note")
        self.assertFalse(bonuses.exists(), "not approved: it goes, and comes with the next closing")
        self._director(cards).action_close()
        self.assertEqual(self._bonus(self.user_sales).state, "computed")

    def test_exported_bonus_stays(self):
        cards = self._close(user_sales=800)
        bonus = self._director(self._bonus(self.user_sales))
        with self.assertRaisesRegex(UserError, "not approved"):
            bonus.action_export_payroll()
        bonus.action_approve()
        bonus.action_export_payroll()
        first = bonus.exported_on
        bonus.action_export_payroll_csv()
        self.assertEqual((bonus.state, bonus.exported_on), ("exported", first))
        for act in (
            lambda: self._director(cards).action_reopen("Late"),
            bonus.action_withdraw,
            lambda: bonus._change(1, "Late"),
        ):
            with self.assertRaisesRegex(UserError, "was exported"):
                act()

    def test_day_of_the_export_is_that_of_the_reader(self):
        self._close(user_sales=800)
        self.director2.tz = "Asia/Ho_Chi_Minh"
        bonus = self._director(self._bonus(self.user_sales)).with_context(tz="Asia/Ho_Chi_Minh")
        bonus.action_approve()
        with freeze_time("2025-04-01 20:00:00"):
            bonus.action_export_payroll()
        with self.assertRaisesRegex(UserError, "on 04/02/2025 and stays"):
            bonus.action_withdraw()
        rows = csv.reader(io.StringIO(bonus._build_csv([("id", "in", bonus.ids)]).decode("utf-8-sig")))
        self.assertEqual(dict(zip(*rows, strict=True))["First Exported On"], "2025-04-02 03:00:00")

    def test_nobody_decides_on_the_own_bonus(self):
        self.scheme.user_ids = [Command.link(self.director2.id)]
        self._close(director2=800)
        bonus = self._director(self._bonus(self.director2))
        for act in (bonus.action_approve, lambda: bonus._change(1, "Mine"), bonus.action_withdraw):
            with self.assertRaisesRegex(AccessError, "your own"):
                act()

    def test_only_the_buttons_write(self):
        self._close(user_sales=800)
        bonus = self._director(self._bonus(self.user_sales))
        for values in ({"amount": 1}, {"state": "approved"}, {"user_id": self.user_sub.id}):
            with self.assertRaises(AccessError):
                bonus.write(values)
            with self.assertRaises(AccessError):
                bonus.with_context(relations_bonus=True).write(values)
        with self.assertRaises(AccessError):
            bonus.unlink()
        with self.assertRaisesRegex(UserError, "goes when its scorecard is reopened"):
            bonus.sudo().unlink()
        with self.assertRaises(AccessError):
            bonus.create({"scorecard_id": bonus.scorecard_id.id, "amount": 1})
        bonus.with_context(relations_bonus=INTERNAL).amount = 5

    def test_no_default_approves(self):
        self.scheme.bonus_method = "none"
        cards = self._close(user_sales=800)
        self.scheme.bonus_method = "table"
        bonuses = self._director(self.bonuses)
        bonuses.env["ir.default"].set("manager.bonus", "change_reason", "Forged", user_id=True)
        bonuses.with_context(
            default_state="exported",
            default_approved_by_id=self.user_sub.id,
            default_approved_on="2025-04-01 08:00:00",
            default_exported_on="2025-04-02 08:00:00",
        )._create_for(cards)
        expected = dict.fromkeys(("change_reason", "approved_by_id", "approved_on", "exported_on"), False)
        bonus = self._bonus(self.user_sales)
        self.assertRecordValues(bonus, [{"state": "computed", "amount": 200, **expected}])

    # ------------------------------------------------------------------
    # Who sees it
    # ------------------------------------------------------------------
    def _read(self, user, model="manager.bonus", fields=("user_id", "amount")):
        records = self._as(user, self.env[model])
        return records.web_search_read([], {name: {} for name in fields})["records"]

    def test_rights(self):
        self._close(user_sales=800, user_sales2=900, user_sub=700)
        own = self._read(self.user_sales)
        self.assertEqual([row["user_id"] for row in own], [self.user_sales.id])
        self.assertEqual(
            self._as(self.user_sales, self.bonuses)._read_group([], [], ["amount:sum", "__count"]),
            [(200.0, 1)],
        )
        self.assertEqual([row["user_id"] for row in self._read(self.user_supervisor)], [])
        self.company_eur.supervisors_see_bonus = True
        self.env.invalidate_all()
        self.assertEqual(
            {row["user_id"] for row in self._read(self.user_supervisor)},
            {self.user_sales.id, self.user_sub.id},
        )
        self.assertEqual(len(self._read(self.director2)), 3)
        with self.assertRaises(AccessError):
            self._as(self.user_sales, self._bonus(self.user_sales)).action_approve()
        with self.assertRaises(AccessError):
            self._as(self.user_sales, self._bonus(self.user_sales2)).read(["amount"])
        bases = self._read(self.user_sales, "manager.bonus.base")
        self.assertEqual({row["user_id"] for row in bases}, {self.user_sales.id})
        self.assertEqual(len(self._read(self.user_supervisor, "manager.bonus.base")), 0)
        with self.assertRaises(AccessError):
            self._as(self.user_sales, self.scheme).read(["bonus_formula"])
        with self.assertRaises(AccessError):
            self._as(self.user_supervisor, self.env["manager.bonus.band"]).search_read([])

    def test_other_company_sees_nothing(self):
        self._close(user_sales=800)
        stranger = new_test_user(
            self.env,
            "bonus_stranger",
            "partner_relations.group_director",
            company_id=self.company_usd.id,
            company_ids=[Command.set(self.company_usd.ids)],
        )
        bonuses = self.bonuses.with_user(stranger).with_context(allowed_company_ids=self.company_usd.ids)
        self.assertTrue(self._bonus(self.user_sales), "there is something to hide")
        self.assertFalse(bonuses.search([]))
        allowed = self.company_usd.ids
        self.assertFalse(self.bases.with_user(stranger).with_context(allowed_company_ids=allowed).search([]))

    def test_list_costs_the_same_for_more(self):
        self._close(user_sales=800, user_sales2=900, user_sub=700)
        counts = []
        for limit in (1, 1, 3):
            records = self._director(self.bonuses)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records.web_search_read(
                [], {"period_name": {}, "reason": {}, "amount": {}, "state": {}}, limit=limit
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], "the first run filled what is kept for all")

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------
    def test_csv_is_safe_and_complete(self):
        self.user_sales.name = "=cmd|' /C calc'!A0"
        self._close(user_sales=800)
        bonus = self._director(self._bonus(self.user_sales))
        bonus.action_approve()
        self.authenticate("bonus_director", "bonus_director")
        action = bonus.action_export_payroll_csv()
        response = self.url_open(action["url"])
        self.assertEqual(response.status_code, 200, response.text[-900:])
        self.assertEqual(response.status_code, 200)
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        self.assertEqual(len(rows), 2)
        row = dict(zip(*rows, strict=True))
        self.assertEqual(row["Manager"], "'=cmd|' /C calc'!A0")
        self.assertEqual((row["Bonus"], row["Base Amount"], row["Score"]), ("200", "2000", "80"))
        self.assertEqual(row["Currency"], self.company_eur.currency_id.name)
        # somebody else's file is not there
        self.authenticate(self.user_sales.login, self.user_sales.login)
        self.assertEqual(self.url_open(action["url"]).status_code, 404)

    def test_excel(self):
        self._close(user_sales=800, user_sub=700)
        bonuses = self._director(self._bonus(self.user_sales) + self._bonus(self.user_sub))
        bonuses.action_approve()
        self.authenticate("bonus_director", "bonus_director")
        response = self.url_open(bonuses.action_export_payroll()["url"])
        self.assertEqual(response.status_code, 200)
        book = self._open_book(response.content)
        sheet = book.worksheets[0]
        head = [cell.value for cell in sheet[1]]
        column = head.index("Bonus")
        self.assertEqual(
            sorted(row[column] for row in sheet.iter_rows(min_row=2, max_row=3, values_only=True)), [25, 200]
        )
        self.assertEqual(sheet.cell(4, column + 1).value, 225)

    def _ask(self, user, bonuses, kind):
        """A file that is asked for by a call, past the buttons."""
        return self._as(user, self.env["partner.export"]).create(
            {
                "res_model": "manager.bonus",
                "kind": kind,
                "domain": [("id", "in", bonuses.ids)],
                "company_ids": self.company_eur.ids,
            }
        )

    def test_payroll_files_are_checked_as_the_buttons_are(self):
        self._close(user_sales=800)
        bonus = self._director(self._bonus(self.user_sales))
        self.user_sales.group_ids += self.env.ref("base.group_allow_export")
        for user, error, words in (
            (self.director2, UserError, "not approved"),
            (self.user_sales, AccessError, "Only directors"),
        ):
            with self.subTest(user.login):
                export = self._ask(user, bonus, "payroll")
                with self.assertRaisesRegex(error, words):
                    export._write_excel(io.BytesIO())
                with self.assertRaisesRegex(error, words):
                    export._get_records()._build_csv(export.domain)
        bonus.action_approve()
        export = self._ask(self.director2, bonus, "payroll")
        export._write_excel(io.BytesIO())
        self.assertIn(b"Employee Number", export._get_records()._build_csv(export.domain))

    def test_payroll_files_that_are_asked_for_mark_them_as_the_buttons_do(self):
        """What the payroll has stays, however its file was made."""
        self._close(user_sales=800, user_sub=700)
        for user, write in (
            (self.user_sales, lambda export: export._write_excel(io.BytesIO())),
            (self.user_sub, lambda export: export._get_records()._build_csv(export.domain)),
        ):
            bonus = self._director(self._bonus(user))
            bonus.action_approve()
            write(self._ask(self.director2, bonus, "payroll"))
            self.assertEqual(bonus.state, "exported")
            self.assertTrue(bonus.exported_on)
            with self.assertRaisesRegex(UserError, "was exported"):
                bonus.action_withdraw()

    def test_excel_of_the_list_has_nothing_of_the_payroll(self):
        self._close(user_sales=800)
        bonus = self._as(self.user_sales, self._bonus(self.user_sales))
        self.user_sales.group_ids += self.env.ref("base.group_allow_export")
        export_id = int(bonus.action_export_excel()["url"].rsplit("/", 1)[1])
        file = io.BytesIO()
        self._as(self.user_sales, self.env["partner.export"].browse(export_id))._write_excel(file)
        sheet = self._open_book(file.getvalue()).worksheets[0]
        cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
        self.assertIn(200, cells)
        self.assertIn("To Approve", cells)
        self.assertFalse({"Employee Number", "Employee"} & {*cells})

    def _open_book(self, content):
        import openpyxl

        return openpyxl.load_workbook(io.BytesIO(content), data_only=True)
