from odoo import models

from ...tools.batches import write_each
from .partner_requirement import OPEN_STATES, WORK_KINDS

ACTIVITY_TYPE = "partner_relations.mail_activity_type_requirement"


class PartnerRequirement(models.Model):
    """The owner's activity: one for each open need or requirement with an owner and a deadline."""

    _inherit = "partner.requirement"

    def _is_work(self):
        """Somebody has to do something about it by a day."""
        return (
            self.kind in WORK_KINDS
            and self.state in OPEN_STATES
            and bool(self.date_deadline)
            and bool(self.user_id)
        )

    def _sync_activities(self, remake=True):
        """Bring the owners' activities in step: moved with owner and deadline, done when it is met.

        An activity that its owner has marked as done comes back with the next change of owner, deadline or state
        only.

        :param bool remake: make the activities that are missing
        """
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE, raise_if_not_found=False)
        if not type_id or not self:
            return
        # sudo: the owner's activity follows the need, whoever of those with access changes it
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        known = activities.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", type_id),
            ]
        ).grouped("res_id")
        # what changes alike is written together: a whole customer base may be handed over
        values, closed, dropped, moved = [], activities, activities, {}
        for requirement in self:
            existing = known.get(requirement.id, activities)
            if not requirement._is_work():
                if requirement.state == "met":
                    closed |= existing
                else:
                    dropped |= existing
                continue
            wanted = {
                "user_id": requirement.user_id.id,
                "date_deadline": requirement.date_deadline,
                "summary": requirement.name,
            }
            if existing:
                dropped |= existing[1:]
                first = existing[0]
                changed = {
                    name: value
                    for name, value in wanted.items()
                    if (first[name].id if name == "user_id" else first[name]) != value
                }
                if changed:
                    moved[first] = changed
                continue
            values.append(
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": requirement.id,
                    "activity_type_id": type_id,
                    **wanted,
                }
            )
        write_each(moved)
        dropped.unlink()
        if closed:
            closed.action_done()
        if values and remake:
            activities.create(values)
