from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.arguments import as_id
from ...tools.empty_fields import EmptyFloat, EmptyInteger, EmptyMonetary
from ...tools.group_order import in_order
from ...tools.loose_many2one import LooseMany2one

ABC_CLASSES = [("a", "A"), ("b", "B"), ("c", "C")]
XYZ_CLASSES = [("x", "X"), ("y", "Y"), ("z", "Z")]
STAGES = [("potential", "Potential"), ("one_time", "One-time"), ("regular", "Regular"), ("lost", "Lost")]


class PartnerClassificationLine(models.Model):
    """One customer, or one supplier, in a classification, with the figures that led to its classes.

    Written by one statement for the whole company; the columns carry no foreign keys and no log of who
    wrote them, see :class:`LooseMany2one`. The rows of one run have one row for each commercial partner;
    after a merge of two contacts an earlier run shows both rows on the remaining one, as they were two
    customers at the time.
    """

    _name = "partner.classification.line"
    _description = "Customer or Supplier in a Classification"
    _inherit = ["partner.care.mixin"]
    _order = "classification_id desc, value desc, partner_id"
    _rec_name = "partner_id"
    _log_access = False

    classification_id = LooseMany2one("partner.classification", string="Run", required=True, readonly=True)
    company_id = LooseMany2one("res.company", required=True, readonly=True)
    currency_id = LooseMany2one("res.currency", readonly=True)
    kind = fields.Selection(related="classification_id.kind")
    partner_id = LooseMany2one("res.partner", string="Customer", required=True, readonly=True)
    partner_user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    country_id = fields.Many2one(related="partner_id.country_id")
    revenue = EmptyMonetary(
        readonly=True,
        help="Sales of the window less credit notes, untaxed, in the currency of the company. For a supplier: "
        "vendor bills less refunds.",
    )
    profit = EmptyMonetary(
        readonly=True, help="Revenue less the cost at the time of the sale. Empty for suppliers."
    )
    value = EmptyMonetary(
        string="Measure",
        readonly=True,
        help="What ABC sorts by: revenue or profit, as the policy says. Empty without sales in the window.",
    )
    share = EmptyFloat(
        string="Share (%)",
        readonly=True,
        help="Share of the sum of all amounts above zero, in percent. An amount below zero has none.",
    )
    cumulative_share = EmptyFloat(
        string="Cumulative Share (%)",
        readonly=True,
        aggregator=None,
        help="Share of this customer and of all that stand before it. An amount below zero has none.",
    )
    cv = EmptyFloat(
        string="Variation (%)",
        readonly=True,
        aggregator="avg",
        help="Coefficient of variation: standard deviation over the periods divided by their mean, in percent. "
        "0 is perfectly even. Empty where the mean is not above zero or there are too few periods.",
    )
    xyz_periods = fields.Integer(
        string="Periods", readonly=True, aggregator=None, help="How many periods the variation compares."
    )
    sales_count = fields.Integer(
        string="Sales",
        readonly=True,
        help="Sales documents of the whole history with an amount above zero that were not fully refunded.",
    )
    first_sale_date = fields.Date(string="First Sale", readonly=True)
    last_sale_date = fields.Date(string="Last Sale", readonly=True)
    days_since_sale = EmptyInteger(
        string="Days Since",
        compute="_compute_days_since_sale",
        help="Days from the last sale to the day of the run.",
    )
    median_interval = EmptyFloat(
        string="Rhythm (Days)",
        readonly=True,
        aggregator="avg",
        help="Median number of days between two days of purchase; only where the policy follows it.",
    )
    abc_class = fields.Selection(ABC_CLASSES, string="ABC", readonly=True)
    xyz_class = fields.Selection(XYZ_CLASSES, string="XYZ", readonly=True)
    stage = fields.Selection(STAGES, readonly=True, group_expand=in_order(STAGES))
    is_returned = fields.Boolean(
        string="Returned",
        readonly=True,
        help="Was lost in the run before, or at some time since, and has bought again.",
    )
    previous_abc_class = fields.Selection(ABC_CLASSES, string="Previous ABC", readonly=True)
    previous_xyz_class = fields.Selection(XYZ_CLASSES, string="Previous XYZ", readonly=True)
    previous_stage = fields.Selection(STAGES, readonly=True)
    is_changed = fields.Boolean(
        string="Changed",
        compute="_compute_is_changed",
        search="_search_is_changed",
        help="Has another class or stage than in the run before.",
    )
    computed_abc_class = fields.Selection(
        ABC_CLASSES,
        string="Computed ABC",
        readonly=True,
        help="What the figures gave, where it was overridden.",
    )
    computed_xyz_class = fields.Selection(XYZ_CLASSES, string="Computed XYZ", readonly=True)
    computed_stage = fields.Selection(STAGES, readonly=True)
    override_id = LooseMany2one("partner.classification.override", readonly=True)
    is_overridden = fields.Boolean(
        string="Set by Hand", compute="_compute_is_overridden", search="_search_is_overridden"
    )
    reason = fields.Text(
        compute="_compute_reason",
        help="Why the customer has its class and stage, with the figures and the limits of the run.",
    )
    is_merged = fields.Boolean(
        readonly=True,
        help="Came onto this contact by a merge; the contact has another line of its own in the run.",
    )
    state = fields.Selection(related="classification_id.state")
    is_live = fields.Boolean(related="classification_id.is_live")
    came_from = fields.Char(
        store=False,
        search="_search_came_from",
        help="Technical: the cell of a migration matrix, as run|dimension|class.",
    )

    # The only index, as each more makes a run a tenth slower: who looks for a partner names the runs too.
    _run_partner_idx = models.Index("(classification_id, partner_id)")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("partner_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.partner_id.display_name

    @api.depends("last_sale_date", "classification_id.stage_date")
    def _compute_days_since_sale(self):
        for line in self:
            last, day = line.last_sale_date, line.classification_id.stage_date
            line.days_since_sale = (day - last).days if last and day else False

    @api.depends(
        "previous_stage", "stage", "previous_abc_class", "abc_class", "previous_xyz_class", "xyz_class"
    )
    def _compute_is_changed(self):
        for line in self:
            line.is_changed = bool(line.classification_id.previous_id) and (
                (line.previous_abc_class, line.previous_xyz_class, line.previous_stage)
                != (line.abc_class, line.xyz_class, line.stage)
            )

    def _search_is_changed(self, operator, value):
        if operator != "in":
            return NotImplemented

        def different(model, alias, query):
            columns = [
                SQL(
                    "%s IS DISTINCT FROM %s",
                    SQL.identifier(alias, name),
                    SQL.identifier(alias, f"previous_{name}"),
                )
                for name in ("abc_class", "xyz_class", "stage")
            ]
            return SQL("(%s)", SQL(" OR ").join(columns))

        return Domain("classification_id.previous_id", "!=", False) & Domain.custom(to_sql=different)

    @api.depends("override_id")
    def _compute_is_overridden(self):
        for line in self:
            line.is_overridden = bool(line.override_id)

    def _search_is_overridden(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("override_id", "!=", False)

    @api.model
    def _search_came_from(self, operator, value):
        """Customers that have a class, XYZ class or stage in another run: ``run id|dimension|value``.

        An empty value means that the customer has a line there without one, ``absent`` that it has no line.
        """
        if operator != "in":
            return NotImplemented
        parts = []
        for cell in value:
            run_id, *rest = str(cell).split("|")
            if not as_id(run_id) or len(rest) != 2:
                # "is not set" of a custom filter, or what is no cell
                continue
            dimension, wanted = rest
            if dimension not in ("abc_class", "xyz_class", "stage"):
                raise UserError(self.env._("There is no dimension “%s” of a classification.", dimension))
            absent = wanted == "absent"
            domain = Domain("classification_id", "=", as_id(run_id)) & Domain("is_merged", "!=", True)
            if not absent:
                domain &= Domain(dimension, "=", wanted or False)
            lines = self._search(domain)
            partners = lines.subselect(self._field_to_sql(lines.table, "partner_id", lines))
            parts.append(Domain("partner_id", "not in" if absent else "in", partners))
        return Domain.OR(parts)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("Classes are computed. Use “Set by Hand” to override one, with a reason."))

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(self.env._("Customers come into a classification by computing it."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Customers leave a classification by computing it again."))

    @api.model
    def _get_all_run_ids(self):
        """The runs of all companies, by which the index finds the lines of a contact."""
        # sudo: the lines of a contact that goes are in the runs of every company
        return self.env["partner.classification"].sudo().search([]).ids  # pylint: disable=no-search-all

    @api.model
    def _forget_partners(self, partners):
        """Remove the lines of contacts that are deleted. SQL, as nobody may remove a line otherwise."""
        if partners.ids:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM partner_classification_line WHERE classification_id = ANY(%s) AND partner_id IN %s",
                    self._get_all_run_ids(),
                    tuple(partners.ids),
                )
            )
            self.invalidate_model(flush=False)

    @api.model
    def _merge_partners(self, sources, target):
        """Let the lines of merged contacts belong to the one that remains.

        A run in which more than one of them has a line keeps all of them, as its totals are history; all but
        one are marked, so that the contact has one class. SQL as core's merge of contacts is, whose rights
        apply.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE partner_classification_line AS line
                   SET partner_id = %(target)s, is_merged = line.is_merged OR numbered.number > 1
                  FROM (SELECT id, row_number() OVER (
                                   PARTITION BY classification_id
                                   ORDER BY is_merged IS TRUE, partner_id <> %(target)s, value DESC NULLS LAST, id
                               ) AS number
                          FROM partner_classification_line
                         WHERE classification_id = ANY(%(runs)s) AND partner_id IN %(partners)s) AS numbered
                 WHERE numbered.id = line.id""",
                runs=self._get_all_run_ids(),
                target=target.id,
                partners=tuple((sources | target).ids),
            )
        )
        self.invalidate_model(flush=False)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.readonly
    def action_open_partner(self):
        """Open the contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }

    @api.readonly
    def action_open_documents(self):
        """Open the invoices, bills or orders of the window that the amounts are made of."""
        self.ensure_one()
        run = self.classification_id
        partners = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search([("commercial_partner_id", "=", self.partner_id.id)])
        )
        if run.kind == "customer" and run._get_parameter("source") == "order":
            model, name = "sale.order", self.env._("Orders of %s", self.partner_id.display_name)
            first, last = run._get_utc_bounds(run.date_from, run.date_to)
            domain = [
                ("company_id", "=", run.company_id.id),
                ("partner_id", "in", partners.ids),
                ("state", "=", "sale"),
                ("date_order", ">=", first),
                ("date_order", "<", last),
            ]
        else:
            types = run._get_move_types()
            model = "account.move"
            name = self.env._("Documents of %s", self.partner_id.display_name)
            domain = [
                ("company_id", "=", run.company_id.id),
                ("commercial_partner_id", "in", partners.ids),
                ("state", "=", "posted"),
                ("move_type", "in", types),
                ("invoice_date", ">=", run.date_from),
                ("invoice_date", "<=", run.date_to),
            ]
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": {"create": False},
        }

    def action_override(self):
        """Open the dialog that sets classes by hand, for the selected customers of a draft or daily run."""
        runs = self.classification_id
        if len(runs) != 1:
            raise UserError(self.env._("Select customers of one run."))
        if runs.state == "posted":
            raise UserError(
                self.env._("The run “%s” is posted. Override the class in the next run.", runs.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Class by Hand"),
            "res_model": "partner.classification.override.wizard",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_partner_ids": self.partner_id.ids, "default_classification_id": runs.id},
        }
