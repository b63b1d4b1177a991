from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.sums import add, ratio
from ...tools.workbook import Column

# Explaining a class in words takes longer than all the rest of a row; its figures stand in the row as well.
MAX_REASONS = 10_000
# A Pareto chart shows customers one by one up to so many, and so many groups of equal size beyond.
MAX_BARS = 30
GROUPS = 20

ORDER = "value desc nulls last, id"
NO_CLASS = "–"
# What suppliers have not.
CUSTOMER_FIELDS = {
    *("xyz_class", "stage", "is_returned", "previous_xyz_class", "previous_stage"),
    *("profit", "margin", "cv", "xyz_periods"),
}


class PartnerClassificationLine(models.Model):
    """Classified customers as an Excel file."""

    _name = "partner.classification.line"
    _inherit = ["partner.classification.line", "partner.excel.mixin"]

    def _get_excel_runs(self, domain):
        """Return the runs that lines of the domain belong to."""
        groups = self._read_group(domain, ["classification_id"])
        return self.env["partner.classification"].union(*(run for (run,) in groups))

    def _get_excel_company(self, domain, kind):
        companies = self._get_excel_runs(domain).company_id
        return companies if len(companies) == 1 else super()._get_excel_company(domain, kind)

    def _get_excel_title(self, domain, kind):
        runs = self._get_excel_runs(domain)
        return runs.name if len(runs) == 1 else super()._get_excel_title(domain, kind)

    def _check_excel_size(self, domain, kind):
        currencies = self._get_excel_runs(domain).currency_id
        if len(currencies) > 1:
            raise UserError(
                self.env._(
                    "These are amounts in different currencies (%s), which cannot be added up. "
                    "Filter the list by run or company.",
                    ", ".join(currencies.mapped("name")),
                )
            )
        return super()._check_excel_size(domain, kind)

    def _build_excel(self, book, domain, kind):
        runs = self._get_excel_runs(domain)
        self._write_excel_summary(book, domain, runs)
        self._write_excel_lines(book, domain, runs)
        runs._write_excel_parameters(book)

    # ------------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------------

    def _write_excel_lines(self, book, domain, runs):
        """Write the sheet of customers, those who bring most on top."""
        suppliers = runs._are_suppliers()
        groups = {
            self.env._("Class"): ["abc_class", "xyz_class", "stage", "is_returned", "is_overridden"],
            self.env._("Previous Run"): ["previous_abc_class", "previous_xyz_class", "previous_stage"],
            self.env._("Amount"): ["revenue", "profit", "margin", "share", "cumulative_share"],
            self.env._("Regularity"): ["cv", "xyz_periods"],
            self.env._("Sales"): ["sales_count", "first_sale_date", "last_sale_date", "days_since_sale"],
        }
        names = ["classification_id"] if len(runs) > 1 else []
        names += ["partner_id", "partner_user_id", "country_id"]
        names += [name for members in groups.values() for name in members]
        if self.search_count(domain, limit=MAX_REASONS + 1) <= MAX_REASONS:
            names.append("reason")
        if suppliers:
            names = [name for name in names if name not in CUSTOMER_FIELDS]
        options = {name: {"group": group} for group, members in groups.items() for name in members}
        options["partner_id"] = {"title": self._get_partner_title(runs)}
        options["reason"] = {"max_width": 60, "printed": False}
        for name in ("revenue", "profit"):
            options[name]["total"] = "sum"
        for name, decimals in (("share", 2), ("cumulative_share", 2), ("cv", 1)):
            # the format says that it is a percentage
            title = self._get_excel_column(name).title.removesuffix(" (%)")
            options[name].update(kind="points", decimals=decimals, title=title)
        margin = self._get_excel_margin_column(**options.pop("margin"))
        columns = [
            margin if name == "margin" else self._get_excel_column(name, **options.get(name, {}))
            for name in names
        ]
        days = {run.id: run.stage_date for run in runs}

        def get_days_since(row):
            last, day = row["last_sale_date"], days[row["classification_id"]]
            return (day - last).days if last and day else None

        derived = {
            "margin": lambda row: ratio(row["profit"], row["revenue"]),
            # a mark is seen better where there is nothing in the other rows
            "is_returned": lambda row: row["is_returned"] or None,
            "is_overridden": lambda row: bool(row["override_id"]) or None,
            "days_since_sale": get_days_since,
        }
        raw = ["override_id", "classification_id"]
        rows = self._get_excel_rows(domain, columns, order=ORDER, derived=derived, raw=raw)
        title = self.env._("Suppliers") if suppliers else self.env._("Customers")
        return book.table(title, columns, rows, frozen_columns=names.index("partner_id") + 1)

    def _get_excel_reader(self, name):
        read = super()._get_excel_reader(name)
        if name != "reason":
            return read
        return lambda records, values: [(words or "").replace("\n", " ") for words in read(records, values)]

    def _get_partner_title(self, runs):
        return self.env._("Supplier") if runs._are_suppliers() else self.env._("Customer")

    def _get_excel_margin_column(self, **options):
        """The total is that of the sums, not a sum of ratios."""
        return Column(
            self.env._("Margin"),
            "percent",
            total=lambda sums: ratio(sums["profit"], sums["revenue"]),
            name="margin",
            **options,
        )

    # ------------------------------------------------------------------
    # Summary
    # ------------------------------------------------------------------

    def _write_excel_summary(self, book, domain, runs):
        """Write the sheet with the matrix, the stages and the Pareto chart."""
        page = book.page(self.env._("Summary"))
        page.heading(book.style.title)
        page.note(runs._get_excel_note())
        page.skip()
        groups = [
            # the sum of nothing is 0 to the database
            (abc, xyz, stage, count, revenue if revenues else None, profit if profits else None)
            for abc, xyz, stage, count, revenue, revenues, profit, profits in self._read_group(
                domain,
                ["abc_class", "xyz_class", "stage"],
                ["__count", "revenue:sum", "revenue:count", "profit:sum", "profit:count"],
            )
        ]
        suppliers = runs._are_suppliers()
        if not suppliers:
            self._write_excel_matrices(page, groups)
        top = page.row
        block = self._write_excel_classes(page, groups, "abc_class", 0, suppliers)
        if not suppliers:
            self._write_excel_classes(page, groups, "stage", 2, suppliers, row=top, column=block.next_column)
        self._write_excel_pareto(page, domain, runs)

    def _write_excel_matrices(self, page, groups):
        """Write ABC × XYZ in customers, share, revenue and profit."""
        rows = self._get_excel_labels("abc_class", {group[0] for group in groups})
        titles = self._get_excel_labels("xyz_class", {group[1] for group in groups})
        total = add(group[4] for group in groups)

        def get_values(index):
            cells = {}
            for abc, xyz, *values in groups:
                cells.setdefault((abc, xyz), []).append(values[index])
            return [
                (label, [add(cells.get((abc, xyz), ())) for xyz in titles]) for abc, label in rows.items()
            ]

        revenue = get_values(2)
        shares = [(label, [ratio(value, total) for value in values]) for label, values in revenue]
        corner = f"{self._get_excel_column('abc_class').title} × {self._get_excel_column('xyz_class').title}"
        parts = [
            (self.env._("Customers"), "integer", get_values(1)),
            (self.env._("Share of Revenue"), "percent", shares),
            (self.env._("Revenue"), "money", revenue),
            (self.env._("Profit"), "money", get_values(3)),
        ]
        for first, second in (parts[:2], parts[2:]):
            top, column = page.row, 0
            for title, kind, lines in (first, second):
                block = page.matrix(
                    titles.values(), lines, corner=corner, kind=kind, title=title, row=top, column=column
                )
                column = block.next_column

    def _write_excel_classes(self, page, groups, name, index, suppliers, **place):
        """Write how many have each class or stage, and what they bring."""
        found = {}
        for group in groups:
            found.setdefault(group[index], []).append(group)
        count = add(group[3] for group in groups)
        total = add(group[4] for group in groups)
        rows = []
        for value, label in self._get_excel_labels(name, found).items():
            members = found.get(value, ())
            number = add(group[3] for group in members) or 0
            revenue = add(group[4] for group in members)
            profit = add(group[5] for group in members)
            rows.append(
                (
                    label,
                    number,
                    ratio(number, count),
                    revenue,
                    ratio(revenue, total),
                    *(() if suppliers else (profit, ratio(profit, revenue))),
                )
            )
        title = self._get_excel_column(name).title
        columns = [
            Column(title),
            Column(self.env._("Suppliers") if suppliers else self.env._("Customers"), "integer", total="sum"),
            Column(self.env._("Share"), "percent", name="share_count", total=1.0 if count else None),
            Column(self.env._("Revenue"), "money", name="revenue", total="sum"),
            Column(self.env._("Share"), "percent", name="share", total=1.0 if total else None),
        ]
        if suppliers:
            columns[3] = Column(self.env._("Spend"), "money", name="revenue", total="sum")
        else:
            columns.append(Column(self.env._("Profit"), "money", name="profit", total="sum"))
            columns.append(self._get_excel_margin_column())
        return page.block(columns, rows, title=title, **place)

    def _write_excel_pareto(self, page, domain, runs):
        """Write how the amounts accumulate, as a table and as a chart."""
        rows, grouped = self._get_excel_pareto(domain)
        if not rows:
            return
        measure = runs._get_excel_measure()
        partners = self._get_partner_title(runs)
        first = self.env._("Largest First") if grouped else partners
        columns = [
            Column(first, max_width=40),
            Column(measure, "money"),
            Column(self.env._("Accumulated"), "percent"),
        ]
        title = self.env._("Pareto: %s", measure)
        top = page.row
        block = page.block(columns, rows, title=title)
        page.pareto(title, block, 0, 1, 2, row=top, column=block.next_column)

    def _get_excel_pareto(self, domain):
        """Return the amounts above zero in falling order, and whether customers are put together.

        :return: [(customer or share of the customers, amount, accumulated share of the amount)], bool
        """
        domain = Domain(domain) & Domain("value", ">", 0)
        lines = self.search(domain, order=ORDER, limit=MAX_BARS + 1)
        grouped = len(lines) > MAX_BARS
        if grouped:
            query = self._search(domain)
            query.order = None
            value = self._field_to_sql(query.table, "value", query)
            ranked = query.select(
                SQL("%s AS value", value),
                SQL(
                    "ntile(%s) OVER (ORDER BY %s DESC, %s) AS number",
                    GROUPS,
                    value,
                    SQL.identifier(query.table, "id"),
                ),
            )
            # SQL: groups of equal size of all customers the user may see
            sums = self.env.execute_query(
                SQL("SELECT number, SUM(value) FROM (%s) AS ranked GROUP BY number ORDER BY number", ranked)
            )
            step = 100 // GROUPS
            amounts = [(f"{(number - 1) * step}–{number * step}%", float(amount)) for number, amount in sums]
        else:
            # sudo: as in every list of Odoo, the name of what a readable record points to is shown
            amounts = [(line.sudo().partner_id.display_name, line.value) for line in lines]
        total = add(amount for _label, amount in amounts)
        rows, accumulated = [], 0.0
        for label, amount in amounts:
            accumulated += amount
            rows.append((label, amount, accumulated / total))
        return rows, grouped

    def _get_excel_labels(self, name, found):
        """Return {class: label} of all classes, and of none if somebody has none."""
        labels = dict(self._fields[name]._description_selection(self.env))
        return labels | ({False: NO_CLASS} if False in found or None in found else {})
