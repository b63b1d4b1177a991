from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition, DomainOr


class ReportCareMixin(models.AbstractModel):
    """In whose care the rows of a report are, as ``partner.care.mixin`` says it of records.

    A report puts its rows together anew for each statement: whose they are is asked once for all rows that are shown,
    and whose the contacts are is looked up before they are read. The filters and the record rules use it.
    """

    _name = "partner.report.care.mixin"
    _description = "In Whose Care a Row of a Report Is"
    _inherit = ["partner.care.mixin", "partner.report.page.mixin"]

    is_own = fields.Boolean(string="Mine", compute="_compute_is_own", search="_search_is_own")

    @api.depends_context("uid")
    def _compute_is_own(self):
        self._compute_is_of("is_own", (self.env.uid,))

    @api.depends_context("uid")
    def _compute_in_my_team(self):
        self._compute_is_of("in_my_team", self.env.user._get_subordinate_user_ids())

    def _compute_is_of(self, field, user_ids):
        # sudo: only ids are compared, and this decides on access to the row itself
        found = set(self.sudo().search(Domain("id", "in", self.ids) & self._get_care_domain(user_ids))._ids)
        for row in self:
            row[field] = row.id in found

    @api.model
    def _get_care_limit(self, domain):
        """Return the users in whose care all rows of a domain are, by which a statement may leave out the others early.

        :rtype: frozenset, or None where the domain does not say so
        """
        if isinstance(domain, (DomainAnd, DomainOr)):
            limits = [self._get_care_limit(child) for child in domain.children]
            if isinstance(domain, DomainAnd):
                return min((limit for limit in limits if limit is not None), key=len, default=None)
            return None if None in limits else frozenset().union(*limits)
        if not isinstance(domain, DomainCondition) or domain.operator not in ("in", "="):
            return None
        if domain.value not in (True, [True], {True}):
            return None
        if domain.field_expr == "is_own":
            return frozenset((self.env.uid,))
        if domain.field_expr == "in_my_team":
            return frozenset(self.env.user._get_subordinate_user_ids())
        return None
