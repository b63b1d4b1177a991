"""Mail rules with a real mail server, real processes and real commits: killed, and two at once."""

import socket
import subprocess
import sys
from collections import Counter
from datetime import date

from aiosmtpd.controller import Controller

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import config

PEOPLE = 6
# Dies in its second batch, when the mails of the batch are made and not committed.
DYING_RUN = """
import os, signal
model = type(env["partner.mail.rule"])
queue, calls = model._queue, []

def dying(rule, going):
    calls.append(going)
    result = queue(rule, going)
    if len(calls) == 2:
        env.flush_all()
        os.kill(os.getpid(), signal.SIGKILL)
    return result

model._queue = dying
env["partner.mail.rule"]._cron_run(batch_size=2)
"""
# Dies while it notes what is due: nothing is noted yet.
DYING_PLAN = """
import os, signal
model = type(env["partner.mail.rule.log"])
note = model._note

def dying(logs, rows):
    note(logs, rows)
    os.kill(os.getpid(), signal.SIGKILL)

model._note = dying
env["partner.mail.rule"]._cron_run(batch_size=2)
"""
# Dies with a letter in the hand, when three are with the mail server.
DYING_SEND = """
import os, signal
model = type(env["mail.mail"])
prepare, calls = model._prepare_outgoing_list, []

def dying(mails, *args, **kwargs):
    calls.append(mails)
    if len(calls) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return prepare(mails, *args, **kwargs)

model._prepare_outgoing_list = dying
env["mail.mail"].process_email_queue()
"""
RUN = """
env["partner.mail.rule"]._cron_run(batch_size=2)
env.cr.commit()
"""
SEND = """
env["mail.mail"].process_email_queue()
env.cr.commit()
"""


class _Inbox:
    """Counts what arrives, by recipient; refuses mail while it is told to."""

    def __init__(self):
        self.received = Counter()
        self.refuses = False

    async def handle_DATA(self, server, session, envelope):
        if self.refuses:
            return "554 Refused"
        self.received.update(envelope.rcpt_tos)
        return "250 OK"


@tagged("post_install", "-at_install", "relations_commits")
class TestMailRuleKill(BaseCase):
    """What is committed here is taken back at the end, by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = _Inbox()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        cls.server = Controller(cls.inbox, hostname="127.0.0.1", port=cls.port)
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.registry = Registry(get_db_name())

    def setUp(self):
        super().setUp()
        self.inbox.received.clear()
        self.inbox.refuses = False
        with self.registry.cursor() as cr:
            env = self._env(cr)
            rules = env["partner.mail.rule"].search([("is_on", "=", True)])
            rules.is_on = False
            servers = env["ir.mail_server"].search([])
            servers.active = False
            today = date.today()
            persons = env["res.partner"].create(
                [
                    {
                        "name": f"Rule Person {number}",
                        "email": f"rule{number}@example.com",
                        "birthdate": date(1904, today.month, today.day),
                        "birth_year_known": False,
                    }
                    for number in range(PEOPLE)
                ]
            )
            template = env["mail.template"].create(
                {
                    "name": "Rule Kill",
                    "model_id": env["ir.model"]._get_id("res.partner"),
                    "subject": "Happy birthday {{ object.name }}",
                    "body_html": "<p>Dear <t t-out='object.name'/></p>",
                    "email_from": "shop@example.com",
                }
            )
            rule = env["partner.mail.rule"].create(
                {
                    "name": "Rule Kill",
                    "trigger": "birthday",
                    "template_id": template.id,
                    "hour_from": 0,
                    "hour_to": 24,
                    "sat": True,
                    "sun": True,
                    "skip_holidays": False,
                    "condition": repr([("id", "in", persons.ids)]),
                    "is_on": True,
                }
            )
            # whatever the time zone of the company, its day may differ from that of this machine
            rule.company_id.partner_id.tz = "UTC"
            rule.date_start = today
            server = env["ir.mail_server"].create(
                {
                    "name": "Loopback",
                    "smtp_host": "127.0.0.1",
                    "smtp_port": self.port,
                    "smtp_encryption": "none",
                    "smtp_authentication": "login",
                }
            )
            env["mail.mail"].search([("state", "=", "outgoing")]).unlink()
            self.rule, self.persons = rule.id, persons.ids
            made = {"rule": rule.id, "persons": persons.ids, "template": template.id, "server": server.id}
            found = {"rules": rules.ids, "servers": servers.ids}
        self.addCleanup(self._take_back, made, found)
        self.addresses = {f"rule{number}@example.com": 1 for number in range(PEOPLE)}

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})

    def _take_back(self, made, found):
        with self.registry.cursor() as cr:
            env = self._env(cr)
            logs = env["partner.mail.rule.log"].search([("rule_id", "=", made["rule"])])
            logs.mail_mail_id.unlink()
            logs.unlink()
            env["partner.mail.rule"].browse(made["rule"]).unlink()
            env["mail.template"].browse(made["template"]).unlink()
            env["ir.mail_server"].browse(made["server"]).unlink()
            env["mail.message"].search(
                [("model", "=", "res.partner"), ("res_id", "in", made["persons"])]
            ).unlink()
            env["res.partner"].browse(made["persons"]).unlink()
            env["partner.mail.rule"].browse(found["rules"]).is_on = True
            env["ir.mail_server"].browse(found["servers"]).active = True

    def _start(self, script):
        process = subprocess.Popen(
            [
                sys.executable, "-m", "odoo", "shell", "-c", config["config"], "-d", get_db_name(), "--no-http",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        process.stdin.write(script)
        process.stdin.close()
        return process

    def _run(self, script, status=0):
        process = self._start(script)
        output = process.stdout.read()
        self.assertEqual(process.wait(timeout=120), status, output[-2000:])

    def _states(self):
        with self.registry.cursor() as cr:
            logs = self._env(cr)["partner.mail.rule.log"].search(
                [("rule_id", "=", self.rule), ("due_date", "=", date.today())]
            )
            return Counter(logs.mapped("state"))

    def test_killed_while_noting_and_queueing(self):
        self._run(DYING_PLAN, -9)
        self.assertEqual(self._states(), {}, "half a batch is none")
        self._run(DYING_RUN, -9)
        self.assertEqual(self._states(), {"queued": 2, "planned": PEOPLE - 2}, "the first batch stays")
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._states(), {"sent": PEOPLE})
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses, "a further run sends nothing")

    def test_killed_while_sending(self):
        self._run(RUN)
        self._run(DYING_SEND, -9)
        self.assertEqual(sum(self.inbox.received.values()), 3)
        self._run(RUN + SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._states(), {"sent": PEOPLE})

    def test_refused_and_tried_again(self):
        self.inbox.refuses = True
        self._run(RUN + SEND)
        self.assertEqual(self._states(), {"failed": PEOPLE})
        self.inbox.refuses = False
        self._run(
            f"env['partner.mail.rule.log'].search([('rule_id', '=', {self.rule})]).action_retry()\n"
            + RUN
            + SEND
        )
        self.assertEqual(dict(self.inbox.received), self.addresses)
        self.assertEqual(self._states(), {"sent": PEOPLE})

    def test_two_workers(self):
        processes = [self._start(RUN), self._start(RUN)]
        outputs = [process.stdout.read() for process in processes]
        for process, output in zip(processes, outputs, strict=True):
            self.assertEqual(process.wait(timeout=120), 0, output[-2000:])
        self.assertEqual(self._states(), {"queued": PEOPLE})
        self._run(SEND)
        self.assertEqual(dict(self.inbox.received), self.addresses)
