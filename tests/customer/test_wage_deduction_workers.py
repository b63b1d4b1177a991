from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_two_workers import TwoWorkersCommon


@tagged("post_install", "-at_install")
class TestWageDeductionWorkers(TwoWorkersCommon):
    """Two workers make the same list, or add to the same membership, at the same time."""

    def _prepare(self, env):
        self.today = fields.Date.today()
        partners = env["res.partner"].create(
            [{"name": "Two Works", "is_company": True}, {"name": "Two Anna"}]
        )
        arrangement = env["partner.wage.deduction"].create(
            {
                "employer_id": partners[0].id,
                "limit_amount": 100,
                "cutoff_day": self.today.day,
                "pay_day": self.today.day,
            }
        )
        member = env["partner.wage.deduction.member"].create(
            {"arrangement_id": arrangement.id, "partner_id": partners[1].id}
        )
        env.flush_all()
        # SQL: active without the files, which would have to be taken back, too
        for records in (arrangement, member):
            env.cr.execute(f"UPDATE {records._table} SET state = 'active' WHERE id = %s", [records.id])  # noqa: S608
        env.cr.execute(
            "UPDATE partner_wage_deduction SET next_cutoff = %s WHERE id = %s", [self.today, arrangement.id]
        )
        self.partner_ids, self.arrangement_id, self.member_id = partners.ids, arrangement.id, member.id

    def _remove(self, env):
        env.cr.execute(
            "DELETE FROM partner_wage_deduction_list WHERE arrangement_id = %s", [self.arrangement_id]
        )
        env.cr.execute("DELETE FROM partner_wage_deduction_member WHERE id = %s", [self.member_id])
        env.cr.execute("DELETE FROM partner_wage_deduction WHERE id = %s", [self.arrangement_id])
        env["res.partner"].browse(self.partner_ids).unlink()

    def _vals(self, env):
        arrangement = env["partner.wage.deduction"].browse(self.arrangement_id)
        pay_date = arrangement._get_pay_date(self.today)
        return (
            arrangement,
            pay_date,
            {
                "arrangement_id": arrangement.id,
                "date_pay": pay_date,
                "date_cutoff": self.today,
            },
        )

    def test_one_list(self):
        """The second finds that the list is there, although it does not see it yet, and goes on."""
        first, second = self.workers
        arrangement, pay_date, _vals = self._vals(second)
        # the second looks before the first is done
        self.assertFalse(
            second["partner.wage.deduction.list"].search([("arrangement_id", "=", arrangement.id)])
        )
        first["partner.wage.deduction.list"]._internal().create(self._vals(first)[2])
        first.cr.commit()
        self.assertFalse(second["partner.wage.deduction.list"]._make_list(arrangement, pay_date))
        second.cr.execute("SELECT 1")
        second.cr.commit()
        with self._committed() as env:
            self.assertEqual(
                env["partner.wage.deduction.list"].search_count(
                    [("arrangement_id", "=", self.arrangement_id)]
                ),
                1,
            )

    def test_two_schedulers(self):
        """The second meets what the first has done, looks again and finds nothing left."""
        first, second = self.workers
        self._vals(second)[0].mapped("next_cutoff")
        first["partner.wage.deduction.list"]._make_due_lists(20)
        first.cr.commit()
        after = self._get_next_cutoff()
        self.assertGreater(after, self.today)
        with mute_logger("odoo.sql_db"):
            second["partner.wage.deduction.list"]._cron_make_lists()
        self.assertEqual(self._get_next_cutoff(), after)

    def _get_next_cutoff(self):
        with self._committed() as env:
            return env["partner.wage.deduction"].browse(self.arrangement_id).next_cutoff

    def test_two_invoices(self):
        """Of two invoices posted at once the second is asked again, and sees the first: so no limit is passed."""
        first, second = self.workers
        moves = [env["account.move"].new({"wage_member_id": self.member_id}) for env in self.workers]
        moves[1].wage_member_id.mapped("date_checked")
        moves[0]._keep_wage_limit()
        first.cr.commit()
        with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
            moves[1]._keep_wage_limit()
        second.cr.rollback()
