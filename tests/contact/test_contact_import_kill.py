"""Imports in the background with real processes and real commits: killed, and gone on with."""

import base64

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name

from .. import processes

CONTACTS = 600
# Dies in its second batch, when the work of the batch is done and not committed.
DYING_RUN = """
import os, signal
model = type(env["partner.contact.import"])
process, calls = model._import_batch, []

def dying(contact_import):
    calls.append(1)
    result = process(contact_import)
    if len(calls) == 2:
        env.flush_all()
        os.kill(os.getpid(), signal.SIGKILL)
    return result

model._import_batch = dying
env["partner.contact.import"]._cron_process()
"""
RUN = """
env["partner.contact.import"]._cron_process()
env.cr.commit()
"""
UNDO = """
env["partner.contact.import"].browse({}).state = "undoing"
env["partner.contact.import"]._cron_process()
env.cr.commit()
"""


@tagged("post_install", "-at_install", "relations_commits")
class TestContactImportKill(BaseCase):
    """What is committed here is taken back at the end, by hand."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        rows = "".join(
            f"Killed Import {number},killed{number}@import.example,Killed Company\n"
            for number in range(CONTACTS)
        )
        with self.registry.cursor() as cr:
            env = self._env(cr)
            contact_import = env["partner.contact.import"].create(
                {"file": base64.b64encode(f"Name,Email,Company\n{rows}".encode()), "filename": "killed.csv"}
            )
            contact_import.action_preview()
            contact_import.state = "running"
            self.import_id = contact_import.id
        self.addCleanup(self._take_back)

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def _take_back(self):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            contact_import = env["partner.contact.import"].browse(self.import_id)
            contact_import.state = "done"
            contact_import.unlink()
            domain = ["|", ("name", "=like", "Killed Import%"), ("name", "=", "Killed Company")]
            env["res.partner"].with_context(active_test=False).search(domain).unlink()

    def _run(self, script, status=0):
        """Run a script that has to end with this status."""
        result, output = processes.run(script)
        self.assertEqual(result, status, output[-2000:])

    def _count(self):
        with self.registry.cursor() as cr:
            partner = self._env(cr)["res.partner"]
            return (
                partner.search_count([("name", "=like", "Killed Import%")]),
                partner.search_count([("name", "=", "Killed Company")]),
            )

    def test_killed_and_gone_on_with(self):
        self._run(DYING_RUN, -9)
        self.assertEqual(self._count(), (250, 1), "what the first batch has done stays")
        self._run(RUN)
        self.assertEqual(self._count(), (CONTACTS, 1), "nothing is lost, nothing is doubled")
        with self.registry.cursor() as cr:
            contact_import = self._env(cr)["partner.contact.import"].browse(self.import_id)
            self.assertEqual((contact_import.state, contact_import.created_count), ("done", CONTACTS))
        self._run(UNDO.format(self.import_id))
        self.assertEqual(self._count(), (0, 0))
