from datetime import timedelta
from functools import partial

from psycopg2.errors import UniqueViolation

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools import format_date, split_every

from ...tools.apart import each_apart
from ...tools.empty_fields import EmptyFloat
from ...tools.internal import INTERNAL
from ...tools.text import shorten

STATES = [("draft", "Draft"), ("submitted", "Submitted"), ("approved", "Approved"), ("closed", "Closed")]
# What only the actions change: a person does not approve the own plan by writing a field.
GUARDED = {
    "state", "remark", "submitted_on", "approved_by_id", "user_id", "date_from", "company_id", "capacity_hours",
}  # fmt: skip


class PartnerWorkPlan(models.Model):
    """One person's week: what is planned, how much time there is, and what was done of it.

    Lines come from the person's activities (planned contacts and next steps of deals are activities) and
    meetings, see ``partner.work.plan.line``, and are added by hand. The person submits the plan, a superior by
    the hierarchy of employees, or a director, approves it or returns it with a remark. When the week is over,
    the plan is closed, and what is still to do moves into the next one.

    Hours are hours. The capacity is what the employee's working schedules give in that week, less leave; it is
    empty for somebody without employee or without schedule.
    """

    _name = "partner.work.plan"
    _description = "Work Plan"
    _inherit = ["mail.thread", "mail.activity.mixin", "partner.guarded.mixin"]
    # the plan of the next week is made with all rights when somebody closes this one
    _no_defaults = tuple(GUARDED - {"user_id", "date_from"})
    _order = "date_from desc, user_id, id"
    _rec_names_search = ["user_id"]

    user_id = fields.Many2one(
        "res.users",
        string="Person",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        compute="_compute_company_id",
        store=True,
        precompute=True,
        help="The company of the person's user.",
    )
    date_from = fields.Date(
        string="From", required=True, readonly=True, default=lambda self: self._default_date_from()
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_date_to",
        store=True,
        precompute=True,
        help="The Sunday of the week that begins on the Monday before.",
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="draft", copy=False, tracking=True, group_expand=True
    )
    line_ids = fields.One2many("partner.work.plan.line", "plan_id", string="Plan Lines")
    remark = fields.Text(readonly=True, copy=False, help="What the superior asks to change.")
    submitted_on = fields.Datetime(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    superior_id = fields.Many2one(
        "res.users",
        compute="_compute_superior_id",
        help="Approves the plan: of the managers above the person, the nearest who may do so and still works here. "
        "Where none of them may, the directors are asked; who has no manager has the plan approved at once.",
    )
    can_approve = fields.Boolean(compute="_compute_can_approve")
    in_my_team = fields.Boolean(
        compute="_compute_in_my_team",
        search="_search_in_my_team",
        help="The plan of one of my subordinates, at any depth.",
    )
    capacity_hours = EmptyFloat(
        string="Capacity",
        readonly=True,
        copy=False,
        help="Hours of the working schedules that hold on the days of this week, from the first to the last day of the "
        "contract, less leave and public holidays. Empty: the person has no employee or no schedule.",
    )
    meeting_hours = fields.Float(
        string="In Meetings",
        compute="_compute_figures",
        help="Hours of the meetings of the week that are not cancelled, nor moved to another week.",
    )
    available_hours = EmptyFloat(
        string="Available",
        compute="_compute_figures",
        help="Capacity less meetings: what is left for everything else.",
    )
    planned_hours = fields.Float(
        compute="_compute_figures",
        help="Hours of all lines, meetings included. Cancelled ones, and those moved to another week, count in a "
        "submitted plan, whoever took them away, so that planned and done stay comparable, but for those that were "
        "taken away before or added later.",
    )
    done_hours = fields.Float(
        string="Hours Done", compute="_compute_figures", help="Hours of the lines that are done."
    )
    planned_count = fields.Integer(
        string="Lines", compute="_compute_figures", help="Lines of the plan that count as planned hours do."
    )
    done_count = fields.Integer(string="Lines Done", compute="_compute_figures")
    carried_count = fields.Integer(
        string="Carried Over",
        compute="_compute_figures",
        help="Lines that were planned for this week, not done, and moved on.",
    )
    completion = EmptyFloat(
        compute="_compute_figures",
        aggregator="avg",
        help="Planned hours of what is done ÷ planned hours; the part done of the lines where no line has hours. Empty "
        "without lines.",
    )
    load = EmptyFloat(
        compute="_compute_figures",
        aggregator="avg",
        help="Hours of the lines that are not cancelled, nor moved to another week ÷ capacity. Above 100%: more is "
        "planned than there is time. Empty without capacity.",
    )
    has_moved = fields.Boolean(compute="_compute_figures")

    _one_per_week = models.UniqueIndex(
        "(user_id, date_from)", "This person has a plan for that week already."
    )
    _monday = models.Constraint(
        "CHECK (EXTRACT(isodow FROM date_from) = 1)", "A work plan begins on a Monday."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.model
    def _default_date_from(self):
        return self._get_monday(fields.Date.context_today(self))

    @api.model
    def _get_monday(self, day):
        """The first day of the week of ``day``."""
        return day - timedelta(days=day.weekday())

    @api.depends("user_id")
    def _compute_company_id(self):
        for plan in self:
            # sudo: the company of a colleague, by which the rules tell who sees the plan
            plan.company_id = plan.user_id.sudo().company_id or self.env.company

    @api.depends("date_from")
    def _compute_date_to(self):
        for plan in self:
            plan.date_to = plan.date_from and plan.date_from + timedelta(days=6)

    @api.depends("user_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(person)s, week from %(day)s",
                person=plan.user_id.display_name,
                day=format_date(self.env, plan.date_from),
            )

    @api.depends("user_id")
    def _compute_superior_id(self):
        superiors = self._get_superiors()
        for plan in self:
            plan.superior_id = superiors.get(plan.user_id.id)

    def _get_superiors(self):
        """``{user id: user}`` of who approves: the nearest manager upwards who may, and still works here."""
        # sudo: employees are closed to most users; only who is whose superior is read
        employees = self.env["hr.employee"].sudo().search([("user_id", "in", self.user_id.ids)])
        superiors = {}
        for employee in employees:
            person, manager, seen = employee.user_id, employee.parent_id, employee
            while manager and manager not in seen:
                user = manager.user_id
                if (
                    user.active
                    and user != person
                    and person.company_id in user.company_ids
                    and user.has_group("partner_relations.group_supervisor")
                ):
                    superiors[person.id] = user.sudo(False)
                    break
                seen |= manager
                manager = manager.parent_id
        return superiors

    def _get_approvers(self):
        """``{plan: users}`` who are asked to approve: the superior, else the directors; nobody without a manager."""
        # sudo: employees are closed to most users; only who has a manager, and who is director, is read
        employees = self.env["hr.employee"].sudo()
        managed = employees.search([("user_id", "in", self.user_id.ids), ("parent_id", "!=", False)]).user_id
        directors = self.env.ref("partner_relations.group_director").sudo().all_user_ids  # sudo: as above
        directors = directors.filtered(lambda user: user.active and not user.share)
        approvers = {}
        for plan in self:
            approvers[plan] = plan.superior_id
            if not plan.superior_id and plan.user_id in managed:
                others = directors.filtered(lambda user, plan=plan: plan.company_id in user.company_ids)
                approvers[plan] = (others - plan.user_id).sudo(False)
        return approvers

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_can_approve(self):
        is_director = self.env.user.has_group("partner_relations.group_director")
        team = (
            set(self.env.user._get_subordinate_user_ids())
            if self.env.user.has_group("partner_relations.group_supervisor")
            else set()
        )
        for plan in self:
            plan.can_approve = plan.user_id.id in team or (is_director and plan.user_id != self.env.user)

    @api.depends_context("uid")
    def _compute_in_my_team(self):
        team = set(self.env.user._get_subordinate_user_ids())
        for plan in self:
            # sudo: only ids are compared, and this field decides on access to the plan itself
            plan.in_my_team = plan.sudo().user_id.id in team

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("user_id", "in", self.env.user._get_subordinate_user_ids())

    @api.depends(
        "line_ids.hours", "line_ids.hours_done", "line_ids.state", "line_ids.kind", "line_ids.is_added",
        "line_ids.moved_from", "line_ids.moved_to", "capacity_hours", "submitted_on",
    )  # fmt: skip
    def _compute_figures(self):
        for plan in self:
            planned = plan.line_ids._filter_planned()
            lines = plan.line_ids.filtered(lambda line: line.state != "cancelled")
            done = lines.filtered(lambda line: line.state == "done")
            staying = lines.filtered(lambda line: not line.moved_to)
            plan.planned_hours = sum(planned.mapped("hours"))
            plan.done_hours = sum(done.mapped("hours_done"))
            plan.planned_count = len(planned)
            plan.done_count = len(done)
            plan.carried_count = len(lines.filtered(lambda line: line.state == "carried"))
            plan.has_moved = any(line.moved_from or line.moved_to for line in lines)
            plan.meeting_hours = sum(staying.filtered(lambda line: line.kind == "meeting").mapped("hours"))
            capacity = plan.capacity_hours
            has_capacity = capacity is not False and capacity is not None
            plan.available_hours = capacity - plan.meeting_hours if has_capacity else None
            plan.load = sum(staying.mapped("hours")) / capacity if has_capacity and capacity else None
            if plan.planned_hours:
                plan.completion = min(sum(done.mapped("hours")) / plan.planned_hours, 1.0)
            else:
                plan.completion = len(done) / len(planned) if planned else None

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._take_week(vals) for vals in vals_list]
        if not self.env.su:
            guarded = GUARDED - {"user_id", "date_from"}
            for vals in vals_list:
                self._check_guard(vals)
                if guarded & vals.keys() - ({"state"} if vals.get("state") == "draft" else set()):
                    self._raise_guarded()
                # in place of defaults that a client sends with the context
                vals.update(state="draft", remark=False, submitted_on=False, approved_by_id=False)
                # sudo: the company of a colleague, as _compute_company_id has it
                person = self.env["res.users"].sudo().browse(vals.get("user_id") or self.env.uid)
                vals["company_id"] = person.company_id.id
        plans = super(PartnerWorkPlan, self._guard_off()).create(vals_list).with_env(self.env)
        plans._refresh_capacity()
        return plans

    @api.model
    def _take_week(self, vals):
        """The values with the Monday of the week that they name; its last day follows from that."""
        vals = dict(vals)
        last = fields.Date.to_date(vals.pop("date_to", None))
        first = fields.Date.to_date(vals.get("date_from"))
        monday = self._get_monday(first or last) if first or last else None
        if last and self._get_monday(last) != monday:
            raise UserError(
                self.env._(
                    "A work plan is that of one week, from Monday to Sunday: %(first)s and %(last)s are not in the "
                    "same. Make a plan for each week.",
                    first=format_date(self.env, first),
                    last=format_date(self.env, last),
                )
            )
        return {**vals, "date_from": monday} if monday else vals

    def write(self, vals):
        # sudo is what the actions below use after their own checks
        if GUARDED & vals.keys() and not self.env.su:
            self._raise_guarded()
        return super().write(vals)

    def _raise_guarded(self):
        raise AccessError(
            self.env._(
                "The state of a work plan changes only through its buttons: submit, approve, return, close."
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        for plan in self:
            if self.env.su:
                continue
            if plan.state == "submitted":
                raise UserError(
                    self.env._(
                        "The work plan %s is submitted and stays. Cancel its lines instead, or ask your superior to "
                        "return the plan.",
                        plan.display_name,
                    )
                )
            if plan.state in ("approved", "closed"):
                raise UserError(
                    self.env._(
                        "The work plan %s is approved and stays as a record. Cancel its lines instead.",
                        plan.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def _check_state(self, states, action):
        wrong = self.filtered(lambda plan: plan.state not in states)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(action)s is not possible: the work plan %(plan)s is in state “%(state)s”.",
                    action=action,
                    plan=wrong[0].display_name,
                    state=labels[wrong[0].state],
                )
            )

    def action_submit(self):
        """Hand the plan to the superior, who gets an activity, or to the directors; without either it is approved."""
        self.check_access("write")
        self._check_state({"draft"}, self.env._("Submit"))
        for plan in self:
            if plan.user_id != self.env.user and not plan.can_approve:
                raise AccessError(self.env._("Only %s submits this work plan.", plan.user_id.display_name))
            if not plan.line_ids.filtered(lambda line: line.state != "cancelled"):
                raise UserError(
                    self.env._(
                        "The work plan %s is empty. Add what you plan, then submit.", plan.display_name
                    )
                )
        now = fields.Datetime.now()
        # sudo: the state is guarded in write(); who may submit was checked above
        self.sudo().write({"state": "submitted", "submitted_on": now, "remark": False})
        self.sudo().line_ids._mark_submitted()
        approvers = self._get_approvers()
        # sudo: nobody stands above these persons who could approve
        self.sudo().filtered(lambda plan: not approvers[plan]).write({"state": "approved"})
        for plan, users in approvers.items():
            plan._ask_to_approve(users)

    def _ask_to_approve(self, users):
        """Give each of these users an activity on the plan."""
        for user in users:
            spoken = self.with_context(lang=user.lang)
            # sudo: the superior's activity on the plan; the one who submits may not plan for the superior
            spoken.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                summary=spoken.env._("Approve the work plan of %s", self.user_id.display_name),
                user_id=user.id,
                date_deadline=max(fields.Date.context_today(self), self.date_from - timedelta(days=1)),
            )

    def _pass_on(self, is_lost=False):
        """Ask others to approve submitted plans where those who were asked left, or may approve no more.

        :param is_lost: what they were asked by was deleted
        """
        plans = self.filtered(lambda plan: plan.state == "submitted")
        if not plans:
            return
        asked = self._get_approvals([("res_id", "in", plans.ids)]).grouped("res_id")
        plans.invalidate_recordset(["superior_id"])
        # who has no such activity any more knows of the plan
        anew = {
            plan: approvers
            for plan, approvers in plans._get_approvers().items()
            if approvers
            and (is_lost or plan.id in asked)
            and not (plan.id in asked and asked[plan.id].user_id & approvers)
        }
        # sudo: the scheduler takes back what it asked people for who are not to approve any more
        self.env["mail.activity"].sudo().union(
            *(asked[plan.id] for plan in anew if plan.id in asked)
        ).unlink()
        for plan, approvers in anew.items():
            plan._ask_to_approve(approvers)

    @api.model
    def _get_approvals(self, domain):
        """The open activities of this kind by which superiors were asked to approve plans."""
        todo = self.env.ref("mail.mail_activity_data_todo")
        own = Domain("res_model", "=", self._name) & Domain("automated", "=", True)
        # sudo: as the scheduler; what others were asked
        activities = self.env["mail.activity"].sudo()
        return activities.search(own & Domain("activity_type_id", "=", todo.id) & Domain(domain))

    @api.model
    def _pass_on_of(self, people):
        """Pass the submitted plans of people on whose superiors may be others now."""
        self.search([("user_id", "in", people.ids), ("state", "=", "submitted")])._pass_on()

    def _check_approver(self):
        self.check_access("write")
        for plan in self:
            if not plan.can_approve:
                raise AccessError(
                    self.env._(
                        "The work plan %s is approved by a superior of that person or by a director.",
                        plan.display_name,
                    )
                )

    def action_approve(self):
        """Accept submitted plans, as a superior or director."""
        self._check_approver()
        self._check_state({"submitted"}, self.env._("Approve"))
        # sudo: the state is guarded in write(); the approver was checked above
        self.sudo().write({"state": "approved", "approved_by_id": self.env.uid, "remark": False})
        self._close_approvals()

    def action_return(self, remark=None):
        """Give submitted plans back with a remark; without one, ask for it in a dialog."""
        self._check_approver()
        self._check_state({"submitted", "approved"}, self.env._("Return"))
        if not (remark or "").strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Return the Work Plan"),
                "res_model": "partner.work.plan.return",
                "views": [(False, "form")],
                "target": "new",
                "context": {"default_plan_ids": [Command.set(self.ids)]},
            }
        # sudo: the state is guarded in write(); the approver was checked above
        self.sudo().write(
            {"state": "draft", "submitted_on": False, "approved_by_id": False, "remark": remark.strip()}
        )
        self._close_approvals()
        for plan in self:
            plan.message_post(
                body=self.env._("Returned: %s", remark.strip()),
                partner_ids=plan.user_id.partner_id.ids,
                subtype_xmlid="mail.mt_comment",
            )
        return True

    def _close_approvals(self):
        # sudo: the activity belongs to whoever is superior; the plan was decided on
        self.sudo().activity_feedback(["mail.mail_activity_data_todo"])

    def action_close(self):
        """End the week: what is not done is carried over into the next plan."""
        self.check_access("write")
        for plan in self:
            if plan.user_id != self.env.user and not plan.can_approve:
                raise AccessError(self.env._("Only %s closes this work plan.", plan.user_id.display_name))
        self._check_state({"draft", "submitted", "approved"}, self.env._("Close"))
        self._close()

    def _close(self):
        """Close these plans and carry over what is not done; checks are the caller's."""
        # sudo: the next plan of the same person, made by the system
        plans = self.sudo()
        plans._sync()
        open_lines = plans.line_ids.filtered(lambda line: line.state == "planned")
        manual = open_lines.filtered("is_manual")
        # before they are asked for what is carried over: of two that are closed at once none takes lines
        plans.write({"state": "closed"})
        # who left, or wants no plan any more, gets a next one for what is left over alone
        ongoing = plans.filtered(lambda plan: plan.user_id.active and plan.user_id.relations_work_plan)
        following = (ongoing | open_lines.plan_id)._get_following()
        for_next = [
            {
                **line._prepare_carried_values(),
                "plan_id": following[line.plan_id].id,
                "date_start": line._get_moment(
                    max(following[line.plan_id].date_from, line.plan_id.date_to + timedelta(days=1))
                ),
            }
            for line in manual
        ]
        open_lines.with_context(work_plan_sync=INTERNAL).write({"state": "carried"})
        plans._close_approvals()
        self.env["partner.work.plan.line"].sudo().with_context(work_plan_sync=INTERNAL).create(for_next)
        self.browse({plan.id for plan in following.values()}).sudo()._sync()

    def _get_following(self):
        """``{plan: the plan it is carried over to}``: next week's, or the current week's if that is later.

        A plan that is closed already takes nothing: then it is the first one after it that is not.
        """
        this_week = self._get_monday(fields.Date.context_today(self))
        days = {plan: max(plan.date_to + timedelta(days=1), this_week) for plan in self}
        following, waiting = {}, list(self)
        while waiting:
            found = self._ensure({(plan.user_id.id, days[plan]) for plan in waiting})
            following.update((plan, found[plan.user_id.id, days[plan]]) for plan in waiting)
            waiting = [plan for plan in waiting if following[plan].state == "closed"]
            days.update((plan, days[plan] + timedelta(days=7)) for plan in waiting)
        return following

    @api.model
    def _ensure(self, keys):
        """The plans of ``keys``, made where they are missing.

        :param keys: pairs of a user's id and a Monday
        :raises ConcurrencyError: when another transaction makes one of them at this moment; Odoo begins anew then
        :rtype: dict
        """
        plans = self.search(
            [
                ("user_id", "in", [user for user, _day in keys]),
                ("date_from", "in", [day for _user, day in keys]),
            ]
        )
        found = {(plan.user_id.id, plan.date_from): plan for plan in plans}
        missing = sorted(set(keys) - found.keys())
        if not missing:
            return found
        try:
            with self.env.cr.savepoint():
                made = self.create([{"user_id": user, "date_from": day} for user, day in missing])
        except UniqueViolation as error:
            # what this transaction cannot see yet is there
            raise ConcurrencyError("partner.work.plan: made by another transaction") from error
        found.update(zip(missing, made, strict=True))
        return found

    def action_fill(self):
        """Bring the lines up to date with activities, meetings and leave."""
        self.check_access("write")
        # sudo: meetings and activities of the person whose plan it is, who may write it as checked above; what a
        # line tells of a private meeting is only that the time is taken
        plans = self.sudo().filtered(lambda plan: plan.state != "closed")
        plans._refresh_capacity()
        plans._sync()
        return True

    @api.model
    def action_open_mine(self):
        """Open the current week of the user who asks, filled."""
        monday = self._get_monday(fields.Date.context_today(self))
        [plan] = self._ensure({(self.env.uid, monday)}).values()
        if plan.state != "closed":
            plan.action_fill()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Week"),
            "res_model": "partner.work.plan",
            "res_id": plan.id,
            "views": [(False, "form")],
        }

    def action_open_lines(self):
        """The lines in a calendar and by day, where they are dragged to another day."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "partner.work.plan.line",
            "views": [(False, "calendar"), (False, "kanban"), (False, "list")],
            "domain": [("plan_id", "=", self.id)],
            "context": {
                "default_plan_id": self.id,
                "initial_date": fields.Date.to_string(self.date_from),
                "search_default_group_weekday": 1,
            },
        }

    # ------------------------------------------------------------------
    # Scheduler
    # ------------------------------------------------------------------
    @api.model
    def _cron_fill(self, batch_size=50):
        """Close the plans of weeks that are over, then make the plans of this week and the next, and fill them.

        One batch at a time, and everybody once before anybody again. What fails for one person is logged, and the
        others go on. What stops the job is found person by person.
        """
        turns = self.env["ir.cron.progress"]
        had = turns._get_turns()
        if turns._has_stopped():
            batch_size = 1
        monday = self._get_monday(fields.Date.context_today(self))
        tasks = []
        for batch in split_every(batch_size, self._get_over().ids, self.browse):
            keys = [f"close {plan.id}" for plan in batch]
            names = ", ".join(sorted(set(batch.sudo().user_id.mapped("login"))))
            name = shorten(f"Work plans to close of {names}")
            tasks.append((keys, name, partial(self._close_each, batch)))
        # sudo: as the scheduler; the plan of everybody who works with the addon
        users = self.env.ref("partner_relations.group_user").sudo().all_user_ids
        users = users.filtered(lambda user: user.active and not user.share and user.relations_work_plan)
        keys = {user: f"fill {monday} {user.id}" for user in users}
        waiting = users.filtered(lambda user: keys[user] not in had)
        for batch in split_every(batch_size, waiting.ids, users.browse):
            tasks.append(
                (
                    [keys[user] for user in batch],
                    shorten(f"Work plans of {', '.join(batch.mapped('login'))}"),
                    partial(self._fill_each, batch, monday),
                )
            )
        turns._take_turns(tasks)

    @api.model
    def _fill_each(self, users, monday):
        """Fill the plans of these users, of each by itself where that fails for all at once."""
        each_apart(
            self.env,
            users,
            lambda some: self._fill(some, monday),
            lambda user: f"Work plans of {user.login}",
            self.env["ir.cron.progress"]._tell_failure,
        )

    @api.model
    def _fill(self, users, monday):
        """Make and fill the plans of users for the week that begins at ``monday`` and the next."""
        keys = {(user.id, day) for user in users for day in (monday, monday + timedelta(days=7))}
        plans = self.browse({plan.id for plan in self._ensure(keys).values()})
        if closed := plans.filtered(lambda plan: plan.state == "closed"):
            # what is done after an early closing counts there
            plans = plans.union(*closed._get_following().values())
        plans = plans.filtered(lambda plan: plan.state != "closed").try_lock_for_update()
        plans._refresh_capacity()
        plans._sync()
        plans._pass_on()

    @api.model
    def _get_over(self):
        """Plans to close: of weeks that ended at least two days ago, so that the week can be written up."""
        return self.search(
            [
                ("state", "!=", "closed"),
                ("date_to", "<", fields.Date.context_today(self) - timedelta(days=2)),
            ],
            order="date_from, id",
        )

    @api.model
    def _close_each(self, plans):
        """Close those of these plans that nobody closed meanwhile or is at, each by itself where one fails."""
        plans = plans.exists().filtered(lambda plan: plan.state != "closed").try_lock_for_update()
        each_apart(
            self.env,
            plans,
            lambda some: some._close(),
            lambda plan: f"Work plan of {plan.user_id.login}, week from {plan.date_from}",
            self.env["ir.cron.progress"]._tell_failure,
        )
