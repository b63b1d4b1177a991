from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang
from odoo.tools.misc import format_date

from ...tools.workbook import Column

OPTIONS = "dashboard_options"


class PartnerDirectorDashboard(models.AbstractModel):
    """The same figures as an Excel file and on paper."""

    _name = "partner.director.dashboard"
    _inherit = ["partner.director.dashboard", "partner.excel.mixin"]

    # ------------------------------------------------------------------
    # Excel
    # ------------------------------------------------------------------
    @api.model
    def action_export_excel(self, options=None):
        """Return the download of the dashboard with these options as an Excel file."""
        self._check_superior()
        options = self._check_options(options)
        return self.with_context(**{OPTIONS: options})._export_excel()

    @api.model
    def _check_export_right(self):
        # the dashboard has no records whose rights could be asked for
        self._check_superior()
        if not (self.env.is_admin() or self.env.user.has_group("base.group_allow_export")):
            raise UserError(
                self.env._("You may not export data. Ask an administrator for the right “Export”.")
            )

    def _check_excel_size(self, domain, kind):
        # one page for each block
        return

    def _get_excel_context_keys(self):
        return [*super()._get_excel_context_keys(), OPTIONS]

    def _get_excel_title(self, domain, kind):
        options = self._check_options(self.env.context.get(OPTIONS))
        # the words to translate are not found within an f-string
        title = self.env._("Dashboard")
        return f"{title} {options['date_from']} - {options['date_to']}"

    def _get_excel_company(self, domain, kind):
        options = self._check_options(self.env.context.get(OPTIONS))
        return self._in_companies(options["company_id"]).env.company

    def _build_excel(self, book, domain, kind):
        data = self.get_dashboard(self.env.context.get(OPTIONS))
        for section in self._get_sections(data):
            page = book.page(section["title"])
            page.heading(section["title"])
            page.note(f"{', '.join(data['company_names'])} · {data['period']['name']}")
            page.note(section["note"])
            page.skip()
            if not section["tables"]:
                page.note(self.env._("No data"))
            for table in section["tables"]:
                page.block(
                    [
                        # what is told in percent says so in its title
                        Column(title, "float" if look == "points" else look, name=str(number))
                        for number, (title, look) in enumerate(table["columns"])
                    ],
                    table["rows"],
                    title=table["title"],
                )
                page.skip()
        book.parameters(self._get_output_facts(data))

    @api.model
    def _get_output_facts(self, data):
        """What the figures were read with, in words."""
        currency = self.env["res.currency"].browse(data["currency_id"])
        return [
            (self.env._("Companies"), ", ".join(data["company_names"])),
            (self.env._("Currency"), currency.name),
            (self.env._("Period"), data["period"]["name"]),
            (self.env._("Sales Team"), data["team_name"] or self.env._("All")),
            *((self.env._("Note"), note) for note in data["notes"]),
            (self.env._("Exported By"), self.env.user.name),
        ]

    # ------------------------------------------------------------------
    # Paper
    # ------------------------------------------------------------------
    @api.model
    @api.readonly
    def action_print(self, options=None):
        """Return the action that prints the dashboard with these options."""
        self._check_superior()
        options = self._check_options(options)
        report = self.env.ref("partner_relations.partner_director_dashboard_report")
        # sudo: which report it is; its figures are read with the rights of whoever prints
        action = report.sudo().report_action([], data={"options": options}, config=False)
        action["context"] = {"allowed_company_ids": (self.env.company | self.env.companies).ids}
        return action

    @api.model
    def _format_cell(self, value, kind, currency):
        """A value as it is printed; nothing where there is none."""
        if value is None or value is False or value == "":
            return ""
        if kind == "money":
            return formatLang(self.env, value, currency_obj=currency)
        if kind == "integer":
            return formatLang(self.env, value, digits=0)
        if kind in ("float", "points"):
            return formatLang(self.env, value, digits=1)
        if kind == "month":
            return format_date(self.env, value, date_format="LLL y")
        return str(value)


class ReportPartnerDirectorDashboard(models.AbstractModel):
    """The values of the printed dashboard."""

    _name = "report.partner_relations.report_director_dashboard"
    _description = "Printed Dashboard"

    @api.model
    def _get_report_values(self, docids, data=None):
        dashboard = self.env["partner.director.dashboard"]
        figures = dashboard.get_dashboard((data or {}).get("options"))
        currency = self.env["res.currency"].browse(figures["currency_id"])
        sections = dashboard._get_sections(figures)
        return {
            "doc_ids": [],
            "doc_model": "partner.director.dashboard",
            "docs": dashboard,
            "data": figures,
            "sections": sections,
            "facts": dashboard._get_output_facts(figures),
            "company": self.env["res.company"].browse(
                figures["options"]["company_id"] or self.env.company.id
            ),
            "format_cell": lambda value, kind: dashboard._format_cell(value, kind, currency),
            "numbers": ("money", "integer", "float", "points"),
            "printed_on": fields.Datetime.now(),
        }
