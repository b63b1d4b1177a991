from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

ABC_PRESETS = {"70_20_10": (70.0, 20.0), "80_15_5": (80.0, 15.0)}
XYZ_PRESETS = {"50_100": (50.0, 100.0), "10_25": (10.0, 25.0), "25_50": (25.0, 50.0)}
# What a run remembers of the policy it was computed with.
PARAMETERS = (
    "kind",
    "source",
    "measure",
    "months",
    "abc_a",
    "abc_b",
    "abc_border",
    "xyz_measure",
    "xyz_period",
    "xyz_periods",
    "xyz_min_periods",
    "xyz_x",
    "xyz_y",
    "xyz_deviation",
    "xyz_from_first",
    "xyz_scope",
    "one_time_limit",
    "lost_days",
    "lost_own_rhythm",
    "lost_rhythm_factor",
    "lost_rhythm_min",
    "potential_scope",
)


class PartnerClassificationPolicy(models.Model):
    """How a company classifies its customers (ABC × XYZ × stage) or its suppliers (ABC by spend).

    The first active policy of a company by sequence is the one that scheduled runs use. Further ones serve
    to compare, such as 80/15/5 beside 70/20/10.
    """

    _name = "partner.classification.policy"
    _description = "Classification Policy"
    _inherit = ["mail.thread", "partner.guarded.mixin"]
    _order = "company_id, kind, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, default=lambda self: self.env._("Standard"))
    sequence = fields.Integer(default=10, help="The first policy of a company is used by scheduled runs.")
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("customer", "Customers"), ("supplier", "Suppliers")],
        string="Classifies",
        required=True,
        default="customer",
        help="Customers by their sales; suppliers by what was bought from them (posted vendor bills less refunds).",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    source = fields.Selection(
        [("invoice", "Posted invoices"), ("order", "Confirmed orders")],
        string="Counts as Sales",
        required=True,
        default="invoice",
        tracking=True,
        help="Posted customer invoices less credit notes, by invoice date; or confirmed sales orders, by "
        "order date. Untaxed, in the currency of the company.",
    )

    # ABC
    measure = fields.Selection(
        [("revenue", "Revenue"), ("profit", "Profit")],
        string="ABC by",
        required=True,
        default="revenue",
        tracking=True,
        help="Profit is revenue less the cost at the time of the sale, never today's cost.",
    )
    months = fields.Integer(
        required=True,
        default=12,
        tracking=True,
        help="Length of the ABC window: so many closed months up to the last day of the run.",
    )
    abc_preset = fields.Selection(
        [("70_20_10", "70 / 20 / 10"), ("80_15_5", "80 / 15 / 5"), ("own", "Own shares")],
        string="Shares",
        compute="_compute_abc_preset",
        inverse="_inverse_abc_preset",
        help="Shares of the total that classes A, B and C make up.",
    )
    abc_a = fields.Float(
        string="Share of A",
        digits=(5, 2),
        required=True,
        default=70.0,
        tracking=True,
        help="Percent of the total that the largest customers (class A) make up.",
    )
    abc_b = fields.Float(
        string="Share of B",
        digits=(5, 2),
        required=True,
        default=20.0,
        tracking=True,
        help="Percent of the total that class B makes up, after A.",
    )
    abc_c = fields.Float(
        string="Share of C",
        digits=(5, 2),
        compute="_compute_abc_c",
        inverse="_inverse_abc_c",
        help="What is left of 100 percent. Changing it changes the share of B.",
    )
    abc_border = fields.Selection(
        [("higher", "Keeps the higher class"), ("lower", "Falls to the lower class")],
        string="Who Crosses a Border",
        required=True,
        default="higher",
        tracking=True,
        help="Keeps the higher class: the share accumulated before the customer counts, so the one who "
        "crosses 70% is still A. Falls to the lower class: the share including the customer counts.",
    )

    # XYZ
    xyz_measure = fields.Selection(
        [
            ("revenue", "Revenue"),
            ("profit", "Profit"),
            ("orders", "Number of sales"),
            ("quantity", "Quantity"),
        ],
        string="XYZ by",
        required=True,
        default="revenue",
        tracking=True,
        help="What is compared between the periods. Number of sales: sales documents with an amount above "
        "zero. Quantity: in the unit of each product, summed over the products.",
    )
    xyz_period = fields.Selection(
        [("week", "Weeks"), ("month", "Months"), ("quarter", "Quarters")],
        string="Periods",
        required=True,
        default="month",
        tracking=True,
        help="Closed periods up to the last day of the run; the unfinished one is never part of a variation.",
    )
    xyz_periods = fields.Integer(
        string="Number of Periods", required=True, default=12, tracking=True, help="Length of the XYZ window."
    )
    xyz_min_periods = fields.Integer(
        string="At Least",
        required=True,
        default=3,
        tracking=True,
        help="A customer with fewer periods gets no XYZ class.",
    )
    xyz_preset = fields.Selection(
        [("50_100", "50 / 100"), ("25_50", "25 / 50"), ("10_25", "10 / 25"), ("own", "Own limits")],
        string="Limits",
        compute="_compute_xyz_preset",
        inverse="_inverse_xyz_preset",
        help="50 / 100: who buys evenly in at least 80% of the months is X, in at least 50% Y.",
    )
    xyz_x = fields.Float(
        string="X up to",
        digits=(7, 2),
        required=True,
        default=50.0,
        tracking=True,
        help="Coefficient of variation in percent up to which a customer buys stably.",
    )
    xyz_y = fields.Float(
        string="Y up to",
        digits=(7, 2),
        required=True,
        default=100.0,
        tracking=True,
        help="Coefficient of variation in percent up to which a customer buys irregularly; above: episodically.",
    )
    xyz_deviation = fields.Selection(
        [("population", "Population (n)"), ("sample", "Sample (n − 1)")],
        string="Standard Deviation",
        required=True,
        default="population",
        tracking=True,
        help="STDEV.P or STDEV.S of a spreadsheet.",
    )
    xyz_from_first = fields.Boolean(
        string="From the First Purchase On",
        default=True,
        tracking=True,
        help="A customer who came during the window is judged from the period of the first purchase on. An invoice of "
        "zero, one that was taken back in full and a credit note are none. Off: the periods before count as zero.",
    )
    xyz_scope = fields.Selection(
        [("regular", "Regular customers"), ("all", "All customers")],
        string="XYZ for",
        required=True,
        default="regular",
        tracking=True,
    )

    # Stage
    one_time_limit = fields.Integer(
        string="One-Time up to",
        required=True,
        default=1,
        tracking=True,
        help="A customer with up to so many sales is a one-time customer, with more a regular one.",
    )
    lost_days = fields.Integer(
        string="Lost after",
        required=True,
        default=180,
        tracking=True,
        help="Days without a purchase after which a customer counts as lost; the day itself does not yet.",
    )
    lost_own_rhythm = fields.Boolean(
        string="Follow Each Customer's Rhythm",
        tracking=True,
        help="A customer who buys rarely is lost only after a multiple of the own median interval between "
        "days of purchase, but never before the days above.",
    )
    lost_rhythm_factor = fields.Float(
        string="Multiple of the Interval", digits=(5, 2), required=True, default=3.0, tracking=True
    )
    lost_rhythm_min = fields.Integer(
        string="From so Many Purchases on", required=True, default=4, tracking=True
    )
    potential_scope = fields.Selection(
        [("contacts", "All contacts but suppliers"), ("prospects", "Contacts with an opportunity or order")],
        string="Potential Customers",
        required=True,
        default="contacts",
        tracking=True,
        help="Which contacts without a sale count as potential customers. Own companies, employees and "
        "users, and who only sells to us never do.",
    )

    # Schedule
    auto_run = fields.Boolean(
        string="Monthly Run",
        default=True,
        help="When a month is over, a run for it is made and posted, and stays as history.",
    )
    keep_fresh = fields.Boolean(
        string="Refresh Every Day",
        default=True,
        help="The current classes are computed every night: stages as of that day, ABC and XYZ over the "
        "closed months.",
    )

    # ------------------------------------------------------------------
    # Presets
    # ------------------------------------------------------------------
    @api.depends("abc_a", "abc_b")
    def _compute_abc_preset(self):
        for policy in self:
            policy.abc_preset = _preset_of(ABC_PRESETS, policy.abc_a, policy.abc_b)

    @api.onchange("abc_preset")
    def _inverse_abc_preset(self):
        for policy in self:
            if policy.abc_preset in ABC_PRESETS:
                policy.abc_a, policy.abc_b = ABC_PRESETS[policy.abc_preset]

    @api.depends("abc_a", "abc_b")
    def _compute_abc_c(self):
        for policy in self:
            policy.abc_c = 100.0 - policy.abc_a - policy.abc_b

    @api.onchange("abc_c")
    def _inverse_abc_c(self):
        for policy in self:
            policy.abc_b = 100.0 - policy.abc_a - policy.abc_c

    @api.depends("xyz_x", "xyz_y")
    def _compute_xyz_preset(self):
        for policy in self:
            policy.xyz_preset = _preset_of(XYZ_PRESETS, policy.xyz_x, policy.xyz_y)

    @api.onchange("xyz_preset")
    def _inverse_xyz_preset(self):
        for policy in self:
            if policy.xyz_preset in XYZ_PRESETS:
                policy.xyz_x, policy.xyz_y = XYZ_PRESETS[policy.xyz_preset]

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("abc_a", "abc_b")
    def _check_shares(self):
        for policy in self:
            if not (0 < policy.abc_a <= 100 and policy.abc_b >= 0 and policy.abc_a + policy.abc_b <= 100):
                raise ValidationError(
                    self.env._(
                        "The shares of the policy “%(policy)s” do not total 100%%: A is %(a)s, B is %(b)s. "
                        "Enter a share of A above 0 and shares of A and B that make at most 100 together.",
                        policy=policy.name,
                        a=policy.abc_a,
                        b=policy.abc_b,
                    )
                )

    @api.constrains("xyz_x", "xyz_y")
    def _check_limits(self):
        for policy in self:
            if not 0 <= policy.xyz_x < policy.xyz_y:
                raise ValidationError(
                    self.env._(
                        "The limits of the policy “%(policy)s” overlap: X up to %(x)s, Y up to %(y)s. "
                        "Enter a limit of X below that of Y.",
                        policy=policy.name,
                        x=policy.xyz_x,
                        y=policy.xyz_y,
                    )
                )

    @api.constrains("months", "xyz_periods", "xyz_min_periods")
    def _check_windows(self):
        for policy in self:
            if not 1 <= policy.months <= 120:
                raise ValidationError(
                    self.env._(
                        "The ABC window of the policy “%(policy)s” has %(months)s months. Enter 1 to 120.",
                        policy=policy.name,
                        months=policy.months,
                    )
                )
            if not 3 <= policy.xyz_min_periods <= policy.xyz_periods <= 400:
                raise ValidationError(
                    self.env._(
                        "The policy “%(policy)s” compares %(periods)s periods and wants at least %(minimum)s. "
                        "A variation needs at least 3 periods, and not more at the least than there are.",
                        policy=policy.name,
                        periods=policy.xyz_periods,
                        minimum=policy.xyz_min_periods,
                    )
                )

    @api.constrains("one_time_limit", "lost_days", "lost_rhythm_factor", "lost_rhythm_min")
    def _check_stage_limits(self):
        for policy in self:
            if (
                policy.one_time_limit < 0
                or policy.lost_days <= 0
                or policy.lost_rhythm_factor <= 0
                or policy.lost_rhythm_min < 2
            ):
                raise ValidationError(
                    self.env._(
                        "The limits of the stages of the policy “%(policy)s” are not possible. Enter days "
                        "and a multiple above zero, and at least 2 purchases for a rhythm.",
                        policy=policy.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    def write(self, vals):
        for policy in self:
            if policy._is_moved(vals) and policy._has_runs():
                raise UserError(
                    self.env._(
                        "The policy “%(policy)s” of %(company)s has runs already, which keep what they classify and "
                        "their company. Make a new policy, and archive this one if it is no longer used.",
                        policy=policy.name,
                        company=policy.company_id.name,
                    )
                )
        return super().write(vals)

    def _is_moved(self, vals):
        """Whether these values let the policy classify something else, or for another company."""
        values = {"kind": self.kind, "company_id": self.company_id.id}
        return any(vals.get(name, value) != value for name, value in values.items())

    def _has_runs(self):
        # sudo: whether there are any, also those of a company that is not chosen
        runs = self.env["partner.classification"].sudo()
        return bool(runs.search_count([("policy_id", "=", self.id)], limit=1))

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------
    @api.model
    def _get_for(self, company, kind="customer"):
        """Return the policy that scheduled runs of ``company`` use; made with the defaults if there is none.

        Where somebody archived all policies of a company, the company does not classify: empty.
        """
        policies = self.with_context(active_test=False).search(
            [("company_id", "=", company.id), ("kind", "=", kind)]
        )
        if not policies:
            policy = self.create({"company_id": company.id, "kind": kind, **self._prepare_default_vals(kind)})
            for code, _name in self.env["res.lang"].get_installed():
                spoken = policy.with_context(lang=code)
                spoken.name = spoken._prepare_default_vals(kind)["name"]
            return policy
        return policies.filtered("active")[:1]

    @api.model
    def _prepare_default_vals(self, kind):
        if kind == "supplier":
            return {"name": self.env._("Suppliers by spend")}
        return {"name": self.env._("Standard")}

    def _get_parameters(self):
        """The parameters as plain values, for a run to keep."""
        self.ensure_one()
        return {name: self[name] for name in PARAMETERS}

    def action_preview(self):
        """Open what the policy as it stands would change in the current classes."""
        self.ensure_one()
        self.check_access("read")
        preview = self.env["partner.classification.preview"].create({"policy_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Would Change"),
            "res_model": "partner.classification.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_new_run(self):
        """Make and compute a run of this policy for the last closed month."""
        self.ensure_one()
        run = self.env["partner.classification"].create({"policy_id": self.id})
        run.action_compute()
        return run._get_form_action()


def _preset_of(presets, *values):
    return next((name for name, wanted in presets.items() if wanted == values), "own")
