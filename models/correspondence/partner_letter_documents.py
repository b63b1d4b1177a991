from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize, parse_contact_from_email

from ...tools.notification import notify


class PartnerLetter(models.Model):
    """The documents a letter belongs to: linked to it, or made from it."""

    _name = "partner.letter"
    _inherit = ["partner.letter", "partner.document.links.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        letters = super().create(vals_list)
        letters._check_documents({name for vals in vals_list for name in vals})
        return letters

    def write(self, vals):
        result = super().write(vals)
        self._check_documents(vals.keys())
        return result

    # ------------------------------------------------------------------
    # Making documents
    # ------------------------------------------------------------------
    def action_new_lead(self):
        """Make an opportunity from the letter, with the user's own rights; it is the executor's then."""
        self._check_new_document("lead_id")
        values = {
            "type": "opportunity",
            "name": self.name or self.display_name,
            "partner_id": self.partner_id.id,
            "description": self.body,
            # to make it for a colleague at once would need the right to everybody's leads
            "user_id": self.env.uid,
            "company_id": self.company_id.id,
        }
        if not self.partner_id:
            name, _address = parse_contact_from_email(self.email_from)
            values.update(email_from=self.email, contact_name=name)
        action = self._link_new("lead_id", values)
        executor = self.user_id.sudo()  # sudo: whether a colleague still works here
        if executor.active and not executor.share:
            # sudo: who makes it of a letter may hand it to the executor of that letter, whose lead it is from then on
            self.lead_id.sudo().user_id = executor
        if self.lead_id.has_access("read"):
            return action
        text = self.env._(
            "Made for %(executor)s: %(opportunity)s", executor=executor.name, opportunity=values["name"]
        )
        return notify(text, then="reload")

    def action_new_quotation(self):
        """Make a quotation from the letter."""
        self._check_new_document("sale_order_id")
        return self._link_new(
            "sale_order_id",
            {
                "partner_id": self._get_document_partner().id,
                "company_id": self.company_id.id,
                "client_order_ref": self.name,
            },
        )

    def action_new_invoice(self):
        """Make a draft invoice from the letter."""
        self._check_new_document("account_move_id")
        return self._link_new(
            "account_move_id",
            {
                "move_type": "out_invoice",
                "partner_id": self._get_document_partner().id,
                "company_id": self.company_id.id,
                "ref": self.name,
            },
        )

    def action_new_purchase(self):
        """Make a request for quotation from the letter."""
        self._check_new_document("purchase_order_id")
        return self._link_new(
            "purchase_order_id",
            {
                "partner_id": self._get_document_partner().id,
                "company_id": self.company_id.id,
                "partner_ref": self.name,
            },
        )

    def _check_new_document(self, name):
        self.ensure_one()
        self.check_access("write")
        if self[name]:
            raise UserError(
                self.env._(
                    "The letter “%(letter)s” belongs to %(document)s already. Empty the field “%(field)s” first.",
                    letter=self.display_name,
                    document=self[name].display_name,
                    field=self._fields[name]._description_string(self.env),
                )
            )

    def _get_document_partner(self):
        if not self.partner_id:
            raise UserError(
                self.env._(
                    "The letter “%s” has no contact. Fill in “Contact”, then make the document.",
                    self.display_name,
                )
            )
        return self.partner_id

    def _link_new(self, name, values):
        documents = self.env[self._fields[name].comodel_name].with_company(self.company_id)
        document = documents.create(values)
        self[name] = document
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # Letters sent from documents
    # ------------------------------------------------------------------
    @api.model
    def _get_mail_partners(self, mail):
        """The receivers of a mail outside the house."""
        return (mail.recipient_ids | mail.partner_ids).filtered("partner_share")

    @api.model
    def _register_mails(self, mails):
        """Register mails that leave from mailboxes' addresses, from whichever document.

        :param mails: ``[(mailbox id, mail)]``
        """
        self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True).create(
            [self._prepare_mail_vals(mailbox_id, mail) for mailbox_id, mail in mails]
        )

    @api.model
    def _prepare_mail_vals(self, mailbox_id, mail):
        """The values of the letter that a mail is."""
        partners = self._get_mail_partners(mail)
        author = mail.author_id.user_ids[:1]
        values = {
            "name": mail.subject or mail.record_name,
            "mailbox_id": mailbox_id,
            "direction": "out",
            "state": "done",
            "date": mail.date or fields.Datetime.now(),
            "message_id": mail.message_id,
            "mail_message_id": mail.mail_message_id.id,
            "partner_id": partners[:1].id,
            "email_from": mail.email_from,
            "email_to": mail.email_to or ", ".join(partners.mapped("email_formatted")),
            "email_cc": mail.email_cc,
            "email": email_normalize(mail.email_to or "", strict=False) or partners[:1].email_normalized,
            "subject_key": self._get_subject_key(mail.subject),
            "user_id": author.id if not author.share else False,
        }
        if mail.model in self._document_fields:
            values[self._document_fields[mail.model]] = mail.res_id
        return values
