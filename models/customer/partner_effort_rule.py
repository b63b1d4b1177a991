from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.empty_fields import EmptyInteger
from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES

PRIORITIES = [("0", "Normal"), ("1", "Raised"), ("2", "High"), ("3", "Very High")]
CONDITIONS = ("abc_class", "xyz_class", "stage")
MAX_DAYS = 3_650


class PartnerEffortRule(models.Model):
    """How much attention the customers of some classes get. The first rule that fits a customer applies."""

    _name = "partner.effort.rule"
    _description = "Effort Rule"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("policy_id",)
    _order = "policy_id, sequence, id"

    policy_id = fields.Many2one("partner.effort.policy", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="policy_id.company_id", store=True, precompute=True)
    sequence = fields.Integer(default=10, help="The first rule that fits a customer applies.")
    abc_class = fields.Selection(ABC_CLASSES, string="ABC", help="Empty: any, also without a class.")
    xyz_class = fields.Selection(XYZ_CLASSES, string="XYZ", help="Empty: any, also without a class.")
    stage = fields.Selection(STAGES, help="Empty: any.")
    contact_days = EmptyInteger(
        string="Contact Every (Days)",
        help="At the latest so many days after one contact the next should take place. Empty: no rhythm is "
        "wanted.",
    )
    owner_type = fields.Selection(
        [
            ("salesperson", "Salesperson"),
            ("leader", "Leader of the Salesperson's Team"),
            ("user", "Fixed Person"),
        ],
        string="In the Care of",
        required=True,
        default="salesperson",
        help="Who is to make the contact. Where a salesperson's team has no leader, or the fixed person has "
        "left, the salesperson.",
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Person",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        ondelete="restrict",
    )
    priority = fields.Selection(
        PRIORITIES,
        required=True,
        default="0",
        help="Which customers come first in the list, and first get an activity.",
    )
    note = fields.Char(
        string="What to Do", translate=True, help="Stands in the activity for whoever makes the contact."
    )
    is_unreachable = fields.Boolean(
        string="Never Applies",
        compute="_compute_is_unreachable",
        help="An earlier rule takes every customer that this one would fit.",
    )
    customer_count = fields.Integer(
        string="Customers",
        compute="_compute_customer_count",
        help="Customers to whom this rule applies today, of those you may see.",
    )

    _days_range = models.Constraint(
        "CHECK (contact_days BETWEEN 1 AND 3650)", "The days between two contacts lie between 1 and 3,650."
    )
    _owner_given = models.Constraint(
        "CHECK (owner_type <> 'user' OR owner_id IS NOT NULL)", "A fixed person has to be chosen."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------
    @api.depends("abc_class", "xyz_class", "stage", "contact_days")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = {name: dict(self._fields[name]._description_selection(self.env)) for name in CONDITIONS}
        for rule in self:
            parts = [labels[name][rule[name]] for name in CONDITIONS if rule[name]]
            classes = ", ".join(parts) or self.env._("All customers")
            if rule.contact_days:
                rule.display_name = self.env._(
                    "%(classes)s: every %(days)s days", classes=classes, days=rule.contact_days
                )
            else:
                rule.display_name = self.env._("%s: no rhythm", classes)

    def _covers(self, abc_class, xyz_class, stage):
        """Whether a customer with these classes fits; also: whether all do that fit such a rule."""
        self.ensure_one()
        wanted = zip(CONDITIONS, (abc_class, xyz_class, stage), strict=True)
        return all(not self[name] or self[name] == value for name, value in wanted)

    @api.depends("sequence", "policy_id.rule_ids.sequence", *CONDITIONS)
    def _compute_is_unreachable(self):
        for rule in self:
            earlier = rule.policy_id.rule_ids.filtered(lambda other: other._key() < rule._key())  # noqa: B023
            rule.is_unreachable = any(
                other._covers(rule.abc_class, rule.xyz_class, rule.stage) for other in earlier
            )

    def _key(self):
        """Sorts saved rules as the report does; new ones come after them."""
        return self.sequence, self._origin.id or float("inf")

    @api.depends("policy_id.rule_ids.sequence", *CONDITIONS)
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_customer_count(self):
        groups = self.env["partner.classification.line"]._read_group(
            [
                ("company_id", "in", self.company_id.ids),
                ("classification_id.is_current", "=", True),
                ("classification_id.kind", "=", "customer"),
                ("is_merged", "!=", True),
                ("partner_id.active", "=", True),
            ],
            ["company_id", *CONDITIONS],
            ["__count"],
        )
        counts = {}
        for policy in self.policy_id:
            rules = policy.rule_ids.sorted(lambda rule: rule._key())
            for company, *classes, count in groups:
                fitting = rules.filtered(lambda rule: rule._covers(*classes))[:1]  # noqa: B023
                if fitting and company == policy.company_id:
                    counts[fitting] = counts.get(fitting, 0) + count
        for rule in self:
            rule.customer_count = counts.get(rule, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------
    @api.onchange("owner_type")
    def _onchange_owner_type(self):
        if self.owner_type != "user":
            self.owner_id = False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_days(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_days(vals))

    @api.model
    def _clean_days(self, vals):
        """No days are entered as nothing or as zero."""
        return {**vals, "contact_days": vals["contact_days"] or False} if "contact_days" in vals else vals

    @api.constrains("contact_days")
    def _check_contact_days(self):
        for rule in self:
            if rule.contact_days and not 1 <= rule.contact_days <= MAX_DAYS:
                raise ValidationError(
                    self.env._(
                        "The rule “%(rule)s” of the policy “%(policy)s” wants a contact every %(days)s days. "
                        "Enter 1 to %(maximum)s days, or none for no rhythm.",
                        rule=rule.display_name,
                        policy=rule.policy_id.name,
                        days=rule.contact_days,
                        maximum=MAX_DAYS,
                    )
                )

    @api.constrains("owner_type", "owner_id", "policy_id")
    def _check_owner(self):
        for rule in self.filtered(lambda rule: rule.owner_type == "user"):
            # sudo: the companies and state of a colleague
            owner = rule.owner_id.sudo()
            if not owner:
                raise ValidationError(
                    self.env._(
                        "The rule “%(rule)s” of the policy “%(policy)s” gives its customers to a fixed person. "
                        "Choose the person, or the salesperson as the one who cares.",
                        rule=rule.display_name,
                        policy=rule.policy_id.name,
                    )
                )
            if owner.share or rule.company_id not in owner.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(person)s, whom the rule “%(rule)s” names, does not work in %(company)s. "
                        "Choose an internal user of the company.",
                        person=owner.name,
                        rule=rule.display_name,
                        company=rule.company_id.name,
                    )
                )
