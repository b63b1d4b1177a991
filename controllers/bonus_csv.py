from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request


class BonusCsvController(http.Controller):
    @http.route(
        "/partner_relations/export_csv/<int:export_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=False,
    )
    def export(self, export_id):
        """Send the bonuses of a `partner.export` as CSV to the one who asked for them.

        Not on a replica: the export was made a moment ago.
        """
        export = request.env["partner.export"]._get_own(export_id)
        if not export or export.res_model != "manager.bonus" or export.kind != "payroll_csv":
            raise NotFound()
        records = export._get_records()
        records._check_export_right()
        content = records._build_csv(export.domain or [])
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "text/csv; charset=utf-8"),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(f"{records._get_excel_title([], '')}.csv")),
                ("Cache-Control", "private, no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
