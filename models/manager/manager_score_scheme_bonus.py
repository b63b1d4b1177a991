from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import formatLang

from ...tools import manager_bonus
from ...tools.empty_fields import EmptyMonetary
from ...tools.formula import Formula, FormulaError

METHODS = [("none", "No Bonus"), ("table", "Table"), ("formula", "Formula")]
# Names of a formula beside the codes of the indicators.
NAMES = ("score", "base", "rank", "rank_count")
DIRECTOR = "partner_relations.group_director"
# Scorecards whose bonus the form of a scheme shows.
SAMPLE = 12


class ManagerScoreScheme(models.Model):
    """The bonus that follows from a score: by a table or by a formula. Only directors see and change it."""

    _inherit = "manager.score.scheme"

    bonus_method = fields.Selection(
        METHODS,
        string="Bonus",
        required=True,
        default="none",
        tracking=True,
        groups=DIRECTOR,
        help="Table: the bonus of the band that the score lies in. Formula: arithmetic over the score, the base "
        "amount, the rank and the values of the indicators.",
    )
    bonus_band_ids = fields.One2many(
        "manager.bonus.band",
        "scheme_id",
        string="Bonus Table",
        copy=True,
        groups=DIRECTOR,
        help="From its score on, up to the next line. Below the first line there is no bonus.",
    )
    bonus_formula = fields.Char(
        tracking=True,
        groups=DIRECTOR,
        help="The bonus in the company's currency, for example: base * min(score, 120) / 1000. A bonus below 0 "
        "is 0. Where a figure has no data, there is no bonus until a director enters one.",
    )
    bonus_least = EmptyMonetary(
        string="At Least", groups=DIRECTOR, help="A smaller bonus becomes this. Empty: no limit."
    )
    bonus_most = EmptyMonetary(
        string="At Most", groups=DIRECTOR, help="A larger bonus becomes this. Empty: no limit."
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    bonus_names = fields.Html(compute="_compute_bonus_names", sanitize=False, groups=DIRECTOR)
    bonus_sample = fields.Html(
        string="What It Gives",
        compute="_compute_bonus_sample",
        sanitize=False,
        groups=DIRECTOR,
        help="The bonus of the last scorecards by this scheme, as the settings stand here, saved or not.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("line_ids.indicator_id")
    @api.depends_context("lang")
    def _compute_bonus_names(self):
        words = {
            "score": self.env._("the score"),
            "base": self.env._("the manager's base amount"),
            "rank": self.env._("the rank, 1 is the best"),
            "rank_count": self.env._("how many have a rank"),
        }
        for scheme in self:
            known = {**words, **{line.indicator_id.code: line.indicator_id.name for line in scheme.line_ids}}
            scheme.bonus_names = Markup(", ").join(
                Markup("<code>%s</code> %s") % (name, meaning) for name, meaning in known.items() if name
            )

    @api.depends(
        "bonus_method", "bonus_formula", "bonus_least", "bonus_most", "bonus_band_ids.score_from",
        "bonus_band_ids.kind", "bonus_band_ids.number", "line_ids.indicator_id",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_bonus_sample(self):
        for scheme in self:
            scheme.bonus_sample = scheme._get_bonus_sample()

    def _get_bonus_sample(self):
        """The bonus of the last scorecards as a table, or what is wrong with the formula."""
        self.ensure_one()
        if self.bonus_method == "none":
            return False
        try:
            self._parse_bonus()
        except FormulaError as error:
            return Markup('<span class="text-danger">%s</span>') % self._explain_bonus_error(error)
        cards = self.env["manager.scorecard"].search(
            [("scheme_id", "=", self._origin.id)], order="date_to desc, rank nulls last, id", limit=SAMPLE
        )
        cards = cards.filtered(lambda card: card.date_to == cards[:1].date_to)
        if not cards:
            return self.env._("There is no scorecard by this scheme yet.")
        rows = Markup().join(
            Markup('<tr><td>%s</td><td class="text-end">%s</td><td class="text-end">%s</td></tr>')
            % (
                card.display_name,
                "–" if card.score is False else card.line_ids._format_number(card.score),
                "–"
                if result["amount"] is None
                else formatLang(self.env, result["amount"], currency_obj=self.company_id.currency_id),
            )
            for card, result in self._compute_bonuses(cards).items()
        )
        return Markup(
            '<table class="table table-sm w-auto"><thead><tr><th>%s</th><th class="text-end">%s</th>'
            '<th class="text-end">%s</th></tr></thead><tbody>%s</tbody></table>'
        ) % (self.env._("Scorecard"), self.env._("Score"), self.env._("Bonus"), rows)

    # ------------------------------------------------------------------
    # The arithmetic
    # ------------------------------------------------------------------
    def _parse_bonus(self):
        """The formula, parsed; None by another method.

        :raises FormulaError: when it is not one
        """
        self.ensure_one()
        if self.bonus_method != "formula":
            return None
        names = {*NAMES, *(line.indicator_id.code for line in self.line_ids if line.indicator_id.code)}
        return Formula(self.bonus_formula, names)

    def _compute_bonuses(self, cards):
        """The bonus of scorecards by the settings of this scheme.

        :return: by scorecard ``amount`` (None: cannot be told), and the ``parameters`` it was computed with
        :rtype: dict[manager.scorecard, dict]
        :raises UserError: if the formula is none any more, as an indicator has another code since it was saved
        """
        self.ensure_one()
        bases = {}
        for day, alike in cards.grouped("date_to").items():
            amounts = self.env["manager.bonus.base"]._get_amounts(self.company_id, alike.user_id, day)
            bases.update({card: amounts.get(card.user_id.id) for card in alike})
        bands = [(band.score_from, band.kind, band.number) for band in self.bonus_band_ids]
        try:
            formula = self._parse_bonus()
        except FormulaError as error:
            raise UserError(self._explain_bonus_error(error)) from error
        limits = [None if limit is False else limit for limit in (self.bonus_least, self.bonus_most)]
        results = {}
        for card in cards:
            score = None if card.score is False else card.score
            base = bases[card]
            parameters = {"method": self.bonus_method, "base": base, "least": limits[0], "most": limits[1]}
            if formula:
                values = {
                    "score": score,
                    "base": base,
                    "rank": card.rank or None,
                    "rank_count": card.rank_count or None,
                    **{
                        line.indicator_id.code: None if line.value is False else line.value
                        for line in card.line_ids
                    },
                }
                raw = formula.evaluate(values)
                parameters["formula"] = formula.text
                parameters["values"] = {name: values.get(name) for name in sorted(formula.names)}
            else:
                raw = manager_bonus.band_amount(score, base, bands)
                parameters["band"] = None if score is None else manager_bonus.band_of(score, bands)
            amount = manager_bonus.limited(raw, *limits)
            parameters["raw"] = raw
            results[card] = {
                "amount": None if amount is None else self.company_id.currency_id.round(amount),
                "parameters": parameters,
            }
        return results

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    def _explain_bonus_error(self, error):
        return self.env._(
            "The bonus formula of “%(scheme)s” cannot be used. %(problem)s",
            scheme=self.name or self.env._("New"),
            problem=str(error),
        )

    @api.constrains(
        "bonus_method", "bonus_formula", "bonus_band_ids", "line_ids", "bonus_least", "bonus_most"
    )
    def _check_bonus(self):
        for scheme in self:
            if scheme.bonus_method == "formula":
                if not (scheme.bonus_formula or "").strip():
                    raise ValidationError(
                        self.env._(
                            "Enter the bonus formula of “%s”, for example: base * score / 1000", scheme.name
                        )
                    )
                try:
                    scheme._parse_bonus()
                except FormulaError as error:
                    raise ValidationError(scheme._explain_bonus_error(error)) from error
            if scheme.bonus_method == "table" and not scheme.bonus_band_ids:
                raise ValidationError(
                    self.env._("The bonus table of “%s” has no lines. Enter at least one.", scheme.name)
                )
            if (
                scheme.bonus_least is not False
                and scheme.bonus_most is not False
                and scheme.bonus_least > scheme.bonus_most
            ):
                raise ValidationError(
                    self.env._(
                        "The bonus of “%s” is at least more than it is at most. Correct one of the limits.",
                        scheme.name,
                    )
                )
