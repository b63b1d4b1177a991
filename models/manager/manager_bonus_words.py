from odoo import api, models
from odoo.tools.misc import formatLang

from ...tools.number_words import format_percent


class ManagerBonus(models.Model):
    """A bonus in words, in the language of the reader: from the settings and figures that it keeps."""

    _inherit = "manager.bonus"

    @api.depends("parameters", "amount", "amount_computed", "change_reason")
    @api.depends_context("lang")
    def _compute_reason(self):
        for bonus in self:
            words = [bonus._explain_computed()]
            if bonus.change_reason:
                words.append(
                    self.env._(
                        "Changed to %(amount)s: %(reason)s",
                        amount=bonus._format_money(bonus.amount),
                        reason=bonus.change_reason,
                    )
                )
            bonus.reason = " ".join(words)

    def _format_money(self, amount):
        if amount is False or amount is None:
            return "–"
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _explain_computed(self):
        self.ensure_one()
        parameters = self.parameters or {}
        if self.score is False and parameters.get("raw") is None:
            return self.env._("The scorecard has no score.")
        if parameters.get("method") == "formula":
            text = self._explain_formula(parameters)
        else:
            text = self._explain_band(parameters)
        raw = parameters.get("raw")
        if raw is not None and self.amount_computed is not False:
            if parameters.get("least") is not None and raw < parameters["least"]:
                text += " " + self.env._("At least %s.", self._format_money(parameters["least"]))
            if parameters.get("most") is not None and raw > parameters["most"]:
                text += " " + self.env._("At most %s.", self._format_money(parameters["most"]))
            if raw < 0 and not self.amount_computed:
                text += " " + self.env._("A bonus is never below 0.")
        return text

    def _explain_formula(self, parameters):
        figures = ", ".join(
            f"{name} = {'–' if value is None else f'{value:.10g}'}"
            for name, value in (parameters.get("values") or {}).items()
        )
        if parameters.get("raw") is None:
            return self.env._(
                "%(formula)s cannot be computed: %(figures)s.",
                formula=parameters.get("formula"),
                figures=figures or "–",
            )
        return self.env._(
            "%(formula)s = %(amount)s, with %(figures)s.",
            formula=parameters.get("formula"),
            amount=self._format_money(parameters["raw"]),
            figures=figures or "–",
        )

    def _explain_band(self, parameters):
        text = self.env["manager.scorecard.line"]._format_number
        score = text(self.score)
        band = parameters.get("band")
        if not band:
            return self.env._("%s points are below the first line of the bonus table.", score)
        border, kind, number = band
        if kind == "amount":
            return self.env._(
                "%(score)s points: from %(border)s points on %(amount)s.",
                score=score,
                border=text(border),
                amount=self._format_money(number),
            )
        if parameters.get("base") is None:
            return self.env._(
                "%(score)s points: from %(border)s points on %(percent)s of the base amount, but none was entered.",
                score=score,
                border=text(border),
                percent=format_percent(self.env, round(number, 2)),
            )
        return self.env._(
            "%(score)s points: from %(border)s points on %(percent)s of %(base)s = %(amount)s.",
            score=score,
            border=text(border),
            percent=format_percent(self.env, round(number, 2)),
            base=self._format_money(parameters["base"]),
            amount=self._format_money(parameters.get("raw")),
        )
