from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from .supplier_scorecard import GRADES


class SupplierGradeOverride(models.Model):
    """A supplier's grade set by hand, with a reason, an author and an expiry; it wins over the computed one.

    It applies up to and including the day it expires. A new one takes the place of the one before, which stays
    as history.
    """

    _name = "supplier.grade.override"
    _description = "Supplier Grade Set by Hand"
    _inherit = ["mail.thread", "partner.guarded.mixin", "partner.hand.set.mixin"]
    _guarded_fields = ("computed_grade",)
    _order = "date_until desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('commercial_partner_id', '=', id)]",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True, help="Off: taken back, or replaced by a later one.")
    grade = fields.Selection(
        GRADES, required=True, tracking=True, help="The grade that applies in place of the computed one."
    )
    reason = fields.Char(required=True, tracking=True, help="Why the computed grade does not do.")
    user_id = fields.Many2one(
        "res.users",
        string="Set By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
        copy=False,
    )
    date_until = fields.Date(
        string="Valid Until",
        required=True,
        tracking=True,
        help="The last day on which it applies. From the next day on, the computed grade applies again.",
    )
    computed_grade = fields.Selection(
        GRADES,
        string="Computed Then",
        readonly=True,
        copy=False,
        help="The computed grade when it was set by hand. Empty: not rated then.",
    )
    state = fields.Selection(
        [("valid", "Valid"), ("expired", "Expired"), ("replaced", "Taken Back")],
        compute="_compute_state",
        help="Valid: it applies today. Expired: its last day is over. Taken back: by hand, or by a later one.",
    )

    _one_active = models.UniqueIndex(
        "(partner_id, company_id) WHERE active",
        "The grade of this supplier is set by hand already. Change or take back that entry.",
    )

    # ------------------------------------------------------------------
    # Validity
    # ------------------------------------------------------------------
    @api.model
    def _get_valid_domain(self):
        """Those that apply today."""
        return Domain("active", "=", True) & Domain("date_until", ">=", fields.Date.context_today(self))

    @api.model
    def _get_valid(self, partners, companies):
        """The grades set by hand that apply today, by ids of supplier and company, as far as the user may see them.

        :rtype: dict[tuple[int, int], SupplierGradeOverride]
        """
        if not partners._origin.ids or not companies.ids:
            return {}
        found = self.search(
            Domain("partner_id", "in", partners._origin.ids)
            & Domain("company_id", "in", companies.ids)
            & self._get_valid_domain()
        )
        return {(override.partner_id.id, override.company_id.id): override for override in found}

    @api.depends("active", "date_until")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for override in self:
            if not override.active:
                override.state = "replaced"
            elif override.date_until and override.date_until < today:
                override.state = "expired"
            else:
                override.state = "valid"

    def _explain(self):
        """Who set which grade until when and why."""
        self.ensure_one()
        return self.env._(
            "%(grade)s, set by hand until %(day)s by %(user)s: %(reason)s",
            grade=dict(self._fields["grade"]._description_selection(self.env))[self.grade],
            day=format_date(self.env, self.date_until),
            # sudo: the name of a colleague, who may be archived or of another company by now
            user=self.user_id.sudo().name,
            reason=self.reason,
        )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.constrains("partner_id")
    def _check_partner(self):
        for override in self:
            partner = override.partner_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(person)s belongs to %(company)s. The grade is set for the company.",
                        person=partner.display_name,
                        company=partner.commercial_partner_id.display_name,
                    )
                )

    @api.constrains("reason")
    def _check_reason(self):
        for override in self:
            if not override.reason.strip():
                raise ValidationError(
                    self.env._("Enter why the grade of %s is set by hand.", override.partner_id.display_name)
                )

    @api.constrains("date_until", "active")
    def _check_date_until(self):
        today = fields.Date.context_today(self)
        for override in self:
            if override.active and override.date_until < today:
                raise ValidationError(
                    self.env._(
                        "“Valid Until” of the grade of %(supplier)s is %(day)s, a day that is over. Enter today or "
                        "later.",
                        supplier=override.partner_id.display_name,
                        day=format_date(self.env, override.date_until),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        grades = {}
        for vals in vals_list:
            # the author is who does it
            vals["user_id"] = self.env.uid
            company = vals.get("company_id") or self.env.company.id
            grades.setdefault(company, set()).add(vals.get("partner_id"))
        computed = {}
        for company, partners in grades.items():
            mine = [("company_id", "=", company), ("partner_id", "in", list(filter(None, partners)))]
            # history: the one before stays, taken back
            self.search(mine).active = False
            for card in self.env["supplier.scorecard"].search([*mine, ("is_current", "=", True)]):
                computed[card.partner_id.id, company] = card.grade
        self.flush_model(["active"])  # before the new ones, of which only one may be active
        for vals in vals_list:
            key = (vals.get("partner_id"), vals.get("company_id") or self.env.company.id)
            vals["computed_grade"] = computed.get(key, False)
        overrides = super(SupplierGradeOverride, self._guard_off()).create(vals_list).with_env(self.env)
        self.env["supplier.scorecard"]._forget_ratings()
        return overrides

    def write(self, vals):
        if vals.keys() & {"grade", "reason", "date_until", "user_id"} and not (
            self.env.su and "user_id" in vals
        ):
            # the author is who does it
            vals = {**vals, "user_id": self.env.uid}
        result = super().write(vals)
        self.env["supplier.scorecard"]._forget_ratings()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        for override in self:
            raise UserError(
                self.env._(
                    "The grade of %s set by hand is part of its history. Take it back instead of deleting it.",
                    override.partner_id.display_name,
                )
            )

    def _get_precedence(self, _target):
        # the newest, of those that are valid if there are any; one whose last day is over stays active
        return self.state != "valid", -self.id

    @api.model
    def _move_to_partner(self, sources, target):
        result = super()._move_to_partner(sources, target)
        self.env["supplier.scorecard"]._forget_ratings()
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_take_back(self):
        """End it today: the computed grade applies again."""
        self.active = False
        return True
