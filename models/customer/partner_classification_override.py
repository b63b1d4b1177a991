from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ...tools.arguments import as_id
from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES

# What somebody says by setting a class by hand.
SAID = frozenset({"abc_class", "xyz_class", "stage", "reason", "date_until"})


class PartnerClassificationOverride(models.Model):
    """Classes of a customer set by hand, with a reason, an author and an expiry.

    They apply in every run up to and including the day they expire; an empty class is computed as usual.
    """

    _name = "partner.classification.override"
    _description = "Class Set by Hand"
    _inherit = ["mail.thread", "partner.guarded.mixin", "partner.hand.set.mixin"]
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

    @api.constrains("reason")
    def _check_reason(self):
        for override in self:
            if not override.reason.strip():
                raise ValidationError(
                    self.env._("Enter why the class of %s is set by hand.", override.partner_id.display_name)
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._end_expired(vals_list)
        return super().create(vals_list)

    @api.model
    def _end_expired(self, vals_list):
        """Let what is over make room for new entries."""
        defaults = self.default_get(["active", "company_id", "kind"])
        keys = {
            (as_id(vals.get("partner_id")), as_id(vals["company_id"]), vals["kind"])
            for vals in ({**defaults, **vals} for vals in vals_list)
            if vals["active"]
        }
        ended = self.search(
            [
                ("partner_id", "in", [partner_id for partner_id, *_of in keys]),
                ("date_until", "<", fields.Date.context_today(self)),
            ]
        ).filtered(lambda override: (override.partner_id.id, override.company_id.id, override.kind) in keys)
        ended.active = False
        ended.flush_recordset(["active"])  # before the new ones, of which only one may be valid

    def write(self, vals):
        if SAID & vals.keys():
            self.check_access("write")
            self._leave_to_posted_runs()
        result = super().write(vals)
        # who says another class, reason or day has set it, not who did before
        if not self.env.su and SAID & vals.keys():
            others = self.filtered(lambda override: override.user_id != self.env.user)
            others._guard_off().user_id = self.env.user
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for override, run in self._get_posted_runs().items():
            raise UserError(
                self.env._(
                    "The posted classification %(run)s says why the classes of %(customer)s were set by hand. Archive "
                    "the entry instead.",
                    run=run.display_name,
                    customer=override.partner_id.display_name,
                )
            )

    def _get_posted_runs(self):
        """The entries that a line of a posted run names, each with such a run.

        :rtype: dict
        """
        if not self.ids:
            return {}
        lines = self.env["partner.classification.line"]
        lines.flush_model(["classification_id", "override_id"])
        runs = self.env["partner.classification"]
        runs.flush_model(["state"])
        # SQL: whoever changes the entry may not see each of these lines
        rows = self.env.execute_query(
            SQL(
                """
    SELECT line.override_id, MAX(line.classification_id)
      FROM partner_classification_line AS line
      JOIN partner_classification AS run ON run.id = line.classification_id AND run.state = 'posted'
     WHERE line.override_id = ANY(%s)
     GROUP BY line.override_id""",
                self.ids,
            )
        )
        # sudo: the name of the run, where the entry cannot be deleted
        return {self.browse(override_id): runs.sudo().browse(run_id) for override_id, run_id in rows}

    def _leave_to_posted_runs(self):
        """Leave to posted runs what the entries say now: a copy of each, which does not apply to any run to come."""
        used = self.browse(override.id for override in self._get_posted_runs())
        if not used:
            return
        # sudo: what stands there already, for runs that nobody may change
        originals = used.sudo()._guard_off().with_context(tracking_disable=True)
        copies = originals.create(
            [
                {**original.copy_data()[0], "active": False, "user_id": original.user_id.id}
                for original in originals
            ]
        )
        pairs = SQL(", ").join(SQL("(%s, %s)", *pair) for pair in zip(used.ids, copies.ids, strict=True))
        # SQL: lines are written by runs alone
        self.env.cr.execute(
            SQL(
                """
    UPDATE partner_classification_line AS line SET override_id = pair.copy
      FROM (VALUES %s) AS pair(original, copy), partner_classification AS run
     WHERE line.override_id = pair.original AND run.id = line.classification_id AND run.state = 'posted'""",
                pairs,
            )
        )
        self.env["partner.classification.line"].invalidate_model(["override_id"], flush=False)

    # ------------------------------------------------------------------
    # Contacts that become one
    # ------------------------------------------------------------------
    def _get_set_thing(self):
        return (*super()._get_set_thing(), self.kind)

    def _get_precedence(self, target):
        # one that is still valid if there is any, that of the contact itself before those of others; one whose last
        # day is over stays active, and applies no more
        return self.is_expired, self.partner_id != target, self.id
