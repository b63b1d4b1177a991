"""Whose rights an import has, and what of it only its buttons write."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.modules import get_module_path
from odoo.service.model import call_kw
from odoo.tests import tagged

from .test_contact_import import ContactImportCommon

TEXT = "Name,Email\nNew Import,new@import.example\n"


@tagged("post_install", "-at_install")
class TestContactImportGuard(ContactImportCommon):
    """A director, who sees the imports of the whole company, with that of an administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.env.ref("base.user_admin")
        cls.partner = cls._create_person("Victim Import", email="victim@import.example", ref="before")

    def _call(self, record, method, *args, user=None, **context):
        user = user or self.user_director
        model = self.env(user=user, su=False, context={})[record._name]
        context = {"allowed_company_ids": self.company.ids, **context}
        return call_kw(model, method, [record.ids, *args] if record.ids else list(args), {"context": context})

    def _forbid(self, user):
        """Let a user write all contacts but one."""
        self.env["ir.rule"].create(
            {
                "name": "One may not",
                "model_id": self.env.ref("base.model_res_partner").id,
                "domain_force": f"[('id', '!=', {self.partner.id} if user.id == {user.id} else 0)]",
                "perm_read": False,
                "perm_create": False,
                "perm_unlink": False,
            }
        )

    def test_forged_undo_makes_no_administrator(self):
        contact_import = self._make(TEXT, user=self.admin)
        contact_import.action_preview()
        user = {
            "login": "evil_import",
            "name": "Evil",
            "group_ids": [[4, self.env.ref("base.group_system").id]],
        }
        line = {
            "name": "x",
            "state": "done",
            "result": "updated",
            "partner_id": self.partner.id,
            "undo": {"id": self.partner.id, "values": {"user_ids": [[[0, 0, user]], False]}},
        }
        lines, columns = contact_import.line_ids, contact_import.column_ids
        for record, method, values in (
            (lines.browse(), "create", {"import_id": contact_import.id, **line}),
            (lines.browse(), "create", {"import_id": contact_import.id, "name": "x"}),
            (columns.browse(), "create", {"import_id": contact_import.id, "name": "x", "target": "name"}),
            (lines, "write", line),
            *((lines, "write", {name: value}) for name, value in line.items()),
            (lines, "write", {"old_photo": "eA=="}),
            (lines, "write", {"data": {"name": "x"}}),
            (lines, "write", {"duplicate_id": self.partner.id}),
            (contact_import, "write", {"state": "done"}),
            (contact_import, "write", {"starter_id": self.admin.id}),
            (contact_import, "write", {"line_ids": [[0, 0, line]]}),
            (contact_import, "write", {"line_ids": [[1, lines.id, line]]}),
            (contact_import.browse(), "create", {"file": "eA==", "state": "running"}),
            (contact_import.browse(), "create", {"file": "eA==", "line_ids": [[0, 0, line]]}),
        ):
            with self.assertRaises(AccessError, msg=(record, method, values)), self.cr.savepoint():
                self._call(record, method, values)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._call(contact_import, "action_undo")
        self.assertFalse(self.env["res.users"].search([("login", "=", "evil_import")]))
        self._call(lines, "write", {"action": "skip"})
        self.assertEqual(lines.action, "skip", "what is chosen in the preview can be chosen")

    def test_defaults_of_the_context_are_not_taken(self):
        """Neither for what only the buttons write, nor for the contacts."""
        created = self._call(
            self.env["partner.contact.import"],
            "create",
            {"file": "eA=="},
            default_state="running",
            default_starter_id=self.admin.id,
        )
        self.assertRecordValues(
            self.env["partner.contact.import"].browse(created), [{"state": "draft", "starter_id": False}]
        )
        contact_import = self._make(TEXT, user=self.admin)
        forged = {"id": self.partner.id, "values": {}}
        self._call(contact_import, "action_preview", default_undo=forged, default_partner_id=self.partner.id)
        self.assertRecordValues(contact_import.line_ids, [{"undo": False, "partner_id": False}])
        self._call(contact_import, "action_import", default_ref="forged", default_type="invoice")
        self.assertRecordValues(contact_import.line_ids.partner_id, [{"ref": False, "type": "contact"}])

    def test_import_has_the_rights_of_who_starts_it(self):
        self._forbid(self.user_director)
        contact_import = self._make(
            "Name,Email,Phone\nNew Import,new@import.example,\nVictim Import,victim@import.example,0901234567\n",
            user=self.admin,
            duplicate_action="update",
        )
        contact_import.action_preview()
        # what a user may change of a preview
        self._call(contact_import.column_ids[0], "write", {"target": "name"})
        self._call(contact_import, "action_preview")
        self._call(contact_import, "action_import")
        self.assertEqual(contact_import.starter_id, self.user_director)
        new, known = contact_import.line_ids.sorted("number")
        self.assertEqual(new.partner_id.create_uid, self.user_director)
        self.assertRecordValues(known, [{"state": "error", "message": "You may not change this contact."}])
        self.assertFalse(self.partner.phone)

    def test_undo_has_the_rights_of_who_presses_it(self):
        contact_import = self._import(
            "Name,Email,Phone\nVictim Import,victim@import.example,0901234567\n", user=self.admin
        )
        self.assertTrue(self.partner.phone)
        self._forbid(self.user_director)
        self._call(contact_import, "action_undo")
        self.assertTrue(self.partner.phone)
        self.assertRecordValues(
            contact_import.line_ids, [{"result": "kept", "message": "You may not change this contact."}]
        )

    def test_only_what_an_import_writes_is_put_back(self):
        """Also from a line that was forged before it was guarded."""
        contact_import = self._import(
            "Name,Email,Phone\nVictim Import,victim@import.example,0901234567\n", user=self.admin
        )
        line = contact_import.line_ids.sudo()
        user = {"login": "evil_import", "name": "Evil"}
        line.undo = {
            "id": self.partner.id,
            "values": {
                "phone": line.undo["values"]["phone"],
                "ref": ["forged", "before"],
                "user_ids": [[[0, 0, user]], False],
            },
        }
        contact_import.action_undo()
        self.assertRecordValues(self.partner, [{"phone": False, "ref": "before", "user_ids": []}])

    def test_scheduler_goes_on_for_who_started_it(self):
        model = type(self.env["partner.contact.import"])
        contact_import = self._make(TEXT, user=self.admin)
        contact_import.action_preview()
        with patch.object(model, "_go_on", lambda contact_import: True):
            self._call(contact_import, "action_import")
        self.assertRecordValues(contact_import, [{"state": "running", "starter_id": self.user_director.id}])
        with self.assertRaisesRegex(UserError, "cannot be done"), self.cr.savepoint():
            self._call(contact_import, "write", {"duplicate_action": "update"}, user=self.admin)
        with self.assertRaisesRegex(UserError, "cannot be done"), self.cr.savepoint():
            self._call(contact_import.line_ids, "write", {"action": "update"}, user=self.admin)
        self._run_cron()
        self.assertEqual(contact_import.state, "done")
        self.assertEqual(contact_import.line_ids.partner_id.create_uid, self.user_director)

    def test_scheduler_stops_where_nobody_has_the_rights(self):
        for forgotten in (False, True):
            contact_import = self._make(TEXT, user=self.admin)
            contact_import.action_preview()
            contact_import.with_user(self.user_import).sudo().state = "running"
            self.assertEqual(contact_import.starter_id, self.user_import)
            if forgotten:
                contact_import.sudo().starter_id = False
            else:
                self.user_import.active = False
            self._run_cron()
            self.assertEqual(contact_import.state, "ready")
            self.assertFalse(contact_import.line_ids.partner_id)
            self.user_import.active = True

    def _run_cron(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1):
            self.env["partner.contact.import"]._cron_process()
        self.env.invalidate_all()

    def test_running_imports_go_on_after_the_upgrade(self):
        contact_import = self._make(TEXT)
        contact_import.action_preview()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE partner_contact_import SET state = 'running', starter_id = NULL WHERE id = %s",
            [contact_import.id],
        )
        self.env.invalidate_all()
        path = Path(get_module_path("partner_relations"), "migrations", "19.0.1.8.0", "end-contact_import.py")
        spec = spec_from_file_location("end_contact_import", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.7.0")
        self.env.invalidate_all()
        self.assertEqual(contact_import.starter_id, self.user_import)
        self._run_cron()
        self.assertEqual(contact_import.state, "done")

    def test_not_moved_to_another_company(self):
        contact_import = self._make(TEXT)
        with self.assertRaises(AccessError):
            self._call(contact_import, "write", {"company_id": self.company2.id}, user=self.user_import)
        self.user_import.company_ids = [Command.link(self.company2.id)]
        self._call(
            contact_import,
            "write",
            {"company_id": self.company2.id},
            user=self.user_import,
            allowed_company_ids=(self.company + self.company2).ids,
        )
        self.assertEqual(contact_import.company_id, self.company2)
