from datetime import timedelta
from functools import partial

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.apart import apart

BATCH_SIZE = 200
RESUMED_AFTER = timedelta(minutes=5)


class PartnerSegmentSchedule(models.Model):
    """Activities scheduled for all contacts of a segment, in batches by the scheduler.

    Who they are for is fixed when it begins. A batch is committed with its contacts taken off the list, so that
    after an interruption it goes on with the next ones, and nobody gets an activity twice.
    """

    _name = "partner.segment.schedule"
    _description = "Activities for a Segment"
    _order = "create_date desc, id desc"
    _rec_name = "segment_id"

    segment_id = fields.Many2one(
        "partner.segment", required=True, index=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", string="Scheduled By", required=True, readonly=True, default=lambda self: self.env.user
    )
    company_id = fields.Many2one("res.company", readonly=True, default=lambda self: self.env.company)
    plan_id = fields.Many2one(
        "mail.activity.plan", string="Activity Plan", readonly=True, ondelete="restrict"
    )
    activity_type_id = fields.Many2one("mail.activity.type", readonly=True, ondelete="restrict")
    summary = fields.Char(readonly=True)
    note = fields.Html(readonly=True)
    date = fields.Date(string="Due Date", required=True, readonly=True)
    fallback_user_id = fields.Many2one(
        "res.users",
        string="Contacts without Salesperson",
        required=True,
        readonly=True,
        help="For contacts without a salesperson, or whose salesperson has left.",
    )
    todo_ids = fields.Many2many(
        "res.partner",
        "partner_segment_schedule_todo_rel",
        "schedule_id",
        "partner_id",
        string="Still to Do",
        readonly=True,
    )
    total = fields.Integer(readonly=True, string="Contacts")
    done_count = fields.Integer(readonly=True, string="Scheduled")
    skipped_count = fields.Integer(
        readonly=True,
        string="Left Out",
        help="Contacts that were archived or hidden from you before their turn.",
    )
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done")],
        required=True,
        default="running",
        readonly=True,
        index=True,
    )
    problem = fields.Char(readonly=True, help="Why it stopped.")

    def _start(self):
        """Fix the contacts, do the first batch at once and leave the rest to the scheduler."""
        self._fix_contacts()
        self._run_batch(BATCH_SIZE)
        if "running" in self.mapped("state"):
            # sudo: the scheduler goes on
            self.env.ref("partner_relations.ir_cron_segment_schedule").sudo()._trigger()

    def _fix_contacts(self):
        """Keep for whom it is: those in the segment now, of those the user may see."""
        for schedule in self:
            query = schedule.segment_id._get_partner_query()
            select = query.select(SQL("%s", schedule.id), SQL.identifier(query.table, "id"))
            self.env.flush_query(select)
            # SQL: as for snapshots, there may be hundreds of thousands
            self.env.cr.execute(
                SQL("INSERT INTO partner_segment_schedule_todo_rel (schedule_id, partner_id) %s", select)
            )
            # sudo: the figures are written by these methods only
            schedule.sudo().total = self.env.cr.rowcount
        self.invalidate_recordset(["todo_ids"])

    def action_resume(self):
        """Go on with a schedule that stopped."""
        self.check_access("read")
        for schedule in self:
            if schedule.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "The activities for “%(segment)s” are scheduled with the rights of %(user)s, who alone "
                        "resumes them.",
                        segment=schedule.segment_id.name,
                        user=schedule.user_id.name,
                    )
                )
        # sudo: the state is written by these actions only
        self.sudo().write({"state": "running", "problem": False})
        self.env.ref("partner_relations.ir_cron_segment_schedule").sudo()._trigger()

    def _cron_schedule(self, batch_size=BATCH_SIZE):
        """Do what is running, the oldest first, in batches that commit; what breaks off keeps no other back."""
        running = self.search([("state", "=", "running")], order="id")
        tasks = [
            (
                [schedule._get_turn()],
                f"Activities for the segment {schedule.segment_id.name}",
                partial(schedule._do_batch, batch_size),
            )
            for schedule in running
        ]
        turns = self.env["ir.cron.progress"]
        # before the round is over; what stops the job in this very run is seen by the next one, as this one ends there
        stopping = turns._get_stopping()
        if not turns._take_turns(tasks):
            return
        running = self.search([("state", "=", "running")])
        if any(schedule._get_turn() not in stopping for schedule in running):
            # such as one that was resumed after its turn; what stops the job each time is left to the next day
            at = fields.Datetime.now() + RESUMED_AFTER
            # sudo: the scheduler goes on
            self.env.ref("partner_relations.ir_cron_segment_schedule").sudo()._trigger(at=at)

    def _get_turn(self):
        """By what the job knows that a schedule had its turn."""
        return f"schedule {self.id}"

    def _do_batch(self, batch_size):
        """Do a batch, unless another worker is at it; return whether there is more to do."""
        # another worker may have ended or stopped it before the lock
        if not self.try_lock_for_update() or self.state != "running":
            return False
        # one that stopped is progress too: the job goes on with the next
        return bool(self._run_batch(batch_size)) and self.state == "running"

    def _run_batch(self, batch_size):
        """Schedule for the next contacts of each schedule, with the rights of who began it; return how many."""
        processed = 0
        # sudo: the list and the figures of the schedules; contacts are asked for with the rights of their user
        for schedule in self.sudo():
            todo = schedule._take_todo(batch_size)
            partners = self.env["res.partner"]
            with apart(self.env, f"Activities for the segment {schedule.segment_id.name}", schedule._stop):
                partners = schedule._search_todo(todo)
                schedule._schedule(partners)
                schedule._finish_todo(todo)
            if schedule.state == "stopped":
                continue
            schedule.write(
                {
                    "done_count": schedule.done_count + len(partners),
                    "skipped_count": schedule.skipped_count + len(todo) - len(partners),
                    "state": "running" if schedule._count_todo() else "done",
                }
            )
            processed += len(todo)
        return processed

    def _stop(self, problem):
        self.write({"state": "stopped", "problem": problem})

    def _search_todo(self, partner_ids):
        """Those of these contacts that who began it may see, in the company in which it was begun.

        Those of the other companies that were selected then are among them, too.

        :raises AccessError: if that person may not work in that company any more
        """
        partners = self.env["res.partner"].with_user(self.user_id)
        if self.company_id:
            others = self.user_id.company_ids - self.company_id
            partners = partners.with_context(allowed_company_ids=[self.company_id.id, *others.ids])
        return partners.search([("id", "in", partner_ids)])

    def _take_todo(self, limit):
        """Return the ids of the next contacts, archived ones included."""
        # SQL: the field would read the whole list for each batch
        rows = self.env.execute_query(
            SQL(
                "SELECT partner_id FROM partner_segment_schedule_todo_rel WHERE schedule_id = %s"
                " ORDER BY partner_id LIMIT %s",
                self.id,
                limit,
            )
        )
        return [partner_id for (partner_id,) in rows]

    def _finish_todo(self, partner_ids):
        self.env.cr.execute(
            SQL(
                "DELETE FROM partner_segment_schedule_todo_rel WHERE schedule_id = %s AND partner_id = ANY(%s)",
                self.id,
                partner_ids,
            )
        )
        self.invalidate_recordset(["todo_ids"])

    def _count_todo(self):
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM partner_segment_schedule_todo_rel WHERE schedule_id = ANY(%s)", self.ids
            )
        )
        return count

    def _schedule(self, partners):
        """Schedule the activity or plan for these contacts, by Odoo's own wizard."""
        self.ensure_one()
        # core refuses contacts of several companies at once
        groups = partners.grouped(lambda partner: (self._get_responsible(partner), partner.company_id))
        for (user, _company), group in groups.items():
            values = {"res_model": "res.partner", "res_ids": repr(group.ids)}
            if self.plan_id:
                values |= {
                    "plan_id": self.plan_id.id,
                    "plan_date": self.date,
                    "plan_on_demand_user_id": user.id,
                    "activity_type_id": False,
                }
            else:
                values |= {
                    "activity_type_id": self.activity_type_id.id,
                    "summary": self.summary,
                    "note": self.note,
                    "date_deadline": self.date,
                    "activity_user_id": user.id,
                }
            wizard = (
                group.env["mail.activity.schedule"]
                .with_context(mail_activity_quick_update=True)
                .create(values)
            )
            if self.plan_id:
                wizard.action_schedule_plan()
            else:
                wizard._action_schedule_activities()

    def _get_responsible(self, partner):
        """Return the salesperson of a contact or of its company, else who was chosen for the others."""
        # sudo: who looks after the company is asked, also where the person is visible and the company is not
        partner = partner.sudo()
        users = (partner.user_id, partner.commercial_partner_id.user_id)
        return next(
            (user for user in users if user.active and not user.share and user), self.fallback_user_id
        )

    def action_view_activities(self):
        """Open the contacts with their activities."""
        self.ensure_one()
        return self.segment_id.action_view_partners()
