from odoo import api, fields, models
from odoo.tools import format_date

from .partner_classification_migration import GONE, NEW

CLASSES = {"abc": ("a", "b", "c", False), "xyz": ("x", "y", "z", False)}
STAGES = ("regular", "one_time", "potential", "lost", False)


class PartnerDirectorDashboard(models.AbstractModel):
    """The blocks as tables, which the Excel file and the printed page have in common."""

    _inherit = "partner.director.dashboard"

    @api.model
    def _get_sections(self, data):
        """Return the blocks as tables, in the order of the page.

        :return: list of ``title``, ``note`` and ``tables``; a table has a ``title``, ``columns`` of (title, kind as
            in :class:`~odoo.addons.partner_relations.tools.workbook.Column`) and ``rows``; None is empty
        """
        titles = self._get_block_titles()
        return [
            {
                "name": name,
                "title": titles[name],
                "note": block["note"],
                "tables": [table for table in getattr(self, f"_get_{name}_tables")(block) if table["rows"]],
            }
            for name, block in data["blocks"].items()
        ]

    @api.model
    def _get_block_titles(self):
        return {
            "turnover": self.env._("Turnover and Profit"),
            "forecast": self.env._("Forecast"),
            "matrix": self.env._("Customers by Class"),
            "flow": self.env._("Moves Between Stages"),
            "failures": self.env._("Failed Orders"),
            "managers": self.env._("Managers"),
            "work": self.env._("Late Work"),
            "receivables": self.env._("Overdue Receivables"),
            "suppliers": self.env._("Suppliers"),
            "campaigns": self.env._("Campaigns"),
        }

    @api.model
    def _get_table(self, columns, rows, title=""):
        return {"title": title, "columns": columns, "rows": rows}

    @api.model
    def _get_turnover_labels(self):
        return {
            "revenue": self.env._("Revenue"),
            "revenue_before": self.env._("Revenue a Year Before"),
            "profit": self.env._("Profit"),
            "profit_before": self.env._("Profit a Year Before"),
            "plan": self.env._("Plan of Salespeople"),
            "team_plan": self.env._("Plan of Teams"),
            "profit_plan": self.env._("Profit Plan of Salespeople"),
            "team_profit_plan": self.env._("Profit Plan of Teams"),
        }

    @api.model
    def _get_turnover_tables(self, block):
        figures, labels = block["figures"], self._get_turnover_labels()
        rows = [
            (labels["revenue"], figures["revenue"], figures["revenue_before"], figures["revenue_change"]),
            (labels["profit"], figures["profit"], figures["profit_before"], figures["profit_change"]),
        ]
        plans = [
            (labels[name], figures[name], figures[f"{name}_share"])
            for name in ("plan", "team_plan", "profit_plan", "team_profit_plan")
            if figures[name] is not None
        ]
        # columns that have something in them
        names = [name for name in labels if figures[name] is not None]
        months = [
            (fields.Date.to_date(month["month"]), *(month[name] for name in names))
            for month in block["months"]
            if any(month[name] is not None for name in names)
        ]
        return [
            self._get_table(
                [
                    ("", "text"),
                    (self.env._("Period"), "money"),
                    (self.env._("A Year Before"), "money"),
                    (self.env._("Change (%)"), "points"),
                ],
                [row for row in rows if any(value is not None for value in row[1:])],
            ),
            self._get_table(
                [
                    (self.env._("Plan"), "text"),
                    (self.env._("Planned"), "money"),
                    (self.env._("Reached (%)"), "points"),
                ],
                plans,
            ),
            self._get_table(
                [(self.env._("Month"), "month"), *((labels[name], "money") for name in names)], months
            ),
        ]

    @api.model
    def _name_forecast_part(self, part):
        words = {
            "overdue": self.env._("Overdue"),
            "later": self.env._("Later"),
            "undated": self.env._("Without Date"),
        }
        return words.get(part) or format_date(self.env, part, date_format="LLL y")

    @api.model
    def _get_forecast_tables(self, block):
        figures = block["figures"]
        return [
            self._get_table(
                [
                    (self.env._("Expected"), "text"),
                    (self.env._("Deals"), "integer"),
                    (self.env._("Forecast"), "money"),
                ],
                [
                    (self._name_forecast_part(part["part"]), part["count"], part["value"])
                    for part in block["parts"]
                    if part["count"]
                ],
            ),
            self._get_table(
                [("", "text"), (self.env._("Number"), "integer")],
                [
                    (self.env._("Deals Without Next Step"), figures["no_next_step"]),
                    (self.env._("Customers Without Next Step"), figures["no_next_step_customers"]),
                ],
            ),
        ]

    @api.model
    def _get_matrix_tables(self, block):
        if not block["cells"]:
            return []
        lines = self.env["partner.classification.line"]
        cells = {(cell["abc"], cell["xyz"]): cell for cell in block["cells"]}
        columns = [xyz for xyz in CLASSES["xyz"] if any(key[1] == xyz for key in cells)]
        rows = [abc for abc in CLASSES["abc"] if any(key[0] == abc for key in cells)]

        def make(name, kind, title):
            return self._get_table(
                [
                    ("ABC", "text"),
                    *((lines._get_class_word("xyz_class", xyz), kind) for xyz in columns),
                ],
                [
                    (
                        lines._get_class_word("abc_class", abc),
                        *(cells.get((abc, xyz), {}).get(name) for xyz in columns),
                    )
                    for abc in rows
                ],
                title,
            )

        stages = {stage["stage"]: stage for stage in block["stages"]}
        return [
            make("count", "integer", self.env._("Number of Customers")),
            make("revenue", "money", self.env._("Revenue")),
            self._get_table(
                [
                    (self.env._("Stage"), "text"),
                    (self.env._("Customers"), "integer"),
                    (self.env._("Revenue"), "money"),
                ],
                [
                    (lines._get_class_word("stage", stage), stages[stage]["count"], stages[stage]["revenue"])
                    for stage in STAGES
                    if stage in stages
                ],
            ),
        ]

    @api.model
    def _name_stage(self, stage):
        words = {NEW: self.env._("New"), GONE: self.env._("No longer there")}
        return words.get(stage) or self.env["partner.classification.line"]._get_class_word("stage", stage)

    @api.model
    def _get_flow_tables(self, block):
        words = {"worse": self.env._("worse"), "better": self.env._("better"), False: ""}
        return [
            self._get_table(
                [
                    (self.env._("From"), "text"),
                    (self.env._("To"), "text"),
                    ("", "text"),
                    (self.env._("Customers"), "integer"),
                    (self.env._("Revenue"), "money"),
                ],
                [
                    (
                        self._name_stage(move["source"]),
                        self._name_stage(move["target"]),
                        words[move["trend"]],
                        move["count"],
                        move["revenue"],
                    )
                    for move in block["moves"]
                ],
            )
        ]

    @api.model
    def _get_failures_tables(self, block):
        kinds = dict(
            self.env["partner.order.failure.report"]._fields["kind"]._description_selection(self.env)
        )
        return [
            self._get_table(
                [
                    (self.env._("Reason"), "text"),
                    *((kinds[kind], "money") for kind in ("lost", "cancelled", "short")),
                ],
                [
                    (row["name"] or self.env._("Not told"), row["lost"], row["cancelled"], row["short"])
                    for row in block["rows"]
                ],
            )
        ]

    @api.model
    def _get_managers_tables(self, block):
        return [
            self._get_table(
                [
                    (self.env._("Manager"), "text"),
                    (self.env._("Period"), "text"),
                    (self.env._("Score"), "float"),
                    (self.env._("Change"), "float"),
                    (self.env._("Place"), "integer"),
                    (self.env._("Of"), "integer"),
                ],
                [
                    (
                        row["name"],
                        row["period"],
                        row["score"],
                        row["change"],
                        row["rank"],
                        row["rank_count"] if row["rank"] else None,
                    )
                    for row in block["rows"]
                ],
            )
        ]

    @api.model
    def _get_work_labels(self):
        return {
            "contacts": self.env._("Overdue Contacts"),
            "letters": self.env._("Overdue Letters"),
            "unassigned": self.env._("Letters to Assign"),
        }

    @api.model
    def _get_work_tables(self, block):
        labels = self._get_work_labels()
        return [
            self._get_table(
                [("", "text"), (self.env._("Number"), "integer")],
                [(labels[name], value) for name, value in block["figures"].items()],
            )
        ]

    @api.model
    def _get_receivables_tables(self, block):
        return [
            self._get_table(
                [
                    (self.env._("Age"), "text"),
                    (self.env._("Documents"), "integer"),
                    (self.env._("Unpaid"), "money"),
                ],
                [(part["label"], part["count"], part["amount"]) for part in block["parts"] if part["count"]],
            )
        ]

    @api.model
    def _get_suppliers_labels(self):
        return {
            "count": self.env._("Suppliers with a Scorecard"),
            "rated": self.env._("Rated"),
            "low": self.env._("Low Grade"),
            "worse": self.env._("Worse Than the Month Before"),
            "overdue_suppliers": self.env._("With Overdue Deliveries"),
            "overdue_lines": self.env._("Overdue Order Lines"),
        }

    @api.model
    def _get_suppliers_tables(self, block):
        if not block["figures"]["count"]:
            return []
        labels = self._get_suppliers_labels()
        return [
            self._get_table(
                [("", "text"), (self.env._("Number"), "integer")],
                [(label, block["figures"][name]) for name, label in labels.items()],
            ),
            self._get_table(
                [
                    (self.env._("Supplier"), "text"),
                    (self.env._("Grade"), "text"),
                    (self.env._("Score"), "float"),
                    (self.env._("Overdue Order Lines"), "integer"),
                    ("", "text"),
                ],
                [
                    (
                        row["name"],
                        row["grade"],
                        row["score"],
                        row["overdue_lines"],
                        self.env._("worse") if row["is_worse"] else "",
                    )
                    for row in block["rows"]
                ],
            ),
        ]

    @api.model
    def _get_campaigns_tables(self, block):
        names = ("cost", "revenue", "profit", "roi", "customers")
        figures = block["figures"]
        rows = [(row["name"], *(row[name] for name in names)) for row in block["rows"]]
        if rows:
            title = self.env._("All %s campaigns", figures["count"])
            rows.append((title, *(figures[name] for name in names)))
        return [
            self._get_table(
                [
                    (self.env._("Campaign"), "text"),
                    (self.env._("Cost"), "money"),
                    (self.env._("Revenue"), "money"),
                    (self.env._("Profit"), "money"),
                    (self.env._("ROI (%)"), "points"),
                    (self.env._("New Customers"), "integer"),
                ],
                rows,
            )
        ]
