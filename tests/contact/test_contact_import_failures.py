"""What one contact, or one import, cannot do does not stop the others, and nothing is left behind."""

from unittest.mock import patch

import psycopg2
import psycopg2.errors

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..jobs import held_elsewhere, run_job, run_without_time
from .test_contact_import import ContactImportCommon

IMPORT = "odoo.addons.partner_relations.models.contact.partner_contact_import"
RUN = "odoo.addons.partner_relations.models.contact.partner_contact_import_run"
UNDO = "odoo.addons.partner_relations.models.contact.partner_contact_import_undo"


@tagged("post_install", "-at_install")
class TestContactImportFailures(ContactImportCommon):
    def _refuse(self, *names, error=None):
        """Contacts of these names are refused, such as by another addon."""
        create = type(self.env["res.partner"]).create

        def refusing(model, vals_list):
            for vals in [vals_list] if isinstance(vals_list, dict) else vals_list:
                if vals.get("name") in names:
                    raise error or UserError(f"No {vals['name']}, please.")
            return create(model, vals_list)

        self.patch(type(self.env["res.partner"]), "create", refusing)

    def _search(self, name):
        return self.env["res.partner"].with_context(active_test=False).search([("name", "=", name)])

    # ------------------------------------------------------------------
    # In the background
    # ------------------------------------------------------------------
    def _run_job(self):
        with self.enter_registry_test_mode():
            run_job(self.env, "ir_cron_contact_import")

    def _start(self, text, user=None, **values):
        contact_import = self._make(text, user=user, **values)
        contact_import.action_preview()
        contact_import.sudo().state = "running"
        return contact_import.sudo()

    def test_import_that_cannot_go_on(self):
        """It is set back with the reason, and the next one is done."""
        other = self._create_user(
            "relations_import_stopped",
            "base.group_user,base.group_partner_manager",
            company_id=self.company2.id,
            company_ids=[Command.set((self.company + self.company2).ids)],
        )
        without_right = self._start("Name\nStopped Import\n", user=other)
        without_company = self._start("Name\nForeign Import\n", company_id=self.company.id)
        fine = self._start("Name\nFine Import\n", user=self.user_director)
        other.group_ids -= self.env.ref("base.group_partner_manager")
        self.user_import.write(
            {"company_id": self.company2.id, "company_ids": [Command.set(self.company2.ids)]}
        )
        self.assertLess(max(without_right.id, without_company.id), fine.id)
        with mute_logger(IMPORT):
            self._run_job()
        self.assertEqual(fine.state, "done")
        self.assertTrue(self._search("Fine Import"))
        for stopped in (without_right, without_company):
            self.assertEqual((stopped.state, stopped.open_count), ("ready", 1))
            self.assertTrue(stopped.problem)
        self.assertFalse(self._search("Stopped Import") | self._search("Foreign Import"))
        # it goes on where the cause is mended
        other.group_ids += self.env.ref("base.group_partner_manager")
        without_right.with_user(other).action_import()
        self.assertRecordValues(without_right, [{"state": "done", "problem": False}])
        self.assertTrue(self._search("Stopped Import"))

    def test_many_contacts_keep_nobody_waiting(self):
        """Few are imported at once; of more the scheduler is told, and undone they are as well."""
        few = self._make("Name\nFew 1\nFew 2\n")
        many = self._make("Name\nMany 1\nMany 2\nMany 3\n")
        triggers = self.env["ir.cron.trigger"].sudo()
        job = self.env.ref("partner_relations.ir_cron_contact_import")
        with patch(f"{IMPORT}.request", new=True), patch(f"{IMPORT}.AT_ONCE", new=2):
            for contact_import, states in ((few, ("done", "undone")), (many, ("running", "undoing"))):
                contact_import.action_preview()
                for action, state in zip(("action_import", "action_undo"), states, strict=True):
                    before = triggers.search_count([("cron_id", "=", job.id)])
                    getattr(contact_import, action)()
                    self.assertEqual(contact_import.state, state)
                    told = triggers.search_count([("cron_id", "=", job.id)]) - before
                    self.assertEqual(told, int(contact_import == many))
                    if contact_import == many:
                        self._run_job()
        self.assertEqual((few.state, many.state), ("undone", "undone"))

    def test_user_who_left(self):
        stopped = self._start("Name\nLeft Import\n")
        fine = self._start("Name\nFine Import\n", user=self.user_director)
        self.user_import.active = False
        with mute_logger(IMPORT):
            self._run_job()
        self.assertEqual((stopped.state, fine.state), ("ready", "done"))
        self.assertIn(self.user_import.name, stopped.problem)

    def test_import_that_another_worker_is_at(self):
        """It is left to that one, and its contacts are not made twice; the next import has its turn."""
        held, free = self._start("Name\nHeld Import\n"), self._start("Name\nFree Import\n")
        with held_elsewhere(held):
            self._run_job()
        self.assertEqual((held.state, free.state), ("running", "done"))
        self.assertFalse(self._search("Held Import"))
        self._run_job()
        self.assertEqual((held.state, len(self._search("Held Import"))), ("done", 1))

    def test_time_is_up(self):
        """After one batch: the job stops there, and the scheduler, who is told that something remains, comes again."""
        imports = [self._start(f"Name\n{name} Import\n") for name in ("First", "Second")]
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0):
            self.env["partner.contact.import"]._cron_process()
        self.assertEqual([one.state for one in imports], ["done", "running"])
        imports.append(self._start("Name\nThird Import\n"))
        run_without_time(self, "ir_cron_contact_import")
        self.assertEqual([one.state for one in imports], ["done"] * 3)

    def test_conflict_stops_no_import(self):
        """Somebody saved one of its contacts at the same moment: the scheduler begins the batch anew."""
        held = self._start("Name\nHeld Import\n")
        with (
            patch.object(type(held), "_process_batch", side_effect=psycopg2.errors.SerializationFailure),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            held._cron_process()
        self.assertRecordValues(held, [{"state": "running", "problem": False}])

    def test_undo_that_cannot_go_on(self):
        stopped = self._import("Name\nStopped Import\n").sudo()
        fine = self._import("Name\nFine Import\n", user=self.user_director).sudo()
        stopped.state = "undoing"
        fine.state = "undoing"
        self.user_import.group_ids -= self.env.ref("base.group_partner_manager")
        with mute_logger(IMPORT):
            self._run_job()
        self.assertEqual((stopped.state, fine.state), ("done", "undone"))
        self.assertTrue(stopped.problem)
        self.assertTrue(self._search("Stopped Import"))

    def test_part_of_it_is_imported(self):
        """Reading the file again would forget what can be undone."""
        contact_import = self._start("Name\nOne Import\nTwo Import\n")
        first, second = contact_import.line_ids
        with patch(f"{RUN}.BATCH", 1):
            contact_import._import_batch()
        self.assertEqual(contact_import.line_ids.mapped("state"), ["done", "new"])
        contact_import.state = "ready"
        mine = contact_import.with_user(self.user_import)
        for refused in (mine.action_preview, lambda: mine.write({"file": mine.file})):
            with self.assertRaisesRegex(UserError, "contacts.csv"):
                refused()
        mine.action_import()
        mine.action_undo()
        self.assertFalse((first | second).partner_id.exists())

    # ------------------------------------------------------------------
    # A contact that is refused
    # ------------------------------------------------------------------
    def test_another_contact_s_error(self):
        """Its company stands in the file after it, and a third one is refused."""
        contact_import = self._make(
            "First Name,Last Name,E-mail Address,Company\n"
            "An,Import,an@import.example,Acme of Import\n"
            ",,info@acme-import.example,Acme of Import\n"
            "Refused,Import,refused@import.example,\n"
        )
        contact_import.action_preview()
        person, organisation, refused = contact_import.line_ids
        self.assertTrue(organisation.data["is_company"])
        self._refuse(refused.name)
        contact_import.action_import()
        self.assertEqual(contact_import.line_ids.mapped("state"), ["done", "done", "error"])
        self.assertEqual(person.partner_id.parent_id, organisation.partner_id)
        self.assertEqual(refused.message, f"No {refused.name}, please.")
        contact_import.action_undo()
        self.assertFalse(self._search("Acme of Import"))

    def test_organisation_is_refused(self):
        """Its people keep its name as text."""
        contact_import = self._make(
            "First Name,Last Name,E-mail Address,Company\n"
            "An,Import,an@import.example,Acme of Import\n"
            ",,info@acme-import.example,Acme of Import\n"
        )
        contact_import.action_preview()
        person, organisation = contact_import.line_ids
        self._refuse("Acme of Import")
        contact_import.action_import()
        self.assertEqual((person.state, organisation.state), ("done", "error"))
        self.assertRecordValues(person.partner_id, [{"parent_id": False, "company_name": "Acme of Import"}])

    def test_refused_person_leaves_no_company(self):
        self._refuse("Refused Import", "Refused Too")
        contact_import = self._import(
            "Name,Company\nRefused Import,Orphan of Import\nFine Import,Kept of Import\nRefused Too,Kept of Import\n"
        )
        self.assertEqual(contact_import.line_ids.mapped("state"), ["error", "done", "error"])
        self.assertFalse(self._search("Orphan of Import"))
        self.assertEqual(self._search("Fine Import").parent_id, self._search("Kept of Import"))
        contact_import.action_undo()
        self.assertFalse(self._search("Kept of Import"))

    def test_company_stays_with_the_next_person(self):
        """The person for whom it was made is refused: undoing finds it by the one after."""
        self._refuse("Refused Import")
        contact_import = self._import(
            "Name,Company\nRefused Import,Shared of Import\nFine Import,Shared of Import\n"
        )
        company = self._search("Shared of Import")
        self.assertEqual(self._search("Fine Import").parent_id, company)
        contact_import.action_undo()
        self.assertFalse(company.exists())

    def test_company_is_refused(self):
        self._refuse("Bad of Import")
        contact_import = self._import("Name,Company\nOne Import,Bad of Import\nTwo Import,Good of Import\n")
        bad, good = contact_import.line_ids
        self.assertEqual((bad.state, good.state), ("error", "done"))
        self.assertIn("Bad of Import", bad.message)
        self.assertEqual(good.partner_id.parent_id.name, "Good of Import")

    def test_tag_is_refused(self):
        create = type(self.env["res.partner.category"]).create

        def refusing(model, vals_list):
            if any(
                vals["name"] == "Bad Tag"
                for vals in ([vals_list] if isinstance(vals_list, dict) else vals_list)
            ):
                raise UserError("No Bad Tag, please.")
            return create(model, vals_list)

        self.patch(type(self.env["res.partner.category"]), "create", refusing)
        card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{}\r\nCATEGORIES:{}\r\nEND:VCARD\r\n"
        contact_import = self._import(
            card.format("One Import", "Good Tag,Bad Tag") + card.format("Two Import", "Good Tag"),
            filename="x.vcf",
        )
        bad, good = contact_import.line_ids
        self.assertEqual((bad.state, bad.message), ("error", "No Bad Tag, please."))
        self.assertEqual(good.partner_id.category_id.mapped("name"), ["Good Tag"])

    def test_known_contact_is_refused(self):
        """The others of the batch are written to all the same, those before it as well as those after it."""
        partners = self.env["res.partner"].create(
            [
                {"name": f"{name} Import", "email": f"{name}@known-import.example"}
                for name in ("One", "Bad", "Two")
            ]
        )
        write = type(partners).write

        def refusing(records, vals):
            if "function" in vals and "Bad Import" in records.mapped("name"):
                raise UserError("No Bad Import, please.")
            return write(records, vals)

        self.patch(type(partners), "write", refusing)
        rows = "".join(f"{partner.name},{partner.email},Boss\n" for partner in partners)
        contact_import = self._import(f"Name,Email,Job Title\n{rows}", duplicate_action="update")
        self.assertEqual(contact_import.line_ids.mapped("state"), ["done", "error", "done"])
        self.assertEqual(contact_import.line_ids[1].message, "No Bad Import, please.")
        self.assertEqual(partners.mapped("function"), ["Boss", False, "Boss"])
        contact_import.action_undo()
        self.assertEqual(partners.mapped("function"), [False, False, False])

    def test_too_long_for_an_index(self):
        """Neither a passing error, as which PostgreSQL's driver counts it, nor one of the others."""
        error = psycopg2.errors.ProgramLimitExceeded("index row size exceeds the maximum")
        self._refuse("Long Import", error=error)
        with mute_logger(RUN):
            contact_import = self._import(
                "Name,Email\nLong Import,a@import.example\nFine Import,b@import.example\n"
            )
        self.assertEqual(contact_import.line_ids.mapped("state"), ["error", "done"])

    # ------------------------------------------------------------------
    # Undo
    # ------------------------------------------------------------------
    def test_undo_of_companies_in_batches(self):
        """A file may name a company for each of its people: they go together, some in each transaction."""
        contact_import = self._import(
            "Name,Email,Company\n"
            + "".join(f"Person {no} Import,p{no}@import.example,Firm {no} of Import\n" for no in range(5))
        )
        firms = contact_import.line_ids.partner_id.parent_id
        self.assertEqual(len(firms), 5)
        self.env["crm.lead"].create({"name": "Deal", "partner_id": firms[1].id})
        firms[3].name = "Renamed"
        contact_import = self._undo_to_the_companies(contact_import)
        left = []
        with patch(f"{UNDO}.BATCH", 2), patch.object(type(contact_import), "_delete") as by_itself:
            while contact_import._process_batch():
                left.append(len(firms.exists()))
        self.assertEqual((left, contact_import.state), ([4, 3], "undone"))
        self.assertEqual(firms.exists(), firms[1] + firms[3])
        by_itself.assert_not_called()
        self.assertEqual(
            contact_import.line_ids.mapped("result"), ["undone", "kept", "undone", "kept", "undone"]
        )
        self.assertIn("used since", contact_import.line_ids[1].message)
        self.assertIn("renamed", contact_import.line_ids[3].message)
        self.assertTrue(all(line.undo["created"] for line in contact_import.line_ids))

    def test_undo_of_companies_of_which_one_is_refused(self):
        """What keeps one of them from being deleted keeps none of the others."""
        contact_import = self._import(
            "Name,Email,Company\n"
            + "".join(f"Person {no} Import,p{no}@import.example,Firm {no} of Import\n" for no in range(3))
        )
        firms = contact_import.line_ids.partner_id.parent_id
        contact_import = self._undo_to_the_companies(contact_import)
        refused, unlink = firms[1], type(firms).unlink

        def refusing(partners):
            if refused in partners:
                raise UserError("Not this one.")
            return unlink(partners)

        with patch.object(type(firms), "unlink", refusing):
            self.assertFalse(contact_import._process_batch())
        self.assertEqual(firms.exists(), refused)
        self.assertFalse(refused.active, "archived, as it cannot be deleted")

    def _undo_to_the_companies(self, contact_import):
        """Undo all but the companies that were made, as the scheduler does."""
        contact_import = contact_import._as_worker(self.user_import)
        contact_import.state = "undoing"
        with patch.object(type(contact_import), "_undo_companies", return_value=True):
            contact_import._process_batch()
            contact_import._process_batch()
        return contact_import

    def test_undo_keeps_what_cannot_be_put_back(self):
        """A language that was switched off, and a state that was deleted."""
        for code in ("fr_FR", "vi_VN"):
            self.env["res.lang"]._activate_lang(code)
        state = self.env["res.country.state"].create(
            {"name": "Import Province", "code": "IMP", "country_id": self.env.ref("base.vn").id}
        )
        speaker = self._create_person("Speaker Import", email="speaker@import.example", lang="fr_FR")
        resident = self._create_person("Resident Import", email="resident@import.example")
        fine = self._create_person("Fine Import", email="fine@import.example", function="Clerk")
        contact_import = self._import(
            "Name,Email,Language,Job Title\n"
            "Speaker Import,speaker@import.example,vi_VN,\n"
            "Resident Import,resident@import.example,,Boss\n"
            "Fine Import,fine@import.example,,Boss\n",
            duplicate_action="update",
        )
        self.assertEqual((speaker.lang, fine.function), ("vi_VN", "Boss"))
        line = contact_import.line_ids[1].sudo()
        line.undo = {**line.undo, "values": {**line.undo["values"], "state_id": [state.id, False]}}
        state.unlink()
        self.env["res.lang"].search([("code", "=", "fr_FR")]).active = False
        with mute_logger(UNDO):
            contact_import.action_undo()
        self.assertEqual(contact_import.state, "undone")
        self.assertEqual(contact_import.line_ids.mapped("result"), ["kept", "kept", "undone"])
        self.assertEqual(speaker.lang, "vi_VN")
        self.assertIn("Language", contact_import.line_ids[0].message)
        self.assertEqual(fine.function, "Clerk")
        self.assertEqual(resident.function, "Boss")
