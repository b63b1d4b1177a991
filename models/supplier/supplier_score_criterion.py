from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, formatLang

from ...tools.formula import Formula, FormulaError
from ...tools.internal import INTERNAL
from ...tools.number_words import format_number

# Suppliers whose points the form of a criterion shows.
SAMPLE = 8


class SupplierScoreCriterion(models.Model):
    """One criterion of the score: a formula over the figures of a scorecard, 0 to 100, and its weight."""

    _name = "supplier.score.criterion"
    _description = "Criterion of the Supplier Rating"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("policy_id",)
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one("supplier.score.policy", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Criterion", required=True, translate=True)
    active = fields.Boolean(default=True)
    formula = fields.Char(
        required=True,
        help="Points from 0 to 100 as a formula over the figures of the scorecard, for example "
        "100 * on_time_rate. Where a figure has no data, the criterion has none and its weight does not count. "
        "Results below 0 count as 0, above 100 as 100.",
    )
    weight = fields.Float(
        required=True, default=10, help="How much the points count against those of the other criteria."
    )
    share = fields.Float(
        string="Share (%)",
        digits=(5, 1),
        compute="_compute_share",
        help="The weight in percent of all weights: what it counts where every criterion has data.",
    )
    figures = fields.Html(
        compute="_compute_figures_help",
        sanitize=False,
        help="The names that a formula may use, with meaning and unit.",
    )
    sample = fields.Html(
        string="Test",
        compute="_compute_sample",
        sanitize=False,
        help="The points that the formula gives to the suppliers with the most due lines, by their current scorecards.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("weight", "active", "policy_id.criterion_ids.weight", "policy_id.criterion_ids.active")
    def _compute_share(self):
        for criterion in self:
            total = sum(criterion.policy_id.criterion_ids.filtered("active").mapped("weight"))
            criterion.share = 100 * criterion.weight / total if total and criterion.active else 0

    @api.depends_context("lang")
    def _compute_figures_help(self):
        rows = Markup().join(
            Markup("<tr><td><code>%s</code></td><td>%s</td><td>%s</td></tr>")
            % (
                name,
                Markup("<b>%s</b><br/>%s") % (label, meaning) if meaning else Markup("<b>%s</b>") % label,
                unit,
            )
            for name, label, meaning, unit in self.env["supplier.scorecard"]._describe_figures()
        )
        table = Markup(
            '<table class="table table-sm"><thead><tr><th>%s</th><th>%s</th><th>%s</th></tr></thead>'
            "<tbody>%s</tbody></table>"
        ) % (self.env._("Name"), self.env._("Meaning"), self.env._("Unit"), rows)
        for criterion in self:
            criterion.figures = table

    @api.depends("formula", "policy_id")
    def _compute_sample(self):
        for criterion in self:
            criterion.sample = criterion._get_sample()

    def _get_sample(self):
        """The points of some suppliers as a table, or what is wrong with the formula."""
        self.ensure_one()
        try:
            formula = self._parse()
        except FormulaError as error:
            return Markup('<span class="text-danger">%s</span>') % self._explain(error)
        if not formula:
            return False
        # a form has any policy, also one that a call makes up, with any company
        companies = (self.policy_id.company_id or self.env.company)._origin & self.env.companies
        # sudo: figures that the formula uses become points; who may not see an amount is not shown it
        cards = (
            self.env["supplier.scorecard"]
            .sudo()
            .search(
                [
                    ("company_id", "in", companies.ids),
                    ("is_current", "=", True),
                ],
                order="due_line_count desc, id",
                limit=SAMPLE,
            )
        )
        if not cards:
            return self.env._("No supplier is rated yet.")
        rows = Markup().join(
            Markup('<tr><td>%s</td><td class="text-end">%s</td></tr>')
            % (card.partner_id.display_name, self._format_points(self._get_points(formula, card)))
            for card in cards
        )
        return Markup(
            '<table class="table table-sm w-auto"><thead><tr><th>%s</th><th class="text-end">%s</th></tr></thead>'
            "<tbody>%s</tbody></table>"
        ) % (self.env._("Supplier"), self.env._("Points"), rows)

    def _format_points(self, points):
        return self.env._("no data") if points is None else formatLang(self.env, points, digits=1)

    @api.model
    def _get_points(self, formula, card):
        """The points that a formula gives to a scorecard, from 0 to 100; None without data."""
        values = {
            name: None if card[name] is False else card[name]
            for name in self.env["supplier.scorecard"]._get_figure_names()
        }
        points = formula.evaluate(values)
        return None if points is None else min(max(points, 0.0), 100.0)

    def unlink(self):
        ids = self.ids
        result = super().unlink()
        self._forget(ids)
        return result

    @api.model
    def _forget(self, ids):
        """Let scorecards keep the points of criteria that are gone, without their names.

        SQL: nobody may write scorecards, and they have no foreign key to the criteria, see LooseMany2one.
        """
        lines = self.env["supplier.scorecard.line"]
        lines.flush_model(["criterion_id"])
        self.env.cr.execute(
            SQL("UPDATE supplier_scorecard_line SET criterion_id = NULL WHERE criterion_id = ANY(%s)", ids)
        )
        lines.invalidate_model(["criterion_id", "name"], flush=False)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    def _parse(self):
        """The formula, parsed; None while there is none.

        :raises FormulaError: when it is not one
        """
        self.ensure_one()
        if not (self.formula or "").strip():
            return None
        return Formula(self.formula, self.env["supplier.scorecard"]._get_figure_names())

    def _explain(self, error):
        """What is wrong with the formula, and which figures it may use."""
        problem = str(error)
        names = ", ".join(sorted(self.env["supplier.scorecard"]._get_figure_names()))
        if names not in problem:
            problem = self.env._("%(problem)s\nThe figures are: %(names)s.", problem=problem, names=names)
        return self.env._(
            "The formula of “%(criterion)s” cannot be used. %(problem)s",
            criterion=self.name or self.env._("New"),
            problem=problem,
        )

    @api.constrains("formula")
    def _check_formula(self):
        for criterion in self:
            try:
                formula = criterion._parse()
            except FormulaError as error:
                raise ValidationError(criterion._explain(error)) from error
            if not formula:
                raise ValidationError(
                    self.env._("Enter the formula of “%s”, for example 100 * on_time_rate.", criterion.name)
                )

    @api.constrains("weight", "active", "policy_id")
    def _check_weight(self):
        for criterion in self:
            if criterion.weight < 0:
                raise ValidationError(
                    self.env._(
                        "The weight of “%(criterion)s” is %(weight)s. Enter 0 or more; with 0 its points are shown "
                        "but do not count.",
                        criterion=criterion.name,
                        weight=format_number(self.env, criterion.weight),
                    )
                )
        if self.env.context.get("relations_policy_write") is not INTERNAL:
            self.policy_id._check_weights()
