from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.arguments import as_id

# What is compared: the class in the first run with that in the second.
DIMENSIONS = {
    "abc_class": ("abc_class", "abc_class"),
    "xyz_class": ("xyz_class", "xyz_class"),
    "stage": ("stage", "stage"),
    "abc_to_stage": ("abc_class", "stage"),
}
# From the best to the worst. A customer without a class is out of the order: the stage tells why.
ORDER = {"abc_class": ("a", "b", "c"), "xyz_class": ("x", "y", "z")}
STAYED = ("one_time", "regular")
WORST_LIMIT = 5
# Customers that have no line in the one run or in the other.
NEW, GONE = "new", "gone"


class PartnerClassification(models.Model):
    """The migrations between two runs, counted with the rights of who looks."""

    _inherit = "partner.classification"

    @api.model
    @api.readonly
    def get_migrations(
        self,
        run_from_id=False,
        run_to_id=False,
        dimension="abc_class",
        company_id=False,
        kind="customer",
        with_absent=False,
    ):
        """Return how many customers went from which class of one run to which class of another.

        :param int run_from_id: without one, the last posted run of an earlier window than the second's
        :param int run_to_id: without one, the current run of the company
        :param str dimension: ``abc_class``, ``xyz_class``, ``stage``, or ``abc_to_stage``: the ABC class of
            the first run against the stage of the second, as in "A → lost"
        :param int company_id: where no run is given, one of the user's active companies
        :param bool with_absent: tell customers without a line in the first run (source ``new``) or in the
            second (target ``gone``) from those without a class (False)
        :return: ``run_from`` and ``run_to`` (None when there are no two), ``cells`` with ``source``,
            ``target`` (False: none), ``count``, ``revenue_from``, ``revenue_to`` (False: nothing sold) and
            ``trend`` (``worse``, ``better`` or False), and ``worst``: the moves for the worse, those with the
            most revenue in the first run first. Only customers whose lines the user may see
        :rtype: dict
        :raises UserError: for an unknown dimension, or runs that cannot be compared
        """
        if not isinstance(dimension, str) or dimension not in DIMENSIONS:
            raise UserError(self.env._("There is no dimension “%s” of a classification.", dimension))
        source_name, target_name = DIMENSIONS[dimension]
        self.check_access("read")
        run_from, run_to = self.browse(as_id(run_from_id)).exists(), self.browse(as_id(run_to_id)).exists()
        (run_from | run_to).check_access("read")
        company_id = company_id or (run_to or run_from).company_id.id
        records, runs, current = self._get_matrix_runs(
            run_to.id, company_id, (run_to or run_from).kind or kind
        )
        run_to = run_to or current
        run_from = run_from or run_to._get_compared()
        result = {
            **records._get_matrix_frame(runs | run_from | run_to, kind),
            "dimension": dimension,
            "source_dimension": source_name,
            "target_dimension": target_name,
            "run_from": run_from._get_matrix_run() if run_from else None,
            "run_to": run_to._get_matrix_run() if run_to else None,
            "cells": [],
            "worst": [],
        }
        if not run_from or not run_to:
            return result
        if run_from.company_id != run_to.company_id or run_from.kind != run_to.kind:
            raise UserError(
                records.env._(
                    "“%(first)s” and “%(second)s” cannot be compared: choose two runs of the same company, both "
                    "of customers or both of suppliers.",
                    first=run_from.name,
                    second=run_to.name,
                )
            )
        cells = {}
        for source, target, count, revenue_from, revenue_to in records._read_migrations(
            run_from, run_to, source_name, target_name
        ):
            if not with_absent:
                source, target = source != NEW and source, target != GONE and target
            before = cells.get((source, target), (0, None, None))
            cells[source, target] = (
                before[0] + count,
                _add(before[1], revenue_from),
                _add(before[2], revenue_to),
            )
        result["cells"] = [
            {
                "source": source,
                "target": target,
                "count": count,
                "revenue_from": _number(revenue_from),
                "revenue_to": _number(revenue_to),
                "trend": _trend(dimension, source, target),
            }
            for (source, target), (count, revenue_from, revenue_to) in cells.items()
        ]
        worse = [cell for cell in result["cells"] if cell["trend"] == "worse"]
        worse.sort(
            key=lambda cell: (-cell["revenue_from"], -cell["count"], cell["source"], str(cell["target"]))
        )
        result["worst"] = worse[:WORST_LIMIT]
        return result

    def _get_compared(self):
        """The run to compare this one with. The daily one has the window of the last month, so not with that."""
        if not self:
            return self
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "posted"),
                ("date_to", "<", self.date_to),
            ],
            order="date_to desc, id desc",
            limit=1,
        )

    @api.model
    def _read_migrations(self, run_from, run_to, source_name, target_name):
        """Rows of source, target, count and both revenues; no class is False, no line ``new`` or ``gone``."""
        # SQL because it joins two searches; both carry the access rules of the user
        rows = self.env.execute_query(self._get_migrations_sql(run_from, run_to, source_name, target_name))
        return [(source or False, target or False, *figures) for _company, source, target, *figures in rows]

    @api.model
    def _get_migrations_sql(
        self, runs_from, runs_to, source_name, target_name, domain=Domain.TRUE, *, moved_only=False
    ):
        """Return the statement of the migrations between two runs of each company.

        Its columns are ``company_id``, ``source``, ``target``, ``count``, ``revenue_from`` and ``revenue_to``.

        :param Domain domain: the lines that count, by what both runs say of a customer
        :param bool moved_only: without those who stayed where they were, mostly nearly all
        """
        lines = self.env["partner.classification.line"]

        def query_of(runs, name):
            query = lines._search(
                Domain("classification_id", "in", runs.ids) & Domain("is_merged", "!=", True) & domain
            )
            query.order = None
            return query.select(
                SQL("%s AS company_id", lines._field_to_sql(query.table, "company_id", query)),
                SQL("%s AS partner_id", lines._field_to_sql(query.table, "partner_id", query)),
                SQL("%s AS value", lines._field_to_sql(query.table, name, query)),
                SQL("%s AS revenue", lines._field_to_sql(query.table, "revenue", query)),
            )

        return SQL(
            """
                SELECT COALESCE(before.company_id, after.company_id) AS company_id,
                       CASE WHEN before.partner_id IS NULL THEN %(new)s ELSE before.value END AS source,
                       CASE WHEN after.partner_id IS NULL THEN %(gone)s ELSE after.value END AS target,
                       COUNT(*) AS count, SUM(before.revenue) AS revenue_from, SUM(after.revenue) AS revenue_to
                  FROM (%(before)s) AS before
                  FULL JOIN (%(after)s) AS after
                    ON after.partner_id = before.partner_id AND after.company_id = before.company_id %(moved)s
                 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
            new=NEW,
            gone=GONE,
            before=query_of(runs_from, source_name),
            after=query_of(runs_to, target_name),
            moved=SQL(
                "WHERE before.partner_id IS NULL OR after.partner_id IS NULL"
                " OR before.value IS DISTINCT FROM after.value"
            )
            if moved_only
            else SQL(),
        )

    @api.model
    @api.readonly
    def action_open_migration(self, run_from_id, run_to_id, dimension, source=None, target=None):
        """Open the customers behind a cell of the migrations told with ``with_absent``.

        They are lines of the second run; of the first one for those who are gone and for all that a class
        had there. ``None`` is any class.

        :raises UserError: for an unknown dimension or class
        """
        if not isinstance(dimension, str) or dimension not in DIMENSIONS:
            raise UserError(self.env._("There is no dimension “%s” of a classification.", dimension))
        for value in (source, target):
            if value is not None and value is not False and not isinstance(value, str):
                raise UserError(self.env._("There is no class “%s” in a classification.", value))
        source_name, target_name = DIMENSIONS[dimension]
        run_from_id, run_to_id = as_id(run_from_id), as_id(run_to_id)
        first = run_from_id, source_name, source, NEW
        second = run_to_id, target_name, target, GONE
        in_first = target == GONE or (target is None and source != NEW)
        (shown_id, name, value, _), (other_id, other_name, other, absent) = (
            (first, second) if in_first else (second, first)
        )
        domain = Domain("classification_id", "=", shown_id) & Domain("is_merged", "!=", True)
        if value is not None:
            domain &= Domain(name, "=", value)
        if other is not None:
            # “absent” is the word of the field for no line at all
            wanted = "absent" if other == absent else other or ""
            domain &= Domain("came_from", "=", f"{other_id}|{other_name}|{wanted}")
        lines = self.env["partner.classification.line"]
        words = [
            self.env._("New") if source == NEW else lines._get_class_word(source_name, source),
            self.env._("No longer there") if target == GONE else lines._get_class_word(target_name, target),
        ]
        any_class = self.env._("Any")
        return self._get_lines_action(list(domain), [" → ".join(word or any_class for word in words)])


def _trend(dimension, source, target):
    """Whether a move is for the worse or the better; False where it is neither or cannot be told."""
    if source == target or NEW in (source, target) or GONE in (source, target):
        return False
    if dimension == "abc_to_stage":
        return "worse" if source and target == "lost" else False
    if dimension == "stage":
        if target == "lost":
            return "worse" if source in STAYED else False
        if source == "lost":
            return "better" if target in STAYED else False
        ranks = {"regular": 0, "one_time": 1, "potential": 2}
        if source in ranks and target in ranks:
            return "worse" if ranks[target] > ranks[source] else "better"
        return False
    # who loses the class altogether, as lost customers do, stands below the last one
    order = ORDER[dimension]
    source_rank = order.index(source) if source else len(order)
    target_rank = order.index(target) if target else len(order)
    if dimension == "xyz_class" and not (source and target):
        return False
    return "worse" if target_rank > source_rank else "better"


def _add(first, second):
    return first if second is None else (first or 0) + second


def _number(value):
    return False if value is None else float(value)
