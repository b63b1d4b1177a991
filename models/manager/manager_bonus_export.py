import csv
import io
from datetime import datetime

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.cells import FORMULA_STARTS, cell_text
from ...tools.internal import INTERNAL
from ...tools.workbook import Column

# The columns of the list as an Excel file; what the payroll needs besides is in its own file alone.
LISTED = (
    *("user_id", "company_id", "date_from", "date_to", "score", "base", "amount_computed", "amount"),
    *("currency_id", "state", "exported_on", "reason"),
)


class ManagerBonus(models.Model):
    """Bonuses as an Excel file of what the list shows, and for the payroll as an Excel file or as CSV."""

    _name = "manager.bonus"
    _inherit = ["manager.bonus", "partner.excel.mixin"]

    # ------------------------------------------------------------------
    # Handing them over
    # ------------------------------------------------------------------
    def action_export_payroll(self):
        """Hand approved bonuses to the payroll as an Excel file, and mark them as exported.

        It can be repeated: those that were exported before are in the file again, with the day of the first time.

        :raises UserError: for bonuses that are not approved
        """
        self._mark_exported()
        return self._export_excel("payroll")

    def action_export_payroll_csv(self):
        """Like :meth:`action_export_payroll`, as CSV: UTF-8, commas, a dot before decimals."""
        self._mark_exported()
        action = self._export_excel("payroll_csv")
        return {**action, "url": action["url"].replace("/export/", "/export_csv/")}

    def _mark_exported(self):
        self._check_may_export()
        self._lock()
        self._check_approved()
        self.filtered(lambda bonus: bonus.state == "approved").with_context(relations_bonus=INTERNAL).write(
            {"state": "exported", "exported_on": fields.Datetime.now()}
        )

    def _check_may_export(self):
        """:raises AccessError, UserError: for who may not; the own bonus may be in the file, others approved it"""
        self.browse()._check_may_decide()
        self._check_export_right()
        self.check_access("write")
        if not self:
            raise UserError(self.env._("Select the bonuses to export."))

    def _check_approved(self):
        """:raises UserError: for a bonus that waits for approval, or is to be exported below 0"""
        for bonus in self:
            if bonus.state == "computed":
                raise UserError(
                    self.env._(
                        "The bonus “%s” is not approved. Approve it first, or take it out of the selection.",
                        bonus.display_name,
                    )
                )
            # one that was approved before none could be below 0
            if bonus.state == "approved" and bonus.amount < 0:
                raise UserError(
                    self.env._(
                        "The bonus “%s” is below 0. Withdraw the approval, then enter 0 or more with “Change”.",
                        bonus.display_name,
                    )
                )

    def _search_payroll(self, domain):
        """Return the bonuses of a payroll file. A file can be asked for by a call, past the button: do as it does.

        :raises AccessError, UserError: for who may not, or for bonuses that are not approved
        """
        bonuses = self.search(domain)
        bonuses._check_may_export()
        bonuses._check_approved()
        # the button has marked them: nothing is written then, as a replica gives the file out, too
        if unmarked := bonuses.filtered(lambda bonus: bonus.state == "approved"):
            unmarked._mark_exported()
        return bonuses

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------
    def _get_payroll_head(self):
        return [
            self.env._("Employee Number"), self.env._("Employee"), self.env._("Manager"), self.env._("Company"),
            self.env._("From"), self.env._("To"), self.env._("Score"), self.env._("Base Amount"),
            self.env._("Bonus"), self.env._("Currency"), self.env._("State"), self.env._("First Exported On"),
            self.env._("How It Comes About"),
        ]  # fmt: skip

    def _get_payroll_rows(self):
        """Yield a row for each bonus; what is empty is None."""
        # sudo: the employee's number and name, for the payroll that a director makes
        model = self.env["hr.employee"].sudo().with_context(active_test=False)
        employees = model.search(
            [("user_id", "in", self.user_id.ids), ("company_id", "in", self.company_id.ids)]
        ).grouped(lambda employee: (employee.user_id.id, employee.company_id.id))
        states = dict(self._fields["state"]._description_selection(self.env))
        for bonus in self:
            employee = employees.get((bonus.user_id.id, bonus.company_id.id), model)[:1]
            yield [
                employee.barcode or None,
                employee.name or None,
                bonus.user_id.name,
                bonus.company_id.name,
                bonus.date_from,
                bonus.date_to,
                None if bonus.score is False else bonus.score,
                None if bonus.base is False else bonus.base,
                None if bonus.amount is False else bonus.amount,
                bonus.currency_id.name,
                states.get(bonus.state),
                bonus.exported_on or None,
                bonus.reason,
            ]

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------
    def _get_excel_title(self, domain, kind):
        return self.env._("Bonuses")

    def _get_excel_company(self, domain, kind):
        companies = self.search(domain).company_id
        return companies if len(companies) == 1 else super()._get_excel_company(domain, kind)

    def _build_excel(self, book, domain, kind):
        if kind == "payroll":
            bonuses = self._build_payroll(book, domain)
        else:
            bonuses = self.search(domain)
            total = {} if len(bonuses.currency_id) > 1 else {"total": "sum"}
            columns = self._get_excel_columns(LISTED, amount=total)
            book.table(self.env._("Bonuses"), columns, self._get_excel_rows(domain, columns))
        facts = [(self.env._("Bonuses"), len(bonuses), "integer")]
        facts += self._get_excel_filter_facts(domain)
        facts.append((self.env._("Exported By"), self.env.user.name))
        book.parameters(facts)

    def _build_payroll(self, book, domain):
        bonuses = self._search_payroll(domain)
        several = len(bonuses.currency_id) > 1
        kinds = [
            "text", "text", "text", "text", "date", "date", "float", "money", "money", "text", "text", "datetime",
            "text",
        ]  # fmt: skip
        columns = [
            Column(title, kind, total="sum" if number == 8 and not several else None)
            for number, (title, kind) in enumerate(zip(self._get_payroll_head(), kinds, strict=True))
        ]
        book.table(self.env._("Bonuses"), columns, bonuses._get_payroll_rows(), frozen_columns=3)
        return bonuses

    def _build_csv(self, domain):
        """The file as bytes; no cell is taken for a formula by a spreadsheet program."""
        bonuses = self._search_payroll(Domain(domain))
        target = io.StringIO()
        writer = csv.writer(target, lineterminator="\r\n")
        writer.writerow(self._get_payroll_head())
        for row in bonuses._get_payroll_rows():
            writer.writerow([self._csv_cell(value) for value in row])
        # with the mark of UTF-8: programs that do not ask for the encoding read Vietnamese right
        return target.getvalue().encode("utf-8-sig")

    def _csv_cell(self, value):
        if value is None:
            return ""
        if isinstance(value, datetime):
            # of who exports, as in the Excel file
            return f"{fields.Datetime.context_timestamp(self, value):%Y-%m-%d %H:%M:%S}"
        if isinstance(value, str):
            text = cell_text(value)
            return f"'{text}" if text.startswith(FORMULA_STARTS) else text
        if isinstance(value, float):
            return f"{value:.15g}"
        return str(value)
