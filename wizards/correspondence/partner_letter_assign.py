from odoo import fields, models
from odoo.exceptions import UserError


class PartnerLetterAssign(models.TransientModel):
    """Give letters to somebody, with deadline, importance and a word for the executor."""

    _name = "partner.letter.assign"
    _description = "Assign Letters"
    _inherit = "partner.pointer.mixin"

    letter_ids = fields.Many2many("partner.letter", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Executor",
        required=True,
        default=lambda self: self.env.user,
        domain=lambda self: f"[{self.env['res.users']._get_executor_condition()}]",
    )
    date_deadline = fields.Datetime(string="Deadline", help="Empty: the deadline of each letter stays.")
    importance = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Urgent")], help="Empty: the importance of each letter stays."
    )
    note = fields.Text(help="What the executor has to know. Empty: the note of each letter stays.")

    def action_assign(self):
        """Assign the letters; closed ones are opened again.

        :raises UserError: for who left, may not open letters, or has no access to the company of a letter
        """
        self.ensure_one()
        letters = self.letter_ids
        letters.check_access("write")
        # sudo: facts about a colleague
        user = self.user_id.sudo()
        if not user.active or user.share:
            raise UserError(self.env._("%s does not work here. Choose a colleague as executor.", user.name))
        if not user.has_group("partner_relations.group_user"):
            raise UserError(
                self.env._(
                    "%s may not open letters. Choose a colleague who has a right in Customer & Supplier Relations.",
                    user.name,
                )
            )
        for letter in letters:
            if letter.direction == "out":
                raise UserError(
                    self.env._(
                        "“%s” was sent by us and needs no executor. Leave it out.", letter.display_name
                    )
                )
            if letter.company_id not in user.company_ids:
                raise UserError(
                    self.env._(
                        "%(user)s does not work in %(company)s, to which the letter “%(letter)s” came. Choose somebody "
                        "else.",
                        user=user.name,
                        company=letter.company_id.name,
                        letter=letter.display_name,
                    )
                )
        values = {"user_id": user.id, "state": "assigned", "is_junk": False}
        for name in ("date_deadline", "importance", "note"):
            if self[name]:
                values[name] = self[name]
        letters.write(values)
        return {"type": "ir.actions.act_window_close"}
