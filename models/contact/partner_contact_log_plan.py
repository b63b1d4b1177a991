from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ...tools.batches import write_each
from ...tools.internal import INTERNAL

# Core activity type that stands for a planned contact of each channel.
ACTIVITY_TYPES = {
    "phone": "mail.mail_activity_data_call",
    "meeting": "mail.mail_activity_data_meeting",
    "visit": "mail.mail_activity_data_meeting",
    "email": "mail.mail_activity_data_email",
}
DEFAULT_ACTIVITY_TYPE = "mail.mail_activity_data_todo"


class PartnerContactLog(models.Model):
    """Planned contacts: each is an activity of its user, and either side moves and closes the other."""

    _inherit = "partner.contact.log"

    @api.model
    def _get_document_partner(self, document):
        """The customer or supplier of a document, empty if it has none."""
        document = document.exists()
        if document._name == "res.partner":
            return document
        field = document._fields.get("partner_id")
        if document and field and field.comodel_name == "res.partner":
            return document.partner_id
        return self.env["res.partner"]

    @api.model
    def _get_default_plan_date(self):
        """Nine o'clock of the next working day, Monday to Friday, for the user who plans; in UTC."""
        tz = pytz.timezone(self.env.user._get_zone()) if self.env.user.tz else self.env.tz
        today = fields.Datetime.now().replace(tzinfo=pytz.utc).astimezone(tz).date()
        day = today + timedelta(days={4: 3, 5: 2}.get(today.weekday(), 1))
        return tz.localize(datetime.combine(day, time(9))).astimezone(pytz.utc).replace(tzinfo=None)

    def _get_user_tz(self):
        self.ensure_one()
        # The same as mail.activity's stored ``user_tz``, by which the feed finds the day.
        return pytz.timezone(self.user_id._get_zone())

    def _get_local_day(self):
        """The day of the contact in its user's time zone."""
        self.ensure_one()
        return pytz.utc.localize(self.date).astimezone(self._get_user_tz()).date()

    def _day_to_date(self, day):
        """Noon of ``day`` for the user of this entry, in UTC: a plan without an hour."""
        self.ensure_one()
        local = self._get_user_tz().localize(datetime.combine(day, time(12)))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _get_noon(self, day, user_id):
        """Noon of a bare date for the user with this id, in UTC."""
        return self.new({"user_id": user_id})._day_to_date(fields.Date.to_date(day))

    def _plan_activities(self):
        """Create the activities of planned contacts in one batch."""
        if not self:
            return
        types = self._get_activity_types()
        vals_list = []
        for log, (model, res_id) in self._get_activity_documents().items():
            vals = {
                "res_model_id": self.env["ir.model"]._get_id(model),
                "res_id": res_id,
                "user_id": log.user_id.id,
                "summary": log.title,
                "note": log.agreement and plaintext2html(log.agreement),
                "date_deadline": log._get_local_day(),
            }
            if types.get(log.channel):
                vals["activity_type_id"] = types[log.channel].id
            vals_list.append(vals)
        activities = self.env["mail.activity"].with_context(relations_feeding=INTERNAL).create(vals_list)
        for log, activity in zip(self, activities, strict=True):
            # sudo: a field closed to users; the entry is the one just made
            log.sudo().with_context(relations_feeding=INTERNAL).write(
                {"activity_id": activity.id, "activity_day": activity.date_deadline}
            )

    def _get_activity_types(self):
        """``{channel: activity type}`` of these entries."""
        return {
            channel: self.env.ref(
                ACTIVITY_TYPES.get(channel, DEFAULT_ACTIVITY_TYPE), raise_if_not_found=False
            )
            for channel in set(self.mapped("channel"))
        }

    def _get_activity_documents(self):
        """``{log: (model, id)}``: the document if the user may plan on it, else the contact."""
        documents = {}
        allowed = defaultdict(set)
        for model, logs in self.filtered("res_id").grouped("res_model").items():
            if model in self.env and "activity_ids" in self.env[model]._fields:
                records = self.env[model].browse(set(logs.mapped("res_id"))).exists()
                allowed[model] = set(records._filtered_access("write").ids)
        for log in self:
            if log.res_id in allowed[log.res_model]:
                documents[log] = (log.res_model, log.res_id)
            else:
                documents[log] = ("res.partner", log.partner_id.id)
        return documents

    def _plan_next(self, next_list):
        """Plan the contacts agreed during these ones.

        :param list[dict] next_list: per record ``date``, ``channel``, ``name``, ``user_id``; without a
            date nothing is planned.
        """
        if not any(vals.get("date") for vals in next_list):
            return
        self._guard_off().create(
            [
                {
                    "title": vals.get("name") or log.title or log.name,
                    "partner_id": log.partner_id.id,
                    "company_id": log.company_id.id,
                    "user_id": vals.get("user_id") or log.user_id.id or self.env.uid,
                    "channel": vals.get("channel") or log.channel,
                    "direction": "out",
                    "state": "planned",
                    "date": vals["date"],
                    "res_model": log.res_model,
                    "res_id": log.res_id,
                    "previous_log_id": log.id,
                }
                for log, vals in zip(self, next_list, strict=True)
                if vals.get("date")
            ]
        )

    def _get_activities(self):
        """The activities of these entries, with the user's own rights on them."""
        # sudo: a field closed to users
        return self.env["mail.activity"].browse(self.sudo().activity_id.ids)

    def _write_to_sources(self, vals):
        """Carry a change of planned contacts over to their activities and meetings."""
        if vals.get("state") == "cancelled":
            # A meeting with several customers is cancelled for all of them.
            self.event_id.action_archive()
            self._get_activities().unlink()
            return
        if vals.get("state") == "done":
            for agreement, logs in self.grouped("agreement").items():
                logs._get_activities().filtered("active").action_feedback(feedback=agreement or False)
            return
        if not {"date", "user_id", "title", "partner_id", "channel"} & vals.keys():
            return
        planned = self.filtered(lambda log: log.state == "planned")
        corrected = planned.filtered(lambda log: not log.source_model and not log.event_id)
        documents = corrected._correct_documents() if "partner_id" in vals else {}
        types = corrected._get_activity_types() if "channel" in vals else {}
        # Plans changed alike are carried over in one write; meetings feed the entries of their other customers.
        events, activities = {}, defaultdict(list)
        given = defaultdict(self.env["calendar.event"].browse)
        for log in planned:
            if event := log.event_id:
                if "date" in vals and event.start != log.date:
                    events[event] = {"start": log.date, "stop": log.date + (event.stop - event.start)}
                if "user_id" in vals and log.user_id:
                    given[log.user_id] |= event
            else:
                # the day too where only the user changed: it is the day of that user's time zone
                changed = {"date_deadline": log._get_local_day()}
                if "user_id" in vals:
                    changed["user_id"] = log.user_id.id
                if "title" in vals and log.title:
                    changed["summary"] = log.title
                if log in documents:
                    model, changed["res_id"] = documents[log]
                    changed["res_model_id"] = self.env["ir.model"]._get_id(model)
                if log in corrected and types.get(log.channel):
                    changed["activity_type_id"] = types[log.channel].id
                activities[tuple(changed.items())].append(log.id)
        write_each(events)
        for user, meetings in given.items():
            meetings._give_to(user)
        for changed, ids in activities.items():
            logs = self.browse(ids).with_context(relations_feeding=INTERNAL)
            logs._get_activities().with_context(relations_feeding=INTERNAL).write(dict(changed))
            logs.write({"activity_day": dict(changed)["date_deadline"]})

    def _correct_documents(self):
        """Leave the former contact where an entry was about that alone; return those of ``_get_activity_documents``."""
        astray = self.filtered(
            lambda log: log.res_model == "res.partner" and log.res_id != log.commercial_partner_id.id
        )
        for partner, logs in astray.grouped("partner_id").items():
            logs.with_context(relations_feeding=INTERNAL).write({"res_id": partner.id})
        return self._get_activity_documents()

    def _check_planning_allowed(self):
        for log in self:
            if log.state == "planned" and not log.partner_id.active:
                raise UserError(
                    self.env._(
                        "%(partner)s is archived: no contact can be planned. Restore the contact first, "
                        "or plan with another person.",
                        partner=log.partner_id.display_name,
                    )
                )

    def _reopen(self):
        """Bring closed plans back, with their meetings and activities."""
        self.event_id.filtered(lambda event: not event.active).action_unarchive()
        activities = self._get_activities().exists()
        write_each(
            {
                log: {"state": "planned", "date": log.date_planned, "closed_by_id": False}
                for log in self.with_context(relations_feeding=INTERNAL)
            }
        )
        activities.with_context(relations_feeding=INTERNAL).filtered(
            lambda act: not act.active
        ).action_unarchive()
        # What lost its activity when it was cancelled gets a new one.
        # sudo: a field closed to users, read for which entries have theirs still
        kept = {log.id for log in self.sudo() if log.activity_id in activities.sudo()}
        lost = self.filtered(lambda log: not log.event_id and log.id not in kept)
        lost._guard_off().write({"source_model": False, "source_id": False})
        lost._plan_activities()

    def _close_meetings(self, events):
        """The activity of these meetings was marked as done, so the meetings took place."""
        now = fields.Datetime.now()
        planned = self.search([("event_id", "in", events.ids), ("state", "=", "planned")])
        planned = planned.with_context(relations_feeding=INTERNAL)
        early = planned.filtered(lambda log: log.date > now)
        early.write({"state": "done", "date": now})
        (planned - early).write({"state": "done"})

    @api.model
    def _cron_close_meetings(self, batch_size=1000):
        """Mark meetings that are over as done, unless somebody has to close their activity."""
        domain = [
            ("state", "=", "planned"),
            ("event_id", "!=", False),
            ("event_id.stop", "<=", fields.Datetime.now()),
            ("company_id.relations_auto_close_meetings", "=", True),
            "|",
            ("activity_id", "=", False),
            ("activity_id.active", "=", False),
        ]
        logs = self.search(domain, limit=batch_size).try_lock_for_update()
        logs.with_context(relations_feeding=INTERNAL).write({"state": "done", "closed_by_id": False})
        remaining = self.search_count(domain) if len(logs) == batch_size else 0
        self.env["ir.cron"]._commit_progress(len(logs), remaining=remaining)
