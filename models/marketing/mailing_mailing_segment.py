from collections import defaultdict

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.empty_fields import EmptyInteger


class MailingMailing(models.Model):
    """A mailing to a segment: to those in it at the moment of sending, once per address.

    Opt-out and blacklist are asked when the letters are made, as Odoo does, and once more when each of them
    goes to the mail server (:meth:`_get_unwanted_partner_ids`), which may be hours later. Who got a letter has a
    trace, so that a mailing that was interrupted goes on where it stopped.
    """

    _inherit = "mailing.mailing"

    segment_id = fields.Many2one(
        "partner.segment",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="The mailing goes to the contacts in the segment at the moment of sending, once per address. The "
        "scheduler takes those that the owner of the segment may see.",
    )
    segment_address_count = EmptyInteger(
        string="Addresses Now",
        compute="_compute_segment_address_count",
        help="Different e-mail addresses in the segment now, of the contacts you may see, without those that are "
        "blacklisted or opted out. Empty for text messages.",
    )

    @api.constrains("segment_id", "mailing_model_id")
    def _check_segment_model(self):
        for mailing in self:
            if mailing.segment_id and mailing.mailing_model_id.model != "res.partner":
                raise ValidationError(
                    self.env._(
                        "The mailing “%(mailing)s” goes to the segment “%(segment)s”, which has contacts: choose "
                        "Contact as recipients, or clear the segment.",
                        mailing=mailing.subject,
                        segment=mailing.segment_id.name,
                    )
                )

    @api.onchange("segment_id")
    def _onchange_segment_id(self):
        if self.segment_id:
            self.mailing_model_id = self.env["ir.model"]._get("res.partner")

    @api.onchange("mailing_model_id")
    def _onchange_mailing_model_id(self):
        if self.mailing_model_id.model != "res.partner":
            self.segment_id = False

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("segment_id") and not vals.get("mailing_model_id"):
                vals["mailing_model_id"] = self.env["ir.model"]._get_id("res.partner")
        return super().create(vals_list)

    @api.depends("segment_id")
    def _compute_mailing_domain(self):
        segmented = self.filtered("segment_id")
        for mailing in segmented:
            # what Odoo shows and copies; the recipients are those of `_get_recipients_domain`
            mailing.mailing_domain = repr([("segment_ids", "in", mailing.segment_id._origin.ids)])
        return super(MailingMailing, self - segmented)._compute_mailing_domain()

    # ------------------------------------------------------------------
    # Recipients
    # ------------------------------------------------------------------
    def _get_recipients_domain(self):
        if not self.segment_id:
            return super()._get_recipients_domain()
        return self._get_segment_recipients_domain()

    def _get_segment_recipients_domain(self):
        """Return the domain of the contacts written to now: in the segment, one for each address."""
        self.ensure_one()
        query = self.segment_id._get_partner_query()
        if self.mailing_type != "mail":
            return Domain("id", "in", query)
        partners = self.env["res.partner"]
        address = partners._field_to_sql(query.table, "email_normalized", query)
        query.add_where(SQL("%s IS NOT NULL", address))
        query.groupby = address
        # the contact that was entered first stands for those who share an address
        first = query.select(SQL("MIN(%s)", SQL.identifier(query.table, "id")))
        return Domain("id", "in", SQL("(%s)", first))

    def _compute_total(self):
        broken = self.browse()
        for mailing in self.filtered("segment_id"):
            try:
                mailing.segment_id._get_partner_query()
            except UserError:
                # the segment says why; whoever may not evaluate it opens the mailing all the same
                broken |= mailing
        broken.total = 0
        return super(MailingMailing, self - broken)._compute_total()

    @api.depends("segment_id", "mailing_type", "use_exclusion_list")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_segment_address_count(self):
        for mailing in self:
            mailing.segment_address_count = False
            if not mailing.segment_id or mailing.mailing_type != "mail":
                continue
            try:
                domain = mailing._get_segment_recipients_domain()
                partners = self.env["res.partner"].search(domain)
            except UserError:
                # the segment says why
                continue
            unwanted = mailing._get_unwanted_addresses(partners.ids)
            mailing.segment_address_count = len(partners) - len(unwanted)

    def _get_opt_out_list(self):
        """Add to those who opted out of this model's mailings those who opted out of Odoo's mailing lists."""
        addresses = super()._get_opt_out_list()
        if not self.segment_id:
            return addresses
        return {*addresses, *self._get_opted_out_addresses()}

    def _get_opted_out_addresses(self):
        """Return the addresses that opted out of a mailing list and are on no other.

        As core does for mailings to lists: who opted out of one and stays on another wants letters.
        """
        # SQL: two sets of addresses, of which the ORM would make records
        self.env["mailing.subscription"].flush_model(["opt_out", "contact_id"])
        self.env["mailing.contact"].flush_model(["email_normalized"])
        rows = self.env.execute_query(
            SQL(
                """
    SELECT contact.email_normalized
      FROM mailing_subscription AS subscription
      JOIN mailing_contact AS contact ON contact.id = subscription.contact_id
     WHERE contact.email_normalized IS NOT NULL
     GROUP BY contact.email_normalized
    HAVING BOOL_AND(COALESCE(subscription.opt_out, FALSE))"""
            )
        )
        return {address for (address,) in rows}

    def _get_unwanted_addresses(self, partner_ids):
        """Return ``{id of contact: failure type}`` of those whose address is blacklisted or opted out."""
        self.ensure_one()
        # sudo: addresses are compared, of contacts that the caller has already
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        found = partners.search_fetch([("id", "in", partner_ids)], ["email_normalized"])
        reasons = {}
        addresses = {address for address in found.mapped("email_normalized") if address}
        if addresses:
            reasons = dict.fromkeys(self._get_opt_out_list(), "mail_optout")
        if addresses and self.use_exclusion_list:
            # sudo: as Odoo's own sending, which reads the whole list
            blacklist = (
                self.env["mail.blacklist"].sudo().search_fetch([("email", "in", [*addresses])], ["email"])
            )
            reasons.update(dict.fromkeys(blacklist.mapped("email"), "mail_bl"))
        return {
            partner.id: reasons[partner.email_normalized]
            for partner in found
            if partner.email_normalized in reasons
        }

    def _get_unwanted_partner_ids(self, partner_ids):
        """Return ``{id of contact: failure type}`` of those who must not get this mailing any more.

        Asked when a letter goes to the mail server: who left the segment since, opted out or was blacklisted.
        """
        self.ensure_one()
        # the segment is evaluated as in the scheduler, with the rights of its owner, whoever sends the letter
        segment = self.segment_id.with_user(SUPERUSER_ID)
        # sudo: which of these ids are in it
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        inside = partners.search([("id", "in", partner_ids), ("id", "in", segment._get_partner_query())])
        left = {*partner_ids} - {*inside.ids}
        return {**dict.fromkeys(left, "relations_segment"), **self._get_unwanted_addresses(partner_ids)}

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------
    @api.model
    def _process_mass_mailing_queue(self):
        """Take mailings out of the queue whose segment cannot be evaluated: they would stop all others."""
        waiting = self.search(
            [
                ("state", "in", ("in_queue", "sending")),
                ("segment_id", "!=", False),
                "|",
                ("schedule_date", "<", fields.Datetime.now()),
                ("schedule_date", "=", False),
            ]
        )
        by_problem = defaultdict(self.browse)
        for mailing in waiting:
            try:
                mailing.segment_id._get_partner_query()
            except UserError as error:
                by_problem[str(error)] |= mailing
        for problem, mailings in by_problem.items():
            mailings.state = "draft"
            for mailing in mailings:
                mailing.message_post(
                    body=self.env._("The mailing was not sent. %s", problem),
                    partner_ids=mailing.user_id.partner_id.ids,
                )
        return super()._process_mass_mailing_queue()
