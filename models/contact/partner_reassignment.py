import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import split_every

from ...tools.batches import write_each
from ...tools.internal import INTERNAL

BATCH = 500


class PartnerReassignment(models.Model):
    """The trace of work that was given from one person to another, by which it can be given back.

    What can be given is told by ``_get_kinds``. A further kind of work, such as letters, extends that method; adds an
    option ``with_…`` to ``partner.reassign`` and a count to this model, each with its line in the form. It may have
    methods ``_filter_<kind>(records)``, for what a domain cannot tell; ``_move_<kind>(records, giver, taker)``, where
    the person is more than a field; and ``_get_foreign_<kind>(records)``, where the company is not the record's
    ``company_id``.
    """

    _name = "partner.reassignment"
    _description = "Reassignment of Work"
    _order = "create_date desc, id desc"
    _rec_name = "user_from_id"

    user_from_id = fields.Many2one(
        "res.users", string="From", required=True, readonly=True, ondelete="cascade"
    )
    user_to_id = fields.Many2one("res.users", string="To", required=True, readonly=True, ondelete="cascade")
    reason = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    date_returned = fields.Datetime(string="Given Back On", readonly=True)
    moved = fields.Json(readonly=True, help="The ids that were moved, by kind.")
    contact_count = fields.Integer(string="Contacts", readonly=True)
    opportunity_count = fields.Integer(string="Inquiries and Opportunities", readonly=True)
    order_count = fields.Integer(string="Quotations and Orders", readonly=True)
    activity_count = fields.Integer(string="Activities", readonly=True)
    meeting_count = fields.Integer(string="Meetings", readonly=True)
    plan_line_count = fields.Integer(string="Lines of Work Plans", readonly=True)
    in_my_team = fields.Boolean(compute="_compute_in_my_team", search="_search_in_my_team")

    def _compute_in_my_team(self):
        team = set(self.env.user._get_subordinate_user_ids())
        for reassignment in self:
            # sudo: only ids are compared, and this field decides on access to the trace itself
            reassignment.in_my_team = reassignment.sudo().user_from_id.id in team

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("user_from_id", "in", self.env.user._get_subordinate_user_ids())]

    @api.model
    def _get_kinds(self):
        """What can be reassigned, by kind, in the order in which it is moved.

        :return: ``{kind: {...}}`` with ``model`` and ``field`` of the person; ``domain`` of what is still open;
            ``option`` of ``partner.reassign`` that chooses it; ``count`` on the trace; ``label`` in words; and
            ``date``, a field by which only what is due until a day can be chosen, if there is one
        :rtype: dict
        """
        # an inquiry is one too, before and after it was qualified
        pending = [("active", "=", True), ("won_status", "=", "pending")]
        return {
            "contacts": {
                "model": "res.partner",
                "field": "user_id",
                "domain": [],
                "option": "with_contacts",
                "count": "contact_count",
                "label": self.env._("customers"),
            },
            "suppliers": {
                "model": "res.partner",
                "field": "buyer_id",
                "domain": [],
                "option": "with_contacts",
                "count": "contact_count",
                "label": self.env._("suppliers"),
            },
            "opportunities": {
                "model": "crm.lead",
                "field": "user_id",
                "domain": pending,
                "option": "with_opportunities",
                "count": "opportunity_count",
                "label": self.env._("inquiries and opportunities"),
            },
            "orders": {
                "model": "sale.order",
                "field": "user_id",
                "domain": [("state", "in", ("draft", "sent", "sale"))],
                "option": "with_orders",
                "count": "order_count",
                "label": self.env._("quotations and orders"),
            },
            "meetings": {
                "model": "calendar.event",
                "field": "user_id",
                # with somebody from outside; what is private stays
                "domain": [
                    ("active", "=", True),
                    ("start", ">=", fields.Datetime.now()),
                    ("partner_ids.partner_share", "=", True),
                    ("privacy", "!=", "private"),
                ],
                "option": "with_meetings",
                "count": "meeting_count",
                "label": self.env._("meetings"),
                "date": "start",
            },
            "activities": {
                "model": "mail.activity",
                "field": "user_id",
                # that of a meeting goes with the meeting
                "domain": [("active", "=", True), ("calendar_event_id", "=", False)],
                "option": "with_activities",
                "count": "activity_count",
                "label": self.env._("activities"),
                "date": "date_deadline",
            },
            "plan_lines": {
                "model": "partner.work.plan.line",
                "field": "user_id",
                "domain": [
                    ("kind", "=", "manual"),
                    ("state", "=", "planned"),
                    ("plan_id.state", "!=", "closed"),
                ],
                "option": "with_plan_lines",
                "count": "plan_line_count",
                "label": self.env._("lines of work plans"),
                "date": "date",
            },
        }

    def action_give_back(self):
        """Give back what still belongs to the person who got it."""
        for reassignment in self:
            reassignment.check_access("read")
            reassignment._check_superior(reassignment.user_from_id | reassignment.user_to_id)
            if reassignment.date_returned:
                raise UserError(
                    self.env._("The work of %s was given back already.", reassignment.user_from_id.name)
                )
            reassignment._check_giver()
            kinds, moves = self._get_kinds(), []
            for kind, ids in (reassignment.moved or {}).items():
                what = kinds[kind]
                # sudo: the superior may move the work of both persons, checked above
                records = self.env[what["model"]].sudo().with_context(active_test=False)
                records = records.search(
                    [("id", "in", ids), (what["field"], "=", reassignment.user_to_id.id), *what["domain"]]
                )
                foreign = self._get_foreign(kind, records)
                if foreign:
                    raise UserError(
                        self.env._(
                            "%(count)s of what %(person)s gave away belongs to companies that are not switched on. "
                            "Switch on all companies of the reassignment, then give it back.",
                            count=len(foreign),
                            # sudo: the name of a colleague
                            person=reassignment.sudo().user_from_id.name,
                        )
                    )
                moves.append((kind, records))
            # sudo: who has it now, and who had it
            giver, taker = reassignment.sudo().user_to_id, reassignment.sudo().user_from_id
            for kind, records in moves:
                self._move(kind, records, giver, taker)
            self._sync_plans(giver | taker)
            # sudo: the trace is written by these actions only
            reassignment.sudo().date_returned = fields.Datetime.now()

    @api.model
    def _get_people_domain(self):
        """Whose work the user may give away, and to whom: a director's own companies, a supervisor's own team."""
        if not self.env.user.has_group("partner_relations.group_supervisor"):
            return [("id", "in", [])]
        if self.env.user.has_group("partner_relations.group_director"):
            # those of other companies have another director
            return [("company_ids", "in", self.env.companies.ids)]
        return [("id", "in", [*self.env.user._get_subordinate_user_ids(), self.env.uid])]

    @api.model
    def _check_superior(self, users):
        """Raise an error unless the user is superior of all ``users``, or one of them, or a director."""
        # sudo: the companies of colleagues
        strangers = users - users.sudo().filtered_domain(self._get_people_domain())
        if strangers:
            raise AccessError(
                self.env._(
                    "You may only reassign work within your team; %s is not in it.",
                    # sudo: the name of a colleague
                    ", ".join(strangers.sudo().mapped("name")),
                )
            )

    def _check_giver(self):
        """Raise an error where the person to whom the work goes back has left."""
        # sudo: facts about a colleague of the team
        giver = self.sudo().user_from_id
        if not giver.active:
            raise UserError(
                self.env._(
                    "%s has left and cannot get the work back. Reassign it to somebody else.", giver.name
                )
            )

    @api.model
    def _get_foreign(self, kind, records):
        """The records that belong to companies which are not switched on."""
        method = getattr(self, f"_get_foreign_{kind}", None)
        if method:
            return method(records)
        if "company_id" not in records._fields:
            return records.browse()
        allowed = {*self.env.companies.ids, False}
        return records.filtered(lambda record: record.company_id.id not in allowed)

    @api.model
    def _get_foreign_activities(self, activities):
        return activities - self._filter_companies(activities)

    @api.model
    def _get_foreign_meetings(self, events):
        return events - self._filter_companies(events)

    @api.model
    def _filter_contacts(self, partners):
        """With the persons of these customers that have the same salesperson, archived ones too: they go along.

        They are in the trace, so that each is given back to whom it belonged; a segment names the customers alone.
        """
        persons = partners.with_context(active_test=False).search(
            [
                ("commercial_partner_id", "in", partners.ids),
                ("is_company", "=", False),
                ("user_id", "in", partners.user_id.ids),
                ("company_id", "in", [*self.env.companies.ids, False]),
            ]
        )
        return partners | persons

    @api.model
    def _filter_orders(self, orders):
        """Leave out confirmed orders that are finished: delivered, invoiced and paid, they stay whose they were."""
        confirmed = orders.filtered(lambda order: order.state == "sale")
        if not confirmed:
            return orders
        # sudo: only which of these orders, that the superior may move, still wait for something
        deals = self.env["partner.deal.report"].sudo()
        # the id of a deal is twice that of its order
        waiting = deals.search_fetch(
            [("id", "in", [order_id * 2 for order_id in confirmed.ids])], ["order_id"]
        )
        return orders - confirmed + waiting.order_id

    @api.model
    def _filter_activities(self, activities):
        return self._filter_companies(activities)

    @api.model
    def _filter_meetings(self, events):
        """Leave out what is private by the settings of its organiser's calendar, and what is among colleagues.

        Core takes the contact of a colleague who left for one from outside.
        """
        outside = events.partner_ids.filtered("partner_share")
        members = outside.with_context(active_test=False).user_ids.filtered(lambda user: not user.share)
        outside -= members.partner_id
        return self._filter_companies(events).filtered(
            lambda event: event.effective_privacy != "private" and event.partner_ids & outside
        )

    @api.model
    def _filter_companies(self, records):
        """Leave out activities or meetings on documents of companies that are not switched on."""
        allowed = {*self.env.companies.ids, False}
        hidden = records.browse()
        for model, group in records.grouped("res_model").items():
            if not model or model not in self.env or "company_id" not in self.env[model]._fields:
                continue
            # sudo: only which company a document belongs to
            documents = self.env[model].sudo().browse(group.mapped("res_id")).exists()
            foreign = {document.id for document in documents if document.company_id.id not in allowed}
            hidden |= group.filtered(lambda record, foreign=foreign: record.res_id in foreign)
        return records - hidden

    @api.model
    def _move(self, kind, records, giver, taker):
        """Give the records of one kind from one person to another, in batches.

        The followers are not told of each record by an e-mail.
        """
        quiet = {
            "mail_auto_subscribe_no_notify": True,
            "mail_activity_quick_update": True,
            "no_mail_to_attendees": True,
            # the persons of a customer are among the records; whose they were is given back to each
            "relations_listed_persons": INTERNAL,
        }
        method = getattr(self, f"_move_{kind}", None)
        field = self._get_kinds()[kind]["field"]
        for ids in split_every(BATCH, records.ids, list):
            batch = records.browse(ids).with_context(**quiet)
            if method:
                method(batch, giver, taker)
            else:
                batch.write({field: taker.id})

    @api.model
    def _move_meetings(self, events, giver, taker):
        """The taker organises and attends them in place of the giver."""
        events._give_to(taker)

    @api.model
    def _move_plan_lines(self, lines, _giver, taker):
        """Into the taker's plans of the same weeks, on the same day and at the same hour of the taker.

        Where that plan is closed already, into the first one after it that is not, as what is carried over.
        """
        plans = self.env["partner.work.plan"].sudo()
        found = plans._ensure({(taker.id, line.plan_id.date_from) for line in lines})
        closed = plans.union(*found.values()).filtered(lambda plan: plan.state == "closed")
        following = closed._get_following()
        changed = {}
        for line in lines.with_context(work_plan_sync=INTERNAL):
            plan = found[taker.id, line.plan_id.date_from]
            if plan in closed:
                plan = following[plan]
                values = {
                    "plan_id": plan.id,
                    "date_start": plan._get_noon(plan.date_from),
                    "has_hour": False,
                    "is_carried": True,
                }
            else:
                moment = pytz.utc.localize(line.date_start).astimezone(line._get_tz()).replace(tzinfo=None)
                moment = plan._get_zone().localize(moment).astimezone(pytz.utc).replace(tzinfo=None)
                values = {"plan_id": plan.id, "date_start": moment}
            changed[line] = {**values, "is_added": plan.state != "draft"}
        write_each(changed)

    @api.model
    def _sync_plans(self, users):
        # sudo: the plans of both persons follow what was moved
        plans = self.env["partner.work.plan"].sudo()
        plans.search([("user_id", "in", users.ids), ("state", "!=", "closed")])._sync()
