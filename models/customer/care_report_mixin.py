from odoo import api, fields, models
from odoo.fields import Domain


class ReportCareMixin(models.AbstractModel):
    """In whose care the rows of a report are, as ``partner.care.mixin`` says it of records.

    A report puts its rows together anew for each statement: whose they are is asked once for all rows that are shown,
    and whose the contacts are is looked up before they are read. The filters and the record rules use it.
    """

    _name = "partner.report.care.mixin"
    _description = "In Whose Care a Row of a Report Is"
    _inherit = ["partner.care.mixin"]

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

    def _search_is_own(self, operator, value):
        return self._get_care_domain((self.env.uid,)) if operator == "in" else NotImplemented

    @api.model
    def _get_care_domain(self, user_ids):
        # sudo: whose customer or supplier it is does not depend on the right to read the contact
        contacts = self.env["res.partner"].sudo()
        partners = contacts._search(contacts._get_responsible_domain(user_ids), active_test=False)
        return Domain.OR(
            [
                *(Domain(name, "in", user_ids) for name in self._care_user_fields),
                *(Domain(name, "in", partners) for name in self._care_partner_fields),
            ]
        )
