from itertools import product

from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES

# Classes, days and priority of a new policy, in the order in which they are tried.
DEFAULT_RULES = (
    {"abc_class": "a", "xyz_class": "x", "stage": "regular", "contact_days": 14, "priority": "3"},
    {"abc_class": "a", "contact_days": 21, "priority": "3"},
    {"abc_class": "b", "contact_days": 30, "priority": "2"},
    {"stage": "one_time", "contact_days": 45, "priority": "1"},
    {"abc_class": "c", "contact_days": 60, "priority": "1"},
    # bought for the first time in the unfinished month, so not in the window of ABC yet
    {"stage": "regular", "contact_days": 60, "priority": "1"},
    {"stage": "lost", "contact_days": 90, "priority": "1"},
    {"stage": "potential", "contact_days": 90, "priority": "0"},
)
MAX_ACTIVITIES = 100


class PartnerEffortPolicy(models.Model):
    """Which customers a company contacts how often, who does it and who comes first, by their classes."""

    _name = "partner.effort.policy"
    _description = "Effort Policy"
    _inherit = ["mail.thread", "partner.guarded.mixin"]
    _guarded_fields = ("date_activities",)
    _order = "company_id, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, default=lambda self: self.env._("Standard"))
    active = fields.Boolean(default=True, help="Archived: the company wants no contact rhythm.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    rule_ids = fields.One2many(
        "partner.effort.rule",
        "policy_id",
        string="Rules",
        copy=True,
        default=lambda self: self._default_rule_ids(),
        help="The first rule that fits a customer applies.",
    )
    make_activities = fields.Boolean(
        default=True,
        tracking=True,
        help="Every morning, whoever cares for a customer that is past its rhythm gets an activity on it, once. "
        "Off: such customers only stand in the list.",
    )
    activity_limit = fields.Integer(
        string="At Most per Person and Day",
        required=True,
        default=5,
        tracking=True,
        help="So many customers a day for each person: the highest priority first, then the largest revenue. "
        "The others follow on the next days.",
    )
    date_activities = fields.Datetime(string="Activities Made On", readonly=True, copy=False)

    _one_active = models.UniqueIndex("(company_id) WHERE active", "A company has one effort policy.")

    @api.model
    def _default_rule_ids(self):
        return [
            Command.create({"sequence": 10 * number, **rule}) for number, rule in enumerate(DEFAULT_RULES, 1)
        ]

    @api.constrains("activity_limit")
    def _check_activity_limit(self):
        for policy in self:
            if not 1 <= policy.activity_limit <= MAX_ACTIVITIES:
                raise ValidationError(
                    self.env._(
                        "The policy “%(policy)s” makes at most %(count)s activities per person and day. "
                        "Enter 1 to %(maximum)s; to make none, turn activities off.",
                        policy=policy.name,
                        count=policy.activity_limit,
                        maximum=MAX_ACTIVITIES,
                    )
                )

    @api.constrains("company_id", "rule_ids")
    def _check_rule_owners(self):
        self.rule_ids._check_owner()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("active", True):
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                self._check_one_active(company, vals.get("name"))
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("active") or vals.get("company_id"):
            for policy in self.filtered(lambda policy: vals.get("active", policy.active)):
                company = self.env["res.company"].browse(vals.get("company_id")) or policy.company_id
                policy._check_one_active(company, policy.name)
        return super().write(vals)

    def _check_one_active(self, company, name):
        """Before the unique index does, which knows no names."""
        # said, as a caller may ask for archived ones, too
        domain = [("company_id", "=", company.id), ("active", "=", True), ("id", "not in", self.ids)]
        if twin := self.search(domain, limit=1):
            raise ValidationError(
                self.env._(
                    "%(company)s has the effort policy “%(twin)s” already. Change that one, or archive it "
                    "before “%(policy)s” takes its place.",
                    company=company.name,
                    twin=twin.name,
                    policy=name or self.env._("Standard"),
                )
            )

    @api.model
    def _get_for(self, company):
        """Return the policy of ``company``, made with the defaults if it never had one.

        Where somebody archived it, the company wants no rhythm: empty.
        """
        policies = self.with_context(active_test=False).search([("company_id", "=", company.id)])
        if not policies:
            policy = self.create({"company_id": company.id})
            for code, _name in self.env["res.lang"].get_installed():
                spoken = policy.with_context(lang=code)
                spoken.name = spoken.env._("Standard")
            return policy
        return policies.filtered("active")

    def _get_rules_by_classes(self):
        """The rule of each combination of ABC class, XYZ class and stage that one fits; ``""`` is no class.

        :rtype: dict[tuple[str, str, str], PartnerEffortRule]
        """
        self.ensure_one()
        rules = self.rule_ids.sorted(lambda rule: rule._key())
        classes = (
            ["", *(key for key, _label in selection)] for selection in (ABC_CLASSES, XYZ_CLASSES, STAGES)
        )
        by_classes = {
            combination: next((rule for rule in rules if rule._covers(*combination)), None)
            for combination in product(*classes)
        }
        return {combination: rule for combination, rule in by_classes.items() if rule}
