import operator as operators

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyInteger

SAMPLE_SIZE = 10
COMPARISONS = {"<": operators.lt, "<=": operators.le, ">": operators.gt, ">=": operators.ge}


class PartnerSegment(models.Model):
    """A group of contacts by rule and by hand, for mailings, activities, reassignment, filters and Excel.

    Who is in it (:meth:`_get_partner_domain`)::

        ((rule and AND segments, without NOT segments) or OR segments or added by hand), without excluded by hand

    Archived contacts are in no segment. A living segment is evaluated each time it is used, with the rights
    of whoever looks; in the scheduler, which has all rights, with those of the segment's owner. Its rule is read in the
    owner's language, whoever looks.
    """

    _name = "partner.segment"
    _description = "Segment"
    _inherit = ["partner.excel.mixin", "partner.guarded.mixin"]
    _guarded_fields = ("snapshot_ids", "snapshot_date", "snapshot_user_id")
    _linked_fields = ("include_ids", "exclude_ids")
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="The segment has contacts of this company and shared ones; classes, sales and contacts are those of "
        "this company. Empty: of the companies of whoever looks.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="May change the segment. When the scheduler sends a mailing or schedules activities, the segment has "
        "the contacts that the owner may see.",
    )
    kind = fields.Selection(
        [("living", "Living"), ("static", "Snapshot")],
        required=True,
        default="living",
        help="Living: who matches at the moment of use. Snapshot: who matched when the snapshot was taken; adding and "
        "excluding by hand still count at once.",
    )
    domain = fields.Char(
        string="Rule",
        help="Conditions on the contact and its company. Without a rule only those are in the segment who were added "
        "by hand or come from other segments.",
    )
    level = fields.Selection(
        [
            ("all", "All contacts that match"),
            ("company", "Companies that match"),
            ("person", "Persons that match"),
            ("company_person", "Persons of the companies that match"),
        ],
        string="Take",
        required=True,
        default="all",
        help="Which contacts the rule gives.",
    )
    role_ids = fields.Many2many(
        "partner.contact.role",
        string="With Role",
        help="Only persons with one of these roles in decisions. Empty: all persons of the company.",
    )
    part_ids = fields.One2many("partner.segment.part", "segment_id", string="Other Segments", copy=True)
    include_ids = fields.Many2many(
        "res.partner",
        "partner_segment_include_rel",
        "segment_id",
        "partner_id",
        string="Added by Hand",
        help="In the segment whether they match the rule or not.",
    )
    exclude_ids = fields.Many2many(
        "res.partner",
        "partner_segment_exclude_rel",
        "segment_id",
        "partner_id",
        string="Excluded by Hand",
        help="Never in the segment, whatever the rule, other segments or adding by hand say.",
    )
    has_included = fields.Boolean(compute="_compute_has_by_hand")
    has_excluded = fields.Boolean(compute="_compute_has_by_hand")
    snapshot_ids = fields.Many2many(
        "res.partner",
        "partner_segment_snapshot_rel",
        "segment_id",
        "partner_id",
        string="Contacts of the Snapshot",
        readonly=True,
        copy=False,
    )
    snapshot_date = fields.Datetime(string="Snapshot Taken On", readonly=True, copy=False)
    snapshot_user_id = fields.Many2one(
        "res.users",
        string="Snapshot Taken By",
        readonly=True,
        copy=False,
        help="The snapshot has what they may see.",
    )
    partner_count = EmptyInteger(
        string="Contacts",
        compute="_compute_partners",
        search="_search_partner_count",
        help="Contacts in the segment now, of those you may see. Empty if the rule cannot be evaluated.",
    )
    sample_ids = fields.Many2many(
        "res.partner",
        string="The First Ten",
        compute="_compute_sample_ids",
        help="The first contacts of the segment by name, of those you may see.",
    )
    problem = fields.Char(
        compute="_compute_partners", help="Why the segment cannot be evaluated, and what to do about it."
    )
    can_edit = fields.Boolean(compute="_compute_can_edit", search="_search_can_edit")
    mailing_ids = fields.One2many("mailing.mailing", "segment_id", string="Mailings")
    mailing_count = fields.Integer(compute="_compute_mailing_count")

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------
    def _get_dependencies(self):
        return ("kind", "domain", "level", "role_ids", "company_id", "include_ids", "exclude_ids", "snapshot_date",
                "user_id", "part_ids.operator", "part_ids.part_id")  # fmt: skip

    @api.depends("include_ids", "exclude_ids")
    def _compute_has_by_hand(self):
        self.flush_model(["include_ids", "exclude_ids"])
        # SQL: whether there are any, whoever may see them, without reading them
        rows = self.env.execute_query(
            SQL(
                """
    SELECT segment.id,
           EXISTS (SELECT FROM partner_segment_include_rel AS rel WHERE rel.segment_id = segment.id),
           EXISTS (SELECT FROM partner_segment_exclude_rel AS rel WHERE rel.segment_id = segment.id)
      FROM unnest(%s::int[]) AS segment(id)""",
                self.ids,
            )
        )
        found = {segment_id: flags for segment_id, *flags in rows}
        for segment in self:
            # of a form being edited, what it holds counts
            flags = found.get(segment.id) or (bool(segment.include_ids), bool(segment.exclude_ids))
            segment.has_included, segment.has_excluded = flags

    @api.depends(lambda self: self._get_dependencies())
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_partners(self):
        queries, problems = {}, {}
        for segment in self:
            try:
                queries[segment] = segment._get_partner_query()
            except UserError as error:
                problems[segment] = str(error)
        counts = self._count_queries(queries)
        for segment in self:
            segment.partner_count = counts.get(segment, False)
            segment.problem = problems.get(segment, False)

    def _search_partner_count(self, operator, value):
        if operator not in COMPARISONS and operator != "in":
            return NotImplemented

        def fits(count):
            if operator == "in":
                # without a count is not 0
                return any(number == count and (number is False) == (count is False) for number in value)
            return count is not False and COMPARISONS[operator](count, value)

        # few, and each is counted as whoever looks sees it
        segments = self.with_context(active_test=False).search(Domain.TRUE)
        return Domain("id", "in", [segment.id for segment in segments if fits(segment.partner_count)])

    @api.depends(lambda self: self._get_dependencies())
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_sample_ids(self):
        for segment in self:
            try:
                domain = segment._get_partner_domain()
            except UserError:
                segment.sample_ids = False
                continue
            partners = segment._get_evaluator().search(domain, limit=SAMPLE_SIZE)
            segment.sample_ids = self.env["res.partner"].browse(partners.ids)

    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        director = self.env.user.has_group("partner_relations.group_director")
        for segment in self:
            segment.can_edit = director or segment.user_id == self.env.user

    def _search_can_edit(self, operator, value):
        if operator != "in":
            return NotImplemented
        if self.env.user.has_group("partner_relations.group_director"):
            return [(1, "=", 1)]
        return [("user_id", "=", self.env.uid)]

    def _compute_mailing_count(self):
        counts = {}
        if self.env["mailing.mailing"].has_access("read"):
            counts = dict(
                self.env["mailing.mailing"]._read_group(
                    [("segment_id", "in", self.ids)], ["segment_id"], ["__count"]
                )
            )
        for segment in self:
            segment.mailing_count = counts.get(segment._origin, 0)

    # ------------------------------------------------------------------
    # Keeping it sound
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        owners = self.env["res.users"].browse(vals["user_id"] for vals in vals_list if vals.get("user_id"))
        self._check_owners(owners)
        segments = super().create(vals_list)
        segments._check_evaluation(own=True)
        segments.filtered(lambda segment: segment.kind == "static")._take_snapshot()
        return segments

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            self._check_owners(self.user_id)
        if {"domain", "level", "role_ids", "part_ids", "kind", "company_id", "user_id"} & vals.keys():
            self._check_evaluation(own=bool({"domain", "part_ids", "user_id"} & vals.keys()))
        if vals.get("kind") == "static":
            self.filtered(lambda segment: not segment.snapshot_date)._take_snapshot()
        return result

    def copy_data(self, default=None):
        return [
            {
                **vals,
                "name": self.env._("%s (copy)", segment.name),
                "user_id": self.env.uid,
                **(default or {}),
            }
            for segment, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _check_owners(self, owners):
        """Raise an error if somebody lends the rights of another user, which the scheduler would take."""
        others = owners - self.env.user
        if others and not self.env.su and not self.env.user.has_group("partner_relations.group_director"):
            raise UserError(
                self.env._(
                    "A segment is evaluated with the rights of its owner, so only a director makes somebody else the "
                    "owner: %s. Leave yourself as the owner.",
                    # sudo: the name of a colleague
                    ", ".join(others.sudo().mapped("name")),
                )
            )

    @api.constrains("part_ids")
    def _check_parts(self):
        self.part_ids._check_cycle()

    def _check_evaluation(self, own=False):
        """Raise an error that names the segment if it cannot be evaluated.

        :param own: the user has just written the rule or chosen whose rights it gets, so it may ask for nothing that
            the user may not read: who gets a mailing would tell them
        """
        for segment in self:
            try:
                segment._get_partner_query(living=True)
            except AccessError as error:
                # what needs rights that only its owner has is told in the field `problem`
                if own:
                    raise AccessError(
                        self.env._(
                            "The segment “%(segment)s” asks for something that you may not read. Leave it out, or let "
                            "somebody make the segment who may.\n\n%(reason)s",
                            segment=segment.name,
                            reason=error,
                        )
                    ) from error

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: where a segment is used counts, whoever may see it
        parts = (
            self.env["partner.segment.part"]
            .sudo()
            .search([("part_id", "in", self.ids), ("segment_id", "not in", self.ids)], limit=1)
        )
        mailings = self.env["mailing.mailing"].sudo().with_context(active_test=False)
        mailing = mailings.search([("segment_id", "in", self.ids)], limit=1)
        if parts or mailing:
            raise UserError(
                self.env._(
                    "The segment “%(segment)s” is used by “%(user)s”. Archive it instead, or take it out there first.",
                    segment=(parts.part_id or mailing.segment_id).name,
                    user=parts.segment_id.name or mailing.subject,
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_take_snapshot(self):
        """Keep who matches now; the contacts of the snapshot before are forgotten."""
        self.check_access("write")
        self._take_snapshot()

    def action_view_partners(self):
        """Open the contacts of the segment."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("contacts.action_contacts")
        return {
            **action,
            "name": self.name,
            "domain": [("segment_ids", "in", self.ids)],
            "context": {},
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "view_mode": "list,kanban,form",
        }

    def action_new_mailing(self):
        """Open a new mailing to the segment, whose answers become inquiries."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Mailing to %s", self.name),
            "res_model": "mailing.mailing",
            "views": [(False, "form")],
            "context": {
                "default_segment_id": self.id,
                "default_mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "default_answer_mode": "inquiry",
                "default_mailing_type": "mail",
            },
        }

    def action_view_mailings(self):
        """Open the mailings to the segment."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("mass_mailing.mailing_mailing_action_mail")
        return {
            **action,
            "domain": [("segment_id", "=", self.id)],
            "context": {"default_segment_id": self.id},
        }
