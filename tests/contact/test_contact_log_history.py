# pylint: disable=translation-required
from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import SQL

from ..common import RelationsCommon
from ..jobs import held_elsewhere, run_cron, run_without_time


@tagged("post_install", "-at_install")
class TestContactLogHistory(RelationsCommon):
    """The log of a database that held business before the addon came."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_company_partner(
            "Acacia", user_id=cls.user_sales.id, email="a@acacia.example"
        )
        cls.other = cls._create_company_partner("Birch")
        cls.user_sales.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        order = cls.env["sale.order"].with_user(cls.user_sales).create({"partner_id": cls.customer.id})
        for _number in range(3):
            order.message_post(
                body="Out",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=(cls.customer | cls.other).ids,
            )
        order.message_post(body="In", message_type="email", author_id=cls.customer.id)
        order.message_post(body="A note")
        cls.customer.with_user(cls.user_sales).activity_schedule("mail.mail_activity_data_call")
        cls.customer.with_user(cls.user_sales).activity_schedule("mail.mail_activity_data_call").action_done()
        for days in (-3, 3):
            cls.env["calendar.event"].with_user(cls.user_sales).create(
                {
                    "name": "Meeting",
                    "start": Datetime.now() + timedelta(days=days),
                    "stop": Datetime.now() + timedelta(days=days, hours=1),
                    "partner_ids": [Command.set(cls.customer.ids)],
                }
            )
        cls.env.flush_all()

    def rows(self):
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """SELECT partner_id, commercial_partner_id, user_id, company_id, channel, direction, state,
                          date::date, duration, res_model, res_id, source_model, source_id,
                          message_id, event_id, activity_id
                     FROM partner_contact_log WHERE commercial_partner_id IN %s
                    ORDER BY source_model, source_id, partner_id""",
                tuple((self.customer | self.other).ids),
            )
        )

    def forget(self):
        self.env["partner.contact.log"].search([]).unlink()

    def test_history_gives_what_was_fed_live(self):
        live = self.rows()
        self.assertEqual(len(live), 3 * 2 + 1 + 2 + 2)
        self.forget()
        self.assertFalse(self.rows())
        histories = self._read_history()
        self.assertEqual(self.rows(), live)
        self.assertEqual(histories.mapped("progress"), [100.0] * 3)

    def test_killed_run_goes_on(self):
        live = self.rows()
        self.forget()
        History = self.env["partner.contact.history"]
        History.search([]).unlink()
        History.create(
            [
                {"source": source, "next_id": History._get_last_id(source), "total": 1}
                for source in ("mail.activity", "calendar.event", "mail.message")
            ]
        )
        batch_size = "odoo.addons.partner_relations.models.contact.partner_contact_history.BATCH_SIZE"
        # The scheduler is stopped after its first batch, as a kill between two batches would.
        with (
            self.enter_registry_test_mode(),
            patch(batch_size, 20),
            patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=0),
        ):
            History._cron_fill()
            self.assertLess(len(self.rows()), len(live), "a part is there")
        with patch(batch_size, 20):
            run_without_time(self, "ir_cron_contact_history", most=500)
        self.assertEqual(self.rows(), live)
        self.assertFalse(History.search([("next_id", "!=", 0)]))

    def test_what_another_worker_reads(self):
        """A source that another worker reads is left to it; the others are read."""
        history = self.env["partner.contact.history"]
        history.search([]).unlink()
        held, free = history.create(
            [
                {"source": source, "next_id": history._get_last_id(source), "total": 1}
                for source in ("calendar.event", "mail.activity")
            ]
        )
        before = held.next_id
        with held_elsewhere(held), self.enter_registry_test_mode():
            run_cron(self.env.ref("partner_relations.ir_cron_contact_history"))
        history.invalidate_model()
        self.assertEqual((held.next_id, held.processed), (before, 0))
        self.assertGreater(free.processed, 0)

    def test_only_a_director_restarts(self):
        with self.assertRaises(AccessError):
            self.env["partner.contact.history"].with_user(self.user_supervisor).action_restart()
        self.env["partner.contact.history"].with_user(self.user_director).action_restart()
