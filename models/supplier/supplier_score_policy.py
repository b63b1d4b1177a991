from odoo import Command, api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

from ...tools.internal import INTERNAL
from ...tools.number_words import format_number, format_percent

# Formula and weight of the criteria of a new policy; their names are in _prepare_default_criteria.
DEFAULT_CRITERIA = (
    ("delivery", "100 * on_time_rate", 40),
    ("quality", "100 * quality_rate", 25),
    ("price", "100 * price_compliance", 25),
    ("response", "100 - 10 * max(response_days - 1, 0)", 10),
)
# What a scorecard remembers of the policy it was computed with.
PARAMETERS = (
    "window_days",
    "min_lines",
    "grace_days",
    "price_tolerance",
    "price_scope",
    "grade_high",
    "grade_medium",
)
MIN_WINDOW = 30
MAX_WINDOW = 3660


class SupplierScorePolicy(models.Model):
    """How a company measures the reliability of its suppliers, and what follows from it."""

    _name = "supplier.score.policy"
    _description = "Supplier Rating Policy"
    _inherit = ["mail.thread", "partner.guarded.mixin"]
    _guarded_fields = ("date_scored", "date_history")
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, default=lambda self: self.env._("Standard"))
    active = fields.Boolean(default=True, help="Archived: the company does not rate its suppliers.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    window_days = fields.Integer(
        string="Days Measured",
        required=True,
        default=365,
        tracking=True,
        help="Lines promised within so many days up to and including today make the current score.",
    )
    min_lines = fields.Integer(
        string="Due Lines Needed",
        required=True,
        default=3,
        tracking=True,
        help="A supplier with fewer due lines in the window is not rated.",
    )
    grace_days = fields.Integer(
        required=True,
        default=0,
        tracking=True,
        help="A receipt up to so many days after the promise still counts as in time.",
    )
    price_tolerance = fields.Float(
        string="Price Tolerance (%)",
        required=True,
        default=0.5,
        tracking=True,
        help="A price that differs from the agreed one by at most so much complies.",
    )
    price_scope = fields.Selection(
        [("over", "Only higher prices"), ("both", "Higher and lower prices")],
        string="Deviations That Count",
        required=True,
        default="over",
        tracking=True,
        help="Only higher prices: who charges less than agreed complies. Higher and lower: a price below the "
        "agreed one by more than the tolerance does not comply either.",
    )
    grade_high = fields.Float(
        string="High from",
        required=True,
        default=80,
        tracking=True,
        help="A supplier with at least so many points has the grade High.",
    )
    grade_medium = fields.Float(
        string="Medium from",
        required=True,
        default=50,
        tracking=True,
        help="A supplier with at least so many points, but too few for High, has the grade Medium; with fewer, Low.",
    )
    use_warning = fields.Boolean(
        string="Warn", tracking=True, help="Warn on orders to suppliers with a low score."
    )
    warn_below = fields.Float(
        required=True,
        default=50,
        tracking=True,
        help="Warn on orders to suppliers with fewer points than these.",
    )
    use_block = fields.Boolean(
        string="Block",
        tracking=True,
        help="Refuse to send and confirm orders to suppliers with a very low score.",
    )
    block_below = fields.Float(
        required=True,
        default=30,
        tracking=True,
        help="Refuse orders to suppliers with fewer points than these; at most the points for a warning.",
    )
    criterion_ids = fields.One2many(
        "supplier.score.criterion",
        "policy_id",
        string="Criteria",
        copy=True,
        default=lambda self: self._default_criterion_ids(),
        help="The score is the mean of the points, weighted, over the criteria that have data.",
    )
    date_scored = fields.Datetime(
        string="Scores Computed On", readonly=True, copy=False, help="When all suppliers were last rated."
    )
    date_history = fields.Date(
        string="History up to",
        readonly=True,
        copy=False,
        help="The last day of the last closed month that was kept as history.",
    )

    _one_active = models.UniqueIndex("(company_id) WHERE active", "A company has one supplier rating policy.")

    # ------------------------------------------------------------------
    # Defaults
    # ------------------------------------------------------------------
    @api.model
    def _default_criterion_ids(self):
        names = self._prepare_default_names()
        return [
            Command.create(
                {"sequence": 10 * number, "name": names[key], "formula": formula, "weight": weight}
            )
            for number, (key, formula, weight) in enumerate(DEFAULT_CRITERIA, 1)
        ]

    @api.model
    def _prepare_default_names(self):
        return {
            "delivery": self.env._("Delivery"),
            "quality": self.env._("Quality"),
            "price": self.env._("Price"),
            "response": self.env._("Response"),
        }

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("window_days", "min_lines", "grace_days")
    def _check_window(self):
        for policy in self:
            if not MIN_WINDOW <= policy.window_days <= MAX_WINDOW:
                raise ValidationError(
                    self.env._(
                        "The policy “%(policy)s” measures %(days)s days. Enter %(minimum)s to %(maximum)s in "
                        "“Days Measured”.",
                        policy=policy.name,
                        days=policy.window_days,
                        minimum=MIN_WINDOW,
                        maximum=MAX_WINDOW,
                    )
                )
            if policy.min_lines < 1:
                raise ValidationError(
                    self.env._(
                        "The policy “%(policy)s” rates suppliers with %(lines)s due lines. Enter at least 1 in "
                        "“Due Lines Needed”.",
                        policy=policy.name,
                        lines=policy.min_lines,
                    )
                )
            if policy.grace_days < 0:
                raise ValidationError(
                    self.env._(
                        "The policy “%(policy)s” has %(days)s grace days. Enter 0 or more in “Grace Days”.",
                        policy=policy.name,
                        days=policy.grace_days,
                    )
                )

    @api.constrains("grade_high", "grade_medium")
    def _check_grades(self):
        for policy in self:
            if not 0 < policy.grade_medium < policy.grade_high <= 100:
                raise ValidationError(
                    self.env._(
                        "The grades of the policy “%(policy)s” overlap: High from %(high)s, Medium from %(medium)s. "
                        "Enter points above 0 and at most 100, and more for High than for Medium.",
                        policy=policy.name,
                        high=format_number(self.env, policy.grade_high),
                        medium=format_number(self.env, policy.grade_medium),
                    )
                )

    @api.constrains("warn_below", "block_below")
    def _check_limits(self):
        for policy in self:
            if not 0 <= policy.block_below <= policy.warn_below <= 100:
                raise ValidationError(
                    self.env._(
                        "The policy “%(policy)s” warns below %(warn)s and blocks below %(block)s points. Enter "
                        "points from 0 to 100, and not more for blocking than for warning.",
                        policy=policy.name,
                        warn=format_number(self.env, policy.warn_below),
                        block=format_number(self.env, policy.block_below),
                    )
                )

    @api.constrains("price_tolerance")
    def _check_price_tolerance(self):
        for policy in self:
            if not 0 <= policy.price_tolerance <= 100:
                raise ValidationError(
                    self.env._(
                        "The price tolerance of the policy “%(policy)s” is %(tolerance)s. Enter 0 to 100.",
                        policy=policy.name,
                        tolerance=format_percent(self.env, policy.price_tolerance),
                    )
                )

    @api.constrains("criterion_ids")
    def _check_weights(self):
        for policy in self:
            if not any(criterion.active and criterion.weight > 0 for criterion in policy.criterion_ids):
                raise ValidationError(
                    self.env._(
                        "No criterion of the policy “%s” has a weight. Enter one above 0 for at least one criterion.",
                        policy.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("active", True):
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                self._check_one_active(company, vals.get("name"))
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("active") or vals.get("company_id"):
            for policy in self.filtered(lambda policy: vals.get("active", policy.active)):
                company = self.env["res.company"].browse(vals.get("company_id")) or policy.company_id
                policy._check_one_active(company, policy.name)
        # the weights are checked once all criteria are written
        policies = self.with_context(relations_policy_write=INTERNAL) if "criterion_ids" in vals else self
        if not {"active", "company_id", "use_block"}.isdisjoint(vals):
            self.env.registry.clear_cache()
        return super(SupplierScorePolicy, policies).write(vals)

    def unlink(self):
        # sudo: the numbers of the criteria that go with the policies, archived ones too
        criteria = self.env["supplier.score.criterion"].sudo().with_context(active_test=False)
        ids = criteria.search([("policy_id", "in", self.ids)]).ids
        result = super().unlink()
        self.env.registry.clear_cache()
        criteria._forget(ids)
        return result

    def copy_data(self, default=None):
        # an archived copy, to change in peace before it takes the place of the other
        return [
            {
                **vals,
                "active": False,
                "name": (default or {}).get("name") or self.env._("%s (copy)", policy.name),
            }
            for policy, vals in zip(self, super().copy_data(default=default), strict=True)
        ]

    def _check_one_active(self, company, name):
        """Before the unique index does, which knows no names."""
        # said, as a caller may ask for archived ones, too
        domain = [("company_id", "=", company.id), ("active", "=", True), ("id", "not in", self.ids)]
        if twin := self.search(domain, limit=1):
            raise ValidationError(
                self.env._(
                    "%(company)s has the supplier rating policy “%(twin)s” already. Change that one, or archive it "
                    "before “%(policy)s” takes its place.",
                    company=company.name,
                    twin=twin.name,
                    policy=name or self.env._("Standard"),
                )
            )

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------
    @api.model
    def _get_for(self, company):
        """Return the policy of ``company``, made with the defaults if it never had one.

        Where somebody archived it, the company does not rate its suppliers: empty.
        """
        # sudo: which policy a company has is no secret, and who needs it first may not be who may change it
        policies = self.sudo().with_context(active_test=False).search([("company_id", "=", company.id)])
        if not policies:
            policies = self.sudo().with_context(active_test=True).create({"company_id": company.id})
            policies._translate_defaults()
        return self.browse(policies.filtered("active").ids)

    def _translate_defaults(self):
        """Name a policy that was just made, and its criteria, in each language that is installed."""
        for code, _name in self.env["res.lang"].get_installed():
            spoken = self.with_context(lang=code)
            names = spoken._prepare_default_names()
            for policy in spoken:
                policy.name = policy.env._("Standard")
                for (key, _formula, _weight), criterion in zip(
                    DEFAULT_CRITERIA, policy.criterion_ids.sorted("sequence"), strict=True
                ):
                    criterion.name = names[key]

    @tools.ormcache()
    def _get_blocking_company_ids(self):
        """The companies that block orders to suppliers by rating; kept, since each confirmation asks."""
        # sudo: whether a company blocks at all is no secret and asked whoever confirms
        policies = self.sudo().with_context(active_test=True).search([("use_block", "=", True)])
        return frozenset(policies.company_id.ids)

    def _get_parameters(self):
        """The parameters as plain values, for a scorecard to keep."""
        self.ensure_one()
        return {name: self[name] for name in PARAMETERS}

    def action_preview(self):
        """Open how many suppliers would have another grade if the policy as it is saved applied now."""
        self.ensure_one()
        self.check_access("write")
        preview = self.env["supplier.score.preview"]._preview(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Would Change"),
            "res_model": "supplier.score.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    def action_compute_now(self):
        """Rate the suppliers of the company anew."""
        self.ensure_one()
        if not self.active:
            raise UserError(
                self.env._("The policy “%s” is archived. Restore it to rate suppliers by it.", self.name)
            )
        return self.env["supplier.scorecard"].with_company(self.company_id).action_compute_now()
