from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.arguments import as_id

# So many runs are offered to choose from.
RUN_LIMIT = 60
# What the legend of the matrix tells of a run.
LEGEND = ("measure", "abc_a", "abc_b", "xyz_x", "xyz_y", "xyz_scope", "lost_days", "one_time_limit")


class PartnerClassification(models.Model):
    """What the matrix shows, counted with the rights of who looks."""

    _inherit = "partner.classification"

    @api.model
    @api.readonly
    def get_matrix(self, run_id=False, company_id=False, stages=None, kind="customer"):
        """Return the matrix ABC × XYZ of a run, or of the current classes.

        :param int run_id: the run; the current one of the company without one, or if it is no longer there
        :param int company_id: one of the user's active companies; else the current one
        :param list stages: stages to count; all when empty
        :return: ``company``, ``currency_id``, ``companies``, ``runs`` to choose from, ``run`` (None when
            nothing is classified yet), ``cells`` (abc, xyz, count, revenue, profit, and of each its share of
            the total in percent: count_share, share, profit_share), ``stages`` (stage, count, revenue, profit
            of the whole run) and ``total``. An amount is False where nothing was sold, a share where the
            total is not above zero. ``is_partial``: the user does not see all customers; ``can_compute``:
            may make a run
        :rtype: dict
        :raises UserError: when the company is not among those the user has selected
        """
        records, runs, run = self._get_matrix_runs(run_id, company_id, kind)
        company = records.env.company
        result = {
            **records._get_matrix_frame(runs, kind),
            "run": run._get_matrix_run() if run else None,
            "cells": [],
            "stages": [],
            "total": {"count": 0, "revenue": False, "profit": False},
        }
        if not run:
            return result
        groups = records.env["partner.classification.line"]._read_group(
            [("classification_id", "=", run.id)],
            ["abc_class", "xyz_class", "stage"],
            ["__count", "revenue:sum", "revenue:count", "profit:sum", "profit:count"],
        )
        wanted = set(stages or ())
        cells, by_stage, total = {}, {}, {}
        for abc, xyz, stage, count, revenue, revenue_count, profit, profit_count in groups:
            # the sum of nothing is 0 to the database
            figures = (count, revenue if revenue_count else False, profit if profit_count else False)
            _add(by_stage, (stage,), *figures)
            if not wanted or stage in wanted:
                _add(cells, (abc, xyz), *figures)
                _add(total, (), *figures)
        rounded = company.currency_id.round
        total = _figures(total.get((), (0, False, False)), rounded)
        result["total"] = total
        for (abc, xyz), figures in cells.items():
            cell = _figures(figures, rounded)
            result["cells"].append(
                {
                    "abc": abc,
                    "xyz": xyz,
                    **cell,
                    "count_share": _share(cell["count"], total["count"]),
                    "share": _share(cell["revenue"], total["revenue"]),
                    "profit_share": _share(cell["profit"], total["profit"]),
                }
            )
        result["stages"] = [
            {"stage": stage, **_figures(figures, rounded)} for (stage,), figures in by_stage.items()
        ]
        return result

    @api.model
    def _get_matrix_runs(self, run_id, company_id, kind):
        """Return the model in the company, the runs to choose from, and the one asked for or the current one."""
        self.check_access("read")
        run_id = as_id(run_id)
        company = self.env["res.company"].browse(as_id(company_id)) if company_id else self.env.company
        if not company or company not in self.env.companies:
            raise UserError(
                self.env._(
                    "The company is not among those you have selected. Select it in the menu of companies."
                )
            )
        records = self.with_company(company)
        domain = Domain(
            [("company_id", "=", company.id), ("kind", "=", kind), ("date_computed", "!=", False)]
        )
        if not self.has_access("write"):
            # drafts are looked at by who may post them
            domain &= Domain("state", "=", "posted") | Domain("is_live", "=", True)
        runs = records.search(
            domain, order="is_current desc, is_live desc, date_to desc, id desc", limit=RUN_LIMIT
        )
        run = runs.filtered(lambda run: run.id == run_id)
        if run_id and not run:
            run = records.search(domain & Domain("id", "=", run_id))
            runs |= run
        return records, runs, run or runs.filtered("is_current")[:1] or runs[:1]

    def _get_matrix_frame(self, runs, kind):
        """What the screens of the matrix show around the figures."""
        company = self.env.company
        return {
            "kind": kind,
            "company": {"id": company.id, "name": company.name},
            "currency_id": company.currency_id.id,
            "companies": [{"id": one.id, "name": one.name} for one in self.env.companies],
            "runs": [run._get_matrix_run() for run in runs],
            "is_partial": not self.env.user.has_group("partner_relations.group_director"),
            "can_compute": self.has_access("create"),
        }

    def _get_matrix_run(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "is_current": self.is_current,
            "is_live": self.is_live,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "stage_date": self.stage_date,
            **{name: self._get_parameter(name) for name in LEGEND},
        }

    @api.model
    @api.readonly
    def get_cell_domain(self, run_id, abc=None, xyz=None, stages=None):
        """Return the domain of the customers behind a cell; ``False`` is "no class", ``None`` any."""
        domain = Domain("classification_id", "=", run_id)
        if abc is not None:
            domain &= Domain("abc_class", "=", abc)
        if xyz is not None:
            domain &= Domain("xyz_class", "=", xyz)
        if stages:
            domain &= Domain("stage", "in", stages)
        return list(domain)

    @api.model
    @api.readonly
    def action_open_cell(self, run_id, abc=None, xyz=None, stages=None):
        """Open the customers behind a cell of the matrix; the parameters are those of its domain."""
        lines = self.env["partner.classification.line"]
        words = [lines._get_class_word("abc_class", abc), lines._get_class_word("xyz_class", xyz)]
        words += [lines._get_class_word("stage", stage) for stage in stages or ()]
        return self._get_lines_action(
            self.get_cell_domain(run_id, abc, xyz, stages), [word for word in words if word]
        )

    def _get_lines_action(self, domain, words):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_classification_line_action"
        )
        return {
            **action,
            "name": " · ".join(words) or self.env._("All Customers"),
            "domain": domain,
            "context": {"active_test": False},
        }


def _add(groups, key, count, revenue, profit):
    """Add a group's figures; an amount is empty until there is one."""
    before = groups.get(key, (0, False, False))
    groups[key] = (before[0] + count, _sum(before[1], revenue), _sum(before[2], profit))


def _sum(first, second):
    return first if second is False else (first or 0.0) + second


def _figures(figures, rounded):
    count, *amounts = figures
    revenue, profit = (amount if amount is False else rounded(amount) for amount in amounts)
    return {"count": count, "revenue": revenue, "profit": profit}


def _share(part, total):
    """Percent of a total; empty where there is nothing to share."""
    return False if part is False or not total or total < 0 else 100.0 * part / total
