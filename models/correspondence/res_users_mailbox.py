from odoo import api, fields, models
from odoo.tools import SQL

# What somebody may do in a mailbox, each including what stands before it.
LEVELS = ("see", "reply", "manage")


class ResUsers(models.Model):
    """Which mailboxes a user may see, answer from and manage."""

    _inherit = "res.users"

    # Kept as long as the transaction's other records are: rules ask for it again and again.
    relations_mailbox_levels = fields.Json(
        compute="_compute_relations_mailbox_levels", groups=fields.NO_ACCESS
    )

    @api.depends("all_group_ids", "company_ids")
    def _compute_relations_mailbox_levels(self):
        for user in self:
            user.relations_mailbox_levels = user._read_mailbox_levels() if user.id else {}

    def _get_mailbox_levels(self):
        """Return ``{mailbox id: level}`` of the mailboxes, archived ones too, that the user has a right in.

        The owner manages a personal mailbox, a director the shared ones of the own companies; everybody else has
        what the mailbox grants to the user or to one of the user's groups, the highest of it.
        """
        self.ensure_one()
        self.env["partner.mailbox"].flush_model(["kind", "user_id", "company_id"])
        self.env["partner.mailbox.access"].flush_model(["mailbox_id", "user_id", "group_id", "level"])
        # sudo: what decides on rights may not depend on them
        levels = self.sudo().relations_mailbox_levels or {}
        return {int(mailbox_id): level for mailbox_id, level in levels.items()}

    def _get_mailbox_ids(self, level="see"):
        """Return the ids of the mailboxes in which the user has at least ``level``."""
        wanted = LEVELS.index(level)
        return [
            mailbox_id
            for mailbox_id, has in self._get_mailbox_levels().items()
            if LEVELS.index(has) >= wanted
        ]

    def _read_mailbox_levels(self):
        # SQL: the highest of several rights of a user is one statement
        user = self.sudo()
        director = user.has_group("partner_relations.group_director")
        rows = self.env.execute_query(
            SQL(
                """
    SELECT mailbox.id, MAX(CASE
               WHEN mailbox.kind = 'personal' AND mailbox.user_id = %(user)s THEN 2
               WHEN mailbox.kind = 'shared' AND %(director)s AND mailbox.company_id = ANY(%(companies)s) THEN 2
               WHEN access.level = 'manage' THEN 2
               WHEN access.level = 'reply' THEN 1
               WHEN access.level = 'see' THEN 0 END) AS level
      FROM partner_mailbox AS mailbox
      LEFT JOIN partner_mailbox_access AS access
        ON access.mailbox_id = mailbox.id
       AND (access.user_id = %(user)s OR access.group_id = ANY(%(groups)s))
     GROUP BY mailbox.id""",
                user=self.id,
                director=director,
                companies=[*user._get_company_ids()],
                groups=[*user._get_group_ids()],
            )
        )
        return {mailbox_id: LEVELS[level] for mailbox_id, level in rows if level is not None}

    def _forget_mailbox_levels(self):
        self.env["res.users"].invalidate_model(["relations_mailbox_levels"], flush=False)
        self.env["partner.letter"].invalidate_model(["may_see", "may_reply", "may_manage"], flush=False)
        self.env["partner.mailbox"].invalidate_model(["may_see", "may_reply", "may_manage"], flush=False)

    @api.model
    def _get_executor_condition(self):
        """The condition, as text for the domain of a field, that a user may open letters."""
        return f"('all_group_ids', 'in', {self.env.ref('partner_relations.group_user').ids})"

    def _filter_available(self, company):
        """Leave out who left, opens no letters, has no access to the company, or is out of office or on leave now."""
        # sudo: whether colleagues work today is no secret, and the mail gateway asks it for anybody
        users = self.sudo().filtered(
            lambda user: (
                user.active and user.has_group("partner_relations.group_user") and company in user.company_ids
            )
        )
        users = users.filtered(lambda user: not user.is_out_of_office)
        if users:
            now = fields.Datetime.now()
            leaves = self.env["resource.calendar.leaves"].sudo()
            away = leaves._read_group(
                [
                    ("resource_id.user_id", "in", users.ids),
                    ("date_from", "<=", now),
                    ("date_to", ">=", now),
                    ("time_type", "=", "leave"),
                ],
                ["resource_id"],
            )
            users -= self.env["res.users"].sudo().union(*(resource.user_id for (resource,) in away))
        return users.sudo(self.env.su)
