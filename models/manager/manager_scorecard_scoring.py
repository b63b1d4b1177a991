import json
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL

from ...tools import manager_score
from ...tools.notification import notify
from ...tools.periods import MONTHS, add_months
from .manager_score_scheme_line import PLANNED

# What a manager without any documents has: nothing, of which a sum is 0 and a rate is empty.
EMPTY = {"numerator": None, "denominator": None, "count": 0, "value": None}
# Managers with documents that a median needs: that of one is the manager's own value.
MEDIAN_MIN = 2


class ManagerScorecard(models.Model):
    """How scorecards are computed: all managers of a company and period together, in a fixed number of statements."""

    _inherit = "manager.scorecard"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_compute(self):
        """Compute these scorecards again, with all others of their periods, as medians and ranks depend on them.

        :raises AccessError: for who is not a director
        :raises UserError: for closed scorecards, or while somebody else computes them
        """
        self._check_director()
        if closed := self.filtered(lambda card: card.state == "closed"):
            closed[0]._raise_closed()
        self._compute_cards()
        return True

    def action_compute_now(self):
        """Compute the running period of the current company, for all managers by all schemes.

        :raises AccessError: for who is not a director
        :raises UserError: while somebody else computes them
        """
        self._check_director()
        company = self.env.company
        cards = self._compute_period(company, self._get_today(company))
        if not cards:
            text = self.env._("No score scheme of %s is for anybody today.", company.name)
            return notify(text, "warning", then="reload")
        text = self.env._(
            "%(count)s scorecards of %(company)s computed.", count=len(cards), company=company.name
        )
        return notify(text, then="reload")

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------
    @api.model
    def _get_today(self, company):
        """The day that it is in the company's time zone."""
        return company._get_day()

    @api.model
    def _get_window_kind(self, first, last):
        """Whether these days are a calendar month, quarter or year, or none of them."""
        bounds = self.env["manager.score.scheme"]._get_period
        return next((kind for kind in MONTHS if (first, last) == bounds(first, kind)), None)

    @api.model
    def _get_window_before(self, first, last, past="previous"):
        """The period before these days, or the same days a year ago."""
        kind = self._get_window_kind(first, last)
        if past == "year":
            start = first - relativedelta(years=1)
            if kind:
                return self.env["manager.score.scheme"]._get_period(start, kind)
            return start, last - relativedelta(years=1)
        if kind:
            return self.env["manager.score.scheme"]._get_period(first - timedelta(days=1), kind)
        return first - (last - first) - timedelta(days=1), first - timedelta(days=1)

    # ------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------
    @api.model
    def _compute_period(self, company, day, period=None):
        """Compute the scorecards of the period around ``day``, those of managers who have none yet included.

        Open ones of managers that no scheme is for any more go away, unless a director created them.

        :param str period: only schemes of this kind; all without
        :return: the scorecards of the period
        """
        self._lock_schemes(company)
        assigned, values = self.env["manager.score.scheme"]._assign(company, day)
        windows = {}
        for scheme, users in assigned.items():
            scheme = scheme.sudo()  # sudo: its period, for who may compute
            if period in (None, scheme.period):
                window = windows.setdefault(scheme._get_bounds(day), {})
                window.update(dict.fromkeys(users, scheme))
        cards = self.browse()
        for (first, last), managers in windows.items():
            known = {window[2]: found for window, found in values.items() if window[:2] == (first, last)}
            cards |= self._compute_window(company, first, last, managers, known, prune=True)
        return cards

    def _compute_cards(self):
        """Compute the windows of these scorecards, for the managers who have one and by the scheme it has."""
        for (company, first, last), cards in self.grouped(
            lambda card: (card.company_id, card.date_from, card.date_to)
        ).items():
            self._lock_schemes(company)
            managers = {card.user_id.id: card.scheme_id for card in cards._get_window_cards()}
            self._compute_window(company, first, last, managers)

    def _get_window_cards(self):
        """All scorecards of the company and days of these ones."""
        # sudo: medians and ranks are over all managers; the caller was checked
        return self.sudo().search(
            [
                ("company_id", "=", self[:1].company_id.id),
                ("date_from", "=", self[:1].date_from),
                ("date_to", "=", self[:1].date_to),
            ]
        )

    @api.model
    def _lock_schemes(self, company):
        """Let nobody else compute scorecards of the company meanwhile.

        :raises UserError: when somebody does
        """
        # sudo: the lock alone, for who may compute
        schemes = self.env["manager.score.scheme"].sudo().search([("company_id", "=", company.id)])
        try:
            schemes.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "The scorecards of %s are being computed right now. Look again in a minute.", company.name
                )
            ) from error

    @api.model
    def _compute_window(self, company, first, last, managers, values=None, prune=False):
        """Compute and keep the scorecards of these managers.

        :param dict managers: scheme by id of the user
        :param dict values: by credit, the engine's values, if they are known
        :param bool prune: delete open scorecards of others
        :return: all scorecards of the company and days
        """
        # sudo: a scorecard holds what the whole company's documents say, whoever has it computed; the callers check
        # who may
        cards = self.sudo().search(
            [("company_id", "=", company.id), ("date_from", "=", first), ("date_to", "=", last)]
        )
        given = {scheme.id for scheme in managers.values()}
        for card in cards:
            if card.is_by_hand:
                managers.setdefault(card.user_id.id, card.scheme_id)
        if values and {scheme.id for scheme in managers.values()} - given:
            # a scheme that is for nobody in this period: the values are of the credit and indicators of others
            values = None
        if prune:
            cards.filtered(lambda card: card.state == "open" and card.user_id.id not in managers).unlink()
            cards = cards.exists()
        figures = self._evaluate(company, first, last, managers, values)
        closed = cards.filtered(lambda card: card.state == "closed")
        self._rank(figures, closed)
        for card in closed:
            figures.pop(card.user_id.id, None)
        self._add_previous_scores(company, first, last, figures)
        self._store(company, first, last, figures)
        return self.search(
            [("company_id", "=", company.id), ("date_from", "=", first), ("date_to", "=", last)]
        )

    @api.model
    def _evaluate(self, company, first, last, managers, values=None):
        """What these managers get, without keeping it.

        :param dict managers: scheme by id of the user
        :param dict values: by credit, the engine's values, if they are known
        :return: by id of the user ``{"scheme": scheme, "score": score or None, "lines": [...]}``; a line is a
            dict of the fields of ``manager.scorecard.line``
        :rtype: dict
        """
        schemes = (
            self.env["manager.score.scheme"]
            .sudo()
            .browse(list(dict.fromkeys(scheme.id for scheme in managers.values())))
        )
        values = values or {
            credit: alike._compute_values(first, last, credit)
            for credit, alike in schemes.grouped("credit").items()
        }
        past = self._get_past_values(schemes, first, last)
        plans = self._get_plans(company, schemes, first, last, managers)
        results = {}
        for scheme in schemes:
            users = [user_id for user_id, its in managers.items() if its.id == scheme.id]
            lines = {user_id: [] for user_id in users}
            for scheme_line in scheme.line_ids:
                indicator = scheme_line.indicator_id
                found = {
                    user_id: self._get_value(values[scheme.credit], indicator, user_id) for user_id in users
                }
                middle = [
                    each["value"] for each in found.values() if each["count"] and each["value"] is not None
                ]
                parameters = scheme_line._get_parameters()
                for user_id in users:
                    basis = self._get_basis(scheme_line, user_id, middle, past, plans)
                    lines[user_id].append(self._prepare_line(scheme_line, parameters, found[user_id], basis))
            for user_id in users:
                results[user_id] = {
                    "scheme": scheme,
                    "lines": lines[user_id],
                    "score": manager_score.score(
                        [(line["points"], line["weight"]) for line in lines[user_id]]
                    ),
                }
        return results

    @api.model
    def _get_value(self, values, indicator, user_id):
        """Numerator, denominator, count and value of a manager; who has no documents has a sum of 0, and no rate.

        Of an indicator that cannot be computed nobody has anything.
        """
        found = values.get((indicator._origin.id, user_id))
        if found is None:
            is_known = indicator.kind == "sum" and not indicator.problem
            return {**EMPTY, "value": 0.0, "numerator": 0.0} if is_known else EMPTY

        def number(value):
            return None if value is None or value is False else float(value)

        return {
            "numerator": number(found.numerator),
            "denominator": number(found.denominator),
            "count": found.count,
            "value": number(found.value),
        }

    # ------------------------------------------------------------------
    # Targets
    # ------------------------------------------------------------------
    @api.model
    def _get_past_values(self, schemes, first, last):
        """The engine's values of the past periods that targets are made of, by past, credit, indicator and user."""
        asked = {}
        for line in schemes.line_ids:
            if line.target_kind == "own_past" and line.needs_target:
                key = (line.past_period, line.scheme_id.credit)
                asked[key] = asked.get(key, self.env["manager.indicator"]) | line.indicator_id
        return {
            (past, credit): indicators._compute_values(
                schemes.company_id, *self._get_window_before(first, last, past), credit=credit
            )
            for (past, credit), indicators in asked.items()
        }

    @api.model
    def _get_plans(self, company, schemes, first, last, managers):
        """Planned amounts of the whole period by user and measure, if a target is a share of them.

        The plan of a salesperson without a team is for all the person's sales; without it, those for the teams are
        added up. A plan that lacks a month would be too easy to reach: it is none, and the months are named.

        :return: ``{"basis": amount or None, "missing": [first days of months]}`` by id of the user and measure
        """
        if not any(line.target_kind == "plan_share" and line.needs_target for line in schemes.line_ids):
            return {}
        months, month = [], first.replace(day=1)
        while month <= last:
            months.append(month)
            month = add_months(month, 1)
        planned = {}
        # sudo: the plans of all managers, of which each target uses the manager's own
        for user, day, measure, team, amount in (
            self.env["partner.sales.plan"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", company.id),
                    ("user_id", "in", list(managers)),
                    ("date", "in", months),
                ],
                ["user_id", "date:month", "measure", "team_id"],
                ["amount:sum"],
            )
        ):
            by_month = planned.setdefault((user.id, measure), {})
            whole, parts = by_month.get(day, (None, 0.0))
            by_month[day] = (whole, parts + amount) if team else (amount, parts)
        whole_months = first.day == 1 and (last + timedelta(days=1)).day == 1
        plans = {}
        for user_id in managers:
            for measure in PLANNED.values():
                by_month = planned.get((user_id, measure), {})
                missing = [month.isoformat() for month in months if month not in by_month]
                amounts = (parts if whole is None else whole for whole, parts in by_month.values())
                known = whole_months and not missing
                plans[user_id, measure] = {"basis": sum(amounts) if known else None, "missing": missing}
        return plans

    @api.model
    def _get_basis(self, line, user_id, middle, past, plans):
        """What a target is made of: ``{"basis": number or None, "basis_count": …}``."""
        if not line.needs_target or line.target_kind == "fixed":
            return {}
        if line.target_kind == "team_median":
            enough = len(middle) >= MEDIAN_MIN
            return {
                "basis": manager_score.median(middle) if enough else None,
                "basis_count": len(middle),
            }
        if line.target_kind == "own_past":
            found = past[line.past_period, line.scheme_id.credit].get((line.indicator_id.id, user_id))
            # 0 is a value, such as that of discounts that nobody gave
            known = found is not None and found.count and found.value is not None
            return {"basis": float(found.value) if known else None}
        return plans[user_id, PLANNED[line.code]]

    @api.model
    def _prepare_line(self, line, parameters, found, basis):
        """The values of one line of a scorecard, from the indicator's value and what the target is made of."""
        parameters = {**parameters, **basis}
        value = found["value"]
        if not line.needs_target:
            target = None
        elif line.target_kind == "fixed":
            target = line.target_value
        else:
            target = None if basis["basis"] is None else basis["basis"] * line.target_share
        points = self._get_points(value, target, parameters)
        if points is None:
            parameters["why"] = manager_score.why_none(value, target)
        return {
            "indicator_id": line.indicator_id.id,
            "sequence": line.sequence,
            "unit": line.unit,
            "weight": line.weight,
            "value": value,
            "numerator": found["numerator"],
            "denominator": found["denominator"],
            "document_count": found["count"],
            "target": target,
            "points": points,
            "parameters": parameters,
        }

    @api.model
    def _get_points(self, value, target, parameters):
        """The points of a value by the settings that a line keeps; ``None`` without data or target."""
        floor, bands = parameters["points_floor"], parameters["bands"]
        if parameters["points_method"] == "linear":
            higher = parameters["higher_is_better"]
            return manager_score.linear_points(value, target, higher, floor, parameters["points_cap"])
        if parameters["band_basis"] == "attainment":
            value = manager_score.attainment(value, target)
        return manager_score.band_points(value, bands, floor)

    # ------------------------------------------------------------------
    # Rank and past
    # ------------------------------------------------------------------
    @api.model
    def _rank(self, figures, closed):
        """Add rank and number of ranked managers within each scheme; closed scorecards keep theirs, and count."""
        by_scheme = {}
        for user_id, found in figures.items():
            by_scheme.setdefault(found["scheme"].id, {})[user_id] = found["score"]
        for card in closed:
            for scores in by_scheme.values():
                scores.pop(card.user_id.id, None)
            score = None if card.score is False else card.score
            by_scheme.setdefault(card.scheme_id.id, {})[card.user_id.id] = score
        for scores in by_scheme.values():
            ranks = manager_score.ranks(scores)
            count = sum(rank is not None for rank in ranks.values())
            for user_id in scores.keys() & figures.keys():
                figures[user_id].update(rank=ranks[user_id], rank_count=count)

    @api.model
    def _add_previous_scores(self, company, first, last, figures):
        """Add the score of the period before."""
        before = self._get_window_before(first, last)
        cards = self.sudo().search_fetch(  # sudo: as in _compute_window
            [
                ("company_id", "=", company.id),
                ("date_from", "=", before[0]),
                ("date_to", "=", before[1]),
                ("user_id", "in", list(figures)),
            ],
            ["user_id", "score"],
        )
        scores = {card.user_id.id: card.score for card in cards}
        for user_id, found in figures.items():
            score = scores.get(user_id, False)
            found["previous_score"] = None if score is False else score

    # ------------------------------------------------------------------
    # Keeping
    # ------------------------------------------------------------------
    @api.model
    def _store(self, company, first, last, figures):
        """Write scorecards and lines that differ from what is kept; closed ones never.

        SQL: a fixed number of statements for all managers, which touch only rows that differ; the ORM would write
        each line. Nothing depends on these fields but what is computed when read.
        """
        lines = self.env["manager.scorecard.line"]
        self.flush_model()
        lines.flush_model()
        keys = {
            "company": company.id,
            "date_from": first,
            "date_to": last,
            "uid": self.env.uid,
        }
        changed = self.env.execute_query(
            SQL(
                """
                INSERT INTO manager_scorecard AS card (
                       user_id, company_id, scheme_id, date_from, date_to, state, score, rank, rank_count,
                       previous_score, create_uid, create_date, write_uid, write_date)
                SELECT new.user_id, %(company)s, new.scheme_id, %(date_from)s, %(date_to)s, 'open', new.score,
                       new.rank, new.rank_count, new.previous_score,
                       %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                       user_id integer, scheme_id integer, score float8, rank integer, rank_count integer,
                       previous_score float8)
              ORDER BY new.user_id
           ON CONFLICT (user_id, company_id, date_from, date_to) DO UPDATE
                   SET scheme_id = EXCLUDED.scheme_id, score = EXCLUDED.score, rank = EXCLUDED.rank,
                       rank_count = EXCLUDED.rank_count, previous_score = EXCLUDED.previous_score,
                       write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
                 WHERE card.state = 'open'
                   AND (card.scheme_id, card.score, card.rank, card.rank_count, card.previous_score)
                       IS DISTINCT FROM (EXCLUDED.scheme_id, EXCLUDED.score, EXCLUDED.rank, EXCLUDED.rank_count,
                                         EXCLUDED.previous_score)
             RETURNING id""",
                rows=json.dumps(
                    [
                        {
                            "user_id": user_id,
                            "scheme_id": found["scheme"].id,
                            **{
                                name: found.get(name)
                                for name in ("score", "rank", "rank_count", "previous_score")
                            },
                        }
                        for user_id, found in figures.items()
                    ]
                ),
                **keys,
            )
        )
        changed += self.env.execute_query(
            SQL(
                """
                WITH new AS (
                    SELECT card.id AS scorecard_id, new.*
                      FROM jsonb_to_recordset(%(rows)s::jsonb) AS new (
                           user_id integer, indicator_id integer, sequence integer, unit varchar, weight float8,
                           value numeric, numerator numeric, denominator numeric, document_count integer,
                           target numeric, points float8, parameters jsonb)
                      JOIN manager_scorecard AS card
                        ON card.user_id = new.user_id AND card.company_id = %(company)s
                       AND card.date_from = %(date_from)s AND card.date_to = %(date_to)s AND card.state = 'open'),
                gone AS (
                    DELETE FROM manager_scorecard_line AS line
                     USING (SELECT DISTINCT scorecard_id FROM new) AS computed
                     WHERE line.scorecard_id = computed.scorecard_id
                       AND NOT EXISTS (
                           SELECT FROM new
                            WHERE new.scorecard_id = line.scorecard_id AND new.indicator_id = line.indicator_id)
                 RETURNING line.scorecard_id),
                kept AS (
                    INSERT INTO manager_scorecard_line AS line (
                           scorecard_id, user_id, company_id, date_from, date_to, indicator_id, sequence, unit, weight,
                           value, numerator, denominator, document_count, target, points, parameters,
                           create_uid, create_date, write_uid, write_date)
                    SELECT scorecard_id, user_id, %(company)s, %(date_from)s, %(date_to)s, indicator_id, sequence,
                           unit, weight, value, numerator, denominator, document_count, target, points, parameters,
                           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM new
                  ORDER BY scorecard_id, sequence, indicator_id
               ON CONFLICT (scorecard_id, indicator_id) DO UPDATE
                       SET sequence = EXCLUDED.sequence, unit = EXCLUDED.unit, weight = EXCLUDED.weight,
                           value = EXCLUDED.value, numerator = EXCLUDED.numerator,
                           denominator = EXCLUDED.denominator, document_count = EXCLUDED.document_count,
                           target = EXCLUDED.target, points = EXCLUDED.points, parameters = EXCLUDED.parameters,
                           write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
                     WHERE (line.sequence, line.unit, line.weight, line.value, line.numerator, line.denominator,
                            line.document_count, line.target, line.points, line.parameters)
                           IS DISTINCT FROM
                           (EXCLUDED.sequence, EXCLUDED.unit, EXCLUDED.weight, EXCLUDED.value, EXCLUDED.numerator,
                            EXCLUDED.denominator, EXCLUDED.document_count, EXCLUDED.target, EXCLUDED.points,
                            EXCLUDED.parameters)
                 RETURNING line.scorecard_id)
                SELECT scorecard_id FROM gone UNION SELECT scorecard_id FROM kept""",
                rows=json.dumps(
                    [
                        {"user_id": user_id, **line}
                        for user_id, found in figures.items()
                        for line in found["lines"]
                    ]
                ),
                **keys,
            )
        )
        if changed:
            self.env.execute_query(
                SQL(
                    """
                    UPDATE manager_scorecard SET date_computed = now() AT TIME ZONE 'UTC'
                     WHERE id = ANY(%s) RETURNING id""",
                    sorted({card_id for (card_id,) in changed}),
                )
            )
        self.invalidate_model(flush=False)
        lines.invalidate_model(flush=False)
