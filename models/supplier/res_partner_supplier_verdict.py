from collections import namedtuple

from odoo import fields, models
from odoo.tools import float_compare, format_date, formatLang

from ...tools.number_words import format_percent

Verdict = namedtuple("Verdict", "level score grade by_hand reason consequence scorecard_id")
Verdict.__doc__ = """What the rating of a supplier means for orders to it.

``level``: "block", "warning" or False. ``score`` (0 to 100) and ``grade`` are False where the supplier is not
rated. ``reason``: how the grade came about; ``consequence``: why there is a level. Both in words.
"""


class ResPartner(models.Model):
    """What follows from the reliability of a supplier when something is ordered from it."""

    _inherit = "res.partner"

    def _get_supplier_verdicts(self, company):
        """Return the verdict on the suppliers behind these contacts, in three queries for all of them.

        A grade set by hand wins over the computed one: high and medium lift warning and block, low is treated
        like a score below the limit of the block. A supplier that is not rated is never warned of or blocked.

        :param company: whose policy and scorecards count
        :return: dict of :class:`Verdict` by commercial partner
        """
        suppliers = self.commercial_partner_id._origin
        if not suppliers:
            return {}
        # sudo: the check applies to whoever orders, also to code and users who may not read the ratings; only
        # the verdict on the suppliers of orders that the caller handles leaves this method
        policies = self.env["supplier.score.policy"].sudo().with_context(active_test=True)
        policy = policies.search([("company_id", "=", company.id)], limit=1)
        cards = {
            card.partner_id.id: card
            for card in self.env["supplier.scorecard"]
            .sudo()
            .search(
                [
                    ("partner_id", "in", suppliers.ids),
                    ("company_id", "=", company.id),
                    ("is_current", "=", True),
                ]
            )
        }
        overrides = {
            override.partner_id.id: override
            for override in self.env["supplier.grade.override"]
            .sudo()
            .search(
                [
                    # asked for by name: a caller's active_test must not lift a block
                    ("active", "=", True),
                    ("partner_id", "in", suppliers.ids),
                    ("company_id", "=", company.id),
                    ("date_until", ">=", fields.Date.context_today(self)),
                ],
                order="id",
            )
        }
        return {
            supplier: self._get_supplier_verdict(
                policy,
                cards.get(supplier.id, self.env["supplier.scorecard"]).sudo(),
                overrides.get(supplier.id, self.env["supplier.grade.override"]).sudo(),
            )
            for supplier in suppliers
        }

    def _get_supplier_verdict(self, policy, card, override):
        score, grade = card.score, card.grade
        level, consequence = False, ""
        if override:
            grade = override.grade
            if grade == "low" and (policy.use_block or policy.use_warning):
                level = "block" if policy.use_block else "warning"
                consequence = self.env._("the grade was set to Low by hand")
        elif score is not False:
            blocked = policy.use_block and float_compare(score, policy.block_below, precision_digits=6) < 0
            warned = policy.use_warning and float_compare(score, policy.warn_below, precision_digits=6) < 0
            if blocked or warned:
                level = "block" if blocked else "warning"
                consequence = self.env._(
                    "the score %(score)s is below %(limit)s",
                    score=self._format_points(score),
                    limit=self._format_points(policy.block_below if blocked else policy.warn_below),
                )
        return Verdict(
            level,
            score,
            grade,
            bool(override),
            self._describe_supplier_grade(card, override),
            consequence,
            card.id,
        )

    def _describe_supplier_grade(self, card, override):
        """How the grade came about, in words."""
        if override:
            return self.env._(
                "Set to %(grade)s by %(user)s until %(until)s: %(reason)s",
                grade=self._get_grade_label(override.grade),
                user=override.user_id.name,
                until=format_date(self.env, override.date_until),
                reason=override.reason,
            )
        if not card:
            return self.env._("Not rated: nothing ordered was due yet.")
        if card.score is False:
            if card.due_line_count >= card._get_parameter("min_lines"):
                return self.env._("Not rated: no criterion has data.")
            return self.env._(
                "Not rated: %(count)s due lines up to %(day)s are too few.",
                count=card.due_line_count,
                day=format_date(self.env, card.date_to),
            )
        figures = [
            self.env._(
                "%(figure)s %(percent)s", figure=name, percent=format_percent(self.env, 100 * rate, digits=1)
            )
            for name, rate in (
                (self.env._("On time"), card.on_time_rate),
                (self.env._("In full"), card.in_full_rate),
                (self.env._("Quality"), card.quality_rate),
            )
            if rate is not False
        ]
        return self.env._(
            "%(figures)s; %(count)s due lines up to %(day)s",
            figures=" · ".join(figures) or self.env._("Score %s", self._format_points(card.score)),
            count=card.due_line_count,
            day=format_date(self.env, card.date_to),
        )

    def _get_verdict_label(self, verdict):
        """Grade and score in short: Medium · 62.5, or Not rated."""
        if not verdict.grade:
            return self.env._("Not rated")
        grade = self._get_grade_label(verdict.grade)
        if verdict.score is False:
            return grade
        return self.env._("%(grade)s · %(score)s", grade=grade, score=self._format_points(verdict.score))

    def _format_points(self, points):
        """Points with at most one decimal: 80, 29.5."""
        points = round(points, 1)
        return formatLang(self.env, points, digits=0 if points == round(points) else 1)

    def _get_grade_label(self, grade):
        return dict(self.env["supplier.scorecard"]._fields["grade"]._description_selection(self.env)).get(
            grade, ""
        )
