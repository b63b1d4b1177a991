from odoo import models
from odoo.tools import formatLang

from ...tools.number_words import format_percent
from .partner_classification_migration import DIMENSIONS
from .partner_classification_policy import PARAMETERS

TOP_LIMIT = 15
CLASSES = {
    "abc_class": ("a", "b", "c", False),
    "xyz_class": ("x", "y", "z", False),
    "stage": ("regular", "one_time", "potential", "lost", False),
}
# Parameters that say nothing about suppliers.
CUSTOMER_ONLY = ("source", "xyz_", "one_time", "lost_", "potential")
PERCENT = ("abc_a", "abc_b", "xyz_x", "xyz_y")


class PartnerClassification(models.Model):
    """The summary of a run on paper. It counts what whoever prints it may see."""

    _inherit = "partner.classification"

    def _get_summary(self):
        """Return what the printed summary of one run shows.

        Made of the same figures as the matrix and the migrations on the screen, with the rights of the user.

        :return: ``matrix`` and ``migrations`` (tables, None where there is nothing to show), ``pareto`` and
            ``moves`` (sentences), ``stages``, ``top_lines``, ``parameters`` (label and value), ``is_partial``
        :rtype: dict
        """
        self.ensure_one()
        run = self.with_company(self.company_id)
        matrix = run.get_matrix(run.id, run.company_id.id, kind=run.kind)
        lines = run.env["partner.classification.line"]
        measure = run._get_parameter("measure")
        return {
            "is_partial": matrix["is_partial"],
            "measure": measure,
            "total": matrix["total"],
            "matrix": run._get_summary_matrix(matrix, measure),
            "pareto": run._get_summary_pareto(matrix, measure),
            "stages": [
                {"label": lines._get_class_word("stage", stage), **row}
                for stage in CLASSES["stage"]
                for row in matrix["stages"]
                if row["stage"] == stage
            ]
            if run.kind == "customer"
            else [],
            **run._get_summary_migrations(),
            "top_lines": lines.search(
                [("classification_id", "=", run.id), ("value", "!=", False)],
                order="value desc, partner_id, id",
                limit=TOP_LIMIT,
            ),
            "parameters": run._get_summary_parameters(),
        }

    def _get_summary_matrix(self, matrix, measure):
        """The table ABC × XYZ: rows of cells (None: nobody), each row and column with its total."""
        lines = self.env["partner.classification.line"]
        share = "profit_share" if measure == "profit" else "share"
        cells = {(cell["abc"], cell["xyz"]): {**cell, "share": cell[share]} for cell in matrix["cells"]}
        rows = [abc for abc in CLASSES["abc_class"] if abc or any(not key[0] for key in cells)]
        columns = [xyz for xyz in CLASSES["xyz_class"] if xyz or any(not key[1] for key in cells)]
        if self.kind == "supplier":
            columns = []
        return {
            "columns": [lines._get_class_word("xyz_class", xyz) for xyz in columns],
            "rows": [
                {
                    "label": lines._get_class_word("abc_class", abc),
                    "cells": [cells.get((abc, xyz)) for xyz in columns],
                    "total": self._sum_cells(cells, lambda key, abc=abc: key[0] == abc),
                }
                for abc in rows
            ],
            "totals": [self._sum_cells(cells, lambda key, xyz=xyz: key[1] == xyz) for xyz in columns],
        }

    def _sum_cells(self, cells, wanted):
        """The sum of the cells whose key is ``wanted``; None if there is none."""
        found = [cell for key, cell in cells.items() if wanted(key)]
        if not found:
            return None
        total = {"count": sum(cell["count"] for cell in found)}
        for name in ("revenue", "profit", "share"):
            amounts = [cell[name] for cell in found if cell[name] is not False]
            total[name] = sum(amounts) if amounts else False
        return total

    def _get_summary_pareto(self, matrix, measure):
        """Sentences such as “A: 17 customers (23.3% of those with a class), 71.0% of the revenue: 33.00 €.”"""
        sentences = []
        cells = {
            (cell["abc"], cell["xyz"]): {
                **cell,
                "share": cell["profit_share" if measure == "profit" else "share"],
            }
            for cell in matrix["cells"]
        }
        classed = sum(cell["count"] for (abc, _xyz), cell in cells.items() if abc)
        for abc in ("a", "b", "c"):
            total = self._sum_cells(cells, lambda key, abc=abc: key[0] == abc)
            if not total or total["share"] is False:
                continue
            values = {
                "abc": abc.upper(),
                "count": self._get_count_words(total["count"]),
                "part": format_percent(self.env, 100.0 * total["count"] / classed, digits=1),
                "share": format_percent(self.env, total["share"], digits=1),
                "amount": formatLang(self.env, total[measure], currency_obj=self.currency_id),
            }
            if self.kind == "supplier":
                sentence = self.env._(
                    "%(abc)s: %(count)s (%(part)s of those with a class), %(share)s of the spend: %(amount)s.",
                    **values,
                )
            elif measure == "profit":
                sentence = self.env._(
                    "%(abc)s: %(count)s (%(part)s of those with a class), %(share)s of the profit: %(amount)s.",
                    **values,
                )
            else:
                sentence = self.env._(
                    "%(abc)s: %(count)s (%(part)s of those with a class), %(share)s of the revenue: %(amount)s.",
                    **values,
                )
            sentences.append(sentence)
        return sentences

    def _get_count_words(self, count):
        if self.kind == "supplier":
            return self.env._("1 supplier") if count == 1 else self.env._("%s suppliers", count)
        return self.env._("1 customer") if count == 1 else self.env._("%s customers", count)

    def _get_summary_migrations(self):
        """The table of the ABC classes before and now, and the moves for the worse in words."""
        compared = self._get_compared()
        nothing = {"compared": compared, "migrations": None, "moves": []}
        if not compared:
            return nothing
        lines = self.env["partner.classification.line"]
        found = self.get_migrations(compared.id, self.id, "abc_class")
        cells = {(cell["source"], cell["target"]): cell for cell in found["cells"]}
        if not cells:
            return nothing
        classes = CLASSES["abc_class"]
        moves = []
        dimension = "abc_class" if self.kind == "supplier" else "abc_to_stage"
        source_name, target_name = DIMENSIONS[dimension]
        for cell in self.get_migrations(compared.id, self.id, dimension)["worst"]:
            values = {
                "before": lines._get_class_word(source_name, cell["source"]),
                "after": lines._get_class_word(target_name, cell["target"]),
                "count": self._get_count_words(cell["count"]),
            }
            if cell["revenue_from"] is False:
                moves.append(self.env._("%(before)s → %(after)s: %(count)s", **values))
            else:
                amount = formatLang(self.env, cell["revenue_from"], currency_obj=self.currency_id)
                moves.append(
                    self.env._("%(before)s → %(after)s: %(count)s, %(amount)s", amount=amount, **values)
                )
        return {
            "compared": compared,
            "moves": moves,
            "migrations": {
                "columns": [lines._get_class_word("abc_class", target) for target in classes],
                "rows": [
                    {
                        "label": lines._get_class_word("abc_class", source),
                        "cells": [cells.get((source, target)) for target in classes],
                    }
                    for source in classes
                ],
            },
        }

    def _get_summary_parameters(self):
        """Label and value of each parameter that the run was computed with."""
        policy = self.policy_id
        result = []
        for name in PARAMETERS:
            if name == "kind" or (self.kind == "supplier" and name.startswith(CUSTOMER_ONLY)):
                continue
            field = policy._fields[name]
            value = self._get_parameter(name)
            if field.type == "selection":
                value = dict(field._description_selection(self.env)).get(value, value)
            elif field.type == "boolean":
                value = self.env._("Yes") if value else self.env._("No")
            elif field.type == "float":
                value = (format_percent if name in PERCENT else formatLang)(self.env, value, digits=2)
            result.append((field._description_string(self.env), value))
        return result
