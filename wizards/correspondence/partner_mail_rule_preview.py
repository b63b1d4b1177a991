from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ...tools.internal import INTERNAL
from ...tools.mail_rules import local_time, to_utc

# More are counted and not shown.
MAX_LINES = 500
# A mail moved by quiet days was due at most so long before.
MOVED_DAYS = 14


class PartnerMailRulePreview(models.TransientModel):
    """Who gets what on a day, by one rule or by all, and why others get nothing. Nothing is sent or noted."""

    _name = "partner.mail.rule.preview"
    _description = "Preview of Mail Rules"
    _inherit = "partner.pointer.mixin"

    rule_id = fields.Many2one(
        "partner.mail.rule",
        ondelete="cascade",
        help="One that is switched off is shown as if it had been on. Empty: all rules that are on.",
    )
    day = fields.Date(required=True, default=fields.Date.context_today)
    line_ids = fields.One2many("partner.mail.rule.preview.line", "preview_id", readonly=True)
    going_count = fields.Integer(string="Will Be Sent", readonly=True)
    out_count = fields.Integer(string="Left Out", readonly=True)
    done_count = fields.Integer(string="Already Handled", readonly=True)
    hidden_count = fields.Integer(string="Not Shown", readonly=True, help="Only the first 500 are shown.")

    @api.depends("rule_id", "day")
    def _compute_display_name(self):
        for preview in self:
            preview.display_name = self.env._("Who Gets What")

    def action_show(self):
        """Compute the lines, and show them."""
        self.ensure_one()
        rules = self.rule_id or self.env["partner.mail.rule"].search(
            [("is_on", "=", True), ("company_id", "in", self.env.companies.ids)]
        )
        rules.check_access("write")
        counts = Counter()
        lines = []
        for rule in rules:
            lines += self._get_lines(rule, counts)
        totals = Counter(line["status"] for line in lines)
        self.line_ids.unlink()
        # recipients are those of the rule, whoever may read them
        self.with_context(relations_found=INTERNAL).write(
            {
                "line_ids": [Command.create(line) for line in self._add_subjects(lines[:MAX_LINES])],
                "going_count": totals["going"],
                "out_count": totals["out"],
                "done_count": totals["done"],
                "hidden_count": max(len(lines) - MAX_LINES, 0),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Gets What"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "current",
        }

    @api.onchange("rule_id", "day")
    def _onchange_what(self):
        self.line_ids = [Command.clear()]
        self.going_count = self.out_count = self.done_count = self.hidden_count = 0

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------
    def _get_lines(self, rule, counts):
        """What the rule does on the day, as the scheduler would decide; without the rendered mails."""
        lines = self._get_done_lines(rule)
        zone = rule._get_tz()
        now = fields.Datetime.now()
        rows = {}
        # sudo: what is noted, planned and not sent; the user may write the rule it belongs to
        noted = self.env["partner.mail.rule.log"].sudo()
        end = to_utc(self.day + timedelta(days=1), 0, zone)
        for log in noted.search(
            [("rule_id", "=", rule.id), ("state", "=", "planned"), ("send_at", "<", end)]
        ):
            moment = max(log.send_at, now, to_utc(self.day, 0, zone))
            rows.setdefault(moment, []).append((log.res_id, log.due_date, log.date_latest or False))
        if rule.kind == "date":
            self._add_due(rule, rows, lines, now)
        for moment, due in sorted(rows.items()):
            decisions = rule._decide(due, moment, counts)
            for (res_id, day, _latest), decision in zip(due, decisions, strict=True):
                described = decision["described"]
                reason = decision["reason"]
                send_at = decision["send_at"]
                later = not reason and local_time(send_at, zone).date() > self.day
                lines.append(
                    self._prepare_line(
                        rule,
                        res_id,
                        day,
                        status="out" if reason or later else "going",
                        reason=self._get_reason_words(reason)
                        or (later and self.env._("Waits for a later day")),
                        send_at=send_at,
                        record_name=described.get("record_name"),
                        partner_id=described.get("partner_id"),
                        email=described.get("email"),
                    )
                )
        return lines

    def _add_due(self, rule, rows, lines, now):
        """Add what is due and not noted yet, by the moment at which it would leave."""
        first = self.day - timedelta(days=MOVED_DAYS)
        if rule.date_start and rule.is_on:
            first = max(first, rule.date_start)
        if first > self.day:
            return
        pairs = rule._drop_noted(rule._drop_mailed_in_year(rule._find_due(first, self.day)), first)
        records = rule._get_records_model().browse({res_id for res_id, _day in pairs})
        recipients = rule._get_recipients(records)
        days_off = rule._get_holidays(first, self.day)
        latest = rule._get_catch_up()
        for res_id, day in pairs:
            zone = rule._get_zone(recipients[res_id][0])
            send_at, reason = rule._get_slot(day, zone, days_off)
            if reason:
                if day == self.day:
                    described = rule._describe(records.browse(res_id), recipients[res_id])
                    lines.append(
                        self._prepare_line(
                            rule,
                            res_id,
                            day,
                            status="out",
                            reason=self._get_reason_words(reason),
                            send_at=send_at,
                            record_name=described["record_name"],
                            partner_id=described["partner_id"],
                            email=described["email"],
                        )
                    )
            elif local_time(send_at, zone).date() == self.day:
                rows.setdefault(max(send_at, min(now, send_at + latest)), []).append(
                    (res_id, day, send_at + latest)
                )

    def _get_done_lines(self, rule):
        # sudo: as above, what is noted of the user's rule
        logs = (
            self.env["partner.mail.rule.log"]
            .sudo()
            .search(
                [
                    ("rule_id", "=", rule.id),
                    ("state", "!=", "planned"),
                    "|",
                    ("send_day", "=", self.day),
                    "&",
                    ("send_day", "=", False),
                    ("due_date", "=", self.day),
                ]
            )
        )
        states = dict(logs._fields["state"]._description_selection(self.env))
        return [
            self._prepare_line(
                rule,
                log.res_id,
                log.due_date,
                status="done" if log.state in ("queued", "sent") else "out",
                reason=states[log.state]
                if log.state in ("queued", "sent")
                else log.detail or self._get_reason_words(log.reason),
                send_at=log.send_at,
                record_name=log.record_name,
                partner_id=log.partner_id.id,
                email=log.email,
            )
            for log in logs
        ]

    @api.model
    def _prepare_line(self, rule, res_id, day, **values):
        return {
            "rule_id": rule.id,
            "res_model": rule.model_name,
            "res_id": res_id,
            "due_date": day,
            **{name: value or False for name, value in values.items()},
        }

    @api.model
    def _get_reason_words(self, reason):
        field = self.env["partner.mail.rule.log"]._fields["reason"]
        return reason and dict(field._description_selection(self.env)).get(reason)

    def _add_subjects(self, lines):
        """Render the subjects of what will be sent, with the rights of the user."""
        by_rule = {}
        for line in lines:
            if line["status"] == "going":
                by_rule.setdefault(line["rule_id"], []).append(line)
        partners = self.env["res.partner"].sudo()  # sudo: the language of a recipient
        for rule_id, going in by_rule.items():
            rule = self.env["partner.mail.rule"].browse(rule_id)
            asked = {
                (line["res_id"], rule._get_lang(partners.browse(line["partner_id"] or []))): line
                for line in going
            }
            try:
                rendered = rule._render(list(asked), ("subject",))
                for key, line in asked.items():
                    line["subject"] = rendered[key]["subject"]
            except (AccessError, UserError):
                for key, line in asked.items():
                    line["subject"] = self._render_alone(rule, key)
        return lines

    @api.model
    def _render_alone(self, rule, key):
        try:
            return rule._render([key], ("subject",))[key]["subject"]
        except (AccessError, UserError) as error:
            return self.env._("Cannot be shown: %s", str(error).split("\n", maxsplit=1)[0])
