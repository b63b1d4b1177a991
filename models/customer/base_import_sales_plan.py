from math import isinf

from odoo import api, models
from odoo.addons.base_import.models.base_import import ImportValidationError

# Rows that one message names.
MAX_ROWS = 10


class BaseImportImport(models.TransientModel):
    """Sheets of sales plans: what is no number or no day is told with its row, its column and the remedy.

    Core names the value, or a line that does not count the header, and the technical name of the column.
    """

    _inherit = "base_import.import"

    def _parse_float_from_data(self, data, index, name, options):
        parse = super()._parse_float_from_data
        if self.res_model != "partner.sales.plan":
            return parse(data, index, name, options)

        def parse_finite(rows):
            parse(rows, index, name, options)
            if any(_is_infinite(row[index]) for row in rows):
                raise ImportValidationError("", field=name)

        return self._parse_plan_rows(data, index, name, options, parse_finite, "1250.50")

    def _parse_date_from_data(self, data, index, name, field_type, options):
        parse = super()._parse_date_from_data
        if self.res_model != "partner.sales.plan":
            return parse(data, index, name, field_type, options)
        return self._parse_plan_rows(
            data,
            index,
            name,
            options,
            lambda rows: parse(rows, index, name, field_type, options),
            "2026-01-01",
        )

    @api.model
    def _parse_plan_rows(self, data, index, name, options, parse, example):
        first = 1 + int(options.get("skip") or 0) + bool(options.get("has_headers"))
        faults = []
        for number, row in enumerate(data, first):
            value = row[index]
            try:
                parse([row])
            except ImportValidationError:
                faults.append((number, value))
        if not faults:
            return
        column = self.env["partner.sales.plan"]._fields[name].get_description(self.env)["string"]
        words = [
            self.env._(
                "Row %(row)s, column “%(column)s”: “%(value)s” cannot be read. Enter it like %(example)s.",
                row=number,
                column=column,
                value=value,
                example=example,
            )
            for number, value in faults[:MAX_ROWS]
        ]
        if len(faults) > MAX_ROWS:
            words.append(self.env._("And %s more rows in this column.", len(faults) - MAX_ROWS))
        raise ImportValidationError("\n".join(words), field=name)


def _is_infinite(text):
    """Whether a text is a number of so many digits that a computer takes it for infinite."""
    try:
        return isinf(float(text))
    except ValueError:
        return False
