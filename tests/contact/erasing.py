"""What the tests of erasing a person have in common."""

import base64
import io
import json
import zipfile

from odoo import Command

from ..common import RelationsCommon

MARK = "Zxqvmark"
EMAIL = "zxqvmark@person.example.com"


class ErasingCase(RelationsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"].with_context(active_test=False).search([])
        cls.user_director.company_ids = [Command.set(companies.ids)]
        cls.person = cls.env["res.partner"].create(
            {
                "name": f"{MARK} Person",
                "email": EMAIL,
                "phone": f"+84 28 {MARK}",
                "street": f"{MARK} street",
                "city": MARK,
                "country_id": cls.env.ref("base.vn").id,
                "function": MARK,
                "comment": f"<p>{MARK}</p>",
                "birthdate": "1980-03-14",
                "user_id": cls.user_sales.id,
            }
        )

    def _open(self, user=None, person=None):
        return (
            self.env["partner.privacy"]
            .with_user(user or self.user_director)
            .create({"partner_id": (person or self.person).id})
        )

    def _export(self, person=None):
        """``{model: rows}`` of an export."""
        opened = self._open(person=person)
        opened.action_export()
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(opened.file))) as archive:
            return {name.removesuffix(".json"): json.loads(archive.read(name)) for name in archive.namelist()}

    def _write_to(self, document, partners, **values):
        return self.env["mail.message"].create(
            {
                "model": document._name,
                "res_id": document.id,
                "message_type": "email",
                "body": MARK,
                "partner_ids": partners.ids,
                **values,
            }
        )
