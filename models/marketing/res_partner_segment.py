from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


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

    # ------------------------------------------------------------------
    # Segments
    # ------------------------------------------------------------------
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_segment_ids(self):
        queries = {}
        for segment in self.env["partner.segment"].search([]):
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
                    SQL("SELECT %s, id FROM (%s) AS contact WHERE id = ANY(%s)", key, query.select(), self._origin.ids)
                    for key, query in queries.items()
                )
            )
            for key, partner_id in rows:
                found.setdefault(partner_id, []).append(key)
        for partner in self:
            partner.segment_ids = self.env["partner.segment"].browse(found.get(partner._origin.id, ()))

    def _search_segment_ids(self, operator, value):
        segments = self.env["partner.segment"]
        if operator in ("any", "any!"):
            segments = segments.browse(value) if not isinstance(value, Domain | list) else segments.search(value)
            wants_none = False
        elif operator == "in":
            names = [name for name in value if isinstance(name, str)]
            segments = segments.browse(one for one in value if one and not isinstance(one, str)).exists()
            segments |= segments.search([("name", "in", names)]) if names else segments
            wants_none = False in value
        elif operator in ("ilike", "like", "=ilike", "=like"):
            segments, wants_none = segments.search([("name", operator, value)]), False
        else:
            return NotImplemented
        domain = Domain.OR(segment._get_part_domain(segment) for segment in segments)
        if wants_none:
            everyone = self.env["partner.segment"].search([])
            domain |= ~Domain.OR(segment._get_part_domain(segment) for segment in everyone)
        return domain

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
