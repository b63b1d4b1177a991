from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import column_exists

from ...tools.id_sets import in_none

DAYS_AHEAD = 3
# A birthday is never further away.
MOST_DAYS_AHEAD = 366


class ResPartner(models.Model):
    """When and who is reminded of a person's birthday."""

    _inherit = "res.partner"

    birthday_days_ahead = fields.Integer(
        string="Remind Days Ahead",
        default=DAYS_AHEAD,
        groups="base.group_user",
        prefetch="relations",
        help="So many days before the birthday whoever is responsible gets an activity. 0: on the day itself; -1: "
        "never.",
    )

    def _auto_init(self):
        # SQL: the ORM would write the default into every contact; PostgreSQL knows a constant default of existing
        # rows without touching them.
        if not column_exists(self.env.cr, self._table, "birthday_days_ahead"):
            table = SQL.identifier(self._table)
            self.env.cr.execute(
                SQL("ALTER TABLE %s ADD COLUMN birthday_days_ahead int4 DEFAULT %s", table, DAYS_AHEAD)
            )
            self.env.cr.execute(SQL("ALTER TABLE %s ALTER COLUMN birthday_days_ahead DROP DEFAULT", table))
        return super()._auto_init()

    @api.model
    def _get_birthday_person_domain(self):
        """The people whose birthdays somebody is told of: no colleagues, nor who left, nor those of archived companies.

        Core takes the contact of a user who was archived for one from outside, and that of an employee who is no user.
        """
        # sudo: that somebody works or worked here, in whatever company
        users = self.env["res.users"].sudo().with_context(active_test=False)
        employees = self.env["hr.employee"].sudo().with_context(active_test=False)
        selects = []
        for query, name in (
            (users._search([("share", "=", False)]), "partner_id"),
            (employees._search([("work_contact_id", "!=", False)]), "work_contact_id"),
        ):
            query.order = None
            selects.append(query.select(SQL.identifier(query.table, name)))
        return (
            Domain("is_company", "=", False)
            & Domain("partner_share", "=", True)
            & Domain("commercial_partner_id", "any!", Domain("active", "=", True))
            & in_none(selects)
        )

    def _get_birthday_users(self):
        """Who is to congratulate: the salesperson of the person, else of its company, else the buyer of either,
        whoever of them has not left; and the further managers of both."""
        self.ensure_one()
        company = self.commercial_partner_id
        # not of all four as one: their users are read for all persons at once
        main = (self.user_id, company.user_id, self.buyer_id, company.buyer_id)
        first = next((user for user in main if user.active), self.env["res.users"])
        return first | self.responsible_user_ids | company.responsible_user_ids
