import logging
from collections import defaultdict
from functools import partial

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ...tools.batches import write_each
from ...tools.passing_errors import is_passing

_logger = logging.getLogger(__name__)

BATCH_SIZE = 50


class PartnerPaymentReminder(models.Model):
    """From the letter to the queue of Odoo, and what happens with it.

    The e-mail and the state of the letter are written in one transaction: a run that is killed has written both or
    neither.
    """

    _inherit = "partner.payment.reminder"

    @api.model
    def _cron_remind(self, batch_size=BATCH_SIZE):
        """Make what is due in all companies that want it, and queue it where nobody reviews; in batches that commit.

        What goes wrong in one company is logged, and the others have their turn.
        """
        # sudo: as the scheduler, of all companies
        companies = (
            self.env["res.company"].sudo().search([("payment_reminder_mode", "in", ("review", "automatic"))])
        )
        self.env["ir.cron.progress"]._take_turns(
            [
                (
                    [f"remind {company.id} {self._get_today(company)}"],
                    f"Payment reminders of {company.name}",
                    partial(self.sudo().with_company(company)._remind_batch, company, batch_size, {}),
                )
                for company in companies
            ]
        )

    @api.model
    def _remind_batch(self, company, batch_size, left):
        """Make the next letters of a company that are due; then queue the next that wait, where nobody reviews.

        :param dict left: batches to make and batches to queue; read where there are none yet, and after a failure,
            as another worker may have been at them
        :return: whether there is more
        """
        waiting = dict(left)
        left.clear()
        today = self._get_today(company)
        if "make" not in waiting:
            due = sorted(self._find_due(company, today=today).items())
            waiting["make"] = list(split_every(batch_size, due, dict))
        if waiting["make"]:
            self._make(company, waiting["make"].pop(0), today)
        elif company.payment_reminder_mode == "automatic":
            if "queue" not in waiting:
                waiting["queue"] = self._get_waiting(company, batch_size)
            if waiting["queue"]:
                # what another worker has in hand is its business
                batch = waiting["queue"].pop(0).exists().try_lock_for_update()
                drafts = batch.filtered(lambda reminder: reminder.state == "draft")
                again = (batch - drafts)._filter_to_retry(company, today)
                # once a day, whatever becomes of it; not in the savepoint of the letters
                again._internal().date = today
                (drafts | again)._queue()
        else:
            waiting["queue"] = []
        left.update(waiting)
        return bool(waiting["make"] or waiting.get("queue", True))

    @api.model
    def _get_waiting(self, company, batch_size):
        """Batches of the letters that wait: of today, of a run that was killed, and what failed on another day."""
        drafts = self.search([("company_id", "=", company.id), ("state", "=", "draft")], order="id")
        failed = self.search([("company_id", "=", company.id), ("state", "=", "failed")], order="id")
        waiting = drafts | failed._filter_to_retry(company, self._get_today(company))
        return list(split_every(batch_size, waiting.ids, self.browse))

    def _filter_to_retry(self, company, today):
        """Those letters that failed before today, can have a receiver now, and that no mail server took, for sure.

        Of a customer one at a time, the last one, which tells all that is open; and as for new letters, none beside one
        that waits, and one in so many days.
        """
        failed = self.filtered(
            lambda reminder: (
                reminder.state == "failed"
                and reminder.date < today
                and (not reminder.mail_id or reminder.mail_id._is_surely_unsent())
            )
        )
        recipients = self._get_recipients(company, failed.partner_id)
        written = self.search(
            Domain("company_id", "=", company.id)
            & Domain("partner_id", "in", failed.partner_id.ids)
            & (
                Domain("state", "=", "draft")
                | (Domain("state", "in", ("queued", "sent")) & self._get_recent_domain(company, today))
                | (Domain("state", "!=", "cancelled") & Domain("date", "=", today))
            )
        )
        ready = failed.filtered(
            lambda reminder: (
                (reminder.partner_id.id in recipients or reminder._has_receiver())
                and reminder.partner_id not in written.partner_id
            )
        )
        last = {reminder.partner_id: reminder for reminder in ready.sorted(lambda one: (one.date, one.id))}
        return ready.filtered(lambda reminder: last[reminder.partner_id] == reminder)

    # ------------------------------------------------------------------
    # Reading once more
    # ------------------------------------------------------------------
    def _refresh(self):
        """Read anew what is open; letters about what was paid meanwhile, or to who gets none any more, are cancelled.

        :return: those that are still to be sent
        """
        kept = self.browse()
        for company, reminders in self.grouped("company_id").items():
            items = self._read_open_items(company, reminders.partner_id.ids, but=reminders.ids)
            levels = self._get_levels(company)
            excluded = self._get_excluded(company, reminders.partner_id.ids, self._get_today(company))
            lines, changed = [], {}
            for reminder in reminders._internal():
                if reminder.partner_id.id in excluded:
                    changed[reminder] = {
                        "state": "cancelled",
                        "problem": self.env._("The customer gets no payment reminders."),
                    }
                    continue
                told = {line.move_line_id.id for line in reminder.line_ids if line.level_id}
                vals = self._get_letter_vals(
                    company, items.get(reminder.partner_id.id, ()), levels, reminder.date
                )
                if not vals or not told & {
                    line["move_line_id"] for line in vals["lines"] if line["level_id"]
                }:
                    changed[reminder] = {
                        "state": "cancelled",
                        "problem": self.env._("What it would have told was paid or settled meanwhile."),
                    }
                    continue
                lines += [{**line, "reminder_id": reminder.id} for line in vals.pop("lines")]
                changed[reminder] = vals
                kept |= reminder
            write_each(changed)
            kept_here = kept & reminders
            kept_here.line_ids.sudo().unlink()
            self.env["partner.payment.reminder.line"].sudo().create(lines)
            kept_here.invalidate_recordset(["line_ids"])
        return kept

    # ------------------------------------------------------------------
    # Queueing
    # ------------------------------------------------------------------
    def _queue(self):
        """Put the letters into Odoo's queue of e-mails; what cannot be is told on it, and the others go on.

        :return: the letters that were queued
        """
        try:
            with self.env.cr.savepoint():
                return self._queue_together()
        except Exception as error:
            if is_passing(error):
                raise
            if len(self) > 1:
                return self.browse().union(*(reminder._queue() for reminder in self))
            self._fail(error)
            return self.browse()

    def _fail(self, error):
        """Tell on the letter why it cannot be written."""
        self.ensure_one()
        _logger.warning("Payment reminder %s cannot be written", self.id, exc_info=error)
        self._mark_failed({self: self._get_error_words(error)})

    def _get_error_words(self, error):
        # what core says of an error in a template has the whole template in it
        while error.__cause__:
            error = error.__cause__
        words = " ".join(str(error).split())
        return self.env._(
            "The letter cannot be written: %(problem)s. Correct the template “%(template)s”, or what it asks for, and "
            "send the letter again.",
            problem=(words or type(error).__name__)[:300].rstrip("."),
            template=self.level_id.template_id.name,
        )

    def _queue_together(self):
        # a letter that is sent again, as its mail server refused it, has its activity already
        queued = {reminder: reminder.level_id for reminder in self if reminder.mail_id}
        for company, reminders in self.grouped("company_id").items():
            today = self._get_today(company)
            reminders.filtered(lambda reminder, today=today: reminder.date != today)._internal().date = today
        ready = self._refresh()
        for company, reminders in ready.grouped("company_id").items():
            recipients = self._get_recipients(company, reminders.partner_id)
            unreachable = reminders.filtered(lambda reminder: not reminder._has_receiver())
            write_each(
                {
                    reminder: {"recipient_id": (found := recipients.get(reminder.partner_id.id)) and found.id}
                    for reminder in unreachable._internal()
                }
            )
        missing = ready.filtered(lambda reminder: not reminder.recipient_id.email_normalized)
        missing._mark_failed(
            {reminder: self._get_no_address_words(reminder.partner_id) for reminder in missing}
        )
        ready -= missing
        for level, reminders in ready.grouped("level_id").items():
            reminders._queue_level(level, queued)
        return ready

    def _has_receiver(self):
        """Whether the receiver has an address, and is one whom this company still tells what the customer owes."""
        self.ensure_one()
        receiver = self.recipient_id
        return bool(
            receiver.active
            and receiver.email_normalized
            and receiver.commercial_partner_id == self.partner_id
            and receiver.filtered_domain(receiver._check_company_domain(self.company_id))
        )

    def _queue_level(self, level, queued):
        """The letters of one level, rendered together.

        :param dict queued: the level of those that were queued before
        """
        template = level.template_id
        values = template._generate_template(
            self.ids,
            ("subject", "body_html", "email_from", "reply_to", "mail_server_id", "auto_delete"),
        )
        attachments, failed = self._get_attachments(level)
        self._mark_failed(failed)
        mails = self.env["mail.mail"]
        vals_list, sending = [], self.browse()
        for reminder in self:
            if reminder in failed:
                continue
            content = values[reminder.id]
            sending |= reminder
            vals_list.append(
                {
                    "subject": content["subject"],
                    "body_html": content["body_html"],
                    "email_from": content.get("email_from") or reminder.company_id.email_formatted,
                    "reply_to": content.get("reply_to") or False,
                    "mail_server_id": template.mail_server_id.id,
                    "recipient_ids": [(4, reminder.recipient_id.id)],
                    "model": self._name,
                    "res_id": reminder.id,
                    # an automatic mail is answered by no automatic mail (RFC 3834)
                    "headers": repr({"Auto-Submitted": "auto-generated"}),
                    "auto_delete": False,
                    "is_sent_once": True,
                    "attachment_ids": [(4, attachment_id) for attachment_id in attachments.get(reminder, ())],
                }
            )
        # one that was refused is not sent again beside the new one
        sending.mail_id.cancel()
        for reminder, mail in zip(sending, mails.create(vals_list), strict=True):
            reminder._internal().write({"state": "queued", "mail_id": mail.id, "problem": False})
        # what is sent again, after it was refused, was noted then
        new = sending.filtered(lambda reminder: queued.get(reminder) != level)
        new._note_history()
        if level.make_activity:
            new._make_activities(level)

    def _get_attachments(self, level):
        """The PDF of each overdue invoice, if the level wants them.

        :return: ids of attachments by reminder, and by reminder what went wrong
        """
        found, failed = {}, {}
        if not level.attach_invoices:
            return found, failed
        for reminder in self:
            moves = reminder.line_ids.filtered(
                lambda line: line.days_overdue > 0 and line.amount > 0 and line.move_id.is_invoice()
            ).move_id
            try:
                with self.env.cr.savepoint():
                    found[reminder] = [reminder._get_invoice_pdf(move).id for move in moves]
            except Exception as error:
                if is_passing(error):
                    raise
                _logger.warning(
                    "Payment reminder %s: an invoice could not be printed", reminder.id, exc_info=True
                )
                failed[reminder] = self.env._(
                    "An invoice of %(invoices)s could not be printed: %(problem)s Print it by hand to see why.",
                    invoices=", ".join(moves.mapped("name")),
                    problem=error,
                )
        return found, failed

    def _get_invoice_pdf(self, move):
        """The PDF that was sent with the invoice, else a new one."""
        if move.invoice_pdf_report_id:
            return move.invoice_pdf_report_id
        content, _kind = self.env["ir.actions.report"]._render_qweb_pdf("account.account_invoices", move.ids)
        return self.env["ir.attachment"].create(
            {
                "name": f"{(move.name or '').replace('/', '_')}.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )

    # ------------------------------------------------------------------
    # Traces
    # ------------------------------------------------------------------
    def _note_history(self):
        """Tell on each invoice at which level it was reminded of."""
        words = defaultdict(Markup)
        for line in self.line_ids.filtered("level_id"):
            # an invoice of which several instalments are told has a line of the note for each
            words[line.move_id.id] += Markup("<div>%s</div>") % self.env._(
                "Payment reminder: %(level)s, %(days)s days after the due date.",
                level=line.level_id.name,
                days=line.days_overdue,
            )
        self.line_ids.filtered("level_id").move_id._message_log_batch(words)

    def _make_activities(self, level):
        model_id = self.env["ir.model"]._get_id("res.partner")
        activity_type = self.env.ref("mail.mail_activity_data_call")
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": reminder.partner_id.id,
                    "activity_type_id": activity_type.id,
                    "summary": self.env._("Payment overdue: %s", reminder.level_id.name),
                    "date_deadline": reminder.date,
                    "user_id": user.id,
                }
                for reminder in self
                if (user := level.activity_user_id or reminder.user_id) and user.active
            ]
        )

    def _mark_sent(self, failed_reason=None):
        """What became of the e-mail."""
        if failed_reason:
            self._mark_failed(dict.fromkeys(self, failed_reason))
        else:
            self._internal().write({"state": "sent", "date_sent": fields.Datetime.now(), "problem": False})

    @api.model
    def _mark_failed(self, problems):
        """Say on letters why they were not sent, and tell somebody, once for a letter, where nobody reviews them.

        :param dict problems: the words, by letter
        """
        if not problems:
            return
        letters = self.browse().union(*problems)
        # one that is tried again had another e-mail, or failed before it had one
        tried = self.env["mail.mail"]._read_group(
            [("model", "=", self._name), ("res_id", "in", letters.filtered("mail_id").ids)],
            ["res_id"],
            having=[("__count", ">", 1)],
        )
        tried = {res_id for (res_id,) in tried}
        told = letters.filtered(lambda reminder: reminder.state == "failed" or reminder.id in tried)
        write_each(
            {
                letter._internal(): {"state": "failed", "problem": problem}
                for letter, problem in problems.items()
            }
        )
        (letters - told).filtered(
            lambda reminder: reminder.company_id.payment_reminder_mode == "automatic"
        )._tell_failures()

    def _tell_failures(self):
        """Give who looks after the customer, else an accountant, an activity; with no channel: it is no contact."""
        type_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.mail_activity_data_warning")
        model_id = self.env["ir.model"]._get_id("res.partner")
        vals_list = []
        for company, reminders in self.grouped("company_id").items():
            accountant = self.env["res.users"]._get_accountants(company)[:1]
            today = self._get_today(company)
            for reminder in reminders:
                # not of both as one: their users are read for all letters at once
                users = (reminder.level_id.activity_user_id, reminder.user_id)
                user = next((one for one in users if one.active and not one.share), accountant)
                if user:
                    vals_list.append(
                        {
                            "res_model_id": model_id,
                            "res_id": reminder.partner_id.id,
                            "activity_type_id": type_id,
                            "automated": True,
                            "summary": self.env._("Payment reminder not sent"),
                            "note": reminder.problem,
                            "date_deadline": today,
                            "user_id": user.id,
                        }
                    )
        # no e-mail about each: they are in the list of activities and in the morning e-mail
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)
