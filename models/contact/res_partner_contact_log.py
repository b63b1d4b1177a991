from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

OPERATORS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">="), "=": SQL("=")}


class ResPartner(models.Model):
    """The contact log of a partner: of a company with all its persons, of a person alone."""

    _inherit = "res.partner"

    contact_log_ids = fields.One2many(
        "partner.contact.log",
        compute="_compute_contact_log_ids",
        search="_search_contact_log_ids",
        groups="partner_relations.group_user",
        help="Every contact with the person. For a company: with it and its persons, also from the time "
        "before a person came or left.",
    )
    contact_log_count = fields.Integer(
        compute="_compute_contact_dates",
        groups="partner_relations.group_user",
        help="Contacts that took place, of those you may see.",
    )
    last_contact_date = fields.Datetime(
        string="Last Contact",
        compute="_compute_contact_dates",
        search="_search_last_contact_date",
        groups="partner_relations.group_user",
        help="The latest contact that took place, of those you may see; for a company with any of its persons.",
    )
    next_contact_date = fields.Datetime(
        string="Next Contact",
        compute="_compute_contact_dates",
        search="_search_next_contact_date",
        groups="partner_relations.group_user",
        help="The earliest contact that is planned and not done, of those you may see. In the past it is overdue.",
    )

    def _get_contact_log_domain(self):
        """The entries of these partners: of a company with all its persons, of a person alone."""
        companies = self.filtered(lambda partner: partner.commercial_partner_id == partner)
        persons = self
        if companies:
            persons |= self.with_context(active_test=False).search(
                [("commercial_partner_id", "in", companies.ids)]
            )
        # Ids instead of a join: PostgreSQL reads both parts from an index.
        return Domain("commercial_partner_id", "in", companies.ids) | Domain("partner_id", "in", persons.ids)

    def _get_contact_log_partners(self, partner, commercial_partner):
        """Whose log an entry with ``partner``, then of ``commercial_partner``, belongs to."""
        # sudo: only whose person it is now, who may have gone to a company of ours that the user may not see
        return partner | partner.sudo().commercial_partner_id | commercial_partner

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_contact_log_ids(self):
        stored = self._origin
        logs = self.env["partner.contact.log"].search(stored._get_contact_log_domain())
        by_partner = {}
        for log in logs:
            for partner in self._get_contact_log_partners(log.partner_id, log.commercial_partner_id):
                by_partner.setdefault(partner.id, []).append(log.id)
        for partner in self:
            partner.contact_log_ids = logs.browse(by_partner.get(partner._origin.id, ()))

    def _search_contact_log_ids(self, operator, value):
        if operator not in ("any", "in"):
            return NotImplemented
        logs = self.env["partner.contact.log"]
        if operator == "any":
            domain = Domain(value)
        elif False in value:
            return ~self._search_contact_log_ids("any", Domain.TRUE)
        else:
            domain = Domain("id", "in", value)
        return Domain("id", "in", self._contact_log_partners_sql(logs._search(domain), SQL("TRUE")))

    def _contact_log_partners_sql(self, query, having):
        """Partners to whose log the entries of ``query`` belong, with a condition on their aggregates."""
        logs = self.env["partner.contact.log"]
        query.order = None
        self.flush_model(["commercial_partner_id"])
        return SQL(
            """(SELECT target.id
                  FROM (%s) AS log
                  JOIN res_partner AS person ON person.id = log.partner_id
                 CROSS JOIN LATERAL (VALUES (log.partner_id), (person.commercial_partner_id),
                                            (log.commercial_partner_id)) AS target(id)
                 GROUP BY target.id HAVING %s)""",
            query.select(
                *(
                    SQL("%s AS %s", logs._field_to_sql(query.table, name, query), SQL.identifier(name))
                    for name in ("partner_id", "commercial_partner_id", "date")
                )
            ),
            having,
        )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_contact_dates(self):
        stored = self._origin
        groups = self.env["partner.contact.log"]._read_group(
            stored._get_contact_log_domain() & Domain("state", "in", ("planned", "done")),
            ["partner_id", "commercial_partner_id", "state"],
            ["date:min", "date:max", "__count"],
        )
        last, following, counts = {}, {}, {}
        for partner, commercial_partner, state, first_date, last_date, count in groups:
            for target in self._get_contact_log_partners(partner, commercial_partner).ids:
                if state == "done":
                    last[target] = max(last.get(target, last_date), last_date)
                    counts[target] = counts.get(target, 0) + count
                else:
                    following[target] = min(following.get(target, first_date), first_date)
        for partner in self:
            partner.last_contact_date = last.get(partner._origin.id, False)
            partner.next_contact_date = following.get(partner._origin.id, False)
            partner.contact_log_count = counts.get(partner._origin.id, 0)

    def _search_contact_date(self, state, aggregate, operator, value):
        query = self.env["partner.contact.log"]._search([("state", "=", state)])
        if operator == "in":
            dates = tuple(date for date in value if date)
            domain = Domain.FALSE
            if dates:
                having = SQL("%s IN %s", aggregate, dates)
                domain = Domain("id", "in", self._contact_log_partners_sql(query, having))
            if len(dates) < len(value):
                domain |= Domain("id", "not in", self._contact_log_partners_sql(query, SQL("TRUE")))
            return domain
        if operator not in OPERATORS:
            return NotImplemented
        having = SQL("%s %s %s", aggregate, OPERATORS[operator], value)
        return Domain("id", "in", self._contact_log_partners_sql(query, having))

    def _search_last_contact_date(self, operator, value):
        return self._search_contact_date("done", SQL("MAX(log.date)"), operator, value)

    def _search_next_contact_date(self, operator, value):
        return self._search_contact_date("planned", SQL("MIN(log.date)"), operator, value)

    @api.readonly
    def action_open_contact_log(self):
        """Open the log of this contact; a new entry starts with it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.partner_contact_log_action")
        return {
            **action,
            "name": self.env._("Contact Log: %s", self.display_name),
            "domain": list(self._get_contact_log_domain()),
            "context": {"default_partner_id": self.id},
        }
