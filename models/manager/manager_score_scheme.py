from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ...tools.internal import INTERNAL
from ...tools.periods import period_start, shift_period

PERIODS = [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")]
CREDITS = [
    ("owner", "Who was responsible for the customer"),
    ("document", "The salesperson of the document"),
]
# Indicator, weight, kind of target, fixed target and share of a new scheme: sales and profit, retention, fulfilled
# orders, contacts, completeness. Deductions are shown, and do not count.
DEFAULT_LINES = (
    ("revenue", 20, "team_median", 0, 1),
    ("profit", 20, "team_median", 0, 1),
    ("retention_rate", 20, "team_median", 0, 1),
    ("fulfilled_orders", 15, "team_median", 0, 1),
    ("contacts", 15, "team_median", 0, 1),
    ("completeness", 10, "fixed", 0.9, 1),
    ("deduction_rate", 0, "team_median", 0, 1),
)
MAX_GRACE = 90
# Sources that have figures of people who do not sell, such as buyers.
BY_ANYBODY = ("contacts", "letters")


class ManagerScoreScheme(models.Model):
    """What the sales managers of a company, or of some teams or jobs, are judged by, and from when to when."""

    _name = "manager.score.scheme"
    _description = "Score Scheme"
    _inherit = ["mail.thread", "mail.activity.mixin", "partner.guarded.mixin"]
    _guarded_fields = ("date_done",)
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10, help="Somebody who is in several schemes is judged by the first of them."
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    team_ids = fields.Many2many("crm.team", string="Sales Teams", check_company=True)
    job_ids = fields.Many2many("hr.job", string="Job Positions", check_company=True)
    user_ids = fields.Many2many(
        "res.users", "manager_score_scheme_user_rel", string="Managers", domain="[('share', '=', False)]"
    )
    is_for_all = fields.Boolean(compute="_compute_is_for_all")
    date_from = fields.Date(
        string="Valid from",
        tracking=True,
        help="Periods that begin on this day or later are judged by the scheme. Empty: from the beginning.",
    )
    date_to = fields.Date(
        string="Valid until",
        tracking=True,
        help="Periods that begin on this day or earlier are judged by the scheme. Empty: without end.",
    )
    period = fields.Selection(
        PERIODS,
        required=True,
        default="month",
        tracking=True,
        help="There is one scorecard for each manager and calendar month, quarter or year.",
    )
    credit = fields.Selection(
        CREDITS,
        string="Credited to",
        required=True,
        default="owner",
        tracking=True,
        help="Whose sale it is. Who was responsible for the customer on the day of the document, without anybody the "
        "salesperson of the document; or always the salesperson of the document.",
    )
    grace_days = fields.Integer(
        string="Days for Late Entries",
        required=True,
        default=5,
        help="So many days after the end of a period its scorecards are still computed every night; then a last "
        "time, and the director gets a to-do to close them.",
    )
    director_id = fields.Many2one(
        "res.users",
        string="Closed by",
        default=lambda self: self._default_director_id(),
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Gets the to-do to close the scorecards when a period is over. Empty: any director of the company.",
    )
    line_ids = fields.One2many(
        "manager.score.scheme.line",
        "scheme_id",
        string="Indicators",
        copy=True,
        default=lambda self: self._default_line_ids(),
        help="The score is the mean of the points, weighted, over the indicators that have points.",
    )
    date_done = fields.Date(
        string="Computed to the End",
        readonly=True,
        copy=False,
        help="The last day of the last period that was computed a last time and handed to the director.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_from <= date_to)", "The scheme ends before it begins. Enter a later “Valid until”."
    )

    # ------------------------------------------------------------------
    # Defaults and computes
    # ------------------------------------------------------------------
    @api.model
    def _default_director_id(self):
        user = self.env.user
        return user if user.active and user.has_group("partner_relations.group_director") else False

    @api.model
    def _default_line_ids(self):
        codes = [code for code, *_rest in DEFAULT_LINES]
        indicators = {
            indicator.code: indicator
            for indicator in self.env["manager.indicator"].search([("code", "in", codes)])
        }
        return [
            Command.create(
                {
                    "sequence": 10 * number,
                    "indicator_id": indicators[code].id,
                    "weight": weight,
                    "target_kind": kind,
                    "target_value": value,
                    "target_share": share,
                }
            )
            for number, (code, weight, kind, value, share) in enumerate(DEFAULT_LINES, 1)
            if code in indicators
        ]

    @api.depends("team_ids", "job_ids", "user_ids")
    def _compute_is_for_all(self):
        for scheme in self:
            scheme.is_for_all = not (scheme.team_ids or scheme.job_ids or scheme.user_ids)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("line_ids")
    def _check_lines(self):
        for scheme in self:
            if not any(line.weight > 0 for line in scheme.line_ids):
                raise ValidationError(
                    self.env._(
                        "No indicator of the scheme “%s” has a weight. Enter one above 0 for at least one indicator.",
                        scheme.name,
                    )
                )
            seen = self.env["manager.indicator"]
            for line in scheme.line_ids:
                if line.indicator_id in seen:
                    raise ValidationError(
                        self.env._(
                            "The scheme “%(scheme)s” has the indicator “%(indicator)s” twice. Delete one of the lines.",
                            scheme=scheme.name,
                            indicator=line.indicator_id.name,
                        )
                    )
                seen |= line.indicator_id

    @api.constrains("grace_days")
    def _check_grace_days(self):
        for scheme in self:
            if not 0 <= scheme.grace_days <= MAX_GRACE:
                raise ValidationError(
                    self.env._(
                        "The scheme “%(scheme)s” waits %(days)s days for late entries. Enter 0 to %(maximum)s.",
                        scheme=scheme.name,
                        days=scheme.grace_days,
                        maximum=MAX_GRACE,
                    )
                )

    def write(self, vals):
        # the lines are checked together once all of them are written
        schemes = self.with_context(relations_scheme_write=INTERNAL) if "line_ids" in vals else self
        return super(ManagerScoreScheme, schemes).write(vals)

    def copy_data(self, default=None):
        # an archived copy, to change in peace before it takes the place of the other
        return [
            {
                **vals,
                "active": False,
                "name": (default or {}).get("name") or self.env._("%s (copy)", scheme.name),
            }
            for scheme, vals in zip(self, super().copy_data(default=default), strict=True)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: whether there are scorecards at all, also those that the user may not see
        used = self.env["manager.scorecard"].sudo().search([("scheme_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "There are scorecards by the scheme “%s”. Archive it instead.", used.scheme_id.name
                )
            )

    # ------------------------------------------------------------------
    # Periods
    # ------------------------------------------------------------------
    @api.model
    def _get_period(self, day, period):
        """The first and last day of the calendar period that ``day`` lies in."""
        start = period_start(day, period)
        return start, fields.Date.subtract(shift_period(start, period, 1), days=1)

    def _is_valid_on(self, day):
        """Whether a period that begins on ``day`` is judged by the scheme."""
        self.ensure_one()
        return (not self.date_from or self.date_from <= day) and (not self.date_to or day <= self.date_to)

    def _get_bounds(self, day):
        """The days of the scheme's period around ``day``, or of the chosen one."""
        self.ensure_one()
        return self._get_period(day, self.period)

    # ------------------------------------------------------------------
    # Who is judged
    # ------------------------------------------------------------------
    @api.model
    def _get_for(self, company, date):
        """Who is judged by which scheme in the period around ``date``.

        The first scheme by sequence that is valid and is for the manager wins, so there is one scorecard for each
        manager and period. A scheme without teams, jobs and names is for everybody who sells: users of the addon
        in the company who are no directors, and neither buy nor send mailings instead of selling; and whoever has
        anything that its indicators count, directors included, where contacts and letters alone are no sales. People
        who left are judged if they have.

        :rtype: dict[res.users, manager.score.scheme]
        """
        assigned, _values = self._assign(company, date)
        return {
            user: scheme for scheme, users in assigned.items() for user in self.env["res.users"].browse(users)
        }

    @api.model
    def _assign(self, company, date):
        """Like :meth:`_get_for`, with the values that tell who has anything to be judged by.

        All schemes of the same days and credit are computed together.

        :return: sorted ids of users by scheme; and by ``(first day, last day, credit)`` the values of the
            indicators, see :meth:`_compute_values`
        :rtype: tuple[dict, dict]
        """
        # sudo: who belongs where (teams, employees and groups are not open to all); only ids of users are returned
        schemes = (
            self.sudo()
            .with_context(active_test=True)
            .search([("company_id", "=", company.id)])
            .filtered(lambda scheme: scheme._is_valid_on(scheme._get_bounds(date)[0]))
        )
        values = {
            window: alike._compute_values(*window)
            for window, alike in schemes.grouped(
                lambda scheme: (*scheme._get_bounds(date), scheme.credit)
            ).items()
        }
        assigned, taken = {}, set()
        for scheme in schemes:
            bounds = scheme._get_bounds(date)
            found = scheme._get_candidates(values[(*bounds, scheme.credit)], bounds[1]) - taken
            assigned[self.browse(scheme.id)] = sorted(found)
            taken |= found
        return assigned, values

    def _compute_values(self, date_from, date_to, credit):
        """Values of the indicators of these schemes of one company, of everybody who has any.

        :return: the engine's values by id of the indicator and id of the user
        """
        return self.line_ids.indicator_id._compute_values(self.company_id, date_from, date_to, credit=credit)

    def _get_other_groups(self):
        """Groups of those who work with customers or suppliers otherwise than by selling."""
        xmlids = ("purchase.group_purchase_user", "mass_mailing.group_mass_mailing_user")
        return self.env["res.groups"].union(*map(self.env.ref, xmlids))

    def _get_candidates(self, values, last):
        """Ids of all users that the scheme is for, whatever other schemes there are.

        :param dict values: of the period, by id of the indicator and id of the user
        :param date last: the last day of the period
        """
        self.ensure_one()
        users = self.env["res.users"].with_context(active_test=False)
        indicators = self.line_ids.indicator_id
        if self.is_for_all:
            selling = indicators.filtered(lambda indicator: indicator.source not in BY_ANYBODY)
            indicators = selling or indicators
        indicators = set(indicators.ids)
        with_facts = {
            user_id
            for (indicator_id, user_id), value in values.items()
            if user_id and value.count and indicator_id in indicators
        }
        if self.is_for_all:
            directors = self.env.ref("partner_relations.group_director").all_user_ids
            sellers = users.search(
                Domain("active", "=", True)
                & Domain("all_group_ids", "in", self.env.ref("partner_relations.group_user").ids)
                & Domain("company_ids", "in", self.company_id.ids)
                & Domain("id", "not in", directors.ids)
                & (
                    Domain("all_group_ids", "in", self.env.ref("sales_team.group_sale_salesman").ids)
                    | Domain("crm_team_member_ids", "any", Domain("active", "=", True))
                    | Domain("id", "not in", self._get_other_groups().all_user_ids.ids)
                )
            )
            internal = users.browse(sorted(with_facts)).exists().filtered(lambda user: not user.share)
            return {*sellers.ids, *internal.ids}
        everybody = self.with_context(active_test=False)
        employees = everybody.env["hr.employee"].search(
            [("job_id", "in", self.job_ids.ids), ("company_id", "=", self.company_id.id)]
        )
        # who left is no longer an employee, but was
        employees = employees.filtered(lambda record: record.active or not record.user_id.active)
        named = everybody.user_ids | self._get_members(last) | employees.user_id
        return {user.id for user in named if user.active or user.id in with_facts}

    def _get_members(self, last):
        """Who was in the teams at the end of a period; of whom that is not known, who is in them now.

        A membership that ends is archived, and not written any more. Who left is in the team that was left last.
        """
        # the moment at which the last day is over
        end = self.env["manager.indicator"]._get_params(self.company_id, last, last).end
        memberships = self.env["crm.team.member"].with_context(active_test=False)
        concerned = memberships.search([("crm_team_id", "in", self.team_ids.ids)]).user_id
        members = self.env["res.users"]
        for user, its in memberships.search([("user_id", "in", concerned.ids)]).grouped("user_id").items():
            found = its.filtered(lambda one: one.create_date < end and (one.active or one.write_date >= end))
            found = found or its.filtered("active")
            if not found and not user.active:
                latest = max(its.mapped("write_date"))
                found = its.filtered(lambda one, latest=latest: one.write_date == latest)
            if found.crm_team_id & self.team_ids:
                members |= user
        return members

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.model
    def _ensure_for(self, company):
        """Give a company that never had a scheme the default one."""
        # sudo: made by installation, or by whoever opens the first scorecard
        schemes = self.sudo().with_context(active_test=False)
        found = schemes.search([("company_id", "=", company.id)], limit=1)
        if not found and self._default_line_ids():
            found = schemes.with_context(active_test=True).create(
                {"name": self.env._("Standard"), "company_id": company.id, "director_id": False}
            )
            for code, _name in self.env["res.lang"].get_installed():
                spoken = found.with_context(lang=code)
                spoken.name = spoken.env._("Standard")
        return self.browse(found.id)

    def action_preview(self):
        """Show what the scheme as it is saved would give in the last period that is over."""
        self.ensure_one()
        self.check_access("write")
        preview = self.env["manager.score.preview"]._preview(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview of “%s”", self.name),
            "res_model": "manager.score.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_compute_now(self):
        """Compute the scorecards of the period that runs, for all managers of the scheme's company.

        :raises AccessError: for who may not change schemes
        """
        self.ensure_one()
        self.check_access("write")
        if not self.active:
            raise UserError(
                self.env._("The scheme “%s” is archived. Restore it to compute scorecards.", self.name)
            )
        cards = self.env["manager.scorecard"]
        cards._compute_period(self.company_id, cards._get_today(self.company_id), self.period)
        return self.action_open_scorecards()

    @api.readonly
    def action_open_scorecards(self):
        """Open the scorecards by this scheme."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.manager_scorecard_action")
        return {**action, "domain": [("scheme_id", "=", self.id)], "context": {}}

    def _ask_to_close(self, date_to, count):
        """Give the director a to-do to close the scorecards of the period that ended on ``date_to``."""
        self.ensure_one()
        directors = self.env.ref("partner_relations.group_director").all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
        # who is a director of the company no more could not close them
        director = self.director_id & directors or directors.sorted("id")[:1]
        if director and count:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._(
                    "Close %(count)s scorecards of the period until %(day)s",
                    count=count,
                    day=format_date(self.env, date_to),
                ),
                user_id=director.id,
            )
