import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.batches import write_each
from ...tools.internal import INTERNAL

ACTIVITY_TYPE = "partner_relations.mail_activity_type_letter"
OVERDUE_TYPE = "partner_relations.mail_activity_type_letter_overdue"


class PartnerLetter(models.Model):
    """Working with letters: assigning, closing, opening again, junk; and the executor's activity."""

    _inherit = "partner.letter"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_assign(self):
        """Open the dialog that gives these letters to somebody."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign Letters"),
            "res_model": "partner.letter.assign",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_letter_ids": self.ids},
        }

    def action_take(self):
        """Give these letters to the user."""
        self.check_access("write")
        self.write({"user_id": self.env.uid, "state": "assigned"})

    def action_done(self):
        """Close these letters for everybody, and what came back earlier in their threads."""
        self.check_access("write")
        self._close()

    def action_return(self):
        """Open closed letters again: for their executor, else to be assigned."""
        self.check_access("write")
        closed = self.filtered(lambda letter: letter.state == "done")
        wrong = closed.filtered(lambda letter: letter.direction == "out" or letter.kind != "letter")
        if wrong:
            raise UserError(
                self.env._(
                    "“%s” is no letter to be answered and cannot be opened again.", wrong[0].display_name
                )
            )
        closed._reopen()

    def action_junk(self):
        """Take these letters out of the work."""
        self.check_access("write")
        self.filtered(lambda letter: letter.direction == "in").write({"is_junk": True, "state": "done"})

    def action_not_junk(self):
        """Take letters back from the junk, to be assigned or for their executor."""
        self.check_access("write")
        junk = self.filtered("is_junk")
        junk.write({"is_junk": False})
        junk.filtered(lambda letter: letter.kind == "letter")._reopen(returned=False)

    def _close(self):
        """Close letters, with the returned ones of their threads, which are the same matter."""
        opened = self.filtered(lambda letter: letter.state != "done")
        roots = self.thread_id | self
        returned = self.search(
            (Domain("thread_id", "in", roots.ids) | Domain("id", "in", roots.ids))
            & Domain("is_returned", "=", True)
            & Domain("state", "!=", "done")
        )
        (opened | returned).write({"state": "done"})

    def _reopen(self, returned=True):
        """Open letters again, with a new deadline."""
        # sudo: the letters come back, whoever of those with access, or the gateway, caused it; and whether the executor
        # still works here
        letters = self.sudo()
        for mailbox, its in letters.grouped("mailbox_id").items():
            deadline = mailbox._get_deadline()
            for user, alike in its.grouped(lambda letter: letter.user_id.filtered("active")).items():
                alike.write(
                    {
                        "state": "assigned" if user else "new",
                        "user_id": user.id,
                        "is_returned": returned,
                        "date_deadline": deadline,
                    }
                )

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------
    def _is_work(self):
        """Somebody has to do something about it."""
        return self.direction == "in" and self.kind == "letter" and not self.is_junk and self.state != "done"

    def _get_activity_day(self):
        """The day of the deadline for its executor; without a deadline today."""
        moment = self.date_deadline or fields.Datetime.now()
        zone = pytz.timezone(self.user_id._get_zone())
        return pytz.utc.localize(moment).astimezone(zone).date()

    def _sync_activities(self, new=False):
        """Bring the executors' activities in step with the letters: one for each open letter.

        A returned letter has none beside the answer that brought it back.
        """
        if self.env.context.get("relations_letter_activity") is INTERNAL or not self:
            return
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE, raise_if_not_found=False)
        if not type_id:
            return
        # sudo: the executor's activity follows the letter, whoever of those with access changes it
        activities = (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True, relations_letter_activity=INTERNAL)
        )
        values, closed, dropped, known = [], activities, activities, {}
        # what changes alike is written together: a colleague who leaves hands all letters over
        moved = {}
        if not new:
            overdue_id = self.env["ir.model.data"]._xmlid_to_res_id(OVERDUE_TYPE, raise_if_not_found=False)
            found = activities.search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "in", [type_id, overdue_id]),
                ]
            )
            known = found.filtered(lambda activity: activity.activity_type_id.id == type_id).grouped("res_id")
            # what a superior was told of is over as well
            done_ids = {letter.id for letter in self if not letter._is_work()}
            closed = found.filtered(
                lambda activity: activity.activity_type_id.id == overdue_id and activity.res_id in done_ids
            )
        superseded = self.filtered("is_returned")._filter_with_open_answer()
        for letter in self:
            existing = known.get(letter.id, activities)
            if not letter._is_work() or not letter.user_id:
                if letter.state == "done" and not letter.is_junk:
                    closed |= existing
                else:
                    dropped |= existing
                continue
            day = letter._get_activity_day()
            if existing:
                first = existing[0]
                dropped |= existing[1:]
                changed = {"user_id": letter.user_id.id, "date_deadline": day}
                changed = {
                    name: value
                    for name, value in changed.items()
                    if (first[name].id if name == "user_id" else first[name]) != value
                }
                if changed:
                    moved[first] = changed
            elif letter not in superseded:
                values.append(
                    {
                        "res_model_id": self.env["ir.model"]._get_id(self._name),
                        "res_id": letter.id,
                        "activity_type_id": type_id,
                        "user_id": letter.user_id.id,
                        "date_deadline": day,
                    }
                )
        write_each(moved)
        dropped.unlink()
        if closed:
            closed.action_done()
        if values:
            activities.create(values)

    def _filter_with_open_answer(self):
        """Those of which a later letter of the customer in the thread is open: that is what is to be answered."""
        roots = {letter: letter.thread_id or letter for letter in self}
        last = dict(
            self._read_group(
                [
                    ("thread_id", "in", [root.id for root in roots.values()]),
                    ("direction", "=", "in"),
                    ("kind", "=", "letter"),
                    ("state", "!=", "done"),
                ],
                ["thread_id"],
                ["id:max"],
            )
        )
        return self.filtered(lambda letter: last.get(roots[letter], 0) > letter.id)

    # ------------------------------------------------------------------
    # Escalation
    # ------------------------------------------------------------------
    @api.model
    def _cron_escalate(self, batch_size=200):
        """Tell the superiors of overdue letters, once for each deadline.

        One batch a call; a letter is marked in the transaction of its activity, so none is told of twice.
        """
        domain = Domain("is_overdue", "=", True) & Domain("date_escalated", "=", False)
        domain &= Domain("direction", "=", "in") & Domain("is_junk", "=", False)
        letters = self.search(domain, limit=batch_size, order="date_deadline, id").try_lock_for_update()
        letters._escalate()
        remaining = self.search_count(domain) if len(letters) == batch_size else 0
        self.env["ir.cron"]._commit_progress(len(letters), remaining=remaining)

    def _escalate(self):
        superiors = self._get_superiors()
        values = []
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(OVERDUE_TYPE, raise_if_not_found=False)
        now = fields.Datetime.now()
        for user, letters in superiors.items():
            letters.write({"date_escalated": now, "escalated_user_id": user.id})
            if not user or not type_id:
                continue
            # a superior may not see a letter of somebody's personal mailbox, so is not told its words either
            seen = letters.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            for letter in seen._filtered_access("read"):
                values.append(
                    {
                        "res_model_id": self.env["ir.model"]._get_id(self._name),
                        "res_id": letter.id,
                        "activity_type_id": type_id,
                        "user_id": user.id,
                        "date_deadline": fields.Date.context_today(self),
                    }
                )
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(values)

    def _get_superiors(self):
        """Return ``{superior: letters}``; letters of nobody, or of who left, go to who manages the mailbox."""
        executors = self.user_id | self.mailbox_id.default_user_id
        # sudo: who is whose superior is no secret to a job of the scheduler
        employees = self.env["hr.employee"].sudo().search([("user_id", "in", executors.ids)])
        parents = {}
        for employee in employees:
            parent = employee.parent_id
            seen = employee
            while parent and parent not in seen and not parent.user_id.active:
                seen |= parent
                parent = parent.parent_id
            if parent.user_id and parent.user_id != employee.user_id:
                parents.setdefault(employee.user_id, parent.user_id)
        result = {}
        for letter in self:
            mailbox = letter.mailbox_id
            user = parents.get(letter.user_id or mailbox.default_user_id)
            if not user and not letter.user_id.active:
                managers = mailbox.access_ids.filtered(lambda access: access.level == "manage").user_id
                user = (mailbox.user_id | mailbox.default_user_id | managers).filtered("active")[:1]
            user = user or self.env["res.users"]
            result[user] = result.get(user, self.browse()) | letter
        return result
