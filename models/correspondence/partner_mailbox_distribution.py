from datetime import timedelta

import pytz

from odoo import fields, models
from odoo.tools import html2plaintext

# What is looked through for words.
MAX_BODY = 1_000_000


class PartnerMailbox(models.Model):
    """Who gets a letter, and by when it is to be answered."""

    _inherit = "partner.mailbox"

    def _choose_executor(self, subject="", body="", sender="", partner=None):
        """Return the executor of a new letter, empty if it is to be assigned by hand.

        :param str subject: subject of the letter
        :param str body: its text, HTML or plain
        :param str sender: address of the sender
        :param partner: the contact, if known
        :rtype: res.users
        """
        self.ensure_one()
        # sudo: the mail gateway distributes, whoever runs it
        mailbox = self.sudo()
        users = self.env["res.users"]
        if mailbox.distribution == "nobody":
            return users
        chosen = users
        if mailbox.distribution != "executor":
            method = getattr(mailbox, f"_choose_{mailbox.distribution}")
            chosen = method(subject or "", body or "", sender or "", partner or self.env["res.partner"])
        if not chosen and mailbox.default_user_id:
            chosen = mailbox.default_user_id._filter_available(mailbox.company_id)
        return users.browse(chosen[:1].id)

    def _choose_round_robin(self, *_letter):
        """The next in the list after who got the latest letter by distribution."""
        users = self._get_executors()
        if not users:
            return users
        last = self.env["partner.letter"].search(
            [("mailbox_id", "=", self.id), ("is_distributed", "=", True)], order="id desc", limit=1
        )
        ordered = self._get_executors(available=False)
        ids = ordered.ids
        if last.user_id.id in ids:
            position = ids.index(last.user_id.id) + 1
            ids = ids[position:] + ids[:position]
        return users.browse(next(user_id for user_id in ids if user_id in set(users.ids)))

    def _choose_least_busy(self, *_letter):
        """Who has the fewest open letters, of all mailboxes; the first in the list of several."""
        users = self._get_executors()
        counts = {
            user.id: count
            for user, count in self.env["partner.letter"]._read_group(
                [("user_id", "in", users.ids), ("state", "=", "assigned")], ["user_id"], ["__count"]
            )
        }
        ids = users.ids
        return users.browse(sorted(ids, key=lambda user_id: (counts.get(user_id, 0), ids.index(user_id)))[:1])

    def _choose_manager(self, _subject, _body, _sender, partner):
        """Who is responsible for the contact, else for its company."""
        for responsible in (partner.user_id, partner.commercial_partner_id.user_id):
            available = responsible._filter_available(self.company_id)
            if available:
                return available
        return self.env["res.users"]

    def _choose_keyword(self, subject, body, sender, _partner):
        """Who stands beside the first line that matches and is there."""
        text = ""
        if any(line.place == "all" for line in self.keyword_ids):
            # without its links: core's expression for names of pictures takes the square of the length of an address
            text = html2plaintext((body or "")[:MAX_BODY], include_references=False)
        for line in self.keyword_ids:
            if line._matches(subject, text, sender):
                available = line.user_id._filter_available(self.company_id)
                if available:
                    return available
        return self.env["res.users"]

    def _get_executors(self, available=True):
        """Between whom letters are distributed, in the order of their ids."""
        users = self.executor_ids
        if not users:
            users = self.access_ids.filtered(lambda access: access.level != "see").user_id
        users = users.sorted("id")
        return users._filter_available(self.company_id).sorted("id") if available else users

    def _get_deadline(self, start=None):
        """Return when a letter registered at ``start`` (UTC, now by default) is to be answered; False: never.

        Counted in the working hours and the time zone of the mailbox's calendar, public holidays left out.
        """
        self.ensure_one()
        # sudo: the calendar of the mailbox, for whoever gets a letter
        mailbox = self.sudo()
        calendar = mailbox.resource_calendar_id or mailbox.company_id.resource_calendar_id
        if not mailbox.deadline_hours or not calendar:
            return False
        start = start or fields.Datetime.now()
        deadline = calendar.plan_hours(
            mailbox.deadline_hours, pytz.utc.localize(start.replace(microsecond=0)), compute_leaves=True
        )
        if not deadline:
            return False
        deadline = deadline.astimezone(pytz.utc).replace(tzinfo=None)
        # parts of hours are counted in floating point
        return (deadline + timedelta(milliseconds=500)).replace(microsecond=0)

    def _get_working_hours(self, start, end):
        """Working hours of the mailbox between two moments in UTC; hours by the clock if it has no calendar."""
        self.ensure_one()
        # sudo: the calendar of the mailbox, for whoever answers a letter
        mailbox = self.sudo()
        calendar = mailbox.resource_calendar_id or mailbox.company_id.resource_calendar_id
        if end <= start:
            return 0.0
        if not calendar:
            return (end - start).total_seconds() / 3600
        return calendar.get_work_duration_data(pytz.utc.localize(start), pytz.utc.localize(end))["hours"]
