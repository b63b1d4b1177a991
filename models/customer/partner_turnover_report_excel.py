from odoo import models
from odoo.tools import format_date, split_every

from ...tools.number_words import format_number
from ...tools.sums import add, known, ratio
from ...tools.workbook import Column

# More invoice lines are left out of the file: it would take minutes, and nobody reads them.
MAX_LINES = 200_000
# The summary shows so many of each axis, and the others together.
MAX_ROWS = 20
MAX_MONTHS = 60

AXES = (
    *("abc_class", "xyz_class", "stage", "market_id", "country_id", "categ_id"),
    *("user_id", "team_id", "industry_id", "company_id"),
)
LINE_COLUMNS = (
    *("date", "move_id", "partner_id", "country_id", "state_id", "market_id", "industry_id"),
    *("abc_class", "xyz_class", "stage", "categ_id", "product_id", "user_id", "team_id", "company_id"),
    *("quantity", "revenue", "cost", "profit", "margin"),
)
FIGURES = ["revenue:sum", "cost:sum", "profit:sum", "margin_percent:avg"]
COMPARED = ["revenue_before:sum", "revenue_change:avg"]


class PartnerTurnoverReport(models.Model):
    """Turnover and profit as an Excel file."""

    _name = "partner.turnover.report"
    _inherit = ["partner.turnover.report", "partner.excel.mixin"]

    def _get_excel_context_keys(self):
        return [*super()._get_excel_context_keys(), "turnover_compare"]

    def _check_excel_size(self, domain, kind):
        """Anything goes: too many lines are left out."""

    def _build_excel(self, book, domain, kind):
        self._write_excel_summary(book, domain)
        self._write_excel_customers(book, domain)
        count = self.search_count(domain, limit=MAX_LINES + 1)
        if count <= MAX_LINES:
            self._write_excel_lines(book, domain)
        self._write_excel_parameters(book, domain, count)

    # ------------------------------------------------------------------
    # Figures of groups
    # ------------------------------------------------------------------

    def _get_excel_figures(self):
        """Return what is asked of a group, with the period before if the list is compared with it."""
        return FIGURES + (COMPARED if self.env.context.get("turnover_compare") else [])

    def _get_excel_figure_columns(self, total):
        """Return the columns of the figures of a group.

        :param total: the figures of everything
        """
        revenue, _cost, _profit, margin, *compared = total
        columns = [
            self._get_excel_column("revenue", total="sum"),
            self._get_excel_column("cost", total="sum"),
            self._get_excel_column("profit", total="sum"),
            # of the sums, not of the ratios
            Column(self.env._("Margin"), "percent", total=margin and margin / 100),
            Column(self.env._("Share of Revenue"), "percent", total=ratio(revenue, revenue)),
        ]
        if compared:
            columns.append(self._get_excel_column("revenue_before", total="sum"))
            change = compared[1]
            columns.append(Column(self.env._("Change"), "percent", total=change and change / 100))
        return columns

    def _get_excel_values(self, figures, total):
        """Return the values of those columns, of the figures of a group."""
        revenue, cost, profit, margin, *compared = figures
        values = [
            revenue,
            cost,
            profit,
            None if margin is None else margin / 100,
            ratio(revenue, total[0]),
        ]
        if compared:
            before, change = compared
            values += [before, None if change is None else change / 100]
        return values

    def _read_excel_groups(self, domain, groupby, order=None):
        """Return [(group, figures)], those with the highest revenue first."""
        groups = self._read_group(
            domain,
            [groupby],
            self._get_excel_figures(),
            order=order or f"revenue:sum desc nulls last, {groupby}",
        )
        return [(group, [*map(known, figures)]) for group, *figures in groups]

    def _get_excel_total(self, domain):
        [figures] = self._read_group(domain, [], self._get_excel_figures())
        return [*map(known, figures)]

    # ------------------------------------------------------------------
    # Summary
    # ------------------------------------------------------------------

    def _write_excel_summary(self, book, domain):
        page = book.page(self.env._("Summary"))
        page.heading(book.style.title)
        total = self._get_excel_total(domain)
        customers, invoices, first, last = self._read_group(
            domain, [], ["partner_id:count_distinct", "__count", "date:min", "date:max"]
        )[0]
        words = [", ".join(self.env.companies.mapped("name")), self.env.company.currency_id.name]
        if first:
            words.append(f"{format_date(self.env, first)} – {format_date(self.env, last)}")
        page.note(" · ".join(words))
        page.skip()
        revenue, cost, profit, margin, *_compared = total
        page.facts(
            [
                (self._get_excel_column("revenue").title, revenue, "money"),
                (self._get_excel_column("cost").title, cost, "money"),
                (self._get_excel_column("profit").title, profit, "money"),
                (self.env._("Margin"), margin, "points"),
                (self.env._("Customers"), customers, "integer"),
                (self.env._("Invoices and Credit Notes"), invoices, "integer"),
            ]
        )
        figures = self._get_excel_figure_columns(total)
        self._write_excel_months(page, domain, figures, total)
        top, column = page.row, 0
        for axis in AXES:
            if axis not in self._fields or (axis == "company_id" and len(self.env.companies) == 1):
                continue
            rows = self._get_excel_axis(domain, axis, total)
            if not rows:
                continue
            title = self._get_excel_column(axis).title
            block = page.block(
                [Column(title, max_width=40), *figures], rows, title=title, row=top, column=column
            )
            # two beside each other
            column = 0 if column else block.next_column
            top = top if column else page.row

    def _write_excel_months(self, page, domain, figures, total):
        """Write the course of revenue and profit by month; of many years, by year."""
        groups = self._read_excel_groups(domain, "date:month", order="date:month")
        by_year = len(groups) > MAX_MONTHS
        if by_year:
            groups = self._read_excel_groups(domain, "date:year", order="date:year")
        if not groups:
            return
        title = self.env._("Year") if by_year else self.env._("Month")
        rows = [
            (month and (month.year if by_year else month), *self._get_excel_values(values, total))
            for month, values in groups
        ]
        first = Column(title) if by_year else Column(title, "month", align="left")
        top = page.row
        block = page.block([first, *figures], rows, title=title, row=top)
        profit = 3
        page.bars(
            self.env._("Revenue and Profit"),
            block,
            0,
            [1, profit],
            kind="column",
            row=top,
            column=block.next_column,
        )

    def _get_excel_axis(self, domain, axis, total):
        """Return the rows of one axis: the largest, and the others together."""
        groups = self._read_excel_groups(domain, axis)
        field = self._fields[axis]
        labels = dict(field._description_selection(self.env)) if field.type == "selection" else None

        def get_label(group):
            if labels is not None:
                return labels.get(group) or self.env._("None")
            # sudo: as in every list of Odoo, the name of a group of readable records is shown
            return group.sudo().display_name if group else self.env._("None")

        if len(groups) == 1 and not groups[0][0]:
            # nothing is told apart
            return []
        rows = [
            (get_label(group), *self._get_excel_values(values, total)) for group, values in groups[:MAX_ROWS]
        ]
        others = [values for _group, values in groups[MAX_ROWS:]]
        if others:
            label = self.env._("%s others", len(others))
            rows.append((label, *self._get_excel_values(self._add_excel_figures(others), total)))
        return rows

    def _add_excel_figures(self, groups):
        """Return the figures of groups taken together."""
        revenue, cost, profit, _margins, *compared = zip(*groups, strict=True)
        sums = [add(revenue), add(cost), add(profit)]
        # like everywhere, of the revenue whose cost is known
        margin = ratio(sums[2], self.env.company.currency_id.round((sums[1] or 0) + (sums[2] or 0)))
        figures = [*sums, None if margin is None else 100 * margin]
        if compared:
            before = add(compared[0])
            # more than a loss is better
            change = ratio((sums[0] or 0.0) - (before or 0.0), before and abs(before))
            figures += [before, None if change is None else 100 * change]
        return figures

    # ------------------------------------------------------------------
    # Customers and lines
    # ------------------------------------------------------------------

    def _write_excel_customers(self, book, domain):
        """Write a sheet with every customer, those who bring most on top."""
        total = self._get_excel_total(domain)
        columns = [self._get_excel_column("partner_id"), *self._get_excel_figure_columns(total)]
        columns.insert(
            1, Column(self.env._("Invoices and Credit Notes"), "integer", name="count", total="sum")
        )
        groups = self._read_group(
            domain,
            ["partner_id"],
            ["__count", *self._get_excel_figures()],
            order="revenue:sum desc nulls last, partner_id",
        )

        def get_rows():
            for batch in split_every(5_000, groups):
                # sudo: as in every list of Odoo, the name of a group of readable records is shown
                partners = self.env["res.partner"].sudo().browse(group[0].id for group in batch)
                names = {partner.id: partner.display_name for partner in partners.exists()}
                for partner, count, *figures in batch:
                    values = self._get_excel_values([*map(known, figures)], total)
                    yield [names.get(partner.id), count, *values]
                self.env.invalidate_all()

        book.table(self.env._("Customers"), columns, get_rows())

    def _write_excel_lines(self, book, domain):
        names = [
            name
            for name in LINE_COLUMNS
            if (name in self._fields or name == "margin")
            and (name != "company_id" or len(self.env.companies) > 1)
        ]
        sums = {name: {"total": "sum"} for name in ("revenue", "cost", "profit")}
        [*_figures, margin] = self._read_group(domain, [], FIGURES)[0]
        margin = Column(self.env._("Margin"), "percent", total=margin and margin / 100, name="margin")
        columns = [
            margin if name == "margin" else self._get_excel_column(name, **sums.get(name, {}))
            for name in names
        ]
        derived = {"margin": lambda row: ratio(row["profit"], row["revenue"])}
        rows = self._get_excel_rows(domain, columns, derived=derived)
        book.table(self.env._("Invoice Lines"), columns, rows, frozen_columns=3)

    def _get_excel_reader(self, name):
        if name != "move_id":
            return super()._get_excel_reader(name)

        def read(records, values):
            # sudo: the number of an invoice that the report shows; the name with all it computes is not needed
            moves = self.env["account.move"].sudo().browse(set(values))
            moves.fetch(["name"])
            return [moves.browse(value).name for value in values]

        return read

    # ------------------------------------------------------------------
    # Parameters
    # ------------------------------------------------------------------

    def _write_excel_parameters(self, book, domain, count):
        facts = [
            (self._get_excel_column("company_id").title, ", ".join(self.env.companies.mapped("name"))),
            (self.env._("Currency"), self.env.company.currency_id.name),
            *self._get_excel_filter_facts(domain),
        ]
        span = self.env.context.get("turnover_compare")
        if span:
            spans = {
                "year": self.env._("the year before"),
                "quarter": self.env._("the quarter before"),
                "month": self.env._("the month before"),
            }
            facts.append((self.env._("Compared with"), spans.get(span)))
        if count > MAX_LINES:
            words = self.env._(
                "left out, as there are more than %s; filter the list", format_number(self.env, MAX_LINES)
            )
            facts.append((self.env._("Invoice Lines"), words))
        else:
            facts.append((self.env._("Invoice Lines"), count, "integer"))
        facts.append((self.env._("Exported By"), self.env.user.name))
        book.parameters(facts)
