import logging
from collections import Counter
from datetime import datetime, time, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every
from odoo.tools.mail import email_normalize

from ...tools.apart import apart
from ...tools.batches import write_each
from ...tools.mail_rules import MARK, is_quiet, local_time, next_slot, to_utc
from ...tools.passing_errors import is_passing

_logger = logging.getLogger(__name__)

# What was due so many days ago is still noted, as too late.
LOOK_BACK_DAYS = 31
# So far ahead somewhere on earth it is the next day.
LOOK_AHEAD = timedelta(hours=14)
# What comes once a year, so that the record has one mail a year also where its date was corrected.
YEARLY = ("birthday", "first_purchase")
PLAN_BATCH = 1000
SEND_BATCH = 50
RETRY_AFTER = timedelta(hours=1)
RENDERED = ("attachment_ids", "body_html", "email_from", "mail_server_id", "model", "reply_to",
            "report_template_ids", "res_id", "subject")  # fmt: skip


class PartnerMailRule(models.Model):
    """How mail goes: noted first, then queued, in batches that commit.

    An event is noted in the transaction in which it happens, which costs one insert and cannot fail for the sake of a
    template or of a mail server; that is why it does not go through automated actions, which would render there, and
    keep no note that makes a mail unique. A date is noted by the scheduler. The scheduler queues what is noted.
    """

    _inherit = "partner.mail.rule"

    # ------------------------------------------------------------------
    # Events
    # ------------------------------------------------------------------
    @api.model
    def _fire(self, trigger, records):
        """Note an event of ``records`` for each rule of it that is on. Does nothing, without a query, if none is."""
        by_company = records.grouped(lambda record: record.company_id or self.env.company)
        noted = 0
        for company, happened in by_company.items():
            noted += self._fire_in(trigger, company, happened._name, happened.ids)
        return noted

    @api.model
    def _fire_in(self, trigger, company, model_name, res_ids):
        rules = self._get_event_rules(trigger, company.id)
        if not rules or not res_ids:
            return 0
        # sudo: whoever confirms an order notes the event, and sees nothing of it
        logs = self.env["partner.mail.rule.log"].sudo()
        now = fields.Datetime.now()
        zone = company._get_zone()
        today = local_time(now, zone).date()
        noted = 0
        for rule_id, offset, hour in rules:
            day = today + timedelta(days=offset)
            send_at = to_utc(day, hour, zone) if offset else now
            rows = [
                {
                    "rule_id": rule_id,
                    "company_id": company.id,
                    "res_model": model_name,
                    "res_id": res_id,
                    "due_date": day,
                    "send_at": send_at,
                    "state": "planned",
                }
                for res_id in res_ids
            ]
            for batch in split_every(PLAN_BATCH, rows, list):
                noted += logs._note(batch)
        if noted:
            # sudo: the scheduler is told to look, nothing else
            self.env.ref("partner_relations.ir_cron_mail_rules").sudo()._trigger()
        return noted

    # ------------------------------------------------------------------
    # The scheduler
    # ------------------------------------------------------------------
    @api.model
    def _cron_run(self, batch_size=SEND_BATCH):
        """Note what is due by date, then queue what may leave now.

        A rule that fails says why and is tried again in an hour, or when it was changed; the others go.
        """
        rules = self._get_running()
        tasks = [
            ([f"note {rule.id}"], f"Mail rule {rule.id}", partial(self._plan_apart, rule))
            for rule in rules.filtered(lambda rule: rule.kind == "date")
        ]
        tasks += [
            (
                [f"send {company.id}"],
                f"Mail rules of {company.name}",
                partial(self._send_batch, company, batch_size),
            )
            for company in rules.company_id
        ]
        self.env["ir.cron.progress"]._take_turns(tasks)

    @api.model
    def _get_running(self):
        """The rules that are on, without those that failed a short time ago, and those of closed companies."""
        since = fields.Datetime.now() - RETRY_AFTER
        domain = Domain("is_on", "=", True) & Domain("company_id.active", "=", True)
        return self.search(domain & (Domain("problem_on", "=", False) | Domain("problem_on", "<=", since)))

    def _set_problem(self, problem):
        self._guard_off().write({"problem": problem[:500], "problem_on": fields.Datetime.now()})

    def _forget_problem(self):
        if self.problem:
            self._guard_off().write({"problem": False, "problem_on": False})

    @api.model
    def _plan_apart(self, rule):
        with apart(self.env, f"Mail rule {rule.id}, {rule.name}", rule._set_problem):
            rule._plan()
            rule._forget_problem()

    def _handle_apart(self, logs, now, counts):
        """As :meth:`_handle`; where it fails, nothing of it is counted, and the notes stay for a later try."""
        counted = counts.copy()
        with apart(self.env, f"Mail rule {self.id}, {self.name}", self._set_problem):
            self._handle(logs, now, counted)
            self._forget_problem()
            self.env.flush_all()
            counts.clear()
            counts.update(counted)

    @api.model
    def _send_batch(self, company, batch_size):
        _done, has_more = self._send_due(company, batch_size)
        return has_more

    # ------------------------------------------------------------------
    # Noting what is due by date
    # ------------------------------------------------------------------
    def _plan(self):
        """Note what is due up to today, wherever on earth that is; return how many notes were new.

        What the scheduler missed is caught up, as far back as ``LOOK_BACK_DAYS`` and never before the rule was
        switched on. It is noted and then left out as too late if it is older than the company wants.
        """
        self.ensure_one()
        last = (fields.Datetime.now() + LOOK_AHEAD).date()
        offset = timedelta(days=self.offset_days)
        if self.trigger == "first_purchase" and self.planned_until and self.planned_until >= last:
            # reads all invoices: once a day is enough, a first purchase is a year old
            return 0
        first = max(self.date_start or last, last - timedelta(days=LOOK_BACK_DAYS))
        noted = 0
        due = self._drop_mailed_in_year(self._find_due(first, last))
        self._plan_again(due)
        for batch in split_every(PLAN_BATCH, self._drop_noted(due, first), list):
            records = self._get_records_model().browse({res_id for res_id, _day in batch})
            recipients = self._get_recipients(records)
            days_off = self._get_holidays(first, last)
            rows = []
            for res_id, day in batch:
                zone = self._get_zone(recipients[res_id][0])
                send_at, reason = self._get_slot(day, zone, days_off)
                rows.append(
                    {
                        "rule_id": self.id,
                        "company_id": self.company_id.id,
                        "res_model": self.model_name,
                        "res_id": res_id,
                        "due_date": day,
                        "event_date": day - offset,
                        "send_at": send_at,
                        "date_latest": send_at + self._get_catch_up(),
                        "state": "skipped" if reason else "planned",
                        "reason": reason,
                        **self._describe(records.browse(res_id), recipients[res_id]),
                    }
                )
            # sudo: the log is written by the server alone
            noted += self.env["partner.mail.rule.log"].sudo()._note(rows)
        if self.planned_until != last:
            self._guard_off().planned_until = last
        return noted

    def _plan_again(self, pairs):
        """Plan what was found no longer due and is due after all, such as an invoice that was a draft for an hour."""
        # sudo: the log is written by the server alone
        dropped = (
            self.env["partner.mail.rule.log"]
            .sudo()
            .search(
                [
                    ("rule_id", "=", self.id),
                    ("reason", "=", "not_due"),
                    ("date_latest", ">=", fields.Datetime.now()),
                ]
            )
        )
        due = set(pairs) if dropped else ()
        dropped.filtered(lambda log: (log.res_id, log.due_date) in due).write(
            {"state": "planned", "reason": False}
        )

    def _drop_noted(self, pairs, first):
        """The pairs that have no note yet, and no mail about the same date by other days of the rule."""
        offset = timedelta(days=self.offset_days)
        # sudo: as the scheduler; only whether there is a note
        logs = self.env["partner.mail.rule.log"].sudo()
        domain = Domain("due_date", ">=", first) | Domain("event_date", ">=", first - offset)
        noted = logs.search_fetch(
            Domain("rule_id", "=", self.id) & domain,
            ["res_id", "due_date", "event_date", "state", "reason"],
        )
        known = {(log.res_id, log.due_date) for log in noted}
        mailed = {
            (log.res_id, log.event_date)
            for log in noted.filtered_domain(self._get_mailed_domain())
            if log.event_date
        }
        return [
            (res_id, day)
            for res_id, day in pairs
            if (res_id, day) not in known and (res_id, day - offset) not in mailed
        ]

    def _drop_mailed_in_year(self, pairs):
        """The pairs of what does not come every year, or of records without mail about another day of the year.

        Around New Year the days before and after it are those of one year, as far as they are looked back at.
        """
        if self.trigger not in YEARLY or not pairs:
            return pairs
        offset = timedelta(days=self.offset_days)
        near = timedelta(days=LOOK_BACK_DAYS)
        days = [day - offset for _res_id, day in pairs]
        # sudo: as the scheduler; only whether there was a mail
        logs = (
            self.env["partner.mail.rule.log"]
            .sudo()
            .search_fetch(
                Domain("rule_id", "=", self.id)
                & Domain("res_model", "=", self.model_name)
                & Domain("res_id", "in", sorted({res_id for res_id, _day in pairs}))
                & Domain("event_date", ">=", min(min(days).replace(month=1, day=1), min(days) - near))
                & self._get_mailed_domain(),
                ["res_id", "event_date"],
            )
        )
        mailed = logs.grouped("res_id")
        return [
            (res_id, day)
            for res_id, day in pairs
            if not any(
                log.event_date != day - offset
                and (log.event_date.year == (day - offset).year or abs(log.event_date - day + offset) <= near)
                for log in mailed.get(res_id, ())
            )
        ]

    @api.model
    def _get_mailed_domain(self):
        """Notes of which there was a mail, or somebody stopped it, or has to look at it."""
        return Domain("state", "in", ("queued", "sent", "failed")) | Domain("reason", "=", "stopped")

    @api.model
    def _describe(self, record, recipient):
        partner, email, customer, user = recipient
        return {
            "record_name": record.display_name or "",
            "partner_id": partner.id or None,
            "customer_id": customer.id or None,
            "user_id": user.id or None,
            "email": email_normalize(email) or None,
        }

    def _get_zone(self, partner):
        if self.tz_policy == "recipient" and partner.tz:
            return self.env["partner.contact.log"]._get_known_zone(partner.tz)
        return self._get_tz()

    def _get_holidays(self, first, last):
        """Public holidays of the company from ``first`` to two months after ``last``."""
        if not self.skip_holidays:
            return frozenset()
        calendar = self.company_id.resource_calendar_id
        # sudo: days on which the company is closed, no leave of a person
        leaves = (
            self.env["resource.calendar.leaves"]
            .sudo()
            .search(
                [
                    ("resource_id", "=", False),
                    ("company_id", "in", [self.company_id.id, False]),
                    ("calendar_id", "in", [calendar.id, False]),
                    ("date_to", ">=", datetime.combine(first - timedelta(days=1), time())),
                    ("date_from", "<=", datetime.combine(last + timedelta(days=62), time())),
                ]
            )
        )
        zone = self.env["partner.contact.log"]._get_known_zone(calendar.tz or self._get_tz())
        days = set()
        for leave in leaves:
            day, end = local_time(leave.date_from, zone), local_time(leave.date_to, zone)
            # a morning off is no holiday: the day is off as far as it is off at noon
            day = day.date() if day.hour < 12 else day.date() + timedelta(days=1)
            while datetime.combine(day, time(12)) < end:
                days.add(day)
                day += timedelta(days=1)
        return frozenset(days)

    def _get_catch_up(self):
        """How late a mail may leave; without days to catch up as long as the times of day of its day last."""
        times_of_day = timedelta(hours=self.hour_to - self.hour_from)
        return max(timedelta(days=self.company_id.relations_mail_catch_up_days), times_of_day)

    def _get_next_slot(self, moment, zone, days_off):
        return next_slot(moment, zone, self.hour_from, self.hour_to, self._get_weekdays(), days_off)

    def _get_slot(self, day, zone, days_off):
        """``(moment, reason)``: when a mail that is due on ``day`` leaves, or why it never does."""
        begin = to_utc(day, self.hour_from, zone)
        if self.quiet_policy == "drop" and is_quiet(day, self._get_weekdays(), days_off):
            return begin, "quiet_day"
        slot = self._get_next_slot(begin, zone, days_off)
        return (slot, None) if slot else (begin, "quiet_day")

    # ------------------------------------------------------------------
    # Queueing
    # ------------------------------------------------------------------
    @api.model
    def _send_due(self, company, batch_size):
        """Queue a batch of what may leave now; return ``(how many notes were handled, whether there are more)``."""
        rules = self._get_running().filtered(lambda rule: rule.company_id == company)
        if len(rules.try_lock_for_update(allow_referencing=True)) < len(rules):
            # another worker sends for this company, and would not know of the mails of today counted here
            return 0, False
        now = fields.Datetime.now()
        # sudo: the log is written by the server alone
        due = (
            self.env["partner.mail.rule.log"]
            .sudo()
            .search(
                [("rule_id", "in", rules.ids), ("state", "=", "planned"), ("send_at", "<=", now)],
                order="send_at, id",
                limit=batch_size,
            )
        )
        logs = due.try_lock_for_update()
        by_rule = logs.grouped("rule_id")
        counts = Counter()
        for rule in rules:
            if rule in by_rule:
                rule._handle_apart(by_rule[rule], now, counts)
        return len(logs), len(due) == batch_size and bool(logs)

    def _count_mails(self, emails, counts, today):
        """Add to ``counts`` the mails that addresses not counted yet had in these days."""
        missing = set(emails) - {email for email, _day in counts}
        # sudo: what recipients had from rules of this company; only numbers
        groups = (
            self.env["partner.mail.rule.log"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "=", self.company_id.id),
                    ("email", "in", list(missing)),
                    ("send_day", ">=", today - timedelta(days=1)),
                ],
                ["email", "send_day:day"],
                ["__count"],
            )
        )
        for email, day, count in groups:
            counts[email, day] += count

    def _handle(self, logs, now, counts):
        """Queue, postpone or leave out each of ``logs``, all of this rule.

        A mail that fails takes no place of its address: whatever waited for the place is decided once more.
        """
        while logs:
            decided = self._decide(
                [(log.res_id, log.due_date, log.date_latest or False) for log in logs], now, counts
            )
            going, leaving, staying, full = {}, {}, {}, {}
            for log, decision in zip(logs, decided, strict=True):
                values = decision["described"]
                if decision["send_at"] > now and not decision["reason"]:
                    staying[log] = {
                        **values,
                        "send_at": decision["send_at"],
                        "date_latest": decision["latest"],
                    }
                elif decision["reason"]:
                    staying[log] = {**values, "state": "skipped", "reason": decision["reason"]}
                else:
                    _email, day = decision["place"]
                    leaving[log] = {**values, "send_day": day, "date_latest": decision["latest"]}
                    going[log] = decision
                if log in staying and decision["place"]:
                    full[log] = decision["place"]
            write_each(leaving)
            failed = self._queue(list(going.items())) if going else logs.browse()
            free = {going[log]["place"] for log in failed}
            counts.subtract(going[log]["place"] for log in failed)
            logs = logs.filtered(lambda log, full=full, free=free: full.get(log) in free)
            write_each({log: values for log, values in staying.items() if log not in logs})

    def _decide(self, rows, now, counts):
        """What becomes of the notes of this rule at the moment ``now``, which changes nothing.

        :param rows: ``(record id, due date, latest moment or False)``
        :param counts: mails so far by address and day; those that go are added
        :rtype: list[dict]
        """
        self.ensure_one()
        if self.kind == "date":
            days = [day for _res_id, day, _latest in rows]
            valid = set(self._find_due(min(days), max(days), {res_id for res_id, _day, _latest in rows}))
        else:
            ids = set(self._filter_records({res_id for res_id, _day, _latest in rows}).ids)
            valid = {(res_id, day) for res_id, day, _latest in rows if res_id in ids}
        records = self._get_records_model().browse(sorted({row[0] for row in rows})).exists()
        recipients = self._get_recipients(records)
        blacklist = self._get_blacklisted(recipients)
        today = now.date()
        days_off = self._get_holidays(today - timedelta(days=LOOK_BACK_DAYS), today)
        limit = self.company_id.relations_mail_limit
        if limit:
            emails = {email_normalize(row[1]) for row in recipients.values()} - {False}
            self._count_mails(emails, counts, today)
        catch_up = self._get_catch_up()
        decisions = []
        for res_id, day, latest in rows:
            decision = {"reason": None, "send_at": now, "latest": latest, "described": {}, "place": None}
            decisions.append(decision)
            if (res_id, day) not in valid or res_id not in recipients:
                decision["reason"] = "not_due"
                continue
            partner, address, _customer, _user = recipients[res_id]
            decision["partner"] = partner
            decision["described"] = self._describe(records.browse(res_id), recipients[res_id])
            email = email_normalize(address)
            zone = self._get_zone(partner)
            slot = self._get_next_slot(now, zone, days_off)
            if not latest:
                # an event: its quiet day is decided when it is first looked at
                if self.quiet_policy == "drop" and is_quiet(day, self._get_weekdays(), days_off):
                    decision["reason"] = "quiet_day"
                    continue
                # from the day after it on it is late, also where nothing could be sent until now
                after = self._get_next_slot(to_utc(day + timedelta(days=1), 0, zone), zone, days_off)
                decision["latest"] = latest = min(slot or now, after or now) + catch_up
            if not partner and not address:
                decision["reason"] = "no_recipient"
            elif not email:
                decision["reason"] = "no_email"
            elif email in blacklist:
                decision["reason"] = "blacklisted"
            elif now > latest:
                decision["reason"] = "too_late"
            elif not slot:
                decision["reason"] = "quiet_day"
            elif slot > now:
                decision["send_at"] = slot
                decision["reason"] = "too_late" if slot > latest else None
            else:
                local_day = local_time(now, zone).date()
                decision["place"] = email, local_day
                if limit and counts[email, local_day] >= limit:
                    tomorrow = to_utc(local_day + timedelta(days=1), 0, zone)
                    slot = self._get_next_slot(tomorrow, zone, days_off)
                    if not slot or slot > latest:
                        decision["reason"] = "limit"
                    else:
                        decision["send_at"] = slot
                    continue
                counts[email, local_day] += 1
                decision["email"] = address
        return decisions

    def _get_blacklisted(self, recipients):
        if self.purpose != "commercial":
            return set()
        emails = {email_normalize(row[1]) for row in recipients.values()} - {False}
        # sudo: whether an address is on the list, to leave it out
        listed = self.env["mail.blacklist"].sudo().search_fetch([("email", "in", list(emails))], ["email"])
        return set(listed.mapped("email"))

    def _get_lang(self, partner):
        """The language of the recipient, or None where the template decides."""
        if self.lang_policy == "template":
            return None
        return partner.lang or self.company_id.partner_id.lang or self.env.lang

    def _queue(self, going):
        """Put the mails of ``(note, decision)`` into Odoo's queue, and say so in the notes.

        A record about which nothing can be rendered fails by itself, the others go.

        :return: the notes of those that failed
        """
        asked = [(log.res_id, self._get_lang(decision["partner"])) for log, decision in going]
        try:
            with self.env.cr.savepoint():
                rendered = self._render(asked)
        except Exception as error:  # pylint: disable=broad-except
            if is_passing(error):
                raise
            rendered = {}
            for key in asked:
                try:
                    with self.env.cr.savepoint():
                        rendered.update(self._render([key]))
                except Exception as own:  # pylint: disable=broad-except
                    if is_passing(own):
                        raise
                    _logger.info("Mail rule %s cannot render %s: %s", self.name, key, own)
                    rendered[key] = str(own) or repr(own)
        values_list, logs, attachments, failed = [], [], [], self.env["partner.mail.rule.log"]
        for (log, decision), key in zip(going, asked, strict=True):
            values = rendered[key]
            if isinstance(values, str):
                log.write({"state": "failed", "reason": "error", "detail": values[:500], "send_day": False})
                failed |= log
                continue
            values_list.append(self._prepare_mail(values, decision))
            attachments.append(values.get("attachments") or [])
            logs.append(log)
        # sudo: mail.mail is the server's
        mails = self.env["mail.mail"].sudo().create(values_list)
        for mail, log, files in zip(mails, logs, attachments, strict=True):
            log.write({"state": "queued", "mail_mail_id": mail.id, "subject": mail.subject})
            if files:
                mail.write({"attachment_ids": self._prepare_files(mail, files)})
        return failed

    def _prepare_mail(self, values, decision):
        email_from, server = self._get_sender()
        partner = decision["partner"]
        return {
            "subject": values["subject"],
            "body_html": values["body_html"],
            "body": values["body_html"],
            "email_from": email_from or values.get("email_from") or self.company_id.email_formatted,
            "reply_to": email_from or values.get("reply_to") or False,
            "mail_server_id": server.id or values.get("mail_server_id") or False,
            "model": values["model"],
            "res_id": values["res_id"],
            "recipient_ids": [(4, partner.id)] if partner else [],
            "email_to": False if partner else decision["email"],
            "attachment_ids": [(4, attachment) for attachment in values.get("attachment_ids") or []],
            # an automatic mail is answered by no automatic mail (RFC 3834)
            "headers": repr({MARK: str(self.id), "Auto-Submitted": "auto-generated"}),
            # the log leads to it
            "auto_delete": False,
            "is_sent_once": True,
        }

    def _prepare_files(self, mail, files):
        return [
            (
                0,
                0,
                {
                    "name": name,
                    "datas": content,
                    "type": "binary",
                    "res_model": "mail.message",
                    "res_id": mail.mail_message_id.id,
                },
            )
            for name, content in files
        ]

    def _render(self, asked, names=RENDERED):
        """``{(record id, language): values}`` of the template, with the rights of the environment.

        Core renders: names of contacts are values in its templates, never templates themselves.

        :param asked: ``(record id, language or None)``
        """
        self.ensure_one()
        results = {}
        by_lang = {}
        for res_id, lang in asked:
            by_lang.setdefault(lang, set()).add(res_id)
        for lang, res_ids in by_lang.items():
            # the scheduler has no time zone: a morning there would be told as the day before
            template = self.template_id.with_company(self.company_id).with_context(tz=self._get_tz())
            if lang:
                template = template.with_context(template_preview_lang=lang, lang=lang)
            ids = sorted(res_ids)
            rendered = template._generate_template(ids, names)
            if template.email_layout_xmlid and "body_html" in names:
                records = self.env[self.model_name].with_company(self.company_id).browse(ids)
                for record in records.with_context(lang=lang or self.env.lang):
                    rendered[record.id]["body_html"] = template._render_encapsulate(
                        template.email_layout_xmlid,
                        rendered[record.id]["body_html"],
                        add_context={
                            "company": self.company_id,
                            "model_description": self.env["ir.model"]._get(self.model_name).display_name,
                        },
                        context_record=record,
                    )
            for res_id in ids:
                results[res_id, lang] = {"model": self.model_name, "res_id": res_id, **rendered[res_id]}
        return results
