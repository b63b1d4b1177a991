from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import clean_context, ormcache
from odoo.tools.mail import email_normalize

from ...tools.mail_triggers import KIND_OF, MODEL_OF, TRIGGERS
from ...tools.notification import notify
from ...tools.stored_domain import check_readable, within_company

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# What decides which events are noted: kept in the cache of the registry.
EVENT_FIELDS = {"is_on", "active", "trigger", "company_id", "offset_days", "hour_from"}
# What may mend a rule that failed: it is tried again at once.
MENDING_FIELDS = {"is_on", "trigger", "condition", "audience", "contact_role_id", "template_id", "mailbox_id"}


class PartnerMailRule(models.Model):
    """A mail that goes by itself: on a date, some days before or after it, or when something happens.

    What is due is noted in ``partner.mail.rule.log``, once for each rule, record and due date; the mail is queued in
    the transaction that tells so in the note. See ``partner_mail_rule_due`` for what is due, and
    ``partner_mail_rule_run`` for how it goes.
    """

    _name = "partner.mail.rule"
    _description = "Mail Rule"
    _inherit = ["partner.guarded.mixin"]
    _guarded_fields = ("date_start", "planned_until", "problem", "problem_on")
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=10,
        help="Where a recipient may get no more mail on a day, the rule that stands higher goes first.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    is_on = fields.Boolean(
        string="On",
        copy=False,
        help="A rule that is switched on mails from that day on, never what was due before.",
    )
    date_start = fields.Date(
        string="On Since",
        readonly=True,
        copy=False,
        help="The day it was switched on. Nothing that was due earlier is mailed.",
    )

    # When
    trigger = fields.Selection(
        TRIGGERS,
        string="Date or Event",
        required=True,
        default="invoice_due",
        help="The date or the event the mail goes by.",
    )
    kind = fields.Selection(
        [("date", "Date"), ("event", "Event")], compute="_compute_kind", search="_search_kind"
    )
    offset_days = fields.Integer(
        string="Days After",
        help="Days from the date or event to the mail; before it with a minus: -3 is three days before. Events have "
        "no days before.",
    )
    model_name = fields.Char(compute="_compute_kind")
    condition = fields.Char(
        default="[]", help="Only records that meet it are mailed about. Asked again at sending."
    )

    # To whom
    audience = fields.Selection(
        [
            ("customer", "Customer or Supplier"),
            ("contact", "Contact Person"),
            ("salesperson", "Our Responsible"),
        ],
        string="Send To",
        required=True,
        default="customer",
        help="Customer or supplier: the contact of the document, else its company. Contact person: the person in the "
        "document, else the first person of the company with an e-mail address; of a birthday the person alone. Our "
        "responsible: the salesperson or buyer of the document, else of the contact.",
    )
    contact_role_id = fields.Many2one(
        "partner.contact.role",
        string="Role",
        help="Only a person with this role. Empty: any.",
    )
    purpose = fields.Selection(
        [("commercial", "Commercial"), ("transactional", "Transactional")],
        required=True,
        default="commercial",
        help="Commercial mail is not sent to blacklisted addresses. Transactional mail belongs to a deal under way, "
        "such as the confirmation of an order, and goes to them as well.",
    )

    # What
    template_id = fields.Many2one("mail.template", required=True, ondelete="restrict", index=True)
    email_from = fields.Char(
        string="Sender", help="The address it is sent from and answers go to. Empty: that of the template."
    )
    mail_server_id = fields.Many2one(
        "ir.mail_server",
        string="Outgoing Server",
        groups="base.group_system",
        help="Empty: the one for the sender's address.",
    )
    lang_policy = fields.Selection(
        [("recipient", "Recipient's"), ("template", "Template's")],
        string="Language",
        required=True,
        default="recipient",
    )

    # Quiet times
    tz_policy = fields.Selection(
        [("recipient", "Recipient's"), ("company", "Company's")],
        string="Time Zone",
        required=True,
        default="company",
        help="Whose clock counts. A recipient without a time zone has the company's.",
    )
    hour_from = fields.Float(string="From", default=8.0, help="Time of day from which the mail leaves.")
    hour_to = fields.Float(
        string="To", default=20.0, help="From this time on it is quiet until the next day."
    )
    mon = fields.Boolean(string="Mo", default=True)
    tue = fields.Boolean(string="Tu", default=True)
    wed = fields.Boolean(string="We", default=True)
    thu = fields.Boolean(string="Th", default=True)
    fri = fields.Boolean(string="Fr", default=True)
    sat = fields.Boolean(string="Sa")
    sun = fields.Boolean(string="Su")
    skip_holidays = fields.Boolean(
        string="Not on Public Holidays",
        default=True,
        help="Public holidays of the company's working hours are quiet days.",
    )
    quiet_policy = fields.Selection(
        [("move", "Send on the Next Day"), ("drop", "Do Not Send")],
        string="On Quiet Days",
        required=True,
        default="move",
        help="What becomes of a mail that is due on a quiet day.",
    )

    log_ids = fields.One2many("partner.mail.rule.log", "rule_id")
    sent_count = fields.Integer(
        string="Sent", compute="_compute_counts", help="Mails that were queued or sent in the last 30 days."
    )
    failed_count = fields.Integer(
        string="Failed", compute="_compute_counts", help="Mails that failed in the last 30 days."
    )
    planned_until = fields.Date(
        readonly=True, copy=False, help="The last day for which it was looked what is due."
    )

    problem = fields.Char(
        readonly=True,
        copy=False,
        help="Why the rule could not be applied the last time. Its mails wait; it is tried again in an hour, or at "
        "once when its condition, recipient or template is changed.",
    )
    problem_on = fields.Datetime(string="Failed On", readonly=True, copy=False)

    _hours_in_day = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "The times of day of a mail rule lie between 0:00 and 24:00, the first before the second.",
    )
    _some_day = models.Constraint(
        "CHECK (mon OR tue OR wed OR thu OR fri OR sat OR sun)",
        "A mail rule needs a day of the week on which it may send.",
    )
    _offset_in_year = models.Constraint(
        "CHECK (offset_days BETWEEN -365 AND 365)",
        "A mail goes at most 365 days before or after its date.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("trigger")
    def _compute_kind(self):
        for rule in self:
            rule.kind = KIND_OF.get(rule.trigger)
            rule.model_name = MODEL_OF.get(rule.trigger)

    def _search_kind(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("trigger", "in", [name for name, kind in KIND_OF.items() if kind in value])

    def _compute_counts(self):
        groups = self.env["partner.mail.rule.log"]._read_group(
            [
                ("rule_id", "in", self.ids),
                ("state", "in", ("queued", "sent", "failed")),
                ("due_date", ">=", "today -30d"),
            ],
            ["rule_id", "state"],
            ["__count"],
        )
        counts = {(rule.id, state): count for rule, state, count in groups}
        for rule in self:
            rule.sent_count = counts.get((rule.id, "queued"), 0) + counts.get((rule.id, "sent"), 0)
            rule.failed_count = counts.get((rule.id, "failed"), 0)

    @api.onchange("trigger")
    def _onchange_trigger(self):
        if self.template_id.model != self.model_name:
            self.template_id = False
        self.condition = "[]"
        if self.kind == "event":
            self.offset_days = max(self.offset_days, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("condition", "trigger")
    def _check_condition(self):
        for rule in self:
            try:
                domain = rule._get_condition()
                domain.validate(self.env[rule.model_name])
                # sudo: only whether the database can answer; nothing is read
                self.env[rule.model_name].sudo().search(domain, limit=1)
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The condition of the rule “%(rule)s” cannot be applied to %(model)s: %(error)s",
                        rule=rule.name,
                        model=self.env["ir.model"]._get(rule.model_name).sudo().name,
                        error=error,
                    )
                ) from error

    def _check_condition_rights(self):
        """Raise an error if a condition asks for what the user may not read: who gets a mail would tell them.

        No constraint, as these are checked with all rights.
        """
        for rule in self:
            check_readable(
                self.env[rule.model_name].with_context(allowed_company_ids=rule.company_id.ids),
                rule._parse_condition(),
                lambda reason, rule=rule: self.env._(
                    "The condition of the rule “%(rule)s” asks for something that you may not read. Leave it out, or "
                    "let somebody enter it who may.\n\n%(reason)s",
                    rule=rule.name,
                    reason=reason,
                ),
            )

    @api.constrains("template_id", "trigger")
    def _check_template(self):
        for rule in self:
            # sudo: the model of a template that its owner keeps to the group of editors
            template = rule.template_id.sudo()
            if template.model != rule.model_name:
                raise ValidationError(
                    self.env._(
                        "The template “%(template)s” is for another kind of record than the rule “%(rule)s”. Choose "
                        "a template for: %(model)s.",
                        template=template.name,
                        rule=rule.name,
                        model=self.env["ir.model"]._get(rule.model_name).sudo().name,
                    )
                )

    @api.constrains("trigger", "offset_days")
    def _check_offset(self):
        for rule in self:
            if rule.kind == "event" and rule.offset_days < 0:
                raise ValidationError(
                    self.env._("The rule “%s” goes by an event, which nobody knows days before.", rule.name)
                )

    @api.constrains("email_from")
    def _check_email_from(self):
        for rule in self:
            # a line break would begin another header
            if rule.email_from and not (email_normalize(rule.email_from) and rule.email_from.isprintable()):
                raise ValidationError(
                    self.env._(
                        "The sender “%(sender)s” of the rule “%(rule)s” is no e-mail address.",
                        sender=rule.email_from,
                        rule=rule.name,
                    )
                )

    # ------------------------------------------------------------------
    # Create, write, delete
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_condition_rights()
        rules.filtered("is_on")._start()
        self.env.registry.clear_cache()
        return rules

    def write(self, vals):
        was_on = self.filtered("is_on")
        if {"trigger", "company_id"} & vals.keys():
            self._check_unused(vals)
        if vals.get("active") is False:
            vals = {**vals, "is_on": False}
        result = super().write(vals)
        if MENDING_FIELDS & vals.keys():
            super(PartnerMailRule, self._guard_off()).write({"problem": False, "problem_on": False})
        if {"condition", "trigger"} & vals.keys():
            self._check_condition_rights()
        if "is_on" in vals:
            if vals["is_on"]:
                (self - was_on)._start()
            else:
                was_on._forget_planned()
        if EVENT_FIELDS & vals.keys():
            self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default=default)
        return [
            {**vals, "name": self.env._("%s (copy)", rule.name)}
            for rule, vals in zip(self, vals_list, strict=True)
        ]

    def _check_unused(self, vals):
        for rule in self:
            changed = rule.trigger != vals.get("trigger", rule.trigger) or (
                rule.company_id.id != vals.get("company_id", rule.company_id.id)
            )
            # sudo: whether there is a note at all
            if changed and rule.sudo().log_ids:
                raise UserError(
                    self.env._(
                        "The rule “%s” has a log already, which belongs to its date or event and company. Duplicate "
                        "the rule and archive this one.",
                        rule.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        for rule in self:
            # sudo: whether there is a note at all
            if rule.sudo().log_ids:
                raise UserError(
                    self.env._(
                        "The rule “%s” has a log, by which nothing is sent twice. Archive it instead.",
                        rule.name,
                    )
                )

    # ------------------------------------------------------------------
    # On and off
    # ------------------------------------------------------------------
    def _get_tz(self):
        """The time zone of the rule's company, by its name."""
        return self.company_id._get_zone()

    def _get_today(self):
        return fields.Date.context_today(self.with_context(tz=self._get_tz()))

    def _start(self):
        for rule in self:
            rule._guard_off().write({"date_start": rule._get_today(), "planned_until": False})

    def _forget_planned(self):
        """What was planned and not sent: a date is planned again if the rule is on by then, an event is not."""
        # sudo: the log is written by the server alone
        planned = (
            self.env["partner.mail.rule.log"]
            .sudo()
            .search([("rule_id", "in", self.ids), ("state", "=", "planned")])
        )
        events = planned.filtered(lambda log: log.rule_id.kind == "event")
        events.write({"state": "skipped", "reason": "stopped"})
        (planned - events).unlink()
        return len(planned)

    def action_stop(self):
        """Switch these rules off, and cancel their mails that are still in the queue."""
        self.check_access("write")
        # sudo: the rules may be changed by the user, and with them what they have queued
        logs = (
            self.env["partner.mail.rule.log"]
            .sudo()
            .search(
                [
                    ("rule_id", "in", self.ids),
                    ("state", "=", "queued"),
                    ("mail_mail_id.state", "=", "outgoing"),
                ]
            )
        )
        mails = logs.mail_mail_id.try_lock_for_update()
        mails.cancel()
        running = self.filtered("is_on")
        running.is_on = False
        text = self.env._(
            "%(rules)s mail rules switched off, %(mails)s queued mails cancelled.",
            rules=len(running),
            mails=len(mails),
        )
        return notify(text, then="close")

    def action_stop_all(self):
        """Switch off all rules of the companies at hand: the emergency stop."""
        return self.search([("company_id", "in", self.env.companies.ids)]).action_stop()

    # ------------------------------------------------------------------
    # What the rule says
    # ------------------------------------------------------------------
    def _get_condition(self):
        """The condition as a domain, ``[]`` for none; what its paths lead to is that of the company."""
        return within_company(self._parse_condition(), self.env[self.model_name], self.company_id)

    def _parse_condition(self):
        return Domain(literal_eval(self.condition or "[]"))

    def _get_weekdays(self):
        return {number for number, name in enumerate(WEEKDAYS) if self[name]}

    def _get_sender(self):
        """``(address, outgoing server)`` of the mails; either may be empty, then the template decides."""
        self.ensure_one()
        # sudo: which server an administrator has chosen; it is used, not shown
        return self.email_from, self.sudo().mail_server_id.filtered("active")

    @api.model
    @ormcache("trigger", "company_id")
    def _get_event_rules(self, trigger, company_id):
        """``(rule id, days after, hour)`` of the rules of an event that are on in a company."""
        # sudo: whoever confirms an order need not see the rules; nothing of them is shown
        rules = self.sudo().search(
            [("trigger", "=", trigger), ("company_id", "=", company_id), ("is_on", "=", True)]
        )
        return tuple((rule.id, rule.offset_days, rule.hour_from) for rule in rules)

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------
    def action_preview(self):
        """Who gets what today."""
        preview = self.env["partner.mail.rule.preview"].create(
            {"rule_id": self.id if len(self) == 1 else False}
        )
        return preview.action_show()

    def action_open_log(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_mail_rule_log_action"
        )
        return {**action, "domain": [("rule_id", "=", self.id)], "context": {}}

    def action_send_test(self):
        """Send the mail about the latest record that meets the condition to oneself. It is not logged."""
        self.ensure_one()
        self.check_access("write")
        user = self.env.user
        if not user.email:
            raise UserError(self.env._("You have no e-mail address yourself. Enter it in your preferences."))
        record = self._get_sample()
        if not record:
            raise UserError(
                self.env._(
                    "There is no record that the rule “%s” could send about and that you may see. Check the "
                    "condition.",
                    self.name,
                )
            )
        # rendered with the user's own rights: the test tells nobody what is hidden from them
        [values] = self._render([(record.id, user.lang)]).values()
        email_from, server = self._get_sender()
        # no files, or receivers, by the defaults of a call
        mails = self.env["mail.mail"].with_context(clean_context(self.env.context))  # pylint: disable=context-overridden
        # sudo: mail.mail is the server's; what it says was rendered with the user's rights
        mails.sudo().create(
            {
                "subject": self.env._("[Test] %s", values["subject"]),
                "body_html": values["body_html"],
                "body": values["body_html"],
                "email_from": email_from or values.get("email_from") or user.email_formatted,
                "email_to": user.email_formatted,
                "mail_server_id": server.id or values.get("mail_server_id"),
                "auto_delete": True,
            }
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        text = self.env._(
            "The mail about %(record)s is on its way to %(email)s.",
            record=record.display_name,
            email=user.email,
        )
        return notify(text)

    def _get_sample(self):
        """The latest record that the rule could send about and the user may read."""
        # classes are those of the rule's company
        model = self.env[self.model_name].with_company(self.company_id)
        # as the scheduler looks for them: a lost opportunity is archived
        model = model.with_context(active_test=self.trigger != "opportunity_lost")
        if not model.has_access("read"):
            return model
        return model.search(self._get_record_domain() & self._get_condition(), order="id desc", limit=1)
