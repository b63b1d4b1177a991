from odoo.addons.web.controllers.vcard import Partner
from odoo.exceptions import MissingError, UserError
from odoo.http import content_disposition, request, route

from ..tools.arguments import as_id

MAX_CARDS = 5_000


class ContactCards(Partner):
    @route()
    def download_vcard(self, partner_ids=None, partner=None, **kwargs):
        """Several contacts go into one file: mail programs read that, and core's archive only one by one."""
        ids = list(dict.fromkeys(filter(None, map(as_id, (partner_ids or "").split(",")))))
        if len(ids) < 2:
            if not ids and not partner:
                return request.not_found()
            partner_ids = ",".join(map(str, ids))
            return super().download_vcard(partner_ids=partner_ids, partner=partner, **kwargs)
        if len(ids) > MAX_CARDS:
            raise UserError(
                request.env._(
                    "At most %(max)s contacts go into one file, and %(count)s are selected. Select fewer.",
                    max=MAX_CARDS,
                    count=len(ids),
                )
            )
        partners = request.env["res.partner"].browse(ids).exists()
        partners.check_access("read")
        return _download(partners._get_vcard_files(), "contacts.vcf", "text/vcard; charset=utf-8")

    @route(
        "/partner_relations/contact_import/<int:import_id>/rejected",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def download_rejected(self, import_id):
        """Download the contacts of an import that were rejected, with the rights of the user."""
        contact_import = request.env["partner.contact.import"].browse(import_id)
        try:
            name, data = contact_import._get_rejected_file()
        except MissingError:
            return request.not_found()
        return _download(data, name, "application/octet-stream")


def _download(data, name, mimetype):
    return request.make_response(
        data,
        [
            ("Content-Type", mimetype),
            ("Content-Length", len(data)),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
