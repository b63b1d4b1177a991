from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import format_date, format_time

from ...tools.birthdays import key_ranges, next_birthday
from .res_partner_birthday_reminder import MOST_DAYS_AHEAD

SETTINGS = ["relations_morning_mail", "relations_morning_hour"]
# Rows of each part of the e-mail; more are told as a number with a link.
MAX_ROWS = 10


class ResUsers(models.Model):
    """The morning e-mail: what is overdue and what the day brings, for each user in the own language."""

    _inherit = "res.users"

    relations_morning_mail = fields.Boolean(
        string="Morning E-Mail",
        default=True,
        help="One e-mail each morning with overdue and today's contacts, meetings, activities and birthdays. On a "
        "day without any, none is sent.",
        prefetch="relations",
        groups="base.group_user",
    )
    relations_morning_hour = fields.Integer(
        string="Morning E-Mail at",
        default=7,
        help="The hour of the day, 0 to 23, in your time zone, from which the e-mail is sent.",
        prefetch="relations",
        groups="base.group_user",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + SETTINGS

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + SETTINGS

    @api.constrains("relations_morning_hour")
    def _check_relations_morning_hour(self):
        for user in self:
            if not 0 <= user.relations_morning_hour <= 23:
                raise ValidationError(
                    self.env._(
                        "The morning e-mail of %(user)s cannot be sent at hour %(hour)s. Enter 0 to 23.",
                        user=user.name,
                        hour=user.relations_morning_hour,
                    )
                )

    def _get_reminder_tz(self):
        """The time zone of this user, else of its company, else UTC."""
        self.ensure_one()
        return pytz.timezone((self if self.tz else self.company_id)._get_zone())

    def _get_morning_agenda(self):
        """What the morning e-mail of this user tells: for its template, also where somebody previews it.

        :raises AccessError: for who renders the template for somebody else
        """
        self.ensure_one()
        if not self.env.su and self != self.env.user:
            raise AccessError(self.env._("The morning e-mail of %s is for that person alone.", self.name))
        agendas = self.env.context.get("morning_agendas") if self.env.su else None
        agendas = agendas or {}
        return agendas.get(self.id) or self._get_morning_agendas()[self.id]

    def _get_morning_agendas(self):
        """What the morning e-mail of each of these users tells, by the user's id.

        A constant number of queries for any number of users. Only the user's own activities and meetings, and
        birthdays of persons it is responsible for, are read; plans to approve are those that it is asked for.

        :rtype: dict
        """
        # sudo: the scheduler reads for others; each gets what is assigned to the own person, and nobody else's
        # (see _get_morning_agenda)
        users = self.sudo()
        today = self.env["partner.reminder"]._get_days(users)
        parts = {
            "overdue": defaultdict(list),
            "today": defaultdict(list),
            "birthdays": defaultdict(list),
            "approvals": defaultdict(list),
        }
        users._add_birthdays(parts, today)
        users._add_activities(parts, today)
        users._add_meetings(parts, today)
        users._add_approvals(parts)
        agendas = {}
        for user in users:
            agenda = {"date": format_date(user.env, today[user], lang_code=user.lang)}
            for name, rows in parts.items():
                mine = sorted(rows[user.id], key=lambda row: (row["sort"], row["name"]))
                agenda[name] = mine[:MAX_ROWS]
                agenda[f"{name}_more"] = max(len(mine) - MAX_ROWS, 0)
            agenda["count"] = sum(len(agenda[name]) for name in parts)
            spoken = user.with_context(lang=user.lang).env
            for name, url in (("birthdays", "/odoo/birthdays"), ("approvals", "/odoo/work-plans")):
                # a row, as the template has a line of its own for the other parts only
                if more := agenda[f"{name}_more"]:
                    agenda[name].append(
                        {"when": "", "name": spoken._("and %s more", more), "about": "", "url": url}
                    )
            agendas[user.id] = agenda
        return agendas

    def _add_activities(self, parts, today):
        activities = self.env["mail.activity"].search(
            [
                ("user_id", "in", self.ids),
                ("date_deadline", "<=", max(today.values())),
                ("calendar_event_id", "=", False),
                ("res_model", "!=", False),
            ],
            order="date_deadline, id",
        )
        # a document that is gone or hidden from its user is not told
        names = activities._get_names_by_user()
        birthday = self.env.ref("partner_relations.mail_activity_type_birthday", raise_if_not_found=False)
        told = {(user_id, row["url"]) for user_id, rows in parts["birthdays"].items() for row in rows}
        for activity in activities:
            user = activity.user_id
            if activity.date_deadline > today[user] or (user.id, activity.id) not in names:
                continue
            overdue = activity.date_deadline < today[user]
            url = f"/odoo/{activity.res_model}/{activity.res_id}"
            if birthday and activity.activity_type_id == birthday and not overdue and (user.id, url) in told:
                continue
            parts["overdue" if overdue else "today"][user.id].append(
                {
                    "sort": fields.Date.to_string(activity.date_deadline),
                    "when": format_date(user.env, activity.date_deadline, lang_code=user.lang)
                    if overdue
                    else "",
                    "name": activity.summary
                    or activity.activity_type_id.with_context(lang=user.lang).name
                    or "",
                    "about": names[user.id, activity.id],
                    "url": url,
                }
            )

    def _add_meetings(self, parts, today):
        first = datetime.combine(min(today.values()) - timedelta(days=1), time())
        last = datetime.combine(max(today.values()) + timedelta(days=2), time())
        attendees = self.env["calendar.attendee"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("state", "!=", "declined"),
                ("event_id.active", "=", True),
                ("event_id.start", "<", last),
                ("event_id.stop", ">=", first),
            ]
        )
        by_partner = attendees.grouped("partner_id")
        for user in self:
            zone = user._get_reminder_tz()
            for attendee in by_partner.get(user.partner_id, ()):
                event = attendee.event_id
                if event.allday:
                    begins, ends = event.start_date, event.stop_date
                    when = user.with_context(lang=user.lang).env._("all day")
                else:
                    start = pytz.utc.localize(event.start).astimezone(zone)
                    begins = start.date()
                    # one that ends at midnight is none of the day after
                    last_moment = pytz.utc.localize(event.stop - timedelta(seconds=1)).astimezone(zone)
                    ends = max(begins, last_moment.date())
                    when = format_time(
                        user.env, event.start, tz=zone.zone, time_format="short", lang_code=user.lang
                    )
                if begins <= today[user] <= ends:
                    parts["today"][user.id].append(
                        {
                            "sort": "" if event.allday else str(start),
                            "when": when,
                            "name": event.name,
                            "about": event.location or "",
                            "url": f"/odoo/calendar.event/{event.id}",
                        }
                    )

    def _add_birthdays(self, parts, today):
        partners = self.env["res.partner"]
        [[longest]] = partners._read_group([("birthdate", "!=", False)], [], ["birthday_days_ahead:max"])
        ranges = {
            pair
            for day in set(today.values())
            for pair in key_ranges(day, day + timedelta(days=min(longest or 0, MOST_DAYS_AHEAD)), day)
        }
        persons = partners.search(
            partners._get_birthday_person_domain() & partners._get_birth_day_domain(ranges)
        )
        for person in persons:
            for user in person._get_birthday_users() & self:
                birthday = next_birthday(person.birthdate, today[user])
                ahead = (birthday - today[user]).days
                if person.birthday_days_ahead < ahead or (
                    person.company_id and person.company_id not in user.company_ids
                ):
                    continue
                spoken = user.with_context(lang=user.lang).env
                parts["birthdays"][user.id].append(
                    {
                        "sort": fields.Date.to_string(birthday),
                        "when": spoken._("today") if not ahead else format_date(spoken, birthday),
                        "name": person.name or "",
                        "about": person.commercial_partner_id.name
                        if person.commercial_partner_id != person
                        else "",
                        "url": f"/odoo/res.partner/{person.id}",
                    }
                )

    def _add_approvals(self, parts):
        plans = self.env["partner.work.plan"].search([("state", "=", "submitted")])
        for plan, approvers in plans._get_approvers().items():
            for user in approvers & self:
                parts["approvals"][user.id].append(
                    {
                        "sort": fields.Date.to_string(plan.date_from),
                        "when": "",
                        "name": plan.with_context(lang=user.lang).display_name,
                        "about": "",
                        "url": f"/odoo/work-plans/{plan.id}",
                    }
                )
