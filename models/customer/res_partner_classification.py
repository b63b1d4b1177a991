from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.group_order import in_order
from ...tools.id_sets import in_none
from ...tools.side_tables import join_by_company, order_by_company
from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES

CUSTOMER_FIELDS = {"abc_class": "abc_class", "xyz_class": "xyz_class", "relation_stage": "stage"}
SUPPLIER_FIELDS = {"supplier_abc_class": "abc_class"}


class ResPartner(models.Model):
    """The current classes of a contact in the current company.

    They are read from the lines of the company's current classification, with the rights of who looks: a
    customer whose line somebody may not see has no class for that person. A contact person has the classes
    of the company it belongs to, so that mailings reach the persons of A customers.
    """

    _inherit = "res.partner"

    abc_class = fields.Selection(
        ABC_CLASSES,
        string="ABC Class",
        compute="_compute_customer_classes",
        looked_up=("commercial_partner_id",),
        search="_search_abc_class",
        groups="partner_relations.group_user",
        help="A: the largest customers, who make up most of the revenue or profit of the last closed months; "
        "C: the smallest. Empty without sales in that time, and for lost customers.",
    )
    xyz_class = fields.Selection(
        XYZ_CLASSES,
        string="XYZ Class",
        compute="_compute_customer_classes",
        looked_up=("commercial_partner_id",),
        search="_search_xyz_class",
        groups="partner_relations.group_user",
        help="X: buys evenly, Y: irregularly, Z: episodically, by the variation between the periods.",
    )
    relation_stage = fields.Selection(
        STAGES,
        string="Stage",
        compute="_compute_customer_classes",
        looked_up=("commercial_partner_id",),
        search="_search_relation_stage",
        group_expand=in_order(STAGES),
        groups="partner_relations.group_user",
        help="Potential: no purchase yet. One-time: one purchase. Regular: more. Lost: none for a long time.",
    )
    supplier_abc_class = fields.Selection(
        ABC_CLASSES,
        string="Supplier ABC Class",
        compute="_compute_supplier_classes",
        looked_up=("commercial_partner_id",),
        search="_search_supplier_abc_class",
        groups="partner_relations.group_user",
        help="A: the suppliers with most of what was bought in the last closed months, by posted vendor bills.",
    )

    # A run asks whether a customer became the contact of another company: read instead of all contacts.
    _belonging_idx = models.Index("(id) INCLUDE (commercial_partner_id) WHERE commercial_partner_id <> id")

    @api.model
    def _get_class_fields(self):
        return [*CUSTOMER_FIELDS, *SUPPLIER_FIELDS]

    @api.model
    def _get_current_classification(self, kind="customer"):
        """The run whose lines are the current classes of the current company; empty if there is none."""
        # sudo: only which run it is; its lines are read with the rights of the user
        return (
            self.env["partner.classification"]
            .sudo()
            .search(
                [("company_id", "=", self.env.company.id), ("kind", "=", kind), ("is_current", "=", True)]
            )
        )

    def _get_classification_lines(self, kind="customer"):
        """The current lines of the companies that these contacts belong to, as far as the user may see them."""
        run = self._get_current_classification(kind)
        return self.env["partner.classification.line"].search_fetch(
            [
                ("classification_id", "=", run.id),
                ("partner_id", "in", self.commercial_partner_id._origin.ids),
                ("is_merged", "!=", True),
            ],
            ["partner_id", "abc_class", "xyz_class", "stage"],
        )

    @api.depends_context("company", "uid", "allowed_company_ids")
    def _compute_customer_classes(self):
        self._compute_classes("customer", CUSTOMER_FIELDS)

    @api.depends_context("company", "uid", "allowed_company_ids")
    def _compute_supplier_classes(self):
        self._compute_classes("supplier", SUPPLIER_FIELDS)

    def _compute_classes(self, kind, names):
        lines = {line.partner_id.id: line for line in self._get_classification_lines(kind)}
        empty = self.env["partner.classification.line"]
        for partner in self:
            line = lines.get(partner.commercial_partner_id._origin.id, empty)
            for name, source in names.items():
                partner[name] = line[source]

    def _search_classes(self, kind, source, operator, value):
        if operator != "in":
            return NotImplemented
        lines = self.env["partner.classification.line"]
        run = self._get_current_classification(kind)
        mine = Domain("classification_id", "=", run.id) & Domain("is_merged", "!=", True)
        wanted = [name for name in value if name]
        domain = Domain.FALSE
        if wanted:
            query = lines._search(mine & Domain(source, "in", wanted))
            partners = query.subselect(lines._field_to_sql(query.table, "partner_id", query))
            domain = Domain("commercial_partner_id", "in", partners)
        if len(wanted) < len(value):
            query = lines._search(mine & Domain(source, "!=", False))
            query.order = None
            partners = query.select(lines._field_to_sql(query.table, "partner_id", query))
            domain |= in_none([partners], "commercial_partner_id")
        return domain

    def _search_abc_class(self, operator, value):
        return self._search_classes("customer", "abc_class", operator, value)

    def _search_xyz_class(self, operator, value):
        return self._search_classes("customer", "xyz_class", operator, value)

    def _search_relation_stage(self, operator, value):
        return self._search_classes("customer", "stage", operator, value)

    def _search_supplier_abc_class(self, operator, value):
        return self._search_classes("supplier", "abc_class", operator, value)

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec not in self._get_class_fields():
            return super()._read_group_groupby(alias, groupby_spec, query)
        return self._class_to_sql(alias, groupby_spec, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name not in self._get_class_fields():
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        term = self._class_to_sql(alias, field_name, query)
        return order_by_company(query, term, self._fields[field_name].selection, direction, nulls)

    def _class_to_sql(self, alias, name, query):
        """The class of each contact of ``query``, by the lines that the user may see; empty without one."""
        self._check_field_access(self._fields[name], "read")
        kind, sources = (
            ("customer", CUSTOMER_FIELDS) if name in CUSTOMER_FIELDS else ("supplier", SUPPLIER_FIELDS)
        )
        domain = [
            ("classification_id.company_id", "=", self.env.company.id),
            ("classification_id.kind", "=", kind),
            ("classification_id.is_current", "=", True),
            ("is_merged", "!=", True),
        ]
        lines = self.env["partner.classification.line"]
        names = tuple(dict.fromkeys(CUSTOMER_FIELDS.values()))
        return join_by_company(self, alias, query, lines, domain, names, f"{kind}_classes")[sources[name]]

    def _follow_company(self):
        # sudo: whoever may change what a contact belongs to; which classes were set by hand is seen by directors only
        overrides = self.env["partner.classification.override"].sudo().with_context(active_test=False)
        persons = self.sudo().filtered(lambda partner: partner.commercial_partner_id != partner)
        placed = persons and overrides.search([("partner_id", "in", persons.ids)]).partner_id
        for company, partners in placed.grouped("commercial_partner_id").items():
            overrides._move_to_partner(partners, company)
        return super()._follow_company()

    @api.ondelete(at_uninstall=False)
    def _unlink_classification_lines(self):
        """A contact that goes leaves the classifications, whose lines have no foreign key to it."""
        self.env["partner.classification.line"]._forget_partners(self)
