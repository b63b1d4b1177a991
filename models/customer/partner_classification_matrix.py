from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

ABC = ("a", "b", "c", False)
XYZ = ("x", "y", "z", False)
DIMENSIONS = ("abc_class", "xyz_class", "stage")


class PartnerClassification(models.Model):
    """What the matrix and the migrations show, counted with the rights of who looks."""

    _inherit = "partner.classification"

    @api.model
    @api.readonly
    def get_matrix(self, run_id=False, company_id=False, stages=None, kind="customer"):
        """Return the matrix ABC × XYZ of a run, or of the current classes.

        :param int run_id: the run; without one the current one of the company
        :param int company_id: one of the user's active companies; else the current one
        :param list stages: stages to count; all when empty
        :return: ``company``, ``currency_id``, ``companies``, ``runs`` to choose from, ``run`` (None when
            nothing is classified yet), ``cells`` (abc, xyz, count, revenue, profit, share in percent of the
            counted revenue above zero), ``stages`` (stage, count, revenue, profit of the whole run) and
            ``total``
        :rtype: dict
        """
        company = self.env["res.company"].browse(company_id) if company_id else self.env.company
        if company not in self.env.companies:
            raise UserError(self.env._("The company is not among those you have selected."))
        records = self.with_company(company)
        runs = records.search(
            [("company_id", "=", company.id), ("kind", "=", kind), ("date_computed", "!=", False)],
            order="is_current desc, is_live desc, date_to desc, id desc",
            limit=60,
        )
        run = records.browse(run_id).exists() if run_id else runs.filtered("is_current")[:1] or runs[:1]
        if run_id and (not run or run.company_id != company):
            run = runs.filtered("is_current")[:1] or runs[:1]
        result = {
            "company": {"id": company.id, "name": company.name},
            "currency_id": company.currency_id.id,
            "companies": [{"id": one.id, "name": one.name} for one in self.env.companies],
            "runs": [run._get_matrix_run() for run in runs],
            "run": None,
            "cells": [],
            "stages": [],
            "total": {"count": 0, "revenue": False, "profit": False},
        }
        if not run:
            return result
        lines = self.env["partner.classification.line"]
        groups = lines._read_group(
            [("classification_id", "=", run.id)],
            ["abc_class", "xyz_class", "stage"],
            ["__count", "revenue:sum", "profit:sum"],
        )
        wanted = set(stages or ())
        cells, by_stage = {}, {}
        for abc, xyz, stage, count, revenue, profit in groups:
            _add(by_stage, (stage,), count, revenue, profit)
            if not wanted or stage in wanted:
                _add(cells, (abc, xyz), count, revenue, profit)
        total = {}
        for count, revenue, profit in cells.values():
            _add(total, (), count, revenue, profit)
        result["run"] = run._get_matrix_run()
        result["total"] = dict(
            zip(("count", "revenue", "profit"), total.get((), (0, False, False)), strict=True)
        )
        revenue_total = result["total"]["revenue"]
        result["cells"] = [
            {
                "abc": abc,
                "xyz": xyz,
                "count": count,
                "revenue": revenue,
                "profit": profit,
                "share": 100 * revenue / revenue_total if revenue_total and revenue is not False else False,
            }
            for (abc, xyz), (count, revenue, profit) in cells.items()
        ]
        result["stages"] = [
            {"stage": stage, "count": values[0], "revenue": values[1], "profit": values[2]}
            for (stage,), values in by_stage.items()
        ]
        return result

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
            "abc_a": self._get_parameter("abc_a"),
            "abc_b": self._get_parameter("abc_b"),
            "xyz_x": self._get_parameter("xyz_x"),
            "xyz_y": self._get_parameter("xyz_y"),
        }

    @api.model
    @api.readonly
    def get_migrations(self, run_from_id, run_to_id, dimension="abc_class"):
        """Return how many customers went from which class of one run to which class of another.

        :param str dimension: ``abc_class``, ``xyz_class``, ``stage``, or ``abc_to_stage``: the ABC class of
            the first run against the stage of the second, as in "A → lost"
        :return: ``run_from``, ``run_to`` and ``cells`` with ``source``, ``target`` (False: none), ``count``,
            ``revenue_from`` and ``revenue_to``; only customers whose lines the user may see in both runs
        :rtype: dict
        """
        source_name = "abc_class" if dimension == "abc_to_stage" else dimension
        target_name = "stage" if dimension == "abc_to_stage" else dimension
        if source_name not in DIMENSIONS:
            raise UserError(self.env._("There is no dimension “%s” of a classification.", dimension))
        run_from, run_to = self.browse(run_from_id), self.browse(run_to_id)
        (run_from | run_to).check_access("read")
        if run_from.company_id != run_to.company_id or run_from.kind != run_to.kind:
            raise UserError(
                self.env._(
                    "“%(first)s” and “%(second)s” cannot be compared: choose two runs of the same company, both "
                    "of customers or both of suppliers.",
                    first=run_from.name,
                    second=run_to.name,
                )
            )
        lines = self.env["partner.classification.line"]

        def query_of(run, name):
            query = lines._search([("classification_id", "=", run.id), ("is_merged", "!=", True)])
            query.order = None
            return query.select(
                SQL("%s AS partner_id", lines._field_to_sql(query.table, "partner_id", query)),
                SQL("%s AS value", lines._field_to_sql(query.table, name, query)),
                SQL("%s AS revenue", lines._field_to_sql(query.table, "revenue", query)),
            )

        # SQL because it joins two searches; both carry the access rules of the user
        rows = self.env.execute_query(
            SQL(
                """
                SELECT before.value, after.value, COUNT(*), SUM(before.revenue), SUM(after.revenue)
                  FROM (%s) AS before FULL JOIN (%s) AS after ON after.partner_id = before.partner_id
                 GROUP BY 1, 2 ORDER BY 1, 2""",
                query_of(run_from, source_name),
                query_of(run_to, target_name),
            )
        )
        return {
            "run_from": run_from._get_matrix_run(),
            "run_to": run_to._get_matrix_run(),
            "currency_id": run_to.currency_id.id,
            "source_dimension": source_name,
            "target_dimension": target_name,
            "cells": [
                {
                    "source": source or False,
                    "target": target or False,
                    "count": count,
                    "revenue_from": _number(revenue_from),
                    "revenue_to": _number(revenue_to),
                }
                for source, target, count, revenue_from, revenue_to in rows
            ],
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


def _number(value):
    return False if value is None else float(value)


def _add(groups, key, count, revenue, profit):
    """Add a group's figures; an amount is empty until there is one."""
    before = groups.get(key, (0, False, False))
    groups[key] = (
        before[0] + count,
        _sum(before[1], revenue),
        _sum(before[2], profit),
    )


def _sum(first, second):
    if second is None or second is False:
        return first
    return (first or 0.0) + second
