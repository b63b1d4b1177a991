from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES

# What somebody says by setting a class by hand.
SAID = frozenset({"abc_class", "xyz_class", "stage", "reason", "date_until"})


class PartnerClassificationOverride(models.Model):
    """Classes of a customer set by hand, with a reason, an author and an expiry.

    They apply in every run up to and including the day they expire; an empty class is computed as usual.
    """

    _name = "partner.classification.override"
    _description = "Class Set by Hand"
    _inherit = ["mail.thread", "partner.guarded.mixin"]
    _guarded_fields = ("user_id",)
    _order = "date_until desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer or Supplier",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('commercial_partner_id', '=', id)]",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    kind = fields.Selection(
        [("customer", "Customer"), ("supplier", "Supplier")], string="As", required=True, default="customer"
    )
    active = fields.Boolean(default=True, help="Off: taken back before it expired.")
    abc_class = fields.Selection(ABC_CLASSES, string="ABC", tracking=True)
    xyz_class = fields.Selection(XYZ_CLASSES, string="XYZ", tracking=True)
    stage = fields.Selection(STAGES, tracking=True)
    reason = fields.Char(required=True, tracking=True, help="Why the computed class does not do.")
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
        help="The last day on which it applies. Runs as of a later day compute the class again.",
    )
    is_expired = fields.Boolean(compute="_compute_is_expired")

    _one_valid = models.UniqueIndex(
        "(partner_id, company_id, kind) WHERE active",
        "The classes of this customer are set by hand already. Change or take back that entry.",
    )

    @api.depends("date_until")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for override in self:
            override.is_expired = bool(override.date_until) and override.date_until < today

    @api.constrains("abc_class", "xyz_class", "stage")
    def _check_classes(self):
        for override in self:
            if not (override.abc_class or override.xyz_class or override.stage):
                raise ValidationError(
                    self.env._(
                        "Choose at least one of ABC, XYZ and stage for %s.", override.partner_id.display_name
                    )
                )

    @api.constrains("partner_id")
    def _check_partner(self):
        for override in self:
            partner = override.partner_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(person)s belongs to %(company)s. Classes are set for the company.",
                        person=partner.display_name,
                        company=partner.commercial_partner_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    def write(self, vals):
        result = super().write(vals)
        # who says another class, reason or day has set it, not who did before
        if not self.env.su and SAID & vals.keys():
            others = self.filtered(lambda override: override.user_id != self.env.user)
            others._guard_off().user_id = self.env.user
        return result
