from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.channels import CHANNELS
from ...tools.internal import INTERNAL
from ...tools.spans import is_day, search_end
from ...tools.text import clean_text, split_title

# When and by whom these were sent is told by them alone.
MESSAGE_SOURCES = ("mail.message", "partner.letter")


class PartnerContactLog(models.Model):
    """One interaction with a business partner, planned or done.

    An entry is either written by hand or fed from a document of Odoo: an e-mail or SMS
    (``message_id``), a meeting (``event_id``), an activity (``activity_id``) or a letter that was
    registered by hand (``source_id``). An
    interaction that Odoo knows more than once, such as a meeting with its activity and the
    activity's chatter message, is one entry. An e-mail or meeting with people of two
    customers is one entry for each customer.

    A planned contact written by hand is an activity of its user on the contact or on the
    document it was planned from; either side closes the other.

    The words of a letter or message are never copied here: ``name`` and ``preview`` of a fed
    entry are read from the source with the rights of whoever looks.
    """

    _name = "partner.contact.log"
    _description = "Contact Log Entry"
    _inherit = ["mail.activity.mixin", "partner.care.mixin", "partner.guarded.mixin", "partner.pointer.mixin"]
    _guarded_fields = (
        "date_planned", "closed_by_id", "previous_log_id", "source_model", "source_id", "message_id", "event_id",
        "activity_id", "activity_day", "mailing_id",
    )  # fmt: skip
    _pointers = ("previous_log_id", "mailing_id")
    _care_user_fields = ("user_id",)
    _care_partner_fields = ("partner_id", "commercial_partner_id")
    _order = "date desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "partner_id"]

    title = fields.Char(help="The sentence written by hand; empty for entries fed from a document.")
    name = fields.Char(
        string="Subject",
        compute="_compute_name",
        inverse="_inverse_name",
        search="_search_name",
        help="What the contact was about. For an e-mail, letter, meeting or activity it is read from "
        "there, and shows only to those who may read that document.",
    )
    preview = fields.Char(
        compute="_compute_name",
        help="What was agreed, else the beginning of the message, for those who may read it.",
    )
    agreement = fields.Text(string="What Was Agreed")
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        required=True,
        index=True,
        check_company=True,
        ondelete="cascade",
        domain="[('company_id', 'in', [company_id, False])]",
        help="The person or company the contact was with.",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer or Supplier",
        compute="_compute_commercial_partner_id",
        store=True,
        precompute=True,
        ondelete="cascade",
        help="The company that the contact belonged to at the time. It stays when the person "
        "moves to another company; the person's own log moves with the person.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Done By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Who made the contact or is to make it. For a received message: the person responsible "
        "for the document, else for the contact.",
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    channel = fields.Selection(CHANNELS, required=True, default="phone", help="How the contact took place.")
    direction = fields.Selection(
        [("out", "Outgoing"), ("in", "Incoming")],
        required=True,
        default="out",
        help="Incoming: the partner came to us. Outgoing: we went to the partner.",
    )
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("cancelled", "Cancelled")],
        required=True,
        default="done",
        copy=False,
        group_expand=True,
        help="Planned contacts are activities of their user. A meeting counts as done when it is over.",
    )
    date = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        copy=False,
        help="When the contact took place, or is to take place.",
    )
    date_stop = fields.Datetime(string="End", compute="_compute_date_stop", search="_search_date_stop")
    date_planned = fields.Datetime(
        readonly=True, copy=False, help="The moment it was last planned for, kept when the contact is done."
    )
    all_day = fields.Boolean(
        string="No Fixed Time",
        help="The contact is planned for a day, not for an hour: it is overdue when the day is over.",
    )
    duration = fields.Float(help="Length of the contact in hours.")
    outcome_id = fields.Many2one("partner.contact.outcome", ondelete="restrict", copy=False)
    closed_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Who marked the contact as done or cancelled; empty when Odoo did it, such as after a meeting.",
    )
    previous_log_id = fields.Many2one(
        "partner.contact.log",
        string="Planned During",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The contact during which this one was agreed.",
    )
    is_overdue = fields.Boolean(
        string="Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="Planned, and its time has passed; without a fixed time, its day has passed.",
    )
    status = fields.Selection(
        [("planned", "Planned"), ("overdue", "Overdue"), ("done", "Done"), ("cancelled", "Cancelled")],
        compute="_compute_is_overdue",
        help="The state, with planned contacts whose time has passed told apart.",
    )
    has_next_contact = fields.Boolean(
        compute="_compute_has_next_contact",
        search="_search_has_next_contact",
        help="The customer or supplier of this entry has a planned contact.",
    )

    # Where it comes from
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", readonly=True)
    document_name = fields.Char(string="Document", compute="_compute_document_name")
    source_model = fields.Char(
        readonly=True,
        copy=False,
        help="Technical name of what this entry was fed from; empty if written by hand.",
    )
    source_id = fields.Many2oneReference(model_field="source_model", readonly=True, copy=False)
    # NO_ACCESS: core checks the access to messages and activities when they are read themselves, but not when
    # a client reads through a field of another model, such as ``message_id.body``.
    message_id = fields.Many2one(
        "mail.message", readonly=True, copy=False, ondelete="set null", groups=fields.NO_ACCESS
    )
    event_id = fields.Many2one("calendar.event", readonly=True, copy=False, ondelete="set null")
    activity_id = fields.Many2one(
        "mail.activity",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    activity_day = fields.Date(
        readonly=True, copy=False, help="The activity's due date that ``date`` was last brought in step with."
    )
    activity_ids = fields.One2many(
        compute="_compute_activity_ids", search="_search_activity_ids", store=False, readonly=True
    )

    # The next contact, planned in the same dialog; taken out of the values on save
    next_date = fields.Datetime(string="Next Contact", store=False)
    next_channel = fields.Selection(CHANNELS, store=False)
    next_name = fields.Char(string="Next Subject", store=False)
    next_user_id = fields.Many2one(
        "res.users", string="Next Done By", store=False, domain="[('share', '=', False)]"
    )

    _duration_positive = models.Constraint(
        "CHECK (duration >= 0)", "The duration of a contact cannot be below zero."
    )
    _commercial_date_idx = models.Index("(commercial_partner_id, date DESC)")
    _date_idx = models.Index("(date DESC, id DESC)")
    _user_planned_idx = models.Index("(user_id, date) WHERE state = 'planned'")
    _user_date_idx = models.Index("(user_id, date DESC)")
    _partner_planned_idx = models.Index(
        "(commercial_partner_id, date) INCLUDE (company_id, user_id) WHERE state = 'planned'"
    )
    _planned_idx = models.Index("(date, id) WHERE state = 'planned'")
    # The last contact about each order of a list, and what a merge of leads or contacts moves.
    _document_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")
    # What a calendar shows that began before its first day.
    _long_idx = models.Index("(date) WHERE duration > 24")
    _message_uniq = models.UniqueIndex("(message_id, commercial_partner_id) WHERE message_id IS NOT NULL")
    _event_uniq = models.UniqueIndex("(event_id, commercial_partner_id) WHERE event_id IS NOT NULL")
    _activity_uniq = models.UniqueIndex("(activity_id) WHERE activity_id IS NOT NULL AND event_id IS NULL")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        for log in self:
            log.commercial_partner_id = log.partner_id.commercial_partner_id

    @api.depends("date", "duration")
    def _compute_date_stop(self):
        for log in self:
            log.date_stop = log.date and log.date + timedelta(hours=log.duration or 0)

    def _search_date_stop(self, operator, value):
        return search_end("date", "duration", operator, value)

    def _day_start(self):
        """The moment, in UTC, at which today began for the user who asks."""
        today = fields.Datetime.context_timestamp(self, fields.Datetime.now())
        return (
            today.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(pytz.utc).replace(tzinfo=None)
        )

    @api.depends("state", "date", "all_day")
    @api.depends_context("tz")
    def _compute_is_overdue(self):
        now, day_start = fields.Datetime.now(), self._day_start()
        for log in self:
            limit = day_start if log.all_day else now
            log.is_overdue = log.state == "planned" and bool(log.date) and log.date < limit
            log.status = "overdue" if log.is_overdue else log.state

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "planned") & (
            (Domain("all_day", "=", True) & Domain("date", "<", self._day_start()))
            | (Domain("all_day", "=", False) & Domain("date", "<", fields.Datetime.now()))
        )

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "is_overdue":
            return super()._read_group_groupby(alias, groupby_spec, query)
        state, date, all_day = (
            self._field_to_sql(alias, name, query) for name in ("state", "date", "all_day")
        )
        # SQL: that a contact is overdue is no column, as it depends on the hour
        return SQL(
            "(%s = 'planned' AND %s < CASE WHEN %s THEN %s ELSE %s END)",
            state, date, all_day, self._day_start(), fields.Datetime.now(),
        )  # fmt: skip

    @api.depends("commercial_partner_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_has_next_contact(self):
        planned = self._read_group(
            [("state", "=", "planned"), ("commercial_partner_id", "in", self.commercial_partner_id.ids)],
            ["commercial_partner_id"],
        )
        partners = {partner.id for (partner,) in planned}
        for log in self:
            log.has_next_contact = log.commercial_partner_id.id in partners

    def _search_has_next_contact(self, operator, value):
        if operator != "in":
            return NotImplemented
        planned = self._search([("state", "=", "planned")])
        planned.order = None
        column = self._field_to_sql(planned.table, "commercial_partner_id", planned)
        return Domain("commercial_partner_id", "in", SQL("(%s)", planned.select(column)))

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("date", "duration", "state")
    def _check_date(self):
        # today's date of whoever is ahead of UTC
        latest = fields.Datetime.now() + timedelta(days=1)
        for log in self:
            if not 1900 <= log.date.year <= 2200:
                raise ValidationError(
                    self.env._(
                        "The date %(date)s of the contact “%(name)s” with %(partner)s is not possible. "
                        "Enter a date between 1900 and 2200.",
                        date=log.date.date(),
                        name=log.name,
                        partner=log.partner_id.display_name,
                    )
                )
            if log.state == "done" and not log.source_model and log.date > latest:
                raise UserError(
                    self.env._(
                        "The contact “%(name)s” with %(partner)s on %(date)s is still to come and cannot be done. "
                        "Plan it instead.",
                        date=log.date.date(),
                        name=log.name,
                        partner=log.partner_id.display_name,
                    )
                )
            if log.duration > 24 * 31:
                raise ValidationError(
                    self.env._(
                        "The contact “%(name)s” with %(partner)s lasts more than a month. "
                        "Enter the duration in hours and minutes.",
                        name=log.name,
                        partner=log.partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model
    def default_get(self, fields_list):
        """Fill the contact from the document that the dialog was opened from."""
        values = super().default_get(fields_list)
        model, res_id = values.get("res_model"), values.get("res_id")
        if model and res_id and "partner_id" in fields_list and not values.get("partner_id"):
            values["partner_id"] = self._get_document_partner(self.env[model].browse(res_id)).id
        if (
            values.get("state") == "planned"
            and "date" in fields_list
            and "default_date" not in self.env.context
        ):
            values["date"] = self._get_default_plan_date()
        if "date" in fields_list and is_day(day := self.env.context.get("default_date")):
            values["date"] = self._get_noon(day, values.get("user_id", self.env.uid))
        if values.get("partner_id") and "company_id" in fields_list:
            company = self.env["res.partner"].browse(values["partner_id"]).company_id
            if company:
                values["company_id"] = company.id
        return values

    @api.onchange("next_date")
    def _onchange_next_date(self):
        if not self.next_date:
            return None
        self.next_channel = self.next_channel or self.channel
        self.next_user_id = self.next_user_id or self.user_id
        if self.next_date >= fields.Datetime.now():
            return None
        return {
            "warning": {
                "title": self.env._("Next contact in the past"),
                "message": self.env._("The next contact would be overdue at once. Choose a later date."),
            }
        }

    @api.onchange("state")
    def _onchange_state(self):
        now = fields.Datetime.now()
        if self.state == "planned" and not self.id and (not self.date or self.date <= now):
            self.date = self._get_default_plan_date()
        elif self.state == "done" and self.date and self.date > now:
            self.date = now

    @api.onchange("date")
    def _onchange_date_to_come(self):
        if not self._origin and self.state == "done" and self.date and self.date > fields.Datetime.now():
            self.state = "planned"

    @api.model
    def _plan_what_is_to_come(self, vals_list):
        """Make entries planned whose date is to come, if nobody says their state; of a bare date, from tomorrow on."""
        untold = [vals for vals in vals_list if "state" not in vals and vals.get("date")]
        if (
            not untold
            or "default_state" in self.env.context
            or self.default_get(["state"]).get("state") != "done"
        ):
            return
        now = fields.Datetime.now()
        for vals in untold:
            if is_day(vals["date"]):
                zone = self.new({"user_id": vals.get("user_id", self.env.uid)})._get_user_tz()
                is_to_come = (
                    fields.Date.to_date(vals["date"]) > pytz.utc.localize(now).astimezone(zone).date()
                )
            else:
                is_to_come = fields.Datetime.to_datetime(vals["date"]) > now
            if is_to_come:
                vals["state"] = "planned"

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_values(vals) for vals in vals_list]
        next_list = [self._pop_next_values(vals) for vals in vals_list]
        self._plan_what_is_to_come(vals_list)
        # read together: an import makes entries of thousands of contacts
        partners = self.env["res.partner"].browse(
            {vals.get("partner_id") for vals in vals_list} - {False, None}
        )
        for vals in vals_list:
            self._check_guard(vals)
            if is_day(vals.get("date")):
                vals["date"] = self._get_noon(vals["date"], vals.get("user_id", self.env.uid))
            if "partner_id" in vals and not vals.get("company_id"):
                company = partners.browse(vals["partner_id"]).with_prefetch(partners.ids).company_id
                vals["company_id"] = (company or self.env.company).id
            if vals.get("state") == "planned":
                vals.setdefault("date_planned", vals.get("date") or fields.Datetime.now())
            elif vals.get("state", "done") == "done":
                vals.setdefault("closed_by_id", self.env.uid)
        logs = super(PartnerContactLog, self._guard_off()).create(vals_list).with_env(self.env)
        self._invalidate_partners()
        logs._check_planning_allowed()
        logs.filtered(lambda log: log.state == "planned" and not log.source_model)._plan_activities()
        logs._plan_next(next_list)
        return logs

    def write(self, vals):
        if is_day(vals.get("date")):
            by_user = self.grouped(lambda log: vals.get("user_id", log.user_id.id))
            for user_id, logs in by_user.items():
                logs.write({**vals, "date": self._get_noon(vals["date"], user_id)})
            return True
        if ahead := self._get_ahead(vals):
            # as by the button: a plan that is dragged to Done ahead of its time was done now
            (self - ahead).write(vals)
            return ahead.write({**vals, "date": fields.Datetime.now(), "all_day": False})
        vals = self._clean_values(vals)
        next_vals = self._pop_next_values(vals)
        self._check_guard(vals)
        self._check_fed_values(vals)
        if vals.get("date") and "date_planned" not in vals and vals.get("state", "planned") == "planned":
            planned = self.filtered(lambda log: log.state == "planned")
            if planned and planned != self:
                (self - planned).write(vals)
                return planned.write({**vals, **{f"next_{k}": v for k, v in next_vals.items()}})
            if planned:
                vals = {**vals, "date_planned": vals["date"]}
        closing = {"done", "cancelled"} & {vals.get("state")}
        if closing and "closed_by_id" not in vals:
            vals = {**vals, "closed_by_id": self.env.uid}
        result = super(PartnerContactLog, self._guard_off()).write(vals)
        self._invalidate_partners()
        if self.env.context.get("relations_feeding") is not INTERNAL:
            self._write_to_sources(vals)
        if next_vals:
            self._plan_next([next_vals] * len(self))
        return result

    def _get_ahead(self, vals):
        """Plans of these entries that ``vals`` mark as done before their time, without saying when it was."""
        is_feeding = self.env.context.get("relations_feeding") is INTERNAL
        if vals.get("state") != "done" or "date" in vals or is_feeding:
            return self.browse()
        now = fields.Datetime.now()
        return self.filtered(lambda log: log.state == "planned" and log.date > now)

    def _is_guard_off(self):
        return super()._is_guard_off() or self.env.context.get("relations_feeding") is INTERNAL

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fed(self):
        if self.env.su:
            return
        # sudo: only whether the e-mail, meeting or activity is still there. What is left of one that was deleted, as
        # somebody wrote about it, can be deleted here alone.
        fed = self.sudo().filtered(lambda log: log.source_model and log._has_source())
        fed = fed.with_env(self.env)
        if fed:
            raise UserError(
                self.env._(
                    "“%(name)s” with %(partner)s comes from an e-mail, letter, meeting or activity and cannot be "
                    "deleted here. Delete or change it where it was made.",
                    name=fed[0].name,
                    partner=fed[0].partner_id.display_name,
                )
            )

    def _has_source(self):
        """What the entry was fed from is still there."""
        return bool(self.message_id or self.event_id or self.activity_id)

    def unlink(self):
        # Planned contacts written by hand take their activity with them.
        activities = self.filtered(
            lambda log: log.state == "planned" and not log.source_model
        )._get_activities()
        result = super().unlink()
        self._invalidate_partners()
        activities.with_context(relations_feeding=INTERNAL).unlink()
        return result

    @api.model
    def _invalidate_partners(self):
        """The dates on contacts are read from the log, so no field of theirs tells when they change."""
        self.env["res.partner"].invalidate_model(
            ["last_contact_date", "next_contact_date", "contact_log_ids", "contact_log_count"], flush=False
        )

    def _clean_values(self, vals):
        """Take characters out that PostgreSQL or a screen cannot hold; a title too long goes on in the text."""
        vals = dict(vals)
        if (vals.get("duration") or 0) < 0:
            partner = self.env["res.partner"].browse(vals.get("partner_id")) or self.partner_id[:1]
            raise ValidationError(
                self.env._(
                    "The duration of the contact “%(name)s” with %(partner)s is below zero. "
                    "Enter how long it took in hours and minutes, or leave it at 0:00.",
                    name=vals.get("name") or vals.get("title") or self[:1].name or "",
                    partner=partner.display_name,
                )
            )
        for field in ("name", "title", "agreement", "next_name"):
            if vals.get(field):
                vals[field] = clean_text(vals[field])
        for field in ("name", "title"):
            if vals.get(field):
                vals[field], rest = split_title(vals[field])
                if rest:
                    vals["agreement"] = "\n\n".join(filter(None, (rest, vals.get("agreement"))))
        if vals.get("name"):
            vals["title"] = vals.pop("name")
        return vals

    @api.model
    def _pop_next_values(self, vals):
        """Take the values of the next contact out of ``vals``."""
        return {
            field: vals.pop(f"next_{field}", None)
            for field in ("date", "channel", "name", "user_id")
            if f"next_{field}" in vals
        }

    def _check_fed_values(self, vals):
        """What comes from an e-mail or activity is changed there, not in the log."""
        if self.env.su or self.env.context.get("relations_feeding") is INTERNAL:
            return
        if {"partner_id", "channel", "direction", "title", "company_id"} & vals.keys():
            fed = self.filtered("source_model")
            changed = fed.filtered(
                lambda log: any(
                    field in vals and (log[field].id if field.endswith("_id") else log[field]) != vals[field]
                    for field in ("partner_id", "channel", "direction", "company_id")
                )
            )
            if changed:
                raise UserError(
                    self.env._(
                        "“%(name)s” with %(partner)s comes from an e-mail, letter, meeting or activity. Change its "
                        "contact or channel where it was made; outcome and agreement may be written here.",
                        name=changed[0].name,
                        partner=changed[0].partner_id.display_name,
                    )
                )
        messages = self.filtered(lambda log: log.source_model in MESSAGE_SOURCES)
        if messages and {"date", "state", "user_id"} & vals.keys():
            raise UserError(
                self.env._(
                    "“%(name)s” is a message of %(date)s; when and by whom it was sent cannot be changed.",
                    name=messages[0].name,
                    date=messages[0].date.date(),
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_done(self):
        """Mark planned contacts as done now; their activities are closed with them.

        A meeting that is over keeps its own time. Entries that are done stay as they are.

        :raise UserError: if an entry was cancelled.
        """
        if cancelled := self.filtered(lambda log: log.state == "cancelled")[:1]:
            raise UserError(
                self.env._(
                    "“%(name)s” with %(partner)s was cancelled and cannot be marked as done. Log a new contact.",
                    name=cancelled.name,
                    partner=cancelled.partner_id.display_name,
                )
            )
        planned = self.filtered(lambda log: log.state == "planned")
        planned.check_access("write")
        now = fields.Datetime.now()
        over = planned.filtered(lambda log: log.event_id and log.date <= now)
        over.write({"state": "done"})
        (planned - over).write({"state": "done", "date": now, "all_day": False})
        return True

    def action_cancel(self):
        """Cancel planned contacts. Their activities are removed and their meetings archived.

        :raise UserError: if an entry is done already.
        """
        if done := self.filtered(lambda log: log.state == "done")[:1]:
            raise UserError(
                self.env._(
                    "“%(name)s” with %(partner)s is done and cannot be cancelled.",
                    name=done.name,
                    partner=done.partner_id.display_name,
                )
            )
        planned = self.filtered(lambda log: log.state == "planned")
        planned.check_access("write")
        planned.write({"state": "cancelled"})
        return True

    def action_reopen(self):
        """Plan contacts again that were marked as done or cancelled by mistake.

        :raise UserError: if an entry was never planned, or is a message
        """
        closed = self.filtered(lambda log: log.state != "planned")
        for log in closed:
            if not log.date_planned or log.source_model == "mail.message":
                raise UserError(
                    self.env._(
                        "“%(name)s” with %(partner)s was not planned before and cannot become a plan again. "
                        "Plan a new contact instead.",
                        name=log.name,
                        partner=log.partner_id.display_name,
                    )
                )
        closed.check_access("write")
        closed._reopen()
        return True

    def action_open_document(self):
        """Open the document that the contact was about, else the contact itself."""
        self.ensure_one()
        model, res_id = self.res_model, self.res_id
        if self.event_id:
            model, res_id = "calendar.event", self.event_id.id
        if not (model and res_id and model in self.env and self.env[model].browse(res_id).exists()):
            model, res_id = "res.partner", self.partner_id.id
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": res_id,
            "views": [(False, "form")],
        }

    def action_open_form(self):
        """Open this entry in its dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contact"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("partner_relations.partner_contact_log_view_form_dialog").id, "form")],
            "target": "new",
        }
