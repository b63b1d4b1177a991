from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

# Shares of the capacity from which a week counts as full, and as too full.
FULL, OVERLOADED = 0.8, 1.0


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
            ``done_hours``, ``done_count``, ``count``, ``overdue``, ``no_next_step``, ``load`` (share of the
            capacity or False) and ``load_level`` (free/normal/full/over or False)
        :rtype: dict
        """
        today = fields.Date.context_today(self)
        plans_model = self.env["partner.work.plan"]
        monday = plans_model._get_monday(fields.Date.to_date(date) or today)
        users = self._get_team()
        lines = self.env["partner.work.plan.line"]
        week = [
            ("user_id", "in", users.ids),
            ("plan_id.date_from", "=", monday),
            ("state", "!=", "cancelled"),
        ]
        totals = {user.id: dict.fromkeys(("hours", "count", "done_hours", "done_count"), 0) for user in users}
        for user, state, hours, done, count in lines._read_group(
            week, ["user_id", "state"], ["hours:sum", "hours_done:sum", "__count"]
        ):
            total = totals[user.id]
            total["hours"] += hours
            total["count"] += count
            if state == "done":
                total["done_hours"] += done
                total["done_count"] += count
        due = {
            user.id: (hours, count)
            for user, hours, count in lines._read_group(
                [*week, ("date", "=", today)], ["user_id"], ["hours:sum", "__count"]
            )
        }
        overdue = dict(
            lines._read_group(
                [
                    ("user_id", "in", users.ids),
                    ("plan_id.state", "!=", "closed"),
                    ("is_overdue", "=", True),
                ],
                ["user_id"],
                ["__count"],
            )
        )
        stuck = dict(
            self.env["partner.deal.report"]._read_group(
                [("user_id", "in", users.ids), ("has_next_step", "=", False)], ["user_id"], ["__count"]
            )
        )
        plans = plans_model.search_fetch(
            [("user_id", "in", users.ids), ("date_from", "=", monday)], ["user_id", "state", "capacity_hours"]
        )
        by_user = {plan.user_id: plan for plan in plans}
        states = dict(plans_model._fields["state"]._description_selection(self.env))
        rows = []
        for user in users:
            plan, total = by_user.get(user, plans_model), totals[user.id]
            hours, count = due.get(user.id, (0, 0))
            load = total["hours"] / plan.capacity_hours if plan.capacity_hours else False
            row = {
                "user_id": user.id,
                "name": user.name,
                "active": user.active,
                "plan_id": plan.id,
                "plan_state": plan.state or False,
                "plan_state_name": states.get(plan.state, ""),
                "capacity": plan.capacity_hours,
                "week_hours": total["hours"],
                "today_hours": hours,
                "today_count": count,
                "done_hours": total["done_hours"],
                "done_count": total["done_count"],
                "count": total["count"],
                "overdue": overdue.get(user, 0),
                "no_next_step": stuck.get(user, 0),
                "load": load,
                "load_level": self._get_load_level(load),
            }
            if user.active or row["count"] or row["overdue"] or row["no_next_step"]:
                rows.append(row)
        return {
            "date_from": fields.Date.to_string(monday),
            "date_to": fields.Date.to_string(monday + timedelta(days=6)),
            "is_current": monday <= today <= monday + timedelta(days=6),
            "rows": rows,
        }

    @api.model
    def _get_load_level(self, load):
        if load is False:
            return False
        if load > OVERLOADED:
            return "over"
        return "full" if load >= FULL else "normal" if load >= FULL / 2 else "free"

    @api.model
    def _get_team(self):
        """The persons on the board of whoever asks, by name.

        :raises AccessError: for who is nobody's superior by the groups
        """
        user = self.env.user
        users = self.env["res.users"].with_context(active_test=False)
        if user.has_group("partner_relations.group_director"):
            # sudo: names of colleagues who work with the addon in the companies of the director
            found = self.env.ref("partner_relations.group_user").sudo().all_user_ids
            found = found.filtered(
                lambda one: not one.share and one.company_ids & self.env.companies and one.id != 1
            )
            return users.browse(found.sorted(lambda one: (one.name or "", one.id)).ids)
        if not user.has_group("partner_relations.group_supervisor"):
            raise AccessError(self.env._("The team board is for superiors. Ask for the right “Supervisor”."))
        # sudo: names of the own subordinates
        team = users.browse(user._get_subordinate_user_ids()).sudo()
        return users.browse(team.sorted(lambda one: (one.name or "", one.id)).ids)
