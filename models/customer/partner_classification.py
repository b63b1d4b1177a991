from datetime import timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.arguments import as_id
from ...tools.empty_fields import EmptyMonetary
from ...tools.internal import INTERNAL

# What only the methods of a run write.
SET_BY_METHODS = frozenset(
    {
        "state", "parameters", "is_current", "is_live", "line_ids", "previous_id", "date_computed", "computed_by_id",
        "date_posted", "posted_by_id",
    }
)  # fmt: skip


class PartnerClassification(models.Model):
    """One classification of a company's customers, or of its suppliers.

    A draft may be computed again and single lines overridden. Posting makes it immutable and its lines the
    current classes. Beside the posted runs, a company has at most one *live* run for customers and one for
    suppliers, which is computed every night and never posted.

    The current classes of partners are the lines of the run with ``is_current``: they are stored nowhere
    else, so no row of a partner is written, and nobody who edits one waits.
    """

    _name = "partner.classification"
    _description = "Classification of Customers and Suppliers"
    _inherit = ["mail.thread", "partner.guarded.mixin", "partner.pointer.mixin"]
    _guarded_fields = SET_BY_METHODS
    _placing_fields = ("company_id", "policy_id")
    _pointers = ("policy_id",)
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", search="_search_name")
    policy_id = fields.Many2one(
        "partner.classification.policy",
        required=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._default_policy_id(),
        help="Whose parameters apply. A run keeps those it was computed with.",
    )
    kind = fields.Selection(related="policy_id.kind", store=True, precompute=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=False,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        string="From",
        compute="_compute_date_from",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="First day of the ABC window. As many months before the last day as the policy says, unless you "
        "enter another.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self._default_date_to(),
        help="Last day of the ABC window and the day as of which the stages are told. XYZ takes the periods "
        "that are over on it.",
    )
    stage_date = fields.Date(
        string="As of",
        compute="_compute_stage_date",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="The day as of which the stages are told: the last day of the window, for the daily run the "
        "day it was computed.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted")],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
        group_expand=True,
    )
    is_live = fields.Boolean(string="Daily", readonly=True, copy=False, help="Computed again every night.")
    is_current = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its lines are the classes that contacts, lists and filters show.",
    )
    date_computed = fields.Datetime(string="Computed On", readonly=True, copy=False)
    computed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    posted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date_posted = fields.Datetime(string="Posted On", readonly=True, copy=False)
    parameters = fields.Json(
        readonly=True, copy=False, help="The policy as it was when the run was computed."
    )
    previous_id = fields.Many2one(
        "partner.classification",
        string="Previous Run",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The posted run before this one, whose classes stand beside the new ones.",
    )
    line_ids = fields.One2many("partner.classification.line", "classification_id", readonly=True)
    line_count = fields.Integer(string="Customers", compute="_compute_totals")
    total_revenue = EmptyMonetary(
        compute="_compute_totals", help="Sum of the lines: what was sold in the window, untaxed."
    )
    total_profit = EmptyMonetary(
        compute="_compute_totals", help="Revenue less the cost at the time of the sale."
    )

    _one_live = models.UniqueIndex(
        "(company_id, kind) WHERE is_live",
        "A company has one daily classification of customers and of suppliers.",
    )
    _one_current = models.UniqueIndex(
        "(company_id, kind) WHERE is_current",
        "A company has one current classification of customers and of suppliers.",
    )

    # ------------------------------------------------------------------
    # Defaults and computes
    # ------------------------------------------------------------------
    @api.model
    def _default_policy_id(self):
        company = (
            self.env["res.company"].browse(self.env.context.get("default_company_id")) or self.env.company
        )
        kind = self.env.context.get("default_kind") or "customer"
        return self.env["partner.classification.policy"]._get_for(company, kind)

    @api.model
    def _default_date_to(self):
        """The last day of the last month that is over."""
        return fields.Date.context_today(self).replace(day=1) - timedelta(days=1)

    @api.depends("policy_id")
    def _compute_company_id(self):
        for run in self:
            run.company_id = run.policy_id.company_id or run.company_id or self.env.company

    @api.depends("date_to", "policy_id.months")
    def _compute_date_from(self):
        for run in self:
            # a posted run keeps the months it was computed with, the daily one until it is computed again
            if run.date_to and run.state == "draft" and not (run.is_live and run.date_computed):
                run.date_from = run._get_window_start()

    def _get_window_start(self):
        """The first day of the ABC window: as many whole months as the policy says, up to the last day."""
        self.ensure_one()
        return self.date_to + timedelta(days=1) - relativedelta(months=self.policy_id.months)

    @api.depends("date_to")
    def _compute_stage_date(self):
        for run in self:
            if not run.is_live or not run.stage_date:
                run.stage_date = run.date_to

    @api.depends("date_from", "date_to", "kind", "is_live", "stage_date")
    @api.depends_context("lang")
    def _compute_name(self):
        for run in self:
            if not run.date_to or not run.date_from:
                run.name = self.env._("New")
                continue
            what = self.env._("Suppliers") if run.kind == "supplier" else self.env._("Customers")
            if run.is_live:
                run.name = self.env._(
                    "%(what)s as of %(day)s", what=what, day=format_date(self.env, run.stage_date)
                )
            else:
                run.name = self.env._(
                    "%(what)s %(first)s – %(last)s",
                    what=what,
                    first=format_date(self.env, run.date_from),
                    last=format_date(self.env, run.date_to),
                )

    def _search_name(self, operator, value):
        if operator not in ("in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        # few, whose names have the days as the user's language writes them
        runs = self.search([])  # pylint: disable=no-search-all
        fitting = self._fields["name"].filter_function(runs, "name", operator, value)
        return Domain("id", "in", runs.filtered(fitting).ids)

    @api.depends("line_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_totals(self):
        totals = {
            # the sum of nothing is 0 to the database
            run: (count, revenue if revenue_count else False, profit if profit_count else False)
            for run, count, revenue, revenue_count, profit, profit_count in self.env[
                "partner.classification.line"
            ]._read_group(
                [("classification_id", "in", self.ids)],
                ["classification_id"],
                ["__count", "revenue:sum", "revenue:count", "profit:sum", "profit:count"],
            )
        }
        for run in self:
            run.line_count, run.total_revenue, run.total_profit = totals.get(run._origin, (0, False, False))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for run in self:
            if run.date_from > run.date_to:
                raise ValidationError(
                    self.env._(
                        "The run from %(first)s to %(last)s ends before it begins. Enter a later last day.",
                        first=format_date(self.env, run.date_from),
                        last=format_date(self.env, run.date_to),
                    )
                )

    @api.constrains("policy_id", "company_id")
    def _check_policy_company(self):
        for run in self:
            if run.policy_id.company_id != run.company_id:
                raise ValidationError(
                    self.env._(
                        "The policy “%(policy)s” belongs to %(owner)s, the run to %(company)s. "
                        "Choose a policy of the company.",
                        policy=run.policy_id.name,
                        owner=run.policy_id.company_id.name,
                        company=run.company_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    def write(self, vals):
        frozen = vals.keys() & {
            "policy_id",
            "company_id",
            "date_from",
            "date_to",
            "stage_date",
            *SET_BY_METHODS,
        }
        if frozen and self.env.context.get("relations_run_internal") is not INTERNAL:
            for run in self:
                if run.state == "posted":
                    raise UserError(
                        self.env._(
                            "The run “%s” is posted and cannot be changed. A director may reopen the last one.",
                            run.name,
                        )
                    )
                if frozen & SET_BY_METHODS:
                    raise UserError(
                        self.env._("Use the buttons of the run “%s” to compute, post or reopen it.", run.name)
                    )
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # what only the methods of a run may set
            for name in SET_BY_METHODS:
                if self.env.context.get("relations_run_internal") is not INTERNAL:
                    vals.pop(name, None)
            if vals.get("company_id") and "policy_id" not in vals:
                # the default is of the current company
                runs = self.with_context(default_company_id=as_id(vals["company_id"]))
                vals["policy_id"] = runs._default_policy_id().id
        return super().create(vals_list)

    def _is_guard_off(self):
        return super()._is_guard_off() or self.env.context.get("relations_run_internal") is INTERNAL

    def _internal(self):
        return self.with_context(relations_run_internal=INTERNAL)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for run in self:
            if run.state == "posted":
                raise UserError(
                    self.env._(
                        "The run “%s” is posted: it is part of the history. A director may reopen the last one "
                        "and then delete it.",
                        run.name,
                    )
                )

    def unlink(self):
        ids = tuple(self.ids)
        result = super().unlink()
        if ids:
            # The lines have no foreign key to the run, see LooseMany2one. SQL because a run may have
            # hundreds of thousands; who may delete the run may delete its lines.
            lines = self.env["partner.classification.line"]
            self.env.cr.execute(
                SQL("DELETE FROM partner_classification_line WHERE classification_id IN %s", ids)
            )
            lines.invalidate_model(flush=False)
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_compute(self):
        """Classify, or classify again: rows that stay the same are not written.

        Overrides that are still valid on the day of the run apply again.

        :raises UserError: when a run is posted
        """
        for run in self:
            run.check_access("write")
            if run.state == "posted":
                raise UserError(
                    self.env._("The run “%s” is posted and keeps its classes. Make a new one.", run.name)
                )
            run._compute_lines()
        return True

    def action_post(self):
        """Make the run immutable and its lines the current classes of the company.

        :raises UserError: when it was not computed, or not as it stands, or before its last day, or when a later run
            is posted already
        """
        for run in self.sorted("date_to"):
            run.check_access("write")
            if run.state == "posted":
                continue
            if run.is_live:
                raise UserError(
                    self.env._("“%s” is computed every night. Make a new run to keep one.", run.name)
                )
            if not run.date_computed:
                raise UserError(self.env._("The run “%s” has no classes yet. Compute it first.", run.name))
            if (run.parameters or {}).get("window", run._get_window()) != run._get_window():
                raise UserError(
                    self.env._(
                        "The run “%s” was computed for other days or by another policy. Compute it again first.",
                        run.name,
                    )
                )
            if run.company_id._get_day(run.date_computed) < run.date_to:
                raise UserError(
                    self.env._(
                        "The run “%(run)s” was computed before its last day, %(day)s: documents until then may be "
                        "missing. Compute it again when that day has come.",
                        run=run.name,
                        day=format_date(self.env, run.date_to),
                    )
                )
            later = run._get_last_posted()
            if later and later.date_to > run.date_to:
                raise UserError(
                    self.env._(
                        "A later run, “%(later)s”, is posted. “%(run)s” can no longer become the current one: "
                        "keep it as a draft, or have a director reopen the later run first.",
                        later=later.name,
                        run=run.name,
                    )
                )
            run._internal().write(
                {
                    "state": "posted",
                    "posted_by_id": self.env.uid,
                    "date_posted": fields.Datetime.now(),
                }
            )
            run._make_current()
        return True

    def action_reopen(self):
        """Make the last posted run a draft again; the one before it becomes the current one.

        :raises UserError: for another than the last one, or by another than a director
        """
        if not self.env.user.has_group("partner_relations.group_director"):
            raise UserError(self.env._("Only a director may reopen a posted classification."))
        for run in self:
            run.check_access("write")
            if run.state != "posted":
                continue
            last = run._get_last_posted()
            if last != run:
                raise UserError(
                    self.env._(
                        "Only the last posted run can be reopened. That is “%(last)s”, not “%(run)s”.",
                        last=last.name,
                        run=run.name,
                    )
                )
            was_current = run.is_current
            run._internal().write(
                {"state": "draft", "is_current": False, "posted_by_id": False, "date_posted": False}
            )
            if was_current:
                (run._get_live().filtered("date_computed") or run._get_last_posted())._make_current()
        return True

    def _make_current(self):
        """Let the lines of this run be the current classes."""
        for run in self:
            current = self.search(
                [("company_id", "=", run.company_id.id), ("kind", "=", run.kind), ("is_current", "=", True)]
            )
            (current - run)._internal().write({"is_current": False})
            current.flush_recordset(["is_current"])
            if not run.is_current:
                run._internal().write({"is_current": True})
        self.env["res.partner"].invalidate_model(self.env["res.partner"]._get_class_fields(), flush=False)

    def _get_last_posted(self):
        self.ensure_one()
        return self.search(
            [("company_id", "=", self.company_id.id), ("kind", "=", self.kind), ("state", "=", "posted")],
            order="date_to desc, id desc",
            limit=1,
        )

    def _get_live(self):
        self.ensure_one()
        return self.search(
            [("company_id", "=", self.company_id.id), ("kind", "=", self.kind), ("is_live", "=", True)]
        )

    def _get_previous(self):
        """The posted run before this one: the latest whose window ended earlier."""
        self.ensure_one()
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "posted"),
                ("date_to", "<" if not self.is_live else "<=", self.date_to),
                ("id", "!=", self._origin.id),
            ],
            order="date_to desc, id desc",
            limit=1,
        )

    # ------------------------------------------------------------------
    # Scheduled
    # ------------------------------------------------------------------
    @api.model
    def _cron_classify(self):
        """Bring each company's classes up to date: the run of the last closed month, and the daily one.

        One company and kind after the other, each committed, so a run that is cut off goes on with the next. What
        fails, as while costs are still being frozen, is logged and left to the next night.
        """
        tasks = []
        for company in self.env["res.company"].search([]):  # pylint: disable=no-search-all
            # days are those of the company, not of the scheduler: west of it the month is not over yet
            today = company._get_day()
            date_to = today.replace(day=1) - timedelta(days=1)
            for kind in ("customer", "supplier"):
                policy = self.env["partner.classification.policy"]._get_for(company, kind)
                runs = self.with_company(company)
                key, name = f"{today} {company.id} {kind}", f"Classification of {company.name}, {kind}"
                if policy.auto_run:
                    tasks.append(([f"{key} month"], name, partial(runs._run_month, policy, date_to)))
                if policy.keep_fresh:
                    tasks.append(([f"{key} live"], name, partial(runs._refresh_live, policy, date_to, today)))
        self.env["ir.cron.progress"]._take_turns(tasks)

    @api.model
    def _run_month(self, policy, date_to):
        """Make and post the run of a closed month, once; a draft of it that somebody works on is left alone.

        A draft with a later last day is not the run of this month, and keeps none from being posted.
        """
        runs = self.search(
            [
                ("company_id", "=", policy.company_id.id),
                ("kind", "=", policy.kind),
                ("is_live", "=", False),
                "|",
                ("date_to", "=", date_to),
                "&",
                ("date_to", ">", date_to),
                ("state", "=", "posted"),
            ]
        )
        if runs:
            return self.browse()
        run = self.create({"policy_id": policy.id, "date_to": date_to})
        run.action_compute()
        run.action_post()
        # the daily run comes after it, but not where this part was stopped before and had to wait
        live = run._get_live() if policy.keep_fresh else self.browse()
        if live.date_computed and live.stage_date > date_to:
            # what it compares with is this run now
            live._compute_lines()
            live._make_current()
        return run

    @api.model
    def _refresh_live(self, policy, date_to, today):
        """Compute the daily run of a company as of ``today`` and make it the current one."""
        run = self.search(
            [
                ("company_id", "=", policy.company_id.id),
                ("kind", "=", policy.kind),
                ("is_live", "=", True),
            ]
        )
        values = {"policy_id": policy.id, "date_to": date_to, "stage_date": today}
        if run:
            run._internal().write(values)
        else:
            run = self._internal().create({**values, "is_live": True})
            run = run.with_context(relations_run_internal=False)
        if run.date_computed and policy.company_id._get_day(run.date_computed) == today and run.is_current:
            return run
        run._compute_lines()
        run._make_current()
        return run

    # ------------------------------------------------------------------
    # Views
    # ------------------------------------------------------------------
    def _get_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }

    @api.readonly
    def action_open_lines(self):
        """Open the customers of the run."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_classification_line_action"
        )
        return {
            **action,
            "name": self.name,
            "domain": [("classification_id", "=", self.id)],
            "context": {"active_test": False},
        }
