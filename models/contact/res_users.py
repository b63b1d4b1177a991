from odoo import fields, models
from odoo.tools import SQL


class ResUsers(models.Model):
    """Who is whose superior, by the hierarchy of employees."""

    _inherit = "res.users"

    # Kept as long as the transaction's other records are: rules, filters and boards ask for it again and again.
    relations_team_ids = fields.Json(compute="_compute_relations_team_ids", groups=fields.NO_ACCESS)

    def _compute_relations_team_ids(self):
        for user in self:
            user.relations_team_ids = user._read_subordinate_user_ids() if user.id else []

    def _get_zone(self):
        """The name of the user's time zone, one that Python and the database know; UTC without a user or zone."""
        # sudo: the time zone of a colleague
        return self.env["partner.contact.log"]._get_known_zone(self.sudo().tz or "UTC")

    def _get_subordinate_user_ids(self):
        """Users whose employees stand below an employee of this user, at any depth.

        Employees who left count as well: their customers and their log stay in the team.

        :return: ids, without the user, who is nobody's subordinate in a circle either
        :rtype: tuple[int]
        """
        self.ensure_one()
        # what is not written yet counts, and takes back what is kept (see hr.employee)
        self.env["hr.employee"].flush_model(["parent_id", "user_id"])
        return tuple(self.relations_team_ids or ())

    def _read_subordinate_user_ids(self):
        # SQL because a hierarchy of any depth is one recursive statement, and because hr.employee is not
        # open to every user. UNION ends circles.
        rows = self.env.execute_query(
            SQL(
                """
    WITH RECURSIVE team AS (
        SELECT id FROM hr_employee WHERE user_id = %(user)s
        UNION
        SELECT employee.id FROM hr_employee AS employee JOIN team ON employee.parent_id = team.id)
    SELECT DISTINCT employee.user_id
      FROM hr_employee AS employee JOIN team ON employee.id = team.id
     WHERE employee.user_id IS NOT NULL AND employee.user_id <> %(user)s
     ORDER BY employee.user_id""",
                user=self.id,
            )
        )
        return [user_id for (user_id,) in rows]
