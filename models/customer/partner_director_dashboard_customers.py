from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

from ...tools.dashboard import add, get_share
from .partner_classification_migration import GONE, NEW, _trend


class PartnerDirectorDashboard(models.AbstractModel):
    """The classes of the customers today, and who moved between the stages in the period."""

    _inherit = "partner.director.dashboard"

    # ------------------------------------------------------------------
    # Matrix
    # ------------------------------------------------------------------
    @api.model
    def _has_matrix(self):
        return self.env["partner.classification.line"].has_access("read")

    @api.model
    def _get_current_runs(self, frame):
        return [run for run in frame["runs"] if run["is_current"]]

    @api.model
    def _get_matrix_domain(self, scope, frame):
        runs = [run["id"] for run in self._get_current_runs(frame)]
        return Domain("classification_id", "in", runs) & self._get_people_domain(scope, "partner_id.user_id")

    @api.model
    def _get_matrix_statements(self, scope, frame):
        return {
            "matrix": self._get_groups_sql(
                self.env["partner.classification.line"],
                self._get_matrix_domain(scope, frame),
                ["company_id", "abc_class", "xyz_class", "stage"],
                {"count": "__count", "revenue": "revenue:sum"},
            )
        }

    @api.model
    def _get_matrix(self, _scope, frame, rows):
        cells, stages = {}, {}
        total = {"count": 0, "revenue": None}
        for row in rows["matrix"]:
            revenue = self._convert(row["revenue"], row["company_id"], frame)
            key = row["abc_class"] or False, row["xyz_class"] or False
            stage = row["stage"] or False
            for figures in (
                cells.setdefault(key, {"abc": key[0], "xyz": key[1], "count": 0, "revenue": None}),
                stages.setdefault(stage, {"stage": stage, "count": 0, "revenue": None}),
                total,
            ):
                figures["count"] += row["count"]
                figures["revenue"] = add(figures["revenue"], revenue)
        for figures in (*cells.values(), *stages.values()):
            figures["share"] = get_share(figures["revenue"], total["revenue"])
        days = sorted({run["stage_date"] for run in self._get_current_runs(frame)})
        return {
            "note": self.env._(
                "Current classification of %s: customers and what they bought in its window, untaxed.",
                ", ".join(format_date(self.env, day) for day in days),
            )
            if days
            else self.env._("No customers are classified yet. A director starts it in Classifications."),
            "figures": total,
            "cells": sorted(cells.values(), key=lambda cell: (cell["abc"] or "z", cell["xyz"] or "~")),
            "stages": list(stages.values()),
        }

    @api.model
    def _get_classes(self, name):
        """What a class or stage may be, in a tuple: what a client sends cannot always be looked up in a set."""
        return (False, *dict(self.env["partner.classification.line"]._fields[name].selection))

    @api.model
    def _check_class(self, name, value):
        if value not in self._get_classes(name):
            self._refuse(value)

    @api.model
    def _open_matrix(self, scope, frame, figure, part):
        """Open a cell (``part`` is the two classes), a stage, or all."""
        domain, words = self._get_matrix_domain(scope, frame), []
        lines = self.env["partner.classification.line"]
        if figure == "cell" and isinstance(part, list) and len(part) == 2:
            for name, value in zip(("abc_class", "xyz_class"), part, strict=True):
                self._check_class(name, value)
                domain &= Domain(name, "=", value)
                words.append(lines._get_class_word(name, value))
        elif figure == "stage":
            self._check_class("stage", part)
            domain &= Domain("stage", "=", part)
            words.append(lines._get_class_word("stage", part))
        elif figure not in ("count", "revenue"):
            self._refuse(figure)
        name = " · ".join(filter(None, words)) or self.env._("All Customers")
        context = {"active_test": False}
        return "partner_relations.partner_classification_line_action", name, domain, context

    # ------------------------------------------------------------------
    # Flow between the stages
    # ------------------------------------------------------------------
    @api.model
    def _has_flow(self):
        return self.env["partner.classification.line"].has_access("read")

    @api.model
    def _get_flow_runs(self, scope, frame):
        """Pairs of runs, of each company: how it was before the period, and at its end.

        Where no classification is older than the period, its first one stands for the beginning.
        """
        first, last = (fields.Date.to_string(day) for day in (scope.date_from, scope.date_to))
        pairs = []
        for company_id in scope.company_ids:
            runs = [
                run for run in frame["runs"] if run["company_id"] == company_id and run["stage_date"] <= last
            ]
            runs.sort(key=lambda run: (run["stage_date"], run["is_current"], run["id"]))
            before = [run for run in runs if run["stage_date"] < first]
            start = before[-1] if before else runs[0] if runs else None
            if start and runs[-1]["stage_date"] > start["stage_date"]:
                pairs.append((start, runs[-1]))
        return pairs

    @api.model
    def _get_flow_statements(self, scope, frame):
        pairs = self._get_flow_runs(scope, frame)
        if not pairs:
            return {}
        runs = self.env["partner.classification"]
        return {
            "flow": runs._get_migrations_sql(
                runs.browse(pair[0]["id"] for pair in pairs),
                runs.browse(pair[1]["id"] for pair in pairs),
                "stage",
                "stage",
                self._get_people_domain(scope, "partner_id.user_id"),
                moved_only=True,
            )
        }

    @api.model
    def _get_flow(self, scope, frame, rows):
        moves = {}
        for row in rows.get("flow", ()):
            source, target = row["source"] or False, row["target"] or False
            move = moves.setdefault(
                (source, target),
                {
                    "source": source,
                    "target": target,
                    "trend": _trend("stage", source, target),
                    "count": 0,
                    "revenue": None,
                },
            )
            move["count"] += row["count"]
            # what a customer who is lost bought before, what a new one buys now
            revenue = row["revenue_to"] if row["revenue_from"] is None else row["revenue_from"]
            move["revenue"] = add(move["revenue"], self._convert(revenue, row["company_id"], frame))
        figures = {
            trend or "same": sum(move["count"] for move in moves.values() if move["trend"] == trend)
            for trend in ("better", "worse", False)
        }
        pairs = self._get_flow_runs(scope, frame)
        order = {"worse": 0, "better": 1, False: 2}
        return {
            "note": " ".join(
                self.env._(
                    "Stages of %(first)s compared with those of %(last)s.",
                    first=format_date(self.env, start["stage_date"]),
                    last=format_date(self.env, end["stage_date"]),
                )
                for start, end in pairs
            )
            or self.env._("There are no two classifications to compare in this period."),
            "figures": figures,
            "moves": sorted(
                moves.values(),
                key=lambda move: (
                    order[move["trend"]],
                    -move["count"],
                    str(move["source"]),
                    str(move["target"]),
                ),
            ),
        }

    @api.model
    def _open_flow(self, scope, frame, figure, part):
        pairs = self._get_flow_runs(scope, frame)
        known = (NEW, GONE, *self._get_classes("stage"))
        if (
            figure != "move"
            or not isinstance(part, list)
            or len(part) != 2
            or any(one not in known for one in part)
            or not pairs
        ):
            self._refuse(figure)
        source, target = part
        domain, name = Domain.FALSE, ""
        for start, end in pairs:
            action = self.env["partner.classification"].action_open_migration(
                start["id"], end["id"], "stage", source, target
            )
            domain |= Domain(action["domain"])
            name = action["name"]
        domain &= self._get_people_domain(scope, "partner_id.user_id")
        context = {"active_test": False}
        return "partner_relations.partner_classification_line_action", name, domain, context
