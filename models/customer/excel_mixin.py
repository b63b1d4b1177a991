import itertools

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, OrderedSet, format_datetime
from odoo.tools.misc import get_lang

from ...tools.cells import date_code, month_code
from ...tools.number_words import format_number
from ...tools.readable_names import readable_names
from ...tools.workbook import MAX_ROWS, Column, Style

# Records read at a time: enough to make the statements count for little, few enough for the memory.
BATCH_SIZE = 5_000
# Names kept of what records point to.
MAX_NAMES = 20_000
# What the cursors of a transaction are called.
CURSORS = itertools.count()

KINDS = {
    "integer": "integer",
    "float": "float",
    "monetary": "money",
    "date": "date",
    "datetime": "datetime",
    "boolean": "boolean",
}


class PartnerExcelMixin(models.AbstractModel):
    """Export to Excel of what a list or a form shows, with the rights of whoever exports.

    A model inherits it, has a button ``action_export_excel`` in its list (with ``display="always"``) or form,
    and says in :meth:`_build_excel` what the file holds.
    """

    _name = "partner.excel.mixin"
    _description = "Export to Excel"

    # ------------------------------------------------------------------
    # To be extended
    # ------------------------------------------------------------------

    def _build_excel(self, book, domain, kind):
        """Write the sheets; `self` is empty and has the companies and the language of whoever exports.

        :param book: :class:`~odoo.addons.partner_relations.tools.workbook.Workbook`
        :param Domain domain: the records the file is about
        :param str kind: which file, if the model has several
        """
        raise NotImplementedError

    def _get_excel_title(self, domain, kind):
        """Return what the file is called."""
        return self.env["ir.model"]._get(self._name).name

    def _get_excel_company(self, domain, kind):
        """Return the company whose name and currency the file has."""
        return self.env.company

    def _get_excel_context_keys(self):
        """Return the keys of the context that change what is read; the file is made with their values."""
        return ["lang", "tz", "active_test"]

    def _check_excel_size(self, domain, kind):
        """Refuse what does not fit into a sheet, before the file is made."""
        # a row for the titles, one for the totals
        limit = MAX_ROWS - 2
        if self.search_count(domain, limit=limit + 1) > limit:
            raise UserError(
                self.env._(
                    "These are more than %(limit)s records, which do not fit into a sheet of Excel. "
                    "Filter the list of %(model)s.",
                    limit=format_number(self.env, limit),
                    model=self.env["ir.model"]._get(self._name).name,
                )
            )

    # ------------------------------------------------------------------
    # Asking for the file
    # ------------------------------------------------------------------

    def action_export_excel(self):
        """Return the download of the selected records, or of all the list shows when none is selected."""
        return self._export_excel()

    def _export_excel(self, kind=""):
        """Return the action that downloads the file.

        :param str kind: handed to :meth:`_build_excel`
        """
        self._check_export_right()
        model = self.browse()
        # The web client hands over the ids of at most so many; all that are filtered are meant then.
        limit = int(self.env["ir.config_parameter"].sudo().get_param("web.active_ids_limit", 20_000))
        active_domain = self.env.context.get("active_domain")
        if self and (active_domain is None or len(self) < limit):
            domain = [("id", "in", self.ids)]
            # who selects an archived record wants it
            model = model.with_context(active_test=False)
        else:
            domain = active_domain or []
        model._check_excel_size(Domain(domain), kind)
        context = model.env.context
        export = self.env["partner.export"].create(
            {
                "res_model": self._name,
                "kind": kind,
                "domain": domain,
                "context": {key: context[key] for key in self._get_excel_context_keys() if key in context},
                # the current one first, whose currency the amounts are in
                "company_ids": (self.env.company | self.env.companies).ids,
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/partner_relations/export/{export.id}",
            "target": "download",
        }

    @api.model
    def _check_export_right(self):
        """Raise an error unless the user may export at all, as Odoo's own export does."""
        self.check_access("read")
        if not (self.env.is_admin() or self.env.user.has_group("base.group_allow_export")):
            raise UserError(
                self.env._("You may not export data. Ask an administrator for the right “Export”.")
            )

    # ------------------------------------------------------------------
    # What helps to build it
    # ------------------------------------------------------------------

    def _get_excel_style(self, title, company):
        """Return the style of a file: money as the company's, formats and words of the user's language."""
        lang = get_lang(self.env)
        now = fields.Datetime.now()
        return Style(
            title=title,
            company=company.name,
            author=self.env.user.name,
            date_format=date_code(lang.date_format),
            month_format=month_code(lang.date_format),
            datetime_format=date_code(f"{lang.date_format} {lang.time_format}"),
            decimals=company.currency_id.decimal_places,
            timezone=self.env.tz,
            created=now,
            created_text=format_datetime(self.env, now, tz=self.env.tz.zone, dt_format="short"),
            right_to_left=lang.direction == "rtl",
            total=self.env._("Total"),
            parameters=self.env._("Parameters"),
            parameter=self.env._("Parameter"),
            value=self.env._("Value"),
            created_on=self.env._("Created on"),
            page=self.env._("Page %(number)s of %(count)s", number="%(number)s", count="%(count)s"),
            sheet=self.env._("Sheet"),
        )

    def _get_excel_filter_facts(self, domain):
        """Return what the records were chosen by, for the sheet of parameters.

        Conditions that all apply are told in words, others as the domain they are.
        """
        title = self.env._("Filter")
        domain = Domain(domain)
        if domain.is_true():
            return [(title, self.env._("none"))]
        conditions = [*domain.iter_conditions()]
        if domain != Domain.AND(conditions):
            return [(title, str(domain))]
        facts = []
        for condition in conditions:
            name, operator, value = condition.field_expr, condition.operator, condition.value
            if name == "id" and operator == "in":
                facts.append((title, self.env._("%s selected", len(value))))
                continue
            field = self._fields.get(name)
            label = self._get_excel_column(name).title if field else name
            if field and field.type == "many2one" and operator in ("in", "not in"):
                ids = [one for one in value if type(one) is int and one]
                names = readable_names(self.env[field.comodel_name].browse(ids))
                value = ", ".join(names.get(one) or str(one) for one in value)
            elif isinstance(value, (list, tuple, set, OrderedSet)):
                labels = (
                    dict(field._description_selection(self.env))
                    if field and field.type == "selection"
                    else {}
                )
                value = ", ".join(str(labels.get(one, one)) for one in value)
            facts.append((title, f"{label} {operator} {value}"))
        return facts

    def _get_excel_report_facts(self, domain, *settings):
        """Return the facts that every report tells about itself, for the sheet of parameters.

        :param settings: further facts, of what was computed with
        """
        return [
            (self._get_excel_column("company_id").title, ", ".join(self.env.companies.mapped("name"))),
            (self.env._("Currency"), self.env.company.currency_id.name),
            *settings,
            *self._get_excel_filter_facts(domain),
            (self.env._("Exported By"), self.env.user.name),
        ]

    def _start_excel_summary(self, book):
        """Return a first sheet with its title, the companies and the currency of its amounts."""
        page = book.page(self.env._("Summary"))
        page.heading(book.style.title)
        page.note(f"{', '.join(self.env.companies.mapped('name'))} · {self.env.company.currency_id.name}")
        return page

    def _get_excel_group_column(self, spec):
        """Return the column of the groups by a field, such as ``date:month``."""
        name = spec.partition(":")[0]
        kind = "month" if self._fields[name].type == "date" else "text"
        return Column(self._get_excel_column(name).title, kind, max_width=40)

    def _get_excel_group_label(self, spec):
        """Return the function that makes of a group by a field what is written in its column."""
        field = self._fields[spec.partition(":")[0]]
        none = self.env._("None")
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return lambda group: labels.get(group) or none
        if field.type == "date":
            return lambda group: group or None
        # sudo: as in every list of Odoo, the name of a group of readable records is shown
        return lambda group: (group.sudo().display_name if group else None) or none

    @api.model
    def _get_excel_column(self, name, **options):
        """Return the column of a field, with the field's title and type unless told otherwise."""
        field = self._fields[name]
        options.setdefault("title", field.get_description(self.env, ["string"])["string"])
        options.setdefault("kind", KINDS.get(field.type, "text"))
        if options["kind"] == "float" and field.type == "float" and "decimals" not in options:
            digits = field.get_digits(self.env)
            options["decimals"] = digits[1] if digits else 2
        return Column(name=name, **options)

    def _get_excel_columns(self, names, **options):
        """Return the columns of the fields that the user may read.

        :param options: {field: options of :meth:`_get_excel_column`}
        """
        return [
            self._get_excel_column(name, **options.get(name, {}))
            for name in names
            if self._has_field_access(self._fields[name], "read")
        ]

    def _get_excel_rows(self, domain, columns, order=None, derived=None, raw=(), batch_size=BATCH_SIZE):
        """Yield the values of the columns for each record, so that a file of any length needs little memory.

        Columns are named after fields. Stored fields come from the database as they are: a number that is not
        known is None, where the ORM would say 0. Records and rules are those of a search of the user.

        :param columns: of :class:`Column`
        :param dict derived: {name of a column, a field or not: function that makes its value of those of the
            row, {name of a field: value}}; the field is not read then, unless it is stored
        :param raw: further stored fields for those functions, as the database has them
        """
        derived = derived or {}
        names = [
            column.name
            for column in columns
            if column.name not in derived or self._is_excel_stored(column.name)
        ]
        readers = [self._get_excel_reader(name) for name in names]
        stored = [name for name in names if self._is_excel_stored(name)]
        # what the others are computed of, lest each batch asks for it again
        needed = [
            field.name
            for field in self._determine_fields_to_fetch(set(names).difference(stored))
            if field.column_type
        ]
        fetched = [*dict.fromkeys([*raw, *stored, *needed])]
        for ids, *values in self._read_excel_batches(domain, order, fetched, batch_size):
            records, known = self.browse(ids), dict(zip(fetched, values, strict=True))
            for name in needed:
                self._fields[name]._insert_cache(records, known[name])
            shown = [reader(records, known.get(name)) for name, reader in zip(names, readers, strict=True)]
            if derived:
                for row in zip(*shown, *(known[name] for name in raw), strict=True):
                    own = dict(zip(names, row, strict=False))
                    facts = own | dict(zip(raw, row[len(names) :], strict=True))
                    yield [
                        derived[column.name](facts) if column.name in derived else own[column.name]
                        for column in columns
                    ]
            else:
                yield from zip(*shown, strict=True)
            # what was read for these is not needed any more
            self.env.invalidate_all()

    def _is_excel_stored(self, name):
        field = self._fields.get(name)
        while field and field.related and not field.store:
            field = field.related_field
        return bool(field and field.store and field.column_type)

    def _read_excel_batches(self, domain, order, names, batch_size):
        """Yield the ids, and the values of each stored field as the database has them, of so many records at a time.

        SQL: the ORM does not tell "not known" from 0, and makes a record of every row. A cursor, as a report would put
        all its rows together for each batch, and no more than a batch has to be in memory.
        """
        query = self._search(domain, order=order or self._order)
        if query.is_empty():
            return
        rows = query.select(
            SQL.identifier(query.table, "id"),
            *(self._field_to_sql(query.table, name, query) for name in names),
        )
        cursor = SQL.identifier(f"excel_{next(CURSORS)}")
        self.env.flush_query(rows)
        # all rows are wanted, not the first ones soon
        self.env.execute_query(SQL("SET LOCAL cursor_tuple_fraction = 1"))
        self.env.execute_query(SQL("DECLARE %s NO SCROLL CURSOR FOR %s", cursor, rows))
        while batch := self.env.execute_query(SQL("FETCH FORWARD %s FROM %s", batch_size, cursor)):
            yield zip(*batch, strict=True)
        self.env.execute_query(SQL("CLOSE %s", cursor))

    def _get_excel_reader(self, name):
        """Return a function that makes what is written of a batch of records and the values read of them."""
        field = self._fields[name]

        def get_values(records, values):
            if self._is_excel_stored(name):
                return values
            return [record[name].id if field.type == "many2one" else record[name] for record in records]

        if field.type == "many2one":
            names = {}

            def read(records, values):
                values = get_values(records, values)
                missing = {value for value in values if value} - names.keys()
                if len(names) > MAX_NAMES:
                    names.clear()
                    missing = {value for value in values if value}
                # sudo: as in every list of Odoo, the name of what a readable record points to is shown
                for other in self.env[field.comodel_name].sudo().browse(missing).exists():
                    names[other.id] = other.display_name
                return [names.get(value) for value in values]

            return read
        if field.type == "selection":
            labels = dict(field._description_selection(self.env))
            return lambda records, values: [labels.get(value) for value in get_values(records, values)]
        if field.type == "boolean":
            return lambda records, values: [bool(value) for value in get_values(records, values)]
        return get_values
