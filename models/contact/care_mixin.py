from odoo import api, fields, models
from odoo.fields import Domain


class CareMixin(models.AbstractModel):
    """In whose care a record is: of its users, and of who is responsible for its customers or suppliers.

    Record rules and filters use it, so it tells nothing but yes or no and asks for no right on contacts.
    """

    _name = "partner.care.mixin"
    _description = "In Whose Care It Is"
    # Fields of the model that name a user, and those that name a contact.
    _care_user_fields = ()
    _care_partner_fields = ("partner_id",)

    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        help="In your care, or with a contact that you are responsible for.",
    )
    in_my_team = fields.Boolean(
        compute="_compute_in_my_team",
        search="_search_in_my_team",
        help="In the care of one of your subordinates, at any depth, or with a contact that one of them is "
        "responsible for.",
    )

    @api.depends(lambda self: (*self._care_user_fields, *self._care_partner_fields))
    @api.depends_context("uid")
    def _compute_is_own(self):
        for record in self:
            record.is_own = record._is_in_care_of((self.env.uid,))

    def _search_is_own(self, operator, value):
        return self._get_care_domain((self.env.uid,)) if operator == "in" else NotImplemented

    @api.depends(lambda self: (*self._care_user_fields, *self._care_partner_fields))
    @api.depends_context("uid")
    def _compute_in_my_team(self):
        team = self.env.user._get_subordinate_user_ids()
        for record in self:
            record.in_my_team = record._is_in_care_of(team)

    def _search_in_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_care_domain(self.env.user._get_subordinate_user_ids())

    def _is_in_care_of(self, user_ids):
        self.ensure_one()
        # sudo: only ids are compared, and this decides on access to the record itself
        record = self.sudo()
        users = self.env["res.users"].union(*(record[name] for name in self._care_user_fields))
        for name in self._care_partner_fields:
            users |= record[name]._get_responsible_users()
        return not set(user_ids).isdisjoint(users.ids)

    @api.model
    def _get_care_domain(self, user_ids):
        """Records in the care of one of these users."""
        contacts = self.env["res.partner"]
        return Domain.OR(
            [
                *(Domain(name, "in", user_ids) for name in self._care_user_fields),
                *(contacts._get_care_of_domain(name, user_ids) for name in self._care_partner_fields),
            ]
        )

    @api.model
    def _forget_care(self):
        """Whose contacts they are, or who is in whose team, has changed: what was computed of it is no longer so.

        It is not among what the fields depend on, for the ORM would look for all records of these contacts.
        """
        for name in self.pool.descendants(["partner.care.mixin"], "_inherit"):
            self.env[name].invalidate_model(["is_own", "in_my_team"], flush=False)
