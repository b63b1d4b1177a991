from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.periods import add_months
from .partner_classification_line import ABC_CLASSES, XYZ_CLASSES

# Posted runs of the trend, beside the current classes.
TREND_RUNS = 6
MONTHS = 12
# From the best to the worst, for the arrows of the trend; no class stands below all of them.
RANKS = {
    "abc_class": [key for key, _label in ABC_CLASSES],
    "xyz_class": [key for key, _label in XYZ_CLASSES],
    "stage": ["regular", "one_time", "potential", "lost"],
}


class ResPartner(models.Model):
    """What the page *Analysis* of a contact shows. Nothing of it is a field, so the form does not wait for it."""

    _inherit = "res.partner"

    @api.readonly
    def get_relation_analysis(self):
        """The classes of a contact with their evidence, their trend and the turnover of twelve months.

        A person has the figures of the company it belongs to.

        :return: ``partner`` whose figures these are, ``is_person``; ``customer`` and ``supplier``: the current
            line of each kind or ``False``; ``trend``: the last posted runs and the current one, oldest first;
            ``turnover``: see :meth:`_get_turnover_months`, ``False`` where the user may not see it
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        partner = self.commercial_partner_id
        lines = self.env["partner.classification.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("classification_id", "in", self._get_analysis_runs().ids),
                ("is_merged", "!=", True),
            ]
        )
        # sudo: the dates and states of runs whose lines the user may see
        lines.sudo().classification_id.fetch(["kind", "state", "is_current", "date_to", "stage_date"])
        lines = lines.sorted(lambda line: (line.sudo().classification_id.stage_date, line.id))
        current = {line.kind: line for line in lines if line.sudo().classification_id.is_current}
        return {
            # sudo: the name alone, of the company that a readable person belongs to
            "partner": {"id": partner.id, "name": partner.sudo().display_name},
            "is_person": partner != self,
            "company": self.env.company.name,
            "customer": self._prepare_current_line(current.get("customer")),
            "supplier": self._prepare_current_line(current.get("supplier")),
            "trend": self._prepare_trend(lines.filtered(lambda line: line.kind == "customer")),
            "turnover": partner._may_see_turnover() and partner._get_turnover_months(),
            "may_open_documents": self.env["account.move"].has_access("read"),
        }

    def _get_analysis_runs(self):
        """The current runs of the company and the last posted ones of its customers."""
        runs = self.env["partner.classification"]
        mine = Domain("company_id", "=", self.env.company.id)
        posted = mine & Domain("kind", "=", "customer") & Domain("state", "=", "posted")
        return runs.search(mine & Domain("is_current", "=", True)) | runs.search(posted, limit=TREND_RUNS)

    def _prepare_current_line(self, line):
        if not line:
            return False
        return {
            "id": line.id,
            "run": line.classification_id.name,
            "reason": line.reason or "",
            "is_returned": line.is_returned,
            **self._prepare_classes(line),
        }

    def _prepare_classes(self, line):
        labels = {
            name: dict(line._fields[name]._description_selection(self.env))
            for name in ("abc_class", "xyz_class", "stage")
        }
        return {name: {"value": line[name], "label": labels[name].get(line[name], "")} for name in labels}

    def _prepare_trend(self, lines):
        trend, previous = [], None
        for line in lines:
            # sudo: as above
            run = line.sudo().classification_id
            entry = {
                "id": line.id,
                "date": fields.Date.to_string(run.stage_date),
                "is_current": run.is_current,
                **self._prepare_classes(line),
            }
            for name in RANKS:
                entry[name].update(self._compare_classes(previous and previous[name], entry[name], name))
            trend.append(entry)
            previous = entry
        return trend

    def _compare_classes(self, before, now, name):
        """The direction from one run to the next, in a word and in a sentence."""
        if not before or before["value"] == now["value"]:
            return {"direction": "same", "words": ""}
        ranks = RANKS[name]
        worst = len(ranks)
        position = {key: ranks.index(key) if key else worst for key in (before["value"], now["value"])}
        was = before["label"] or self.env._("none")
        if position[now["value"]] < position[before["value"]]:
            return {"direction": "up", "words": self.env._("up from %s", was)}
        return {"direction": "down", "words": self.env._("down from %s", was)}

    # ------------------------------------------------------------------
    # Turnover
    # ------------------------------------------------------------------
    def _may_see_turnover(self):
        """Whether the user may see what this customer bought, with or without rights on invoices.

        The same people who may see its line of a classification, which has these sums: directors, who is
        responsible for it, and their superiors.
        """
        self.ensure_one()
        user = self.env.user
        if user.has_group("partner_relations.group_director"):
            return True
        if not user.has_group("partner_relations.group_user"):
            return False
        responsible = set(self.sudo()._get_responsible_users().ids)  # sudo: only ids are compared
        if user.id in responsible:
            return True
        return user.has_group("partner_relations.group_supervisor") and not responsible.isdisjoint(
            user._get_subordinate_user_ids()
        )

    def _get_turnover_months(self):
        """Revenue and profit of the last twelve closed months, with the same months of the year before.

        Posted customer invoices less credit notes of the company, untaxed, in its currency. Months without
        a sale have no amounts, and no profit has a month with an invoice whose cost is not frozen yet.

        :return: ``currency_id``, ``months`` (oldest first) with ``month``, ``count``, ``revenue``, ``profit``,
            ``revenue_before``; the sums of all months beside them, ``False`` without sales
        :rtype: dict
        """
        self.ensure_one()
        company = self.env.company
        first = add_months(company._get_day().replace(day=1), -MONTHS)
        domain = self._get_turnover_domain(add_months(first, -MONTHS), add_months(first, MONTHS))
        # sudo: sums of a customer that the user may see, see _may_see_turnover
        groups = (
            self.env["account.move"]
            .sudo()
            ._read_group(
                domain,
                ["invoice_date:month"],
                [
                    *("__count", "amount_untaxed_signed:sum", "sale_cost:sum", "sale_cost:count"),
                    "invoice_cash_rounding_id:count",
                ],
            )
        )
        rounding = self._get_cash_rounding(domain) if any(group[-1] for group in groups) else {}
        by_month = {}
        for month, count, untaxed, cost, costed, _rounded in groups:
            revenue = untaxed + rounding.get(month, 0)
            by_month[month] = {
                "count": count,
                "revenue": company.currency_id.round(revenue),
                "profit": company.currency_id.round(revenue - cost) if costed == count else False,
            }
        empty = {"count": 0, "revenue": False, "profit": False}
        months = []
        for number in range(MONTHS):
            month = add_months(first, number)
            months.append(
                {
                    "month": fields.Date.to_string(month),
                    **by_month.get(month, empty),
                    "revenue_before": by_month.get(add_months(month, -MONTHS), empty)["revenue"],
                }
            )
        return {
            "currency_id": company.currency_id.id,
            "months": months,
            "revenue": self._sum_known(month["revenue"] for month in months),
            "profit": (
                self._sum_known(month["profit"] for month in months)
                if all(month["profit"] is not False for month in months if month["count"])
                else False
            ),
            "revenue_before": self._sum_known(month["revenue_before"] for month in months),
        }

    @api.model
    def _get_cash_rounding(self, domain):
        """By month, what core rounded invoices to cash by: it stands in their untaxed amount, and is no sale."""
        lines = Domain("display_type", "=", "rounding") & Domain("tax_repartition_line_id", "=", False)
        return dict(
            # sudo: as for the invoices
            self.env["account.move.line"]
            .sudo()
            ._read_group(lines & Domain("move_id", "any", domain), ["invoice_date:month"], ["balance:sum"])
        )

    def _sum_known(self, amounts):
        known = [amount for amount in amounts if amount is not False]
        return self.env.company.currency_id.round(sum(known)) if known else False

    def _get_turnover_domain(self, first, end):
        """Posted customer invoices and credit notes of this customer from ``first`` up to before ``end``."""
        return [
            ("company_id", "=", self.env.company.id),
            ("commercial_partner_id", "=", self.id),
            ("move_type", "in", ["out_invoice", "out_refund"]),
            ("state", "=", "posted"),
            ("invoice_date", ">=", first),
            ("invoice_date", "<", end),
        ]

    @api.readonly
    def action_open_turnover_documents(self, month=False):
        """Open the invoices of a month (its first day), or of the last twelve closed months."""
        self.ensure_one()
        partner = self.commercial_partner_id
        if month:
            first, end = fields.Date.to_date(month), add_months(fields.Date.to_date(month), 1)
        else:
            end = self.env.company._get_day().replace(day=1)
            first = add_months(end, -MONTHS)
        return {
            "type": "ir.actions.act_window",
            # sudo: the name alone, as in get_relation_analysis
            "name": self.env._("Invoices of %s", partner.sudo().display_name),
            "res_model": "account.move",
            "view_mode": "list,form",
            "views": [(self.env.ref("account.view_out_invoice_tree").id, "list"), (False, "form")],
            "domain": partner._get_turnover_domain(first, end),
            "context": {"create": False},
        }

    @api.readonly
    def action_open_classification_lines(self):
        """Open the classes of the contact in all runs that the user may see."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_classification_line_action"
        )
        return {
            **action,
            # sudo: the name alone, as in get_relation_analysis
            "name": self.env._("Classes of %s", self.commercial_partner_id.sudo().display_name),
            "domain": [
                ("partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
            ],
        }
