import logging
import re

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import osutil

from ...tools.workbook import TooManyRows, Workbook

_logger = logging.getLogger(__name__)


class PartnerExport(models.TransientModel):
    """What somebody asked to have as an Excel file; the file itself is made when it is fetched.

    It holds no data and gives no rights: the records are read by whoever fetches the file, who has to be the
    one who asked.
    """

    _name = "partner.export"
    _description = "Excel Export"

    res_model = fields.Char("Model", required=True, readonly=True)
    kind = fields.Char(readonly=True, help="Which of the model's files is wanted; empty for the usual one.")
    domain = fields.Json(readonly=True, help="Which records the file is about.")
    context = fields.Json(readonly=True, help="Language, time zone and what else changes what is read.")
    company_ids = fields.Json(
        "Companies", readonly=True, help="Ids of the companies that were active when the file was asked for."
    )

    def _get_own(self, export_id):
        """Return the export if the user made it and may still export, an empty recordset otherwise."""
        if not self.has_access("read"):
            return self.browse()
        return self.search([("id", "=", export_id), ("create_uid", "=", self.env.uid)])

    def _get_records(self):
        """Return an empty recordset of the model, with the companies and the context of the export."""
        self.ensure_one()
        # a company that was taken from the user since is not shown any more
        companies = [
            company for company in self.company_ids or [] if company in self.env.user.company_ids.ids
        ]
        if not companies:
            raise UserError(self.env._("None of the companies of this export is one of yours any more."))
        context = {**(self.context or {}), "allowed_company_ids": companies}
        model = self.env.get(self.res_model)
        if model is None or not hasattr(model, "_build_excel"):
            raise UserError(self.env._("%s cannot be exported to Excel.", self.res_model))
        return model.with_context(**context)

    def _write_excel(self, target):
        """Write the file with the rights of the user.

        :param target: path or binary file
        :return: the name the file is to have
        """
        records = self._get_records()
        records._check_export_right()
        wanted = Domain(self.domain or []), self.kind or ""
        style = records._get_excel_style(
            records._get_excel_title(*wanted), records._get_excel_company(*wanted)
        )
        try:
            with Workbook(target, style) as book:
                records._build_excel(book, *wanted)
        except TooManyRows as error:
            raise UserError(
                records.env._("“%s” has more rows than a sheet of Excel holds. Filter the list.", error)
            ) from error
        _logger.info(
            "User %d exported %s to Excel. Kind: %s. Domain: %s",
            self.env.uid,
            self.res_model,
            self.kind or "-",
            self.domain,
        )
        # dates within the title stay readable
        return osutil.clean_filename(re.sub(r"[/\\:]", "-", f"{style.title}.xlsx"))
