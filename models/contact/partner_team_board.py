from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.arguments import as_day

# Shares of the capacity from which a week counts as full, and as too full.
FULL, OVERLOADED = 0.8, 1.0
NOTHING = dict.fromkeys(
    ("week_hours", "today_hours", "today_count", "done_hours", "done_count", "count", "overdue"), 0
)


class PartnerTeamBoard(models.AbstractModel):
    """Who of the team has how much to do, is behind, or has deals without a next step: one row a person."""

    _name = "partner.team.board"
    _description = "Team Board"

    @api.model
    @api.readonly
    def get_team_board(self, date=None):
        """Return the week of ``date`` (today by default) of each subordinate; of everybody for a director.

        Figures come from the work plans, so each leads to the lines behind it. A constant number of queries for
        any team. Persons who left are listed while something is still theirs.

        :return: ``date_from``, ``date_to``, ``is_current`` and ``rows``: ``user_id``, ``name``, ``active``,
            ``plan_id``, ``plan_state``, ``capacity``, ``week_hours``, ``today_hours``, ``today_count``,
            ``done_hours``, ``done_count``, ``count``, ``overdue`` and ``repeated_ids`` (lines that are late too
            but stand in a later week as well), ``no_next_step``, ``load`` (share of the capacity or False) and
            ``load_level`` (free/normal/full/over or False)
        :rtype: dict
        """
        today = fields.Date.context_today(self)
        plans_model = self.env["partner.work.plan"]
        monday = plans_model._get_monday(as_day(date) or today)
        team = self._get_team()
        user_ids = [user["id"] for user in team]
        plans = plans_model.search_fetch(
            [("user_id", "in", user_ids), ("date_from", "=", monday)], ["user_id", "state", "capacity_hours"]
        )
        by_user = {plan.user_id.id: plan for plan in plans}
        totals = self._count_lines(user_ids, plans.ids, today)
        stuck = {
            user.id: count
            for user, count in self.env["partner.deal.report"]._read_group(
                [("user_id", "in", user_ids), ("has_next_step", "=", False)], ["user_id"], ["__count"]
            )
        }
        states = dict(plans_model._fields["state"]._description_selection(self.env))
        rows = []
        for user in team:
            plan = by_user.get(user["id"], plans_model)
            total = totals.get(user["id"]) or {**NOTHING, "repeated_ids": []}
            load = total["week_hours"] / plan.capacity_hours if plan.capacity_hours else False
            row = {
                "user_id": user["id"],
                "name": user["name"],
                "active": user["active"],
                "plan_id": plan.id,
                "plan_state": plan.state or False,
                "plan_state_name": states.get(plan.state, ""),
                "capacity": plan.capacity_hours,
                **total,
                "no_next_step": stuck.get(user["id"], 0),
                "load": load,
                "load_level": self._get_load_level(load),
            }
            if row["active"] or row["count"] or row["overdue"] or row["no_next_step"]:
                rows.append(row)
        return {
            "date_from": fields.Date.to_string(monday),
            "date_to": fields.Date.to_string(monday + timedelta(days=6)),
            "is_current": monday <= today <= monday + timedelta(days=6),
            "rows": rows,
        }

    @api.model
    def _count_lines(self, user_ids, plan_ids, today):
        """Figures of the lines of these plans, and of what is late in any open plan, by user: one statement.

        What is late stands in the week it was due in until that is closed, and in the current one: it is counted once.
        """
        lines = self.env["partner.work.plan.line"]
        lines.flush_model(["activity_id", "date", "is_carried", "moved_to", "plan_id", "state", "user_id"])
        self.env["partner.work.plan"].flush_model(["state"])
        # what was moved to another week takes its time there
        week = (
            Domain("plan_id", "in", plan_ids)
            & Domain("state", "!=", "cancelled")
            & Domain("moved_to", "=", False)
        )
        late = Domain("is_overdue", "=", True) & Domain("plan_id.state", "!=", "closed")
        query = lines._search(Domain("user_id", "in", user_ids) & (week | late))
        # The weeks before this one, wherever the person is: the lines of a current week need not be compared.
        monday = self.env["partner.work.plan"]._get_monday(today + timedelta(days=1))
        repeated = SQL(
            """%(date)s < %(monday)s
               AND EXISTS (SELECT FROM partner_work_plan_line AS later
                             JOIN partner_work_plan AS plan ON plan.id = later.plan_id AND plan.state <> 'closed'
                            WHERE later.activity_id = %(activity)s AND later.user_id = %(user)s
                              AND later.state = 'planned' AND later.is_carried AND later.date > %(date)s)""",
            activity=SQL.identifier(query.table, "activity_id"),
            user=SQL.identifier(query.table, "user_id"),
            date=SQL.identifier(query.table, "date"),
            monday=monday,
        )
        hours, done = SQL("SUM(%s)", SQL.identifier(query.table, "hours")), Domain("state", "=", "done")
        columns = {
            "week_hours": (hours, week),
            "today_hours": (hours, week & Domain("date", "=", today)),
            "today_count": (SQL("COUNT(*)"), week & Domain("date", "=", today)),
            "done_hours": (SQL("SUM(%s)", SQL.identifier(query.table, "hours_done")), week & done),
            "done_count": (SQL("COUNT(*)"), week & done),
            "count": (SQL("COUNT(*)"), week),
            "overdue": (SQL("COUNT(*)"), late),
        }
        user = SQL.identifier(query.table, "user_id")
        # SQL: the figures are sums under conditions, by which the ORM cannot group
        selected = [
            SQL(
                "COALESCE(%s FILTER (WHERE %s), 0)",
                figure,
                domain.optimize_full(lines)._to_sql(lines, query.table, query),
            )
            for figure, domain in columns.values()
        ]
        repeated = SQL(
            "COALESCE(ARRAY_AGG(%s) FILTER (WHERE %s AND %s), '{}')",
            SQL.identifier(query.table, "id"),
            late.optimize_full(lines)._to_sql(lines, query.table, query),
            repeated,
        )
        query.groupby = user
        query.order = None
        totals = {}
        for user_id, repeated_ids, *figures in self.env.execute_query(
            query.select(user, repeated, *selected)
        ):
            total = dict(zip(columns, figures, strict=True))
            total["overdue"] -= len(repeated_ids)
            totals[user_id] = {**total, "repeated_ids": repeated_ids}
        return totals

    @api.model
    def _get_load_level(self, load):
        if load is False:
            return False
        if load > OVERLOADED:
            return "over"
        return "full" if load >= FULL else "normal" if load >= FULL / 2 else "free"

    @api.model
    def _get_team(self):
        """The persons on the board of whoever asks, by name: dictionaries of ``id``, ``name`` and ``active``.

        :raises AccessError: for who is nobody's superior by the groups
        """
        user = self.env.user
        if user.has_group("partner_relations.group_director"):
            group = self.env["ir.model.data"]._xmlid_to_res_id("partner_relations.group_user")
            # colleagues who work with the addon in the companies of the director
            whose = (
                Domain("all_group_ids", "in", [group])
                & Domain("share", "=", False)
                & Domain("company_ids", "in", self.env.companies.ids)
                & Domain("id", "!=", SUPERUSER_ID)
            )
        elif user.has_group("partner_relations.group_supervisor"):
            whose = Domain("id", "in", user._get_subordinate_user_ids())
        else:
            raise AccessError(self.env._("The team board is for superiors. Ask for the right “Supervisor”."))
        # sudo: names of colleagues, or of the own subordinates
        users = self.env["res.users"].sudo().with_context(active_test=False)
        query = users._search(whose)
        columns = {name: users._field_to_sql(query.table, name, query) for name in ("id", "name", "active")}
        query.order = SQL("%s, %s", columns["name"], columns["id"])
        # the deals come later: what their statement wants of PostgreSQL is set on the way
        settings = self.env["partner.deal.report"]._get_settings_sql()
        # SQL: the name is the contact's, which the ORM reads in a second query
        rows = self.env.execute_query(query.select(*columns.values(), *settings))
        return [dict(zip(columns, row, strict=False)) for row in rows]
