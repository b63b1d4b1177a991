from odoo import api, models
from odoo.tools import format_date, formatLang

from ...tools.number_words import format_number, format_percent


class PartnerClassificationLine(models.Model):
    """The words that explain a class and a stage."""

    _inherit = "partner.classification.line"

    @api.depends(
        *("abc_class", "xyz_class", "stage", "sales_count", "last_sale_date", "value", "cv", "override_id"),
        *("is_returned", "previous_stage"),
    )
    @api.depends_context("lang")
    def _compute_reason(self):
        for line in self:
            parts = [line._get_stage_words(), line._get_abc_words(), line._get_xyz_words()]
            if line.kind == "supplier":
                parts = [line._get_abc_words()]
            parts.append(line._get_override_words())
            line.reason = "\n".join(part for part in parts if part)

    def _get_computed(self, name):
        """A class or the stage as the figures gave it, which may be none where one was set by hand."""
        self.ensure_one()
        # sudo: what is set by hand for a customer one may see; the line is checked
        override = self.sudo().override_id.exists()
        if override[name] and override[name] == self[name]:
            return self[f"computed_{name}"]
        return self[f"computed_{name}"] or self[name]

    def _get_stage_words(self):
        """The stage with its evidence, such as “Regular: 12 purchases, the last 41 days ago.”"""
        self.ensure_one()
        run = self.classification_id
        stage = self._get_computed("stage")
        if not stage:
            return ""
        if stage == "potential":
            return self.env._("Potential: no purchase yet.")
        evidence = {
            "count": self.sales_count,
            "days": self.days_since_sale or 0,
            "day": format_date(self.env, self.last_sale_date),
        }
        if self.sales_count == 1:
            words = self.env._("1 purchase, %(days)s days ago (%(day)s)", **evidence)
        else:
            words = self.env._("%(count)s purchases, the last %(days)s days ago (%(day)s)", **evidence)
        if stage == "lost":
            limit = run._get_lost_limit(self.sales_count, self.median_interval or None)
            words = self.env._(
                "%(words)s: more than %(limit)s days without a purchase",
                words=words,
                limit=format_number(self.env, limit),
            )
        label = dict(self._fields["stage"]._description_selection(self.env))[stage]
        if self.is_returned and self.previous_stage != "lost":
            return self.env._(
                "%(stage)s: %(words)s. Returned: had been lost since the run before.",
                stage=label,
                words=words,
            )
        if self.is_returned:
            return self.env._(
                "%(stage)s: %(words)s. Returned: was lost in the run before.", stage=label, words=words
            )
        return self.env._("%(stage)s: %(words)s.", stage=label, words=words)

    def _get_abc_words(self):
        self.ensure_one()
        run = self.classification_id
        abc_class = self._get_computed("abc_class")
        # the one that counts, also where it was set by hand
        stage = self.stage
        if self.value is not False and stage == "lost" and not abc_class:
            amount = formatLang(self.env, self.value, currency_obj=self.currency_id)
            return self.env._("No ABC class, because lost; %s in the window.", amount)
        if self.value is False or not abc_class or not self.sales_count:
            return (
                "" if stage in ("potential", "lost") else self.env._("No ABC class: no sales in the window.")
            )
        amount = formatLang(self.env, self.value, currency_obj=self.currency_id)
        if self.value <= 0:
            return self.env._("%(abc)s: %(amount)s in the window is not above zero.", abc="C", amount=amount)
        return self.env._(
            "%(abc)s: %(amount)s, %(share)s of the total; with the larger ones %(cumulative)s "
            "(A %(a)s, B %(b)s).",
            abc=abc_class.upper(),
            amount=amount,
            share=format_percent(self.env, self.share, digits=2),
            cumulative=format_percent(self.env, self.cumulative_share, digits=2),
            a=format_percent(self.env, run._get_parameter("abc_a")),
            b=format_percent(self.env, run._get_parameter("abc_b")),
        )

    def _get_xyz_words(self):
        self.ensure_one()
        run = self.classification_id
        xyz_class = self._get_computed("xyz_class")
        if not xyz_class:
            # the one that counts, also where it was set by hand
            if self.stage == "regular" and self.xyz_periods < run._get_parameter("xyz_min_periods"):
                return self.env._(
                    "No XYZ class: %(periods)s periods, at least %(minimum)s are needed.",
                    periods=self.xyz_periods,
                    minimum=run._get_parameter("xyz_min_periods"),
                )
            if self.stage == "regular":
                return self.env._("No XYZ class: the mean of the periods is not above zero.")
            return ""
        return self.env._(
            "%(xyz)s: varies by %(cv)s over %(periods)s periods (X up to %(x)s, Y up to %(y)s).",
            xyz=xyz_class.upper(),
            cv=format_percent(self.env, self.cv, digits=1),
            periods=self.xyz_periods,
            x=format_percent(self.env, run._get_parameter("xyz_x")),
            y=format_percent(self.env, run._get_parameter("xyz_y")),
        )

    def _get_override_words(self):
        self.ensure_one()
        # sudo: who set the class of a customer one may see, until when and why; the line is checked
        override = self.sudo().override_id.exists()
        if not override:
            return ""
        return self.env._(
            "Set by hand by %(user)s until %(day)s: %(reason)s",
            user=override.user_id.name,
            day=format_date(self.env, override.date_until),
            reason=override.reason,
        )

    @api.model
    def _get_class_word(self, name, value):
        """A class or stage in words: ``False`` is "no class", ``None`` any and so no word."""
        if value is None:
            return ""
        if not value:
            return {
                "abc_class": self.env._("No ABC class"),
                "xyz_class": self.env._("No XYZ class"),
                "stage": self.env._("No stage"),
            }[name]
        return dict(self._fields[name]._description_selection(self.env)).get(value, value)
