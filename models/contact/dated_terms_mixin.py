from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ...tools.batches import write_each

# What decides whether terms overlap others.
PERIOD_FIELDS = {"partner_id", "company_id", "date_from", "date_to", "active"}


class PartnerDatedTermsMixin(models.AbstractModel):
    """What was agreed with a partner in a company for a period, of which at most one holds on a day.

    Both days of the period belong to it; without a last day it has an open end. It is the company's (the commercial
    partner): persons have the terms of their company.

    The model has ``name``, ``partner_id``, ``company_id`` and a constraint ``_no_overlap``, deferrable, for two people
    who save at the same moment; else :meth:`_check_no_overlap` tells it with names and dates.
    """

    _name = "partner.dated.terms.mixin"
    _description = "Terms for a Period"
    _inherit = ["mail.thread", "partner.guarded.mixin"]
    _placing_fields = ("company_id", "partner_id")
    # The field of attachments that were uploaded for the record.
    _terms_documents = "document_ids"

    active = fields.Boolean(default=True, tracking=True)
    date_from = fields.Date(
        string="Valid From", required=True, tracking=True, default=fields.Date.context_today
    )
    date_to = fields.Date(
        string="Valid Until", tracking=True, help="The last day of the terms. Empty: until further notice."
    )
    state = fields.Selection(
        [("coming", "Coming"), ("valid", "Valid"), ("expired", "Expired")],
        compute="_compute_state",
        search="_search_state",
        help="Whether the period of the terms lies ahead, holds today or is over.",
    )

    # ------------------------------------------------------------------
    # Words and state
    # ------------------------------------------------------------------
    def _get_words(self):
        """Where they were agreed and for how long, in words."""
        period = self._get_period_text()
        return f"{self.name} ({period})" if self.name else period

    def _get_period_text(self):
        """Return the period in words, in the language of the environment."""
        first = self.date_from and format_date(self.env, self.date_from)
        last = self.date_to and format_date(self.env, self.date_to)
        if first and last:
            return f"{first} – {last}"
        if last:
            return self.env._("until %(date)s", date=last)
        return self.env._("from %(date)s", date=first) if first else ""

    @api.depends("date_from", "date_to")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for terms in self:
            if terms.date_from and terms.date_from > today:
                terms.state = "coming"
            elif terms.date_to and terms.date_to < today:
                terms.state = "expired"
            else:
                terms.state = "valid"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        begun = Domain("date_from", "<=", today)
        domains = {
            "coming": Domain("date_from", ">", today),
            "valid": begun & (Domain("date_to", "=", False) | Domain("date_to", ">=", today)),
            "expired": begun & Domain("date_to", "<", today),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    def _holds_on(self, day):
        self.ensure_one()
        return self.date_from <= day and (not self.date_to or day <= self.date_to)

    def _overlaps(self, other):
        return (not other.date_to or self.date_from <= other.date_to) and (
            not self.date_to or other.date_from <= self.date_to
        )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("partner_id", "company_id", "date_from", "date_to", "active")
    def _check_no_overlap(self):
        # sudo: an overlap is one, whoever may see the other terms
        records = self.sudo()
        others = records.search(
            [
                ("partner_id", "in", records.partner_id.ids),
                ("company_id", "in", records.company_id.ids),
                # also where the context asks for archived records, as a merge does
                ("active", "=", True),
            ]
        )
        for terms in records.filtered("active"):
            for other in others - terms:
                if (other.partner_id, other.company_id) == (
                    terms.partner_id,
                    terms.company_id,
                ) and terms._overlaps(other):
                    terms._check_overlap_told(other)
                    raise ValidationError(
                        self.env._(
                            "%(customer)s already has terms for this time in %(company)s: %(other)s. These are "
                            "%(period)s. Change the dates of one of them, or archive the one that does not hold.",
                            customer=terms.partner_id.display_name,
                            company=terms.company_id.name,
                            other=other._get_words(),
                            period=terms._get_period_text(),
                        )
                    )

    def _check_overlap_told(self, other):
        """Raise an error without names and dates where the user may not see them.

        Who may not have these terms at all gets the same error as without an overlap, and so does not learn of it.
        """
        # Odoo looks for overlaps as superuser, before it asks whether the user may make or move the terms
        mine = self.with_user(self.env.uid)
        mine.check_access(
            "create" if self.env.context.get("relations_terms_operation") == "create" else "write"
        )
        if not (other.with_user(self.env.uid).has_access("read") and mine.partner_id.has_access("read")):
            raise ValidationError(
                self.env._(
                    "There are terms for this time already that you may not see. Ask a director, or choose other dates."
                )
            )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        self.partner_id = self.partner_id.commercial_partner_id

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        self._take_commercial_partners(vals_list)
        self._defer_overlaps()
        creating = self.with_context(relations_terms_operation="create")
        terms = super(PartnerDatedTermsMixin, creating).create(vals_list).with_env(self.env)
        terms._raise_overlaps()
        terms._attach_documents()
        return terms

    def write(self, vals):
        vals = dict(vals)
        self._take_commercial_partners([vals])
        moves = not PERIOD_FIELDS.isdisjoint(vals)
        if moves:
            self._defer_overlaps()
        result = super().write(vals)
        if moves:
            self._raise_overlaps()
        if self._terms_documents in vals:
            self._attach_documents()
        return result

    @api.model
    def _take_commercial_partners(self, vals_list):
        """Replace a person by its company in values for :meth:`create` and :meth:`write`."""
        partners = self.env["res.partner"].browse(
            {vals["partner_id"] for vals in vals_list if vals.get("partner_id")}
        )
        # sudo: which company a contact belongs to; whoever may choose it sees its name as well
        companies = {partner.id: partner.commercial_partner_id.id for partner in partners.sudo()}
        for vals in vals_list:
            if vals.get("partner_id"):
                vals["partner_id"] = companies[vals["partner_id"]]

    def _defer_overlaps(self):
        """Let the Python constraint speak first: it names the terms that overlap."""
        # SQL: a statement that the ORM does not have
        self.env.cr.execute(SQL("SET CONSTRAINTS %s DEFERRED", self._get_overlap_constraint()))

    def _raise_overlaps(self):
        """Have the database look now for overlaps, so that the error is one of this record and not of the commit."""
        self.flush_recordset(PERIOD_FIELDS)
        # SQL: as above
        self.env.cr.execute(SQL("SET CONSTRAINTS %s IMMEDIATE", self._get_overlap_constraint()))

    @api.model
    def _get_overlap_constraint(self):
        return SQL.identifier(f"{self._table}_no_overlap")

    def _attach_documents(self):
        """Attach files that were uploaded for these terms to them, so that the rights of the terms hold."""
        write_each(
            {
                document: {"res_model": self._name, "res_id": terms.id}
                for terms in self
                for document in terms[self._terms_documents]
                if not document.res_id and document.create_uid == self.env.user
            }
        )
