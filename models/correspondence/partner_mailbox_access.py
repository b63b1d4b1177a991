from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PartnerMailboxAccess(models.Model):
    """What a user or the members of a group may do in a mailbox."""

    _name = "partner.mailbox.access"
    _description = "Mailbox Access"
    _inherit = "partner.form.pointer.mixin"
    _order = "mailbox_id, id"

    mailbox_id = fields.Many2one("partner.mailbox", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    group_id = fields.Many2one(
        "res.groups",
        index="btree_not_null",
        ondelete="cascade",
        help="All members of the group, also by a group that includes it.",
    )
    level = fields.Selection(
        [("see", "See"), ("reply", "Reply"), ("manage", "Manage")],
        required=True,
        default="reply",
        help="See: reads the letters. Reply: also answers, assigns, closes and files them. Manage: also changes "
        "the mailbox, its servers and these rights.",
    )

    _one_holder = models.Constraint(
        "CHECK ((user_id IS NULL) <> (group_id IS NULL))",
        "Each line of the access to a mailbox is for one user or for one group.",
    )
    _user_uniq = models.UniqueIndex(
        "(mailbox_id, user_id) WHERE user_id IS NOT NULL", "This user has a right in the mailbox already."
    )
    _group_uniq = models.UniqueIndex(
        "(mailbox_id, group_id) WHERE group_id IS NOT NULL", "This group has a right in the mailbox already."
    )

    @api.constrains("mailbox_id", "user_id")
    def _check_user(self):
        for access in self:
            # sudo: facts about a colleague
            user = access.user_id.sudo()
            if user.share:
                raise ValidationError(
                    self.env._(
                        "%(user)s is no internal user and cannot have access to the mailbox “%(mailbox)s”. "
                        "Choose a colleague.",
                        user=user.name,
                        mailbox=access.mailbox_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # before there is a line that itself would give the right to make it
        default_id = self.default_get(["mailbox_id"]).get("mailbox_id")
        mailbox_ids = {vals.get("mailbox_id", default_id) for vals in vals_list}
        self.env["partner.mailbox"].browse(mailbox_ids - {None, False}).check_access("write")
        accesses = super().create(vals_list)
        self.env["res.users"]._forget_mailbox_levels()
        return accesses

    def write(self, vals):
        if "mailbox_id" in vals:
            # the rule looks at the mailbox it was in; this at the one it comes to
            self.env["partner.mailbox"].browse(vals["mailbox_id"]).check_access("write")
        result = super().write(vals)
        self.env["res.users"]._forget_mailbox_levels()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["res.users"]._forget_mailbox_levels()
        return result
