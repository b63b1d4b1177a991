import base64

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.batches import write_each
from ...tools.workbook_read import MAX_BYTES, MAX_UNPACKED, NoWorkbook, TooBig, read_rows

# Rows that are looked at, and those among which the titles are.
MAX_ROWS = 10_000
HEAD_ROWS = 20
# Above, floating point knows no cents any more; Excel takes a number of many digits for an infinite one.
MAX_AMOUNT = 1e13


class PartnerWageDeductionAnswer(models.TransientModel):
    """Reads what an employer withheld from the Excel file of the list, which it sends back filled in."""

    _name = "partner.wage.deduction.answer"
    _description = "Answer to a Wage Deduction List"
    _inherit = "partner.pointer.mixin"

    list_id = fields.Many2one("partner.wage.deduction.list", required=True, readonly=True)
    file = fields.Binary(required=True, attachment=False)
    filename = fields.Char()

    def action_read(self):
        """Write the amounts and reasons of the file to the employees of the list. Empty cells change nothing.

        :raise UserError: if the file is no such list, or has rows that are not understood; nothing is changed then
        """
        self.ensure_one()
        self.list_id._check_state("sent")
        problems, found = [], {}
        columns, rows = self._read_rows()
        for number, row in rows:
            line, amount, note = self._read_row(columns, row)
            if line is None:
                continue
            if not line:
                problems.append(self.env._("row %s is of nobody on the list", number))
            elif line in found:
                problems.append(
                    self.env._("row %(row)s has %(employee)s again", row=number, employee=line.employee_name)
                )
            elif amount is not None and (
                isinstance(amount, bool)
                or not isinstance(amount, (int, float))
                or not 0 <= amount < MAX_AMOUNT
            ):
                problems.append(
                    self.env._(
                        "row %(row)s: “%(amount)s” of %(employee)s is no amount",
                        row=number,
                        amount=amount,
                        employee=line.employee_name,
                    )
                )
            else:
                found[line] = (amount, note)
        if problems or not found:
            raise UserError(
                self.env._(
                    "%(file)s was not read: %(problems)s. Mend the file and read it again.",
                    file=self.filename or self.env._("The file"),
                    problems="; ".join(problems) or self.env._("it names no employee of the list"),
                )
            )
        changed = {}
        for line, (amount, note) in found.items():
            changed[line] = {"note": note} if note else {}
            if amount is not None:
                changed[line]["amount_paid"] = self.list_id.currency_id.round(amount)
        write_each(changed)

    def _read_rows(self):
        """Return where the columns are, and the rows below their titles with their numbers."""
        try:
            rows = read_rows(base64.b64decode(self.file), MAX_ROWS)
        except TooBig as error:
            raise UserError(
                self.env._(
                    "%(file)s is too big: at most %(max)s megabytes, and %(unpacked)s unpacked, can be read. Read the "
                    "file that was made from the list.",
                    file=self.filename or self.env._("The file"),
                    max=MAX_BYTES // 1024 // 1024,
                    unpacked=MAX_UNPACKED // 1024 // 1024,
                )
            ) from error
        except NoWorkbook as error:
            raise UserError(
                self.env._(
                    "%s is no Excel file. Ask for the file in the format .xlsx.",
                    self.filename or self.env._("The file"),
                )
            ) from error
        titles = {
            name: self._get_titles(name)
            for name in ("employee_number", "employee_name", "amount_paid", "note")
        }
        for number, row in enumerate(rows[:HEAD_ROWS], 1):
            texts = [str(cell).strip().lower() if cell is not None else "" for cell in row]
            columns = {
                name: next((index for index, text in enumerate(texts) if text in known), None)
                for name, known in titles.items()
            }
            if columns["amount_paid"] is not None and columns["employee_name"] is not None:
                return columns, enumerate(rows[number:], number + 1)
        raise UserError(
            self.env._(
                "%(file)s has no columns “%(name)s” and “%(paid)s”. Send the employer the Excel file of the list, and "
                "read what comes back.",
                file=self.filename or self.env._("The file"),
                name=self._get_title("employee_name"),
                paid=self._get_title("amount_paid"),
            )
        )

    def _get_title(self, name):
        lines = self.env["partner.wage.deduction.list.line"]
        return lines._fields[name].get_description(lines.env, ["string"])["string"]

    def _get_titles(self, name):
        """Titles of a column in all languages, as the file may have been made in another one."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        return {self.with_context(lang=code)._get_title(name).lower() for code in languages}

    def _read_row(self, columns, row):
        """Return the line, the amount and the reason of a row; None as the line where the row has nobody."""

        def get(name):
            index = columns[name]
            value = row[index] if index is not None and index < len(row) else None
            return value.strip() or None if isinstance(value, str) else value

        number, name = get("employee_number"), get("employee_name")
        lines = self.list_id.line_ids
        if name is None:
            # an empty row, or the totals
            return None, None, None
        line = number is not None and lines.filtered(lambda one: one.employee_number == str(number))
        if not line:
            line = lines.filtered(lambda one: one.employee_name == str(name))
        return (line if len(line) == 1 else lines.browse()), get("amount_paid"), get("note")
