import tempfile

from psycopg2.errors import ReadOnlySqlTransaction
from werkzeug.exceptions import NotFound
from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import content_disposition, request

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExcelController(http.Controller):
    @http.route(
        "/partner_relations/export/<int:export_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def export(self, export_id):
        """Send the Excel file of a `partner.export` to the one who asked for it.

        Whoever it does not belong to learns nothing, not even that it exists.
        """
        export = request.env["partner.export"]._get_own(export_id)
        if not export:
            if request.env.cr.readonly:
                # A replica may not have it yet: Odoo repeats the request with the primary database.
                raise ReadOnlySqlTransaction("export not found on the read-only database")
            raise NotFound()
        # Without a name and gone when it is closed, also when the browser breaks off.
        file = tempfile.TemporaryFile()  # noqa: SIM115 closed with the response
        try:
            filename = export._write_excel(file)
            size = file.tell()
            file.seek(0)
        except BaseException:
            file.close()
            raise
        response = request.make_response(
            wrap_file(request.httprequest.environ, file),
            headers=[
                ("Content-Type", MIMETYPE),
                ("Content-Length", size),
                ("Content-Disposition", content_disposition(filename)),
                ("Cache-Control", "private, no-store"),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
        # read in pieces, not into the memory
        response.direct_passthrough = True
        response.call_on_close(file.close)
        return response
