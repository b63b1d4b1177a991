from odoo import api, fields, models


class MailingMailing(models.Model):
    """What becomes of the answers to a mailing that arrive at the mail gateway."""

    _inherit = "mailing.mailing"

    answer_mode = fields.Selection(
        [
            ("odoo", "As Odoo does"),
            ("inquiry", "Inquiries"),
            ("log", "Entries of the contact log"),
        ],
        string="Answers Become",
        default="odoo",
        help="Inquiries: each answering contact gets one, with the mailing's campaign, source and medium; further "
        "answers are added to it. Entries of the contact log: the answer is posted on the contact, and its entry has "
        "the campaign. Replies of programs, such as out of office, become neither.",
    )
    answer_ids = fields.One2many("partner.mailing.answer", "mailing_id", string="Answers")
    answer_count = fields.Integer(compute="_compute_answer_count", string="Answers Received")
    answer_hint = fields.Char(
        compute="_compute_answer_hint", help="Why answers to the reply address may not arrive in Odoo."
    )

    def _compute_answer_count(self):
        counts = dict(
            self.env["partner.mailing.answer"]._read_group(
                [("mailing_id", "in", self.ids)], ["mailing_id"], ["__count"]
            )
        )
        for mailing in self:
            mailing.answer_count = counts.get(mailing._origin, 0)

    @api.depends("answer_mode")
    def _compute_reply_to(self):
        """Answers that become something go to the address that the mail gateway reads."""
        # sudo: addresses of the company, which every letter shows
        catchall = self.env.company.sudo().catchall_formatted
        for mailing in self:
            if mailing.answer_mode in (False, "odoo") or not catchall:
                continue
            changed = mailing._origin != mailing and mailing._origin.answer_mode != mailing.answer_mode
            if changed or not mailing.reply_to:
                mailing.reply_to = catchall
        return super()._compute_reply_to()

    @api.depends("answer_mode", "reply_to", "reply_to_mode")
    def _compute_answer_hint(self):
        # sudo: which domains the gateway reads
        domains = set(self.env["mail.alias.domain"].sudo().search([("name", "!=", False)]).mapped("name"))
        for mailing in self:
            hint = False
            if mailing.answer_mode not in (False, "odoo"):
                domain = (mailing.reply_to or "").rpartition("@")[2].strip("> ").lower()
                if not domains:
                    hint = self.env._(
                        "Odoo receives no letters yet: set an alias domain in the general settings."
                    )
                elif mailing.reply_to_mode == "new" and domain not in domains:
                    hint = self.env._(
                        "Odoo reads letters to %(domains)s. Answers to %(address)s do not arrive here unless that "
                        "mailbox is fetched.",
                        domains=", ".join(sorted(domains)),
                        address=mailing.reply_to or "-",
                    )
            mailing.answer_hint = hint

    def action_view_answers(self):
        """Open the answers and what became of them."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_mailing_answer_action"
        )
        return {**action, "domain": [("mailing_id", "=", self.id)]}
