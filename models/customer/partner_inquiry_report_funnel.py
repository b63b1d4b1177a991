from odoo import api, fields, models

from ...tools.arguments import as_id
from .partner_inquiry_report import STEPS

# how many months back, with the current one; 0: all
PERIODS = (3, 6, 12, 24, 0)
AXES = ("source_id", "campaign_id", "user_id")


class PartnerInquiryReport(models.Model):
    """The way of the inquiries to an order, with what is lost at each step."""

    _inherit = "partner.inquiry.report"

    @api.model
    @api.readonly
    def get_inquiry_funnel(self, filters=None):
        """Return the steps of the inquiries that fit, with how many reached each and how many it lost.

        Who reached a step has reached all before it, so that no step has more than the one before.

        :param dict filters: months (of :data:`PERIODS`, 12 unless told), is_mature, source_id, campaign_id, user_id
            (an id, or False for those without)
        :return: {"steps": [{"key", "name", "count", "share", "step_share", "lost", "domain", "lost_domain"}, ...],
                  "conversion", "mature", "domain", "choices": {axis: [[id, name], ...]}, "filters"}.
            Shares are of all inquiries and of the step before, False where there are none.
        """
        filters = self._clean_funnel_filters(filters or {})
        domain = self._get_funnel_domain(filters)
        names = [*STEPS, "mature_count"]
        [[*counts, mature, rate]] = self._read_group(
            domain, [], [*(f"{name}:sum" for name in names), "conversion_rate:avg"]
        )
        total = counts[0] or 0
        steps = []
        for key, count in zip(STEPS, counts, strict=True):
            count = count or 0
            previous = steps[-1] if steps else None
            before = previous and previous["count"]
            steps.append(
                {
                    "key": key,
                    "name": self._get_funnel_label(key),
                    "count": count,
                    "share": count / total if total else False,
                    "step_share": count / before if before else False,
                    "lost": before - count if previous else 0,
                    "domain": [*domain, (key, "=", 1)],
                    "lost_domain": [*domain, (previous["key"], "=", 1), (key, "=", 0)] if previous else [],
                }
            )
        period = self._get_funnel_domain({**filters, **dict.fromkeys(AXES)})
        return {
            "steps": steps,
            "conversion": rate if rate is not None else False,
            "mature": mature or 0,
            "domain": domain,
            "choices": self._get_funnel_choices(period),
            "filters": filters,
        }

    @api.model
    def _get_funnel_label(self, key):
        return {
            "inquiry_count": self.env._("Inquiry"),
            "contacted_count": self.env._("Contacted"),
            "opportunity_count": self.env._("Opportunity"),
            "quoted_count": self.env._("Quotation"),
            "ordered_count": self.env._("Order"),
            "paid_count": self.env._("Paid"),
        }[key]

    @api.model
    def _clean_funnel_filters(self, filters):
        """Keep what is known, so that a client can ask for nothing else."""
        months = filters.get("months", 12)
        result = {"months": months if months in PERIODS else 12, "is_mature": bool(filters.get("is_mature"))}
        for axis in AXES:
            value = filters.get(axis)
            result[axis] = value if value is None or value is False else as_id(value)
        return result

    @api.model
    def _get_funnel_domain(self, filters):
        domain = []
        if filters["months"]:
            today = fields.Date.context_today(self)
            first = fields.Date.subtract(today.replace(day=1), months=filters["months"] - 1)
            domain.append(("date", ">=", fields.Date.to_string(first)))
        if filters["is_mature"]:
            domain.append(("is_mature", "=", True))
        domain += [(axis, "=", filters[axis]) for axis in AXES if filters[axis] is not None]
        return domain

    @api.model
    def _get_funnel_choices(self, domain):
        """Return what can be chosen of each axis: what the inquiries of the period have."""
        found = self._read_grouping_sets(domain, [[axis] for axis in AXES])
        result = {}
        for axis, groups in zip(AXES, found, strict=True):
            # sudo: as in every list of Odoo, the name of a group of readable records is shown
            choices = [[group.id, group.sudo().display_name] for [group] in groups if group]
            choices.sort(key=lambda choice: choice[1].casefold())
            if len(choices) < len(groups):
                choices.append([False, self.env._("None")])
            result[axis] = choices
        return result

    @api.model
    def action_export_funnel(self, filters=None):
        """Return the download of the inquiries behind the funnel."""
        domain = self._get_funnel_domain(self._clean_funnel_filters(filters or {}))
        return self.with_context(active_domain=domain)._export_excel()
