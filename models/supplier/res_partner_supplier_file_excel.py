from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.number_words import get_price_decimals
from ...tools.sums import known
from ...tools.workbook import Column

SUPPLIER_FILE = "supplier_file"
# So many suppliers get a sheet with a graph each; all are in the tables.
MAX_PAGES = 20
# A year of months for so many suppliers fits into a sheet and into the memory.
MAX_SUPPLIERS = 5_000


class ResPartner(models.Model):
    """The files of suppliers as one Excel file."""

    _name = "res.partner"
    _inherit = ["res.partner", "partner.excel.mixin"]

    def _get_supplier_file_partners(self, domain):
        return self.search(domain, order="complete_name, id").commercial_partner_id

    def action_export_supplier_file(self):
        """Return the download of the file of these suppliers."""
        self._check_supplier_file_right()
        return self._export_excel(SUPPLIER_FILE)

    # ------------------------------------------------------------------
    # What the file is about
    # ------------------------------------------------------------------

    def _check_excel_size(self, domain, kind):
        if kind != SUPPLIER_FILE:
            return super()._check_excel_size(domain, kind)
        if self.search_count(domain, limit=MAX_SUPPLIERS + 1) > MAX_SUPPLIERS:
            raise UserError(
                self.env._(
                    "These are more than %s suppliers. Select fewer; the comparison of scorecards holds any number.",
                    MAX_SUPPLIERS,
                )
            )
        return None

    def _get_excel_title(self, domain, kind):
        if kind != SUPPLIER_FILE:
            return super()._get_excel_title(domain, kind)
        partners = self._get_supplier_file_partners(domain)
        if len(partners) == 1:
            return self.env._("Supplier File %s", partners.name)
        return self.env._("Supplier Files")

    # ------------------------------------------------------------------
    # Sheets
    # ------------------------------------------------------------------

    def _build_excel(self, book, domain, kind):
        if kind != SUPPLIER_FILE:
            raise UserError(self.env._("%s cannot be exported to Excel.", self._name))
        partners = self._get_supplier_file_partners(domain)
        if not partners:
            raise UserError(self.env._("The suppliers are gone. Select some again."))
        files = partners._get_supplier_files()
        for file in files[:MAX_PAGES]:
            self._write_supplier_file_page(book, file)
        self._write_supplier_file_figures(book, files)
        self._write_supplier_file_months(book, files)
        self._write_supplier_file_terms(book, files)
        self._write_supplier_file_items(book, files)
        self._write_supplier_file_deliveries(book, files)
        book.parameters(self._get_supplier_file_parameters(files, domain))
        return None

    def _write_supplier_file_page(self, book, file):
        """Write the sheet of one supplier: who it is, its figures with what they are counted from, the graph."""
        partner = file["partner"]
        page = book.page(partner.name)
        page.heading(partner.name)
        page.note(f"{file['grade']}: {file['grade_reason']}")
        page.skip()
        page.facts(self._get_supplier_file_facts(file))
        if file["terms"]:
            page.heading(self.env._("Terms Valid Today"), 2)
            page.facts(self._get_supplier_file_term_facts(file))
        card = file["card"]
        if card:
            page.heading(self.env._("Reliability"), 2)
            page.block(
                [
                    Column(self.env._("Figure")),
                    Column(self.env._("Value"), "float", decimals=1),
                    Column(self.env._("Unit")),
                    Column(self.env._("Counted From")),
                ],
                self._get_supplier_file_figure_cells(file),
            )
        if file["months"]:
            page.heading(self.env._("Trend by Month"), 2)
            block = page.block(
                [
                    Column(self.env._("Month"), "month"),
                    Column(self.env._("Score of the Year up to Then"), "float", decimals=1),
                    Column(self.env._("On Time in the Month"), "percent"),
                    Column(self.env._("Due Lines"), "integer"),
                ],
                [
                    (card.date_to, known(score), known(card.on_time_rate), card.due_line_count)
                    for card, score in zip(file["months"], file["scores"], strict=True)
                ],
            )
            page.pareto(self.env._("Score (bars) and on time (line)"), block, 0, 1, 2)

    def _get_supplier_file_figure_cells(self, file):
        """Return the figures of the printed page as numbers with their unit."""
        card = file["card"]
        percent, days, money = self.env._("%"), self.env._("days"), file["currency"].name
        values = [
            (share(card.on_time_rate), percent),
            (share(card.otif_rate), percent),
            (share(card.in_full_rate), percent),
            (share(card.quality_rate), percent),
            (known(card.lead_days_mean), days),
            (known(card.lead_days_median), days),
            (known(card.lead_days_deviation), days),
            (known(card.promised_lead_days_mean), days),
            (known(card.slippage_days_mean), days),
            (known(card.response_days), days),
        ]
        if file["has_prices"]:
            values += [
                (share(card.price_compliance), percent),
                (known(card.price_variance), money),
                (known(card.bill_variance), money),
                (known(card.overdue_value), money),
            ]
        texts = self._get_supplier_file_figures(file)
        return [
            (text, value, unit if value is not None else None, counted)
            for (text, _shown, counted), (value, unit) in zip(texts, values, strict=True)
        ]

    def _write_supplier_file_figures(self, book, files):
        """Write a row of figures for each supplier."""
        cards = self.env["supplier.scorecard"]
        names = cards._get_excel_figures()
        columns = [
            Column(self.env._("Supplier")),
            Column(self.env._("Grade")),
            Column(self.env._("Reason"), wrap=True),
            Column(self.env._("City")),
            Column(self.env._("Country")),
            Column(self.env._("Buyer")),
            Column(self.env._("Open Lines"), "integer", total="sum"),
            *cards._get_excel_figure_columns(names),
        ]

        def rows():
            for file in files:
                partner, card = file["partner"], file["card"]
                yield (
                    partner.name,
                    file["grade"],
                    file["grade_reason"],
                    partner.city,
                    partner.country_id.name,
                    partner.buyer_id.name,
                    len(file["deliveries"]),
                    *(known(card[name]) if card else None for name in names),
                )

        book.table(self.env._("Suppliers"), columns, rows())

    def _write_supplier_file_months(self, book, files):
        """Write the monthly figures of all suppliers below each other."""
        cards = self.env["supplier.scorecard"]
        names = cards._get_excel_figures()
        labels = dict(cards._fields["grade"]._description_selection(self.env))
        columns = [
            Column(self.env._("Supplier")),
            Column(self.env._("Month"), "month"),
            Column(self.env._("Score of the Year up to Then"), "float", decimals=1),
            Column(self.env._("Grade")),
            *cards._get_excel_figure_columns(names),
        ]
        rows = (
            (
                file["partner"].name,
                card.date_to,
                known(score),
                labels.get(card.grade),
                *(known(card[name]) for name in names),
            )
            for file in files
            for card, score in zip(file["months"], file["scores"], strict=True)
        )
        book.table(self.env._("Months"), columns, rows, frozen_columns=2)

    def _write_supplier_file_terms(self, book, files):
        """Write the terms valid today, a row for each supplier that has some."""
        terms = self.env["supplier.terms"]
        names = self._get_supplier_file_term_fields(files[0])
        labels = dict(terms._fields["transport_mode"]._description_selection(self.env))

        def columns():
            yield Column(self.env._("Supplier"))
            for name in names:
                title = terms._fields[name].get_description(self.env, ["string"])["string"]
                kind = {"date": "date", "integer": "integer", "monetary": "float"}.get(
                    terms._fields[name].type, "text"
                )
                yield Column(title, kind, wrap=name == "return_conditions", own_decimals=name == "min_amount")
                if name == "min_amount":
                    yield Column(self.env._("Currency"))

        def values(record):
            for name in names:
                value = record[name]
                if terms._fields[name].type == "many2one":
                    yield value.display_name
                elif name == "transport_mode":
                    yield labels.get(value)
                elif name == "min_amount":
                    yield known(value), record.currency_id.decimal_places
                else:
                    yield known(value)
                if name == "min_amount":
                    yield record.currency_id.name

        rows = ((file["partner"].name, *values(file["terms"])) for file in files if file["terms"])
        book.table(self.env._("Terms Valid Today"), list(columns()), rows)

    def _write_supplier_file_items(self, book, files):
        prices = self._has_supplier_prices()
        columns = [
            Column(self.env._("Supplier")),
            Column(self.env._("Product")),
            Column(self.env._("Supplier's Code")),
            Column(self.env._("Supplier's Name of It")),
            *(
                [
                    Column(
                        self.env._("Price"), "float", decimals=self._get_price_decimals(), own_decimals=True
                    ),
                    Column(self.env._("Currency")),
                ]
                if prices
                else []
            ),
            Column(self.env._("Per")),
            Column(self.env._("From Quantity"), "float"),
            Column(self.env._("Days"), "integer"),
            Column(self.env._("Valid from"), "date"),
            Column(self.env._("Valid to"), "date"),
            Column(self.env._("Agreed In")),
        ]
        rows = (
            (
                file["partner"].name,
                item["product"],
                item["code"],
                item["name"],
                *(
                    (
                        self._get_price_cell(item["price"], item["currency"]),
                        item["currency"].name,
                    )
                    if prices
                    else ()
                ),
                item["uom"],
                item["min_quantity"],
                item["lead_days"],
                item["date_from"],
                item["date_to"],
                item["origin"],
            )
            for file in files
            for item in file["items"]
        )
        book.table(self.env._("Agreed Prices") if prices else self.env._("Products"), columns, rows)

    @api.model
    def _get_price_decimals(self):
        return self.env["decimal.precision"].precision_get("Product Price")

    def _get_price_cell(self, price, currency):
        """Return a price with the decimals that the printed file shows."""
        decimals = get_price_decimals(self.env, price, currency)
        return price, currency.decimal_places if decimals is None else decimals

    def _write_supplier_file_deliveries(self, book, files):
        """Write what is open, those longest overdue first within each supplier."""
        prices = self._has_supplier_prices()
        columns = [
            Column(self.env._("Supplier")),
            Column(self.env._("Order")),
            Column(self.env._("Product")),
            Column(self.env._("Buyer")),
            Column(self.env._("Ordered"), "float"),
            Column(self.env._("Still Owed"), "float"),
            Column(self.env._("Unit")),
            Column(self.env._("Promised"), "date"),
            Column(self.env._("Expected Now"), "date"),
            Column(self.env._("Days Overdue"), "integer"),
            Column(self.env._("Last Chased"), "datetime"),
            *([Column(self.env._("Value Open"), "money", total="sum")] if prices else []),
        ]
        rows = (
            (
                file["partner"].name,
                line.order_name,
                line.product_id.display_name,
                line.user_id.name,
                line.quantity_ordered,
                line.quantity_open,
                line.uom_id.name,
                line.date_promised,
                line.date_planned,
                line.days_overdue if line.is_overdue else None,
                line.supplier_chase_date,
                *((known(line.value_open),) if prices else ()),
            )
            for file in files
            for line in file["deliveries"]
        )
        book.table(self.env._("Open Deliveries"), columns, rows)

    def _get_supplier_file_parameters(self, files, domain):
        company = self.env.company
        facts = [
            (self.env._("Company"), company.name),
            (self.env._("Currency"), company.currency_id.name),
            (self.env._("Suppliers"), len(files), "integer"),
        ]
        if len(files) > MAX_PAGES:
            facts.append(
                (
                    self.env._("Sheets with a graph"),
                    self.env._("the first %s suppliers; all are in the tables", MAX_PAGES),
                )
            )
        facts += self._get_excel_filter_facts(Domain(domain))
        facts += self.env["supplier.scorecard"]._get_excel_policy_facts(company)
        facts.append((self.env._("Exported By"), self.env.user.name))
        return facts


def share(value):
    """Return a share as percent, None where there is no data."""
    return None if value is None or value is False else value * 100
