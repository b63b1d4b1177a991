from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, split_every

from ...tools.sums import known
from ...tools.workbook import Column
from .partner_classification_policy import PARAMETERS

# Parameters in percent, and those that only make sense for customers.
PERCENTAGES = {"abc_a", "abc_b", "xyz_x", "xyz_y"}
CUSTOMER_PARAMETERS = ("xyz_", "lost_", "one_time_", "potential_")

DIMENSIONS = ("abc_class", "xyz_class", "stage", "abc_to_stage")
MIGRATIONS = "migrations"


class PartnerClassification(models.Model):
    """A classification as an Excel file, and the migrations between two."""

    _name = "partner.classification"
    _inherit = ["partner.classification", "partner.excel.mixin"]

    def action_export_excel(self):
        """Return the download of one run."""
        if len(self) != 1:
            raise UserError(self.env._("Select one run to export to Excel."))
        return super().action_export_excel()

    def action_export_migrations(self):
        """Return the download of who changed class between two runs, or since the run before."""
        runs = self | self.previous_id if len(self) == 1 else self
        if len(runs) != 2:
            raise UserError(self.env._("Select two runs, or one that has a previous run, to compare them."))
        runs._check_comparable()
        return runs._export_excel(MIGRATIONS)

    def _check_comparable(self):
        if len(self.company_id) > 1 or len(set(self.mapped("kind"))) > 1:
            raise UserError(
                self.env._(
                    "These runs cannot be compared: %s. Select two runs of the same company, both of customers "
                    "or both of suppliers.",
                    ", ".join(self.mapped("name")),
                )
            )

    # ------------------------------------------------------------------
    # What the file is about
    # ------------------------------------------------------------------

    def _get_excel_company(self, domain, kind):
        return self.search(domain).company_id[:1] or super()._get_excel_company(domain, kind)

    def _get_excel_title(self, domain, kind):
        runs = self.search(domain, order="date_to, id")
        if kind == MIGRATIONS and len(runs) == 2:
            first, last = runs
            return self.env._("Migrations %(first)s → %(last)s", first=first.name, last=last.name)
        return runs[:1].name or super()._get_excel_title(domain, kind)

    def _check_excel_size(self, domain, kind):
        lines = self.env["partner.classification.line"]
        return lines._check_excel_size(Domain("classification_id", "any", domain), kind)

    def _are_suppliers(self):
        return bool(self) and set(self.mapped("kind")) == {"supplier"}

    def _get_excel_measure(self):
        """Return the words for what ABC sorts by."""
        measures = {run._get_parameter("measure") for run in self}
        if len(measures) != 1:
            return self.env["partner.classification.line"]._get_excel_column("value").title
        if self._are_suppliers():
            return self.env._("Spend")
        policy = self.env["partner.classification.policy"]
        return dict(policy._fields["measure"]._description_selection(self.env))[measures.pop()]

    def _get_excel_note(self):
        """Return the line below the title of the summary."""
        if len(self) != 1:
            return ", ".join(self.mapped("name"))
        return self.env._(
            "%(company)s · window %(first)s – %(last)s · ABC by %(measure)s · as of %(day)s",
            company=self.company_id.name,
            first=format_date(self.env, self.date_from),
            last=format_date(self.env, self.date_to),
            measure=self._get_excel_measure(),
            day=format_date(self.env, self.stage_date),
        )

    # ------------------------------------------------------------------
    # Sheets
    # ------------------------------------------------------------------

    def _build_excel(self, book, domain, kind):
        runs = self.search(domain, order="date_to, id")
        if kind == MIGRATIONS:
            if len(runs) != 2:
                raise UserError(self.env._("One of the two runs is gone. Select two runs again."))
            runs._write_excel_migrations(book, runs[0], runs[1])
            runs._write_excel_changes(book, runs[0], runs[1])
            runs[1]._write_excel_parameters(book, runs[0])
            return
        if len(runs) != 1:
            raise UserError(self.env._("The run is gone. Select one again."))
        lines = self.env["partner.classification.line"]
        of_run = Domain("classification_id", "=", runs.id)
        lines._write_excel_summary(book, of_run, runs)
        lines._write_excel_lines(book, of_run, runs)
        if runs.previous_id:
            runs._write_excel_migrations(book, runs.previous_id, runs)
        runs._write_excel_parameters(book, runs.previous_id)

    def _write_excel_migrations(self, book, first, last):
        """Write how many customers went from which class to which, and what they brought."""
        page = book.page(self.env._("Migrations"))
        page.heading(self.env._("Migrations"))
        page.note(self.env._("From %(first)s to %(last)s", first=first.name, last=last.name))
        lines = self.env["partner.classification.line"]
        suppliers = last._are_suppliers()
        partners = self.env._("Suppliers") if suppliers else self.env._("Customers")
        for dimension in DIMENSIONS[:1] if suppliers else DIMENSIONS:
            found = self.get_migrations(first.id, last.id, dimension)
            names = found["source_dimension"], found["target_dimension"]
            titles = [lines._get_excel_column(name).title for name in names]
            labels = [lines._get_excel_labels(name, {False}) for name in names]
            cells = {(cell["source"], cell["target"]): cell for cell in found["cells"]}
            # nobody came or went without a class
            rows = [key for key in labels[0] if key or any(source == key for source, _target in cells)]
            columns = [key for key in labels[1] if key or any(target == key for _source, target in cells)]

            def get_lines(figure, rows=rows, columns=columns, labels=labels, cells=cells):
                return [
                    (
                        labels[0][source],
                        [known(cells.get((source, target), {}).get(figure)) for target in columns],
                    )
                    for source in rows
                ]

            page.skip()
            what = titles[0] if names[0] == names[1] else f"{titles[0]} → {titles[1]}"
            top, column = page.row, 0
            for figure, kind, title in (
                ("count", "integer", partners),
                ("revenue_from", "money", self.env._("Revenue before")),
                ("revenue_to", "money", self.env._("Revenue after")),
            ):
                block = page.matrix(
                    [labels[1][key] for key in columns],
                    get_lines(figure),
                    corner=self.env._("Before → after"),
                    kind=kind,
                    title=f"{what}: {title}",
                    row=top,
                    column=column,
                )
                column = block.next_column

    def _write_excel_changes(self, book, first, last):
        """Write the customers whose class or stage differs between two runs."""
        lines = self.env["partner.classification.line"]
        suppliers = last._are_suppliers()
        names = ["abc_class"] if suppliers else ["abc_class", "xyz_class", "stage"]
        before, after = self.env._("before"), self.env._("after")
        columns = [Column(lines._get_partner_title(last))]
        for name in names:
            title = lines._get_excel_column(name).title
            columns += [Column(f"{title} {when}", group=title) for when in (before, after)]
        amounts = ["revenue"] if suppliers else ["revenue", "profit"]
        for name in amounts:
            title = lines._get_excel_column(name).title
            columns += [
                Column(f"{title} {before}", "money", total="sum", group=title),
                Column(f"{title} {after}", "money", total="sum", group=title),
                Column(self.env._("Change"), "money", total="sum", name=f"{name}_change", group=title),
            ]
        rows = self._get_excel_changes(first, last, names, amounts)
        book.table(self.env._("Changes"), columns, rows)

    def _get_excel_changes(self, first, last, names, amounts):
        """Yield the rows of the customers that changed, those who brought most on top."""
        lines = self.env["partner.classification.line"]
        labels = [lines._get_excel_labels(name, {False}) for name in names]
        fields = ["partner_id", *names, *amounts]

        def select(run):
            query = lines._search([("classification_id", "=", run.id), ("is_merged", "!=", True)])
            query.order = None
            return query.select(
                *(
                    SQL("%s AS %s", lines._field_to_sql(query.table, name, query), SQL.identifier(name))
                    for name in fields
                )
            )

        different = SQL(" OR ").join(
            SQL("%s IS DISTINCT FROM %s", SQL.identifier("before", name), SQL.identifier("after", name))
            for name in names
        )
        # SQL because it joins two searches, which carry the access rules of the user
        rows = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(after.partner_id, before.partner_id), %s
                  FROM (%s) AS before FULL JOIN (%s) AS after ON after.partner_id = before.partner_id
                 WHERE %s
                 ORDER BY GREATEST(before.revenue, after.revenue) DESC NULLS LAST, 1""",
                SQL(", ").join(
                    SQL.identifier(alias, name)
                    for name in (*names, *amounts)
                    for alias in ("before", "after")
                ),
                select(first),
                select(last),
                different,
            )
        )
        for batch in split_every(5_000, rows):
            # sudo: as in every list of Odoo, the name of what a readable record points to is shown
            partners = self.env["res.partner"].sudo().browse(row[0] for row in batch).exists()
            partner_names = {partner.id: partner.display_name for partner in partners}
            for partner_id, *values in batch:
                row = [partner_names.get(partner_id)]
                for index in range(len(names)):
                    row += [labels[index][value or False] for value in values[2 * index : 2 * index + 2]]
                for index in range(len(names), len(names) + len(amounts)):
                    old, new = values[2 * index : 2 * index + 2]
                    changed = (new or 0.0) - (old or 0.0)
                    row += [old, new, None if old is None and new is None else changed]
                yield row
            self.env.invalidate_all()

    def _write_excel_parameters(self, book, previous=None):
        """Write what the classes were computed with, by whom and when."""
        facts = []
        for run in self:
            facts += run._get_excel_facts(previous)
        facts.append((self.env._("Exported By"), self.env.user.name))
        book.parameters(facts)

    def _get_excel_facts(self, previous=None):
        self.ensure_one()

        def title(name):
            return self._fields[name].get_description(self.env, ["string"])["string"]

        states = dict(self._fields["state"]._description_selection(self.env))
        facts = [
            (self.env["partner.classification.line"]._get_excel_column("classification_id").title, self.name),
            (title("company_id"), self.company_id.name),
            (self.env._("Currency"), self.currency_id.name),
            (title("state"), title("is_live") if self.is_live else states[self.state]),
            (title("date_from"), self.date_from, "date"),
            (title("date_to"), self.date_to, "date"),
            (title("stage_date"), self.stage_date, "date"),
            (title("date_computed"), self.date_computed, "datetime"),
            (title("computed_by_id"), self.computed_by_id.name),
        ]
        if self.date_posted:
            facts.append((title("date_posted"), self.date_posted, "datetime"))
            facts.append((title("posted_by_id"), self.posted_by_id.name))
        facts.append((title("previous_id"), previous.name if previous else None))
        facts.append((title("policy_id"), self.policy_id.name))
        return facts + self._get_excel_parameter_facts()

    def _get_excel_parameter_facts(self):
        """Return the policy as it was when the run was computed, in the words of the policy's form."""
        policy = self.env["partner.classification.policy"]
        descriptions = policy.fields_get(PARAMETERS, ["string", "type", "selection"])
        facts = []
        for name in PARAMETERS:
            if self._are_suppliers() and (name == "source" or name.startswith(CUSTOMER_PARAMETERS)):
                continue
            value, description = self._get_parameter(name), descriptions[name]
            kind = "text"
            if description["type"] == "selection":
                value = dict(description["selection"]).get(value)
            elif description["type"] == "boolean":
                value = self.env._("Yes") if value else self.env._("No")
            elif name in PERCENTAGES:
                kind = "points"
            elif description["type"] in ("integer", "float"):
                kind = "integer" if value == int(value) else "float"
            facts.append((self._get_excel_parameter_title(name, description["string"]), value, kind))
        return facts

    def _get_excel_parameter_title(self, name, title):
        """Return a parameter's title, with what the policy's form shows beside it."""
        if name == "lost_days":
            return self.env._("%s (days)", title)
        group = "XYZ" if name.startswith("xyz_") else "ABC" if name.startswith(("abc_", "months")) else ""
        return title if group in title else f"{group}: {title}"
