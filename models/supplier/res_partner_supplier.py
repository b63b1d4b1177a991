from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat
from ...tools.group_order import in_order
from ...tools.side_tables import join_by_company, order_by_company
from .supplier_scorecard import GRADES

RATING_GROUPS = "purchase.group_purchase_user,partner_relations.group_director"


class ResPartner(models.Model):
    """The reliability of a supplier in the current company.

    Read from its current scorecard and the grade set by hand, with the rights of who looks. A person has the
    rating of the company it belongs to.
    """

    _inherit = "res.partner"

    supplier_score = EmptyFloat(
        compute="_compute_supplier_rating",
        looked_up=("commercial_partner_id",),
        search="_search_supplier_score",
        groups=RATING_GROUPS,
        aggregator=None,
        help="0 to 100 points by the current scorecard: delivery, quality, price and response as the rating policy "
        "weighs them. Empty: not rated.",
    )
    supplier_grade = fields.Selection(
        GRADES,
        compute="_compute_supplier_rating",
        looked_up=("commercial_partner_id",),
        search="_search_supplier_grade",
        group_expand=in_order(GRADES),
        groups=RATING_GROUPS,
        help="The grade set by hand while it is valid, else that of the score. Empty: not rated.",
    )
    supplier_grade_reason = fields.Text(
        compute="_compute_supplier_grade_reason",
        looked_up=("commercial_partner_id",),
        groups=RATING_GROUPS,
        help="How the score and the grade come about.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    def _get_current_scorecards(self):
        """The current scorecards of these contacts in the current company, by the id of the supplier."""
        cards = self.env["supplier.scorecard"].search_fetch(
            [
                ("partner_id", "in", self.commercial_partner_id._origin.ids),
                ("company_id", "=", self.env.company.id),
                ("is_current", "=", True),
            ],
            ["partner_id", "company_id", "score", "grade", "due_line_count", "is_current", "parameters"],
        )
        return {card.partner_id.id: card for card in cards}

    def _get_grade_overrides(self):
        """The grades set by hand that apply to these contacts in the current company, by the id of the supplier."""
        overrides = self.env["supplier.grade.override"]._get_valid(
            self.commercial_partner_id, self.env.company
        )
        return {partner_id: override for (partner_id, _company_id), override in overrides.items()}

    @api.depends_context("company", "uid", "allowed_company_ids")
    def _compute_supplier_rating(self):
        cards, overrides = self._get_current_scorecards(), self._get_grade_overrides()
        no_card, no_override = self.env["supplier.scorecard"], self.env["supplier.grade.override"]
        for partner in self:
            supplier_id = partner.commercial_partner_id._origin.id
            card = cards.get(supplier_id, no_card)
            partner.supplier_score = card.score
            partner.supplier_grade = overrides.get(supplier_id, no_override).grade or card.grade

    @api.depends_context("company", "uid", "allowed_company_ids", "lang")
    def _compute_supplier_grade_reason(self):
        cards, overrides = self._get_current_scorecards(), self._get_grade_overrides()
        for partner in self:
            supplier_id = partner.commercial_partner_id._origin.id
            words = []
            if override := overrides.get(supplier_id):
                words.append(override._explain())
            if card := cards.get(supplier_id):
                words.append(card._explain_score())
            partner.supplier_grade_reason = "\n".join(words) or False

    # ------------------------------------------------------------------
    # Searches
    # ------------------------------------------------------------------
    @api.model
    def _suppliers_with(self, model, domain):
        """The partners of the records of ``model``, as a subselect."""
        records = self.env[model]
        query = records._search(domain & Domain("company_id", "=", self.env.company.id))
        return query.subselect(records._field_to_sql(query.table, "partner_id", query))

    def _search_supplier_score(self, operator, value):
        current = Domain("is_current", "=", True)

        def scored(domain):
            return Domain(
                "commercial_partner_id", "in", self._suppliers_with("supplier.scorecard", current & domain)
            )

        if operator in ("<", "<=", ">", ">="):
            return scored(Domain("score", operator, value))
        if operator != "in":
            return NotImplemented
        wanted = [number for number in value if number is not False and number is not None]
        domain = scored(Domain("score", "in", wanted)) if wanted else Domain.FALSE
        if len(wanted) < len(value):
            rated = self._suppliers_with("supplier.scorecard", current & Domain("score", "!=", False))
            domain |= Domain("commercial_partner_id", "not in", rated)
        return domain

    def _search_supplier_grade(self, operator, value):
        if operator != "in":
            return NotImplemented
        current = Domain("is_current", "=", True)
        valid = self.env["supplier.grade.override"]._get_valid_domain()
        overridden = Domain(
            "commercial_partner_id", "in", self._suppliers_with("supplier.grade.override", valid)
        )
        wanted = [grade for grade in value if grade]
        domain = Domain.FALSE
        if wanted:
            by_hand = self._suppliers_with("supplier.grade.override", valid & Domain("grade", "in", wanted))
            computed = self._suppliers_with("supplier.scorecard", current & Domain("grade", "in", wanted))
            domain = Domain("commercial_partner_id", "in", by_hand) | (
                Domain("commercial_partner_id", "in", computed) & ~overridden
            )
        if len(wanted) < len(value):
            graded = self._suppliers_with("supplier.scorecard", current & Domain("grade", "!=", False))
            domain |= Domain("commercial_partner_id", "not in", graded) & ~overridden
        return domain

    def _read_group_groupby(self, alias, groupby_spec, query):
        if groupby_spec != "supplier_grade":
            return super()._read_group_groupby(alias, groupby_spec, query)
        return self._grade_to_sql(alias, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name == "supplier_grade":
            return order_by_company(query, self._grade_to_sql(alias, query), GRADES, direction, nulls)
        if field_name == "supplier_score":
            self._check_field_access(self._fields[field_name], "read")
            score = self._join_current_scorecards(alias, query)["score"]
            return order_by_company(query, score, (), direction, nulls)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _grade_to_sql(self, alias, query):
        """The grade of each contact of ``query``, as far as the user may see it; empty without one."""
        self._check_field_access(self._fields["supplier_grade"], "read")
        overrides = self.env["supplier.grade.override"]
        by_hand = self._join_rating(overrides, overrides._get_valid_domain(), ("grade",), alias, query)
        return SQL("COALESCE(%s, %s)", by_hand["grade"], self._join_current_scorecards(alias, query)["grade"])

    def _join_current_scorecards(self, alias, query):
        current = Domain("is_current", "=", True)
        return self._join_rating(self.env["supplier.scorecard"], current, ("grade", "score"), alias, query)

    def _join_rating(self, records, domain, names, alias, query):
        """Fields of ``records`` for each contact of ``query``; there is one record a supplier."""
        mine = domain & Domain("company_id", "=", self.env.company.id)
        return join_by_company(self, alias, query, records, mine, names, records._table)

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------
    def _follow_company(self):
        # sudo: whoever may change what a contact belongs to; which rating it has is seen by buyers only
        persons = self.sudo().filtered(lambda partner: partner.commercial_partner_id != partner)
        cards = self.env["supplier.scorecard"].sudo()
        overrides = self.env["supplier.grade.override"].sudo().with_context(active_test=False)
        mine = [("partner_id", "in", persons.ids)]
        rated = persons and cards.search(mine).partner_id | overrides.search(mine).partner_id
        moved = cards.browse()
        for company, partners in rated.grouped("commercial_partner_id").items():
            moved |= cards._move_to_partner(partners, company)
            overrides._move_to_partner(partners, company)
        moved._score_moved()
        return super()._follow_company()

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------
    @api.readonly
    def get_supplier_rating(self):
        """What the button *Reliability* of a contact shows; asked for once the form stands.

        :return: ``score``, ``grade``, ``label`` of the grade, ``reason``; False for who is no rated supplier or may
            not see ratings
        :rtype: dict | bool
        """
        self.ensure_one()
        self.check_access("read")
        if not self._may_see_supplier_rating():
            return False
        partner = self.commercial_partner_id
        cards, overrides = partner._get_current_scorecards(), partner._get_grade_overrides()
        if not cards and not overrides:
            return False
        grade = self.supplier_grade
        labels = dict(self._fields["supplier_grade"]._description_selection(self.env))
        return {
            "score": self.supplier_score,
            "grade": grade,
            "label": labels.get(grade) or self.env._("Not rated"),
            "is_overridden": bool(overrides),
            "reason": self.supplier_grade_reason or "",
            "card_id": next((card.id for card in cards.values()), False),
        }

    @api.model
    def _may_see_supplier_rating(self):
        return self._has_field_access(self._fields["supplier_grade"], "read")

    @api.readonly
    def action_open_supplier_scorecard(self):
        """Open the current scorecard of the supplier; where there is none, what was set by hand."""
        self.ensure_one()
        partner = self.commercial_partner_id
        card = partner._get_current_scorecards().get(partner.id)
        if not card:
            action = self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.supplier_grade_override_action"
            )
            return {**action, "domain": [("partner_id", "=", partner.id)]}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reliability of %s", partner.display_name),
            "res_model": "supplier.scorecard",
            "res_id": card.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }
