from odoo import models

from ...tools.workbook import Column

COLUMNS = ("employee_number", "employee_name", "amount_due", "amount_carried", "amount", "amount_left")
ITEM_COLUMNS = ("name", "date_due", "is_carried", "amount")


class PartnerWageDeductionList(models.Model):
    """Deduction lists as an Excel file: what the employer deducts, with a column for what it withheld, and why."""

    _name = "partner.wage.deduction.list"
    _inherit = ["partner.wage.deduction.list", "partner.excel.mixin"]

    def _get_excel_title(self, domain, kind):
        found = self.search(domain, limit=2)
        if len(found) == 1:
            return self.env._("Deduction List %s", found.display_name)
        return self.env._("Wage Deduction Lists")

    def _get_excel_company(self, domain, kind):
        return self.search(domain, limit=1).company_id or self.env.company

    def _build_excel(self, book, domain, kind):
        lists = self.search(domain)
        lines = self.env["partner.wage.deduction.list.line"]
        many = len(lists) > 1
        # of several currencies each row tells its own, and nothing is added up
        mixed = len(lists.currency_id) > 1
        money = {
            "decimals": max(lists.currency_id.mapped("decimal_places"), default=None),
            "total": None if mixed else "sum",
        }
        names = ["employer_id", "date_pay"] if many else []
        names += ["currency_id"] if mixed else []
        which = [self._get_excel_column(name) for name in names]

        def tell_which(line):
            return (
                *((line.list_id.employer_id.name, line.list_id.date_pay) if many else ()),
                *((line.currency_id.name,) if mixed else ()),
            )

        columns = [
            *which,
            *(self._get_wage_column(lines, name, money) for name in (*COLUMNS, "amount_paid", "note")),
        ]
        rows = [
            (
                *tell_which(line),
                *(line[name] for name in COLUMNS),
                # to be filled in by the employer, where nothing is known yet
                line.amount_paid if line.state in ("paid", "closed") else None,
                line.note,
            )
            for line in lists.line_ids
        ]
        book.table(self.env._("Employees"), columns, rows)
        items = self.env["partner.wage.deduction.list.item"]
        book.table(
            self.env._("Instalments"),
            [
                *which,
                *(self._get_wage_column(lines, name, money) for name in ("employee_number", "employee_name")),
                *(self._get_wage_column(items, name, money) for name in ITEM_COLUMNS),
            ],
            [
                (
                    *tell_which(line),
                    line.employee_number,
                    line.employee_name,
                    *(item[name] for name in ITEM_COLUMNS),
                )
                for line in lists.line_ids
                for item in line.item_ids
            ],
        )
        book.parameters(
            [
                (self._get_excel_column("company_id").title, ", ".join(lists.company_id.mapped("name"))),
                *(
                    [
                        (self._get_excel_column("employer_id").title, lists.employer_id.name),
                        (self._get_excel_column("date_pay").title, lists.date_pay, "date"),
                        (self._get_excel_column("date_cutoff").title, lists.date_cutoff, "date"),
                    ]
                    if len(lists) == 1
                    else []
                ),
                (self.env._("Currency"), ", ".join(lists.currency_id.mapped("name"))),
                *self._get_excel_filter_facts(domain),
                (self.env._("Exported By"), self.env.user.name),
            ]
        )

    def _get_wage_column(self, model, name, money):
        """Return a column of the lines or their items, by the same rules as those of the list.

        :param dict money: options of columns of amounts, which are in the currencies of the lists
        """
        field = model._fields[name]
        is_money = field.type == "monetary"
        return Column(
            field.get_description(self.env, ["string"])["string"],
            "money" if is_money else field.type if field.type in ("date", "boolean") else "text",
            name=name,
            **(money if is_money else {}),
        )
