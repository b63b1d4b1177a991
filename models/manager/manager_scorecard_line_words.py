from odoo import api, models
from odoo.tools.misc import format_date, formatLang

from ...tools import manager_score
from ...tools.number_words import format_percent


class ManagerScorecardLine(models.Model):
    """A line in words, in the language of the reader: from the settings that it keeps."""

    _inherit = "manager.scorecard.line"

    @api.model
    def _format(self, value, unit, currency):
        """A value with its unit, for a text or a printed page; a dash without data."""
        if value is False or value is None:
            return "–"
        if unit == "money":
            return formatLang(self.env, value, currency_obj=currency)
        if unit == "percent":
            share = round(100 * value, 1)
            return format_percent(self.env, share, digits=0 if share.is_integer() else 1)
        digits = 0 if float(value).is_integer() else 2 if unit == "count" else 1
        number = formatLang(self.env, value, digits=digits)
        if unit == "hours":
            return self.env._("%s h", number)
        if unit == "days":
            return self.env._("%s days", number)
        return number

    @api.model
    def _format_number(self, value):
        """Points, weights and percentages in the user's language, with no more than the two decimals they have."""
        value = round(value, 2)
        digits = next(digits for digits in range(3) if digits == 2 or round(value, digits) == value)
        return formatLang(self.env, value, digits=digits)

    def _format_value(self, name):
        """The field ``name`` (value, target, …) of this line with its unit."""
        self.ensure_one()
        return self._format(self[name], self.unit, self.currency_id)

    @api.depends("value", "target", "points", "parameters", "unit")
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            words = [line._explain_value(), line._explain_target(), line._explain_points()]
            line.reason = " ".join(filter(None, words))

    def _explain_value(self):
        """What a rate is divided by what; sums need no words."""
        if self.value is False:
            return self.env._("No data.")
        parameters = self.parameters or {}
        if parameters.get("kind") == "sum" or not self.denominator:
            return ""
        unit = "count" if self.unit == "percent" else self.unit
        return self.env._(
            "%(numerator)s ÷ %(denominator)s = %(value)s.",
            numerator=self._format(self.numerator, unit, self.currency_id),
            denominator=self._format(self.denominator, "count", self.currency_id),
            value=self._format_value("value"),
        )

    def _explain_target(self):
        """What the target is made of, or why there is none."""
        parameters = self.parameters or {}
        if parameters.get("points_method") == "bands" and parameters.get("band_basis") == "value":
            return ""
        kind, basis = parameters.get("target_kind"), parameters.get("basis")
        names = {
            "share": self._format(parameters.get("target_share"), "percent", None),
            "basis": self._format(basis, self.unit, self.currency_id),
            "target": self._format_value("target"),
        }
        if kind == "team_median":
            count = parameters.get("basis_count") or 0
            if basis is None:
                return (
                    self.env._("No target: %s manager has documents, two are needed for a median.", count)
                    if count == 1
                    else self.env._("No target: nobody has documents, so there is no median.")
                )
            return self.env._(
                "Target: %(share)s of %(basis)s, the median of %(count)s managers.", count=count, **names
            )
        if kind == "own_past":
            is_year = parameters.get("past_period") == "year"
            if basis is None:
                return (
                    self.env._("No target: no data of the same period a year ago.")
                    if is_year
                    else self.env._("No target: no data of the period before.")
                )
            if is_year:
                return self.env._("Target: %(share)s of %(basis)s a year ago.", **names)
            return self.env._("Target: %(share)s of %(basis)s in the period before.", **names)
        if kind == "plan_share":
            if basis is None:
                months = [
                    format_date(self.env, month, date_format="LLLL y")
                    for month in parameters.get("missing") or []
                ]
                if not months:
                    return self.env._("No target: sales plans are for whole months.")
                return self.env._("No target: no sales plan for %s.", ", ".join(months))
            return self.env._("Target: %(share)s of the plan of %(basis)s.", **names)
        return self.env._("Target: %(target)s.", **names)

    def _explain_points(self):
        """The arithmetic of the points, or why there are none."""
        parameters = self.parameters or {}
        if self.points is False:
            if parameters.get("why") == manager_score.NOT_POSITIVE:
                return self.env._("No points: the target is not above 0.")
            return ""
        points = self._format_number(self.points)
        if parameters.get("points_method") == "bands":
            return self._explain_band(points)
        names = {
            "value": self._format_value("value"),
            "target": self._format_value("target"),
            "points": points,
        }
        share = self.value / self.target
        if parameters.get("higher_is_better"):
            raw = 100 * share
            text = self.env._("100 × %(value)s ÷ %(target)s = %(points)s points.", **names)
        else:
            raw = 100 * (2 - share)
            text = self.env._("100 × (2 − %(value)s ÷ %(target)s) = %(points)s points.", **names)
        raw = manager_score.rounded(raw)
        if raw > self.points:
            return self.env._(
                "%(raw)s points, at most %(points)s.", raw=self._format_number(raw), points=points
            )
        if raw < self.points:
            return self.env._(
                "%(raw)s points, at least %(points)s.", raw=self._format_number(raw), points=points
            )
        return text

    def _explain_band(self, points):
        parameters = self.parameters
        is_value = parameters.get("band_basis") == "value"
        measure = self.value if is_value else manager_score.attainment(self.value, self.target)
        border = manager_score.band_of(measure, parameters["bands"])
        unit = self.unit if is_value else "percent"
        if border is None:
            return self.env._(
                "%(measure)s is below the lowest band: %(points)s points.",
                measure=self._format(measure, unit, self.currency_id),
                points=points,
            )
        return self.env._(
            "%(measure)s lies in the band from %(border)s on: %(points)s points.",
            measure=self._format(measure, unit, self.currency_id),
            border=self._format(border, unit, self.currency_id),
            points=points,
        )
