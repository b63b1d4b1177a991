from odoo import api, models

from ...tools.arguments import as_id

# What an entry of the contact log tells of a letter.
TOLD_FIELDS = {"date", "direction", "is_junk", "partner_id", "user_id"}
ASKED = ("direction", "kind", "mailbox_id")


class PartnerLetter(models.Model):
    """Letters that somebody registers by hand, as those on paper: they have no mail, and so no message."""

    _inherit = "partner.letter"

    @api.model_create_multi
    def create(self, vals_list):
        if by_hand := [vals for vals in vals_list if not vals.get("message_id")]:
            defaults = self.default_get(
                list({name for vals in by_hand for name in ASKED if name not in vals})
            )
            vals_list = [
                vals if vals.get("message_id") else self._complete_by_hand(vals, defaults)
                for vals in vals_list
            ]
        letters = super().create(vals_list)
        self.env["partner.contact.log"]._follow_letters_by_hand(letters, new=True)
        return letters

    @api.model
    def _complete_by_hand(self, vals, defaults):
        """The values of a letter registered by hand, with what the gateway enters in others."""
        vals = dict(vals)
        told = {**defaults, **vals}
        if told.get("direction") == "out":
            if vals.get("state", "new") == "new":
                vals["state"] = "done"
            user = self.env.user
            if not vals.get("user_id") and user.active and not user.share:
                vals["user_id"] = user.id
        elif told.get("kind", "letter") == "letter" and vals.get("state") != "done":
            mailbox = self.env["partner.mailbox"].browse(as_id(told.get("mailbox_id"))).exists()
            if mailbox and not vals.get("date_deadline"):
                vals["date_deadline"] = mailbox._get_deadline()
        return vals

    def write(self, vals):
        result = super().write(vals)
        if not TOLD_FIELDS.isdisjoint(vals):
            self.env["partner.contact.log"]._follow_letters_by_hand(self)
        return result

    def unlink(self):
        # sudo: an entry goes with its letter, whoever may see it; what somebody wrote about it stays
        entries = self.env["partner.contact.log"].sudo()._get_entries_by_hand(self)._without_words()
        result = super().unlink()
        entries.unlink()
        return result
