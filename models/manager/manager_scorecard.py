from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ...tools.empty_fields import EmptyFloat, EmptyInteger
from ...tools.internal import INTERNAL

STATES = [("open", "Open"), ("closed", "Closed")]
# What a scorecard is created with; everything else is computed.
KEYS = {"user_id", "company_id", "scheme_id", "date_from", "date_to"}
# What only the addon writes.
GUARDED = {
    *KEYS, "state", "score", "rank", "rank_count", "previous_score", "line_ids", "date_computed", "closed_on",
    "closed_by_id", "is_by_hand", "difference_count",
}  # fmt: skip


class ManagerScorecard(models.Model):
    """How well one sales manager did in one period, by a scheme: the score, and what it is made of.

    Open scorecards follow the documents, every night. A closed one stays as it is, with its evidence; what happens
    to the documents afterwards is shown as a difference.
    """

    _name = "manager.scorecard"
    _description = "Sales Manager's Scorecard"
    _inherit = ["mail.thread", "partner.guarded.mixin"]
    _no_defaults = tuple(GUARDED - KEYS)
    _order = "date_to desc, date_from, scheme_id, rank nulls last, user_id, id"
    _rec_names_search = ["user_id"]
    _mail_post_access = "read"  # the manager answers on the own scorecard

    user_id = fields.Many2one(
        "res.users",
        string="Manager",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    scheme_id = fields.Many2one(
        "manager.score.scheme",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="To", required=True)
    period_name = fields.Char(string="Period", compute="_compute_period_name")
    state = fields.Selection(STATES, required=True, default="open", readonly=True, copy=False, index=True)
    is_by_hand = fields.Boolean(
        readonly=True,
        copy=False,
        help="Created by a director, so it stays also if no scheme is for the manager.",
    )
    line_ids = fields.One2many("manager.scorecard.line", "scorecard_id", string="Indicators", readonly=True)
    evidence_ids = fields.One2many("manager.scorecard.evidence", "scorecard_id", readonly=True)

    score = EmptyFloat(
        readonly=True,
        aggregator="avg",
        copy=False,
        help="Σ weight × points ÷ Σ weight over the indicators that have points; 100 is all targets reached. Empty: "
        "no indicator has points.",
    )
    rank = EmptyInteger(
        readonly=True,
        aggregator=None,
        copy=False,
        help="Place by score among the managers of the scheme in the period; equal scores share it.",
    )
    rank_count = fields.Integer(
        string="Ranked", readonly=True, aggregator=None, copy=False, help="How many managers have a rank."
    )
    rank_name = fields.Char(string="Place", compute="_compute_rank_name")
    previous_score = EmptyFloat(
        readonly=True,
        aggregator=None,
        copy=False,
        help="The manager's score of the period that ended the day before this one began. Empty: there is none.",
    )
    score_change = EmptyFloat(
        string="Change",
        compute="_compute_score_change",
        help="Score less previous score. Empty without one of them.",
    )
    trend = fields.Json(compute="_compute_trend", help="The scores of the last periods and of this one.")
    has_trend = fields.Boolean(compute="_compute_trend")
    summary = fields.Json(
        compute="_compute_summary", help="The indicators with value and points, for a card."
    )
    reason = fields.Text(compute="_compute_reason", help="How the score comes about, or why there is none.")

    date_computed = fields.Datetime(
        string="Last Changed On",
        readonly=True,
        copy=False,
        help="When a computation last gave other figures than before.",
    )
    closed_on = fields.Datetime(readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_over = fields.Boolean(compute="_compute_is_over", help="The period is over.")
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")
    in_my_team = fields.Boolean(
        compute="_compute_in_my_team",
        search="_search_in_my_team",
        help="The scorecard of one of my subordinates, at any depth.",
    )

    _one_per_period = models.UniqueIndex(
        "(user_id, company_id, date_from, date_to)", "This manager has a scorecard of that period already."
    )
    _period_idx = models.Index("(company_id, date_from, date_to)")
    _dates_in_order = models.Constraint(
        "CHECK (date_from <= date_to)", "The period ends before it begins. Enter a later last day."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("user_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for card in self:
            # sudo: the name of a person, as in every list of Odoo
            card.display_name = f"{card.user_id.sudo().name or ''}, {card.period_name or ''}"

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period_name(self):
        for card in self:
            card.period_name = card._name_period(card.date_from, card.date_to)

    @api.model
    def _name_period(self, first, last):
        """A calendar month, quarter or year by its name, else the two days."""
        if not first or not last:
            return ""
        bounds = self.env["manager.score.scheme"]._get_period
        if (first, last) == bounds(first, "month"):
            return format_date(self.env, first, date_format="LLLL y")
        if (first, last) == bounds(first, "quarter"):
            return format_date(self.env, first, date_format="QQQ y")
        if (first, last) == bounds(first, "year"):
            return format_date(self.env, first, date_format="y")
        return f"{format_date(self.env, first)} – {format_date(self.env, last)}"

    @api.depends("rank", "rank_count")
    @api.depends_context("lang")
    def _compute_rank_name(self):
        for card in self:
            card.rank_name = self._name_rank(card.rank, card.rank_count)

    @api.model
    def _name_rank(self, rank, count):
        return self.env._("%(rank)s of %(count)s", rank=rank, count=count) if rank else False

    @api.depends("score", "previous_score")
    def _compute_score_change(self):
        for card in self:
            known = card.score is not False and card.previous_score is not False
            card.score_change = round(card.score - card.previous_score, 2) if known else False

    @api.depends("date_to", "company_id")
    def _compute_is_over(self):
        for card in self:
            card.is_over = bool(card.date_to) and card.date_to < self._get_today(card.company_id)

    # ------------------------------------------------------------------
    # Whose it is
    # ------------------------------------------------------------------
    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        for card in self:
            card.is_mine = card.user_id == self.env.user

    def _search_is_mine(self, operator, value):
        return Domain("user_id", "=", self.env.uid) if operator == "in" else NotImplemented

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_in_my_team(self):
        team = set(self.env.user._get_subordinate_user_ids())
        for card in self:
            # sudo: only ids are compared, and this field decides on access to the scorecard itself
            card.in_my_team = card.sudo().user_id.id in team

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("user_id", "in", self.env.user._get_subordinate_user_ids())

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        """Create scorecards of any days for a director, and compute them.

        Without a scheme it is the one that is for the manager on the first day; without days, the running period.
        The others of the period are created by the computation.

        :raises AccessError: for figures that somebody enters: they are only computed
        """
        self._check_director()
        schemes = {}
        for vals in vals_list:
            if vals.keys() & (GUARDED - KEYS) and not self._is_internal():
                raise AccessError(
                    self.env._(
                        "The figures of a scorecard are computed. Create it with manager and days alone."
                    )
                )
            self._complete(vals, schemes)
        cards = super(ManagerScorecard, self._without_defaults()).create(vals_list)
        cards.with_context(relations_scorecard=INTERNAL).is_by_hand = True
        cards._compute_cards()
        return cards

    @api.model
    def _complete(self, vals, schemes):
        """Fill in the scheme and the days that somebody left out.

        :param dict schemes: what is known already of who is judged by which scheme, by company and day
        """
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        vals["company_id"] = company.id
        user = self.env["res.users"].browse(vals.get("user_id"))
        if not user:
            return
        day = fields.Date.to_date(vals.get("date_from")) or self._get_today(company)
        if not vals.get("scheme_id"):
            if (company, day) not in schemes:
                schemes[company, day] = self.env["manager.score.scheme"]._get_for(company, day)
            scheme = schemes[company, day].get(user)
            if not scheme:
                raise UserError(
                    self.env._(
                        "No score scheme of %(company)s is for %(manager)s on %(day)s. Choose a scheme, or add the "
                        "manager to one.",
                        company=company.name,
                        manager=user.name,
                        day=format_date(self.env, day),
                    )
                )
            vals["scheme_id"] = scheme.id
        if not vals.get("date_from") or not vals.get("date_to"):
            bounds = self.env["manager.score.scheme"].browse(vals["scheme_id"])._get_bounds(day)
            vals["date_from"] = vals.get("date_from") or bounds[0]
            vals["date_to"] = vals.get("date_to") or bounds[1]

    def write(self, vals):
        if not self._is_internal():
            self.check_access("write")
            if closed := self.filtered(lambda card: card.state == "closed" and GUARDED & vals.keys()):
                closed[0]._raise_closed()
            if GUARDED & vals.keys() and not self.env.su:
                raise AccessError(
                    self.env._(
                        "The figures of a scorecard are computed. Change the scheme or the documents, then compute "
                        "again."
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        if closed := self.filtered(lambda card: card.state == "closed"):
            closed[0]._raise_closed()

    @api.model
    def _is_internal(self):
        return self.env.context.get("relations_scorecard") is INTERNAL

    def _raise_closed(self):
        """Refuse to touch this scorecard, which is closed.

        :raises UserError: always
        """
        raise UserError(
            self.env._(
                "The scorecard “%s” is closed and does not change. A director can reopen it, with a reason.",
                self.display_name,
            )
        )

    @api.constrains("scheme_id", "company_id")
    def _check_company(self, fnames=None):
        for card in self:
            if card.scheme_id.company_id != card.company_id:
                raise ValidationError(
                    self.env._(
                        "The scheme “%(scheme)s” is not one of %(company)s. Choose one of that company.",
                        scheme=card.scheme_id.name,
                        company=card.company_id.name,
                    )
                )

    @api.model
    def _check_director(self):
        """:raises AccessError: for who is not a director: a score decides on pay"""
        if not (self.env.su or self.env.user.has_group("partner_relations.group_director")):
            raise AccessError(self.env._("Only directors compute, close and reopen scorecards."))
