import logging
from collections import defaultdict
from datetime import timedelta

import pytz
from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ...tools.apart import each_apart
from ...tools.batches import write_each
from ...tools.birthdays import birthday_in, key_ranges, next_birthday
from .res_partner_birthday_reminder import MOST_DAYS_AHEAD

_logger = logging.getLogger(__name__)

KINDS = [("birthday", "Birthday"), ("morning", "Morning E-Mail")]
MORNING_BATCH = 50
BIRTHDAY_BATCH = 500
# Two workers that start together meet at each batch until one is ahead.
MAX_CONFLICTS = 20


def _get_morning_turn(user, day):
    """By what a user's turn of a day is known."""
    return f"morning {user.id} {day}"


class PartnerReminder(models.Model):
    """What somebody was reminded of, so that nobody is reminded of it twice.

    One row for each person, kind, record and day. It is written in the transaction that makes the activity or
    the e-mail, and the unique index holds where two workers run at the same moment: a run that is killed has
    made both or neither, and the next one goes on where it ended.
    """

    _name = "partner.reminder"
    _description = "Reminder"
    _order = "day desc, id desc"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Reminded", required=True, readonly=True, index=True, ondelete="cascade"
    )
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True
    )
    day = fields.Date(
        required=True,
        readonly=True,
        help="The day it is about: the birthday, or the day of the morning e-mail where its reader lives.",
    )

    _once = models.UniqueIndex("(user_id, kind, res_model, res_id, day)", "This person was reminded already.")
    _day_idx = models.Index("(kind, day)")

    # ------------------------------------------------------------------
    # Claiming
    # ------------------------------------------------------------------
    @api.model
    def _claim(self, kind, rows):
        """Write the rows of ``(user id, model, id, day)`` that are not there yet, and return those.

        A second worker that wants the same rows waits for the first one's transaction. If that began after its own,
        PostgreSQL refuses it with a SerializationFailure, and it has to look again.
        """
        rows = sorted(set(rows))
        if not rows:
            return []
        self.flush_model()
        now = fields.Datetime.now()
        # SQL: what another worker has claimed is left out instead of being an error
        claimed = self.env.execute_query(
            SQL(
                """
    INSERT INTO partner_reminder
           (kind, user_id, res_model, res_id, day, create_uid, create_date, write_uid, write_date)
    VALUES %s
        ON CONFLICT (user_id, kind, res_model, res_id, day) DO NOTHING
 RETURNING user_id, res_model, res_id, day""",
                SQL(", ").join(
                    SQL(
                        "(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                        *(kind, *row),
                        *(self.env.uid, now, self.env.uid, now),
                    )
                    for row in rows
                ),
            )
        )
        self.invalidate_model(flush=False)
        return claimed

    @api.autovacuum
    def _gc_reminders(self):
        """Forget what is over for more than a year."""
        limit = 10_000
        old = self.search([("day", "<", fields.Date.today() - timedelta(days=400))], limit=limit)
        old.unlink()
        return len(old), len(old) == limit

    @api.model
    def _get_days(self, users):
        """``{user: its day now}``, in the time zone of each."""
        now = pytz.utc.localize(fields.Datetime.now())
        return {user: now.astimezone(user._get_reminder_tz()).date() for user in users}

    @api.model
    def _get_reminded_users(self):
        """Everybody who works with the addon now."""
        # sudo: as the scheduler, of all companies
        users = self.env.ref("partner_relations.group_user").sudo().all_user_ids
        return users.filtered(lambda user: user.active and not user.share).sorted("id")

    # ------------------------------------------------------------------
    # Birthdays
    # ------------------------------------------------------------------
    @api.model
    def _cron_birthdays(self, batch_size=BIRTHDAY_BATCH):
        """Make the activities of birthdays that are near, in batches that commit."""
        self._remind_in_batches(self._get_birthdays(), self._remind_birthdays, batch_size)

    @api.model
    def _remind_in_batches(self, due, remind, batch_size):
        """Call ``remind`` for what is due, in batches that commit, until the time of the job is up."""
        cron, conflicts = self.env["ir.cron"], 0
        batches, remaining = list(split_every(batch_size, due, list)), len(due)
        while batches:
            try:
                remind(batches[0])
                remaining -= len(batches[0])
                left = cron._commit_progress(len(batches[0]), remaining=remaining)
            except SerializationFailure:
                # another worker was at the same ones: what it did is seen at the next try
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > MAX_CONFLICTS:
                    raise
                remaining = sum(map(len, batches))
                continue
            batches.pop(0)
            if not left:
                return

    @api.model
    def _get_birthdays(self):
        """Birthdays to remind of: ``(user, person, day)``, without those somebody was reminded of.

        Whose: living contact persons of customers and suppliers. Who: the salesperson of the person or else of
        its company, else the buyer; and the further managers of both. When: as many days ahead as the person
        says, by the calendar of whoever is reminded. Who missed that (a server that stood still) is told as
        long as the birthday is not over.
        """
        users = self._get_reminded_users()
        days = self._get_days(users)
        if not days:
            return []
        # sudo: as the scheduler; who is reminded is responsible for the person and may read it (checked later)
        partners = self.env["res.partner"].sudo()
        first, last = min(days.values()), max(days.values())
        [[longest]] = partners._read_group([("birthdate", "!=", False)], [], ["birthday_days_ahead:max"])
        ranges = {
            pair
            for today in {first, last}
            for pair in key_ranges(today, today + timedelta(days=min(longest or 0, MOST_DAYS_AHEAD)), today)
        }
        persons = partners.search_fetch(
            partners._get_birthday_person_domain() & partners._get_birth_day_domain(ranges),
            [
                "birthdate", "birthday_days_ahead", "buyer_id", "commercial_partner_id", "responsible_user_ids",
                "user_id",
            ],
            order="id",
        )  # fmt: skip
        due = []
        for person in persons:
            for user in person._get_birthday_users() & users:
                birthday = next_birthday(person.birthdate, days[user])
                ahead = (birthday - days[user]).days
                if person.birthday_days_ahead >= 0 and ahead <= person.birthday_days_ahead:
                    due.append((user, person, birthday))
        done = {
            (reminder.user_id.id, reminder.res_id, reminder.day)
            for reminder in self.search_fetch(
                [("kind", "=", "birthday"), ("day", ">=", first)], ["user_id", "res_id", "day"]
            )
        }
        return [row for row in due if (row[0].id, row[1].id, row[2]) not in done]

    @api.model
    def _remind_birthdays(self, due):
        """Make the activities of ``due``, each once; not where a contact on that day is planned already."""
        due = self._drop_unreadable(due)
        planned = self._get_planned_congratulations(due)
        left = self._get_left_congratulations(due)
        claimed = set(
            self._claim("birthday", [(user.id, "res.partner", person.id, day) for user, person, day in due])
        )
        activity_type = self._get_birthday_type()
        model_id = self.env["ir.model"]._get_id("res.partner")
        vals_list, given, over = [], {}, self.browse()
        for user, person, day in due:
            key = (user.id, "res.partner", person.id, day)
            if key not in claimed or (user.id, person.id, day) in planned:
                continue
            if left_behind := left[person.id, day]:
                activity, reminder = left_behind.pop()
                given[activity.with_context(mail_activity_quick_update=True)] = {
                    "user_id": user.id,
                    "summary": self._get_birthday_words(user, person, day),
                }
                over += reminder
                continue
            vals_list.append(
                {
                    "activity_type_id": activity_type.id,
                    "res_model_id": model_id,
                    "res_id": person.id,
                    "user_id": user.id,
                    "date_deadline": day,
                    "summary": self._get_birthday_words(user, person, day),
                }
            )
        write_each(given)
        # the person may come back to who was reminded first
        over.unlink()
        # quick update: no e-mail for each, the activities stand in the top bar and in the morning e-mail
        return self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    @api.model
    def _drop_unreadable(self, due):
        """Leave out persons whom somebody responsible for them may not read, as in another company."""
        by_user = defaultdict(list)
        for user, person, _day in due:
            by_user[user].append(person.id)
        readable = {
            user: set(
                self.env["res.partner"]
                .with_user(user)
                .with_context(allowed_company_ids=user.company_ids.ids)
                .browse(ids)
                ._filtered_access("read")
                .ids
            )
            for user, ids in by_user.items()
        }
        return [row for row in due if row[1].id in readable[row[0]]]

    @api.model
    def _get_planned_congratulations(self, due):
        """``(user id, person id, day)`` where an activity for that day is open already."""
        if not due:
            return set()
        activities = self.env["mail.activity"].search_fetch(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", [person.id for _user, person, _day in due]),
                ("user_id", "in", [user.id for user, _person, _day in due]),
                ("date_deadline", "in", [day for _user, _person, day in due]),
            ],
            ["user_id", "res_id", "date_deadline"],
        )
        return {(activity.user_id.id, activity.res_id, activity.date_deadline) for activity in activities}

    @api.model
    def _get_left_congratulations(self, due):
        """``{(person id, day): [(open activity, its reminder)]}`` of those who are responsible for them no more."""
        persons = self.env["res.partner"].union(*(person for _user, person, _day in due))
        activities = self.env["mail.activity"].search_fetch(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", persons.ids),
                ("activity_type_id", "=", self._get_birthday_type().id),
                ("date_deadline", "in", [day for _user, _person, day in due]),
            ],
            ["user_id", "res_id", "date_deadline"],
        )
        responsible = {person.id: person._get_birthday_users() for person in persons}
        reminders = self.search([("kind", "=", "birthday"), ("res_id", "in", activities.mapped("res_id"))])
        reminders = {(one.user_id.id, one.res_id, one.day): one for one in reminders}
        left = defaultdict(list)
        for activity in activities:
            reminder = reminders.get((activity.user_id.id, activity.res_id, activity.date_deadline))
            if reminder and activity.user_id not in responsible[activity.res_id]:
                left[activity.res_id, activity.date_deadline].append((activity, reminder))
        return left

    @api.model
    def _get_birthday_type(self):
        """The type of the activities; the one for calls where somebody deleted ours."""
        ours = self.env.ref("partner_relations.mail_activity_type_birthday", raise_if_not_found=False)
        return (
            ours
            or self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
            or self.env["mail.activity.type"].search([("category", "=", "default")], limit=1)
        )

    @api.model
    def _forget_birthdays(self, persons):
        """Take back the reminders of these persons that are to do on a day which is not their birthday any more."""
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_id", "in", persons.ids),
                ("activity_type_id", "=", self._get_birthday_type().id),
            ]
        )
        born = {person.id: person.birthdate for person in persons}
        wrong = {}
        for activity in activities:
            birthdate, day = born[activity.res_id], activity.date_deadline
            if not birthdate or birthday_in(birthdate, day.year) != day:
                wrong[activity.user_id.id, activity.res_id, day] = activity
        if not wrong:
            return
        reminders = self.search([("kind", "=", "birthday"), ("res_id", "in", [key[1] for key in wrong])])
        keys = {(reminder.user_id.id, reminder.res_id, reminder.day): reminder for reminder in reminders}
        taken = keys.keys() & wrong.keys()
        activities.browse(wrong[key].id for key in taken).unlink()
        self.browse(keys[key].id for key in taken).unlink()

    @api.model
    def _get_birthday_words(self, user, person, day):
        spoken = self.with_context(lang=user.lang or self.env.user.lang)
        if person.birth_year_known:
            return spoken.env._(
                "Birthday of %(person)s: %(age)s years",
                person=person.name,
                age=day.year - person.birthdate.year,
            )
        return spoken.env._("Birthday of %s", person.name)

    # ------------------------------------------------------------------
    # Morning e-mail
    # ------------------------------------------------------------------
    @api.model
    def _cron_morning(self, batch_size=MORNING_BATCH):
        """Send the morning e-mails that are due, in batches that commit.

        Each user gets one a day, at the own hour of the own day. Who was missed because the server stood still
        gets it late, once. The e-mails go into Odoo's queue in the transaction that remembers them. Who gets none
        because it fails has had a turn, and is tried again once the others had theirs.
        """
        turns = self.env["ir.cron.progress"]
        had = turns._get_turns()
        conflicts = 0
        while due := self._get_morning_users(had):
            batch = due[:batch_size]
            keys = [_get_morning_turn(user, day) for user, day in self._get_days(batch).items()]
            try:
                each_apart(
                    self.env,
                    batch,
                    self._send_morning,
                    lambda user: f"Morning e-mail of {user.login}",
                    turns._tell_failure,
                )
                left = turns._commit_turn(keys, remaining=len(due) - len(batch), processed=len(batch))
            except SerializationFailure:
                # another worker was at the same users: look who is left
                self.env.cr.rollback()
                conflicts += 1
                if conflicts > MAX_CONFLICTS:
                    raise
                continue
            had.update(keys)
            if not left:
                return

    @api.model
    def _get_morning_users(self, had=()):
        """Users whose hour has come today and who had no e-mail today, nor one of the turns ``had``."""
        users = self._get_reminded_users().filtered(lambda user: user.relations_morning_mail and user.email)
        now = pytz.utc.localize(fields.Datetime.now())
        due, days = self.env["res.users"].sudo(), {}
        for user in users:
            local = now.astimezone(user._get_reminder_tz())
            if local.hour >= user.relations_morning_hour:
                due |= user
                days[user.id] = local.date()
        if not due:
            return due
        done = {
            (reminder.user_id.id, reminder.day)
            for reminder in self.search_fetch(
                [
                    ("kind", "=", "morning"),
                    ("user_id", "in", due.ids),
                    ("day", ">=", min(days.values())),
                ],
                ["user_id", "day"],
            )
        }
        return due.filtered(
            lambda user: (
                (user.id, days[user.id]) not in done and _get_morning_turn(user, days[user.id]) not in had
            )
        )

    @api.model
    def _send_morning(self, users):
        """Queue the e-mails of these users, each once; who has nothing to do gets none."""
        days = self._get_days(users)
        claimed = self._claim("morning", [(user.id, "res.users", user.id, day) for user, day in days.items()])
        users = users.browse(user_id for user_id, _model, _id, _day in claimed)
        if not users:
            return self.env["mail.mail"]
        agendas = users._get_morning_agendas()
        users = users.filtered(lambda user: agendas[user.id]["count"])
        template = self.env.ref("partner_relations.mail_template_morning", raise_if_not_found=False)
        if not users or not template:
            return self.env["mail.mail"]
        template = template.with_context(morning_agendas=agendas, default_is_sent_once=True)
        return template.send_mail_batch(users.ids)
