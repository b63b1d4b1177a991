from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyInteger
from ...tools.id_sets import in_any, in_none

# The calendar ends; nobody had a contact so long ago.
MAX_DAYS = 100_000


class ResPartner(models.Model):
    """What rules of segments ask of a contact and is no field elsewhere."""

    _inherit = "res.partner"

    segment_ids = fields.Many2many(
        "partner.segment",
        string="In Segment",
        compute="_compute_segment_ids",
        search="_search_segment_ids",
        groups="partner_relations.group_user",
        help="The segments that the contact is in now, of those you may see.",
    )
    turnover_ids = fields.One2many(
        "partner.turnover.report",
        string="Sales",
        compute="_compute_turnover_ids",
        search="_search_turnover_ids",
        groups="partner_relations.group_user",
        help="The lines of posted invoices and credit notes of the contact's company, of those you may see. For "
        "conditions such as: bought of a product category within the last six months.",
    )

    last_contact_days = EmptyInteger(
        string="Days Since the Last Contact",
        compute="_compute_last_contact_days",
        search="_search_last_contact_days",
        aggregator=None,
        groups="partner_relations.group_user",
        help="Calendar days from the last contact that took place, of those you may see, until today; for a company "
        "with any of its persons. Empty without any contact: conditions for more than so many days are true then.",
    )

    # ------------------------------------------------------------------
    # Segments
    # ------------------------------------------------------------------
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_segment_ids(self):
        queries = {}
        for segment in self._get_all_segments():
            try:
                queries[segment.id] = segment._get_partner_query()
            except UserError:
                # what cannot be evaluated says so itself; AccessError is a UserError
                continue
        found = {}
        if queries and self._origin.ids:
            # SQL: all segments in one statement
            rows = self.env.execute_query(
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT %s, id FROM (%s) AS contact WHERE id = ANY(%s)",
                        key,
                        query.select(),
                        self._origin.ids,
                    )
                    for key, query in queries.items()
                )
            )
            for key, partner_id in rows:
                found.setdefault(partner_id, []).append(key)
        for partner in self:
            partner.segment_ids = self.env["partner.segment"].browse(found.get(partner._origin.id, ()))

    @api.model
    def _get_all_segments(self):
        """Return the segments the user may see that are not archived: some dozens, made by people."""
        return self.env["partner.segment"].search([("active", "=", True)])

    def _search_segment_ids(self, operator, value):
        segments = self.env["partner.segment"]
        wants_none = False
        if operator in ("any", "any!"):
            segments = (
                segments.browse(value) if not isinstance(value, Domain | list) else segments.search(value)
            )
        elif operator in ("in", "not in"):
            names = [name for name in value if isinstance(name, str)]
            segments = segments.browse(one for one in value if one and not isinstance(one, str)).exists()
            segments |= segments.search([("name", "in", names)]) if names else segments
            wants_none = False in value
        elif operator in ("ilike", "like", "=ilike", "=like"):
            segments = segments.search([("name", operator, value)])
        else:
            return NotImplemented
        selects = [segment._get_part_select(segment) for segment in segments]
        every = [one._get_part_select(one) for one in self._get_all_segments()] if wants_none else []
        if operator == "not in":
            return in_none(selects) & (in_any(every) if wants_none else Domain.TRUE)
        if not wants_none:
            return in_any(selects)
        outside = in_none(every)
        if not selects:
            return outside
        others = self._search(outside)
        others.order = None
        return in_any([*selects, others.select()])

    # ------------------------------------------------------------------
    # Contacts with them
    # ------------------------------------------------------------------
    @api.depends("last_contact_date")
    @api.depends_context("uid", "allowed_company_ids", "tz")
    def _compute_last_contact_days(self):
        today = fields.Date.context_today(self)
        for partner in self:
            last = partner.last_contact_date
            day = last and fields.Datetime.context_timestamp(self, last).date()
            partner.last_contact_days = last and (today - day).days

    def _search_last_contact_days(self, operator, value):
        match operator:
            case "<=":
                return in_any(self._get_contacted_selects(int(value)))
            case "<":
                return in_any(self._get_contacted_selects(int(value) - 1))
            case ">":
                return in_none(self._get_contacted_selects(int(value)))
            case ">=":
                return in_none(self._get_contacted_selects(int(value) - 1))
            case "in":
                # 0 is today, which Python takes for equal to False
                never = any(one is False for one in value)
                domain = Domain("last_contact_date", "=", False) if never else Domain.FALSE
                return domain | Domain.OR(
                    in_any(self._get_contacted_selects(one)) & in_none(self._get_contacted_selects(one - 1))
                    for one in value
                    if one is not False
                )
        return NotImplemented

    def _get_contacted_selects(self, days):
        """Return statements that select those who had a contact within so many calendar days.

        They are one for each way from an entry to whose log it belongs to, so that PostgreSQL may look up the entries
        of the few contacts that other conditions leave, rather than read all entries.

        :rtype: list[SQL]
        """
        days = max(-MAX_DAYS, min(days, MAX_DAYS))
        first = fields.Date.context_today(self) - timedelta(days=days)
        # the day begins where the user is
        since = (
            self.env.tz.localize(datetime.combine(first, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
        )
        logs = self.env["partner.contact.log"]
        query = logs._search([("state", "=", "done"), ("date", ">=", since)])
        query.order = None
        self.flush_model(["commercial_partner_id"])
        person, company = (
            logs._field_to_sql(query.table, name, query) for name in ("partner_id", "commercial_partner_id")
        )
        return [
            query.select(person),
            query.select(company),
            # persons who went to another company with their entries
            SQL(
                """SELECT person.commercial_partner_id
                     FROM (%s) AS entry (partner_id, commercial_partner_id)
                     JOIN res_partner AS person ON person.id = entry.partner_id
                    WHERE person.commercial_partner_id IS DISTINCT FROM entry.commercial_partner_id""",
                query.select(person, company),
            ),
        ]

    # ------------------------------------------------------------------
    # Sales
    # ------------------------------------------------------------------
    def _compute_turnover_ids(self):
        # for conditions only: the lines of a customer are in the report
        self.turnover_ids = False

    def _search_turnover_ids(self, operator, value):
        report = self.env["partner.turnover.report"]
        if operator == "in":
            if False not in value:
                return Domain("id", "in", report.browse(one for one in value if one).partner_id.ids)
            return ~self._search_turnover_ids("any", Domain.TRUE)
        if operator not in ("any", "any!"):
            return NotImplemented
        domain = Domain(value)
        report = report._with_used_fields(domain, ["partner_id"])
        query = report._search(domain)
        query.order = None
        customers = query.subselect(report._field_to_sql(query.table, "partner_id", query))
        # of the company: its persons bought what it bought
        return Domain("commercial_partner_id", "in", customers)
