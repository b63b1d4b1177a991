from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.empty_fields import EmptyInteger, EmptyMonetary
from ...tools.leavers import planned_by_active
from .partner_classification_line import ABC_CLASSES, STAGES, XYZ_CLASSES
from .partner_effort_rule import PRIORITIES


class PartnerRhythmReport(models.Model):
    """Each customer that a rule of the effort policy fits: when it should be contacted, and when it was.

    Days are counted from the last contact that anybody had with the customer or one of its persons, in the
    company of the policy; without one from the first sale, else from the day the contact was created. A
    customer is past its rhythm from the day *after* the wanted number of days.

    The id of a row is that of the customer's line in the current classification.
    """

    _name = "partner.rhythm.report"
    _description = "Customers and Their Contact Rhythm"
    _inherit = ["partner.care.mixin", "partner.report.page.mixin"]
    _auto = False
    _rec_name = "partner_id"
    _care_user_fields = ("owner_id",)
    _order = "priority desc, days_overdue desc nulls last, revenue desc nulls last, id"
    _depends = {
        "crm.team": ["active", "company_id", "sequence", "user_id"],
        "crm.team.member": ["active", "crm_team_id", "user_id"],
        "partner.classification.line": [
            "abc_class", "classification_id", "company_id", "currency_id", "first_sale_date", "is_merged",
            "partner_id", "revenue", "stage", "xyz_class",
        ],
        "partner.contact.log": ["commercial_partner_id", "company_id", "date", "state", "user_id"],
        "res.partner": ["active", "user_id"],
        "res.users": ["active", "share"],
    }  # fmt: skip

    line_id = fields.Many2one("partner.classification.line", string="Classified As", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    salesperson_id = fields.Many2one("res.users", readonly=True)
    owner_id = fields.Many2one(
        "res.users",
        string="In the Care of",
        readonly=True,
        help="Who is to make the contact, as the rule says. Empty: nobody, such as where there is no salesperson.",
    )
    rule_id = fields.Many2one(
        "partner.effort.rule", readonly=True, help="The first rule of the policy that fits."
    )
    priority = fields.Selection(PRIORITIES, readonly=True)
    abc_class = fields.Selection(ABC_CLASSES, string="ABC", readonly=True)
    xyz_class = fields.Selection(XYZ_CLASSES, string="XYZ", readonly=True)
    stage = fields.Selection(STAGES, readonly=True)
    revenue = EmptyMonetary(
        readonly=True,
        help="Sales less credit notes in the window of the current classification, untaxed. Empty without sales.",
    )
    contact_days = EmptyInteger(
        string="Wanted Every (Days)",
        readonly=True,
        aggregator="avg",
        help="At the latest so many days after one contact the next should take place.",
    )
    last_contact_date = fields.Datetime(
        string="Last Contact",
        readonly=True,
        help="Of anybody with the customer or one of its persons. Empty: there was none.",
    )
    since_date = fields.Date(
        string="Counted Since",
        readonly=True,
        help="Day of the last contact; without one of the first sale, else when the contact was created.",
    )
    days_since = EmptyInteger(
        string="Days Since", readonly=True, aggregator="avg", help="Days without a contact, up to today."
    )
    due_date = fields.Date(
        string="Contact By", readonly=True, help="The last day within the rhythm. Empty: no rhythm is wanted."
    )
    days_overdue = EmptyInteger(
        readonly=True,
        aggregator="avg",
        help="Days past the wanted rhythm. Empty for customers within it.",
    )
    is_past = fields.Boolean(string="Past the Rhythm", readonly=True)
    next_contact_date = fields.Datetime(
        string="Next Contact",
        readonly=True,
        help="The earliest contact that is planned and not done, by somebody who works here.",
    )

    # ------------------------------------------------------------------
    # Query
    # ------------------------------------------------------------------
    @property
    def _table_query(self):
        """SQL: the last contact and the days since of a hundred thousand customers in one statement.

        Runs and rules are read before and stand in it as values, so that the planner knows how many rows to
        expect; with joins to their few rows it takes the customers for a handful and goes through them one by
        one.
        """
        # a second of compiling for a second of reading
        self.env.cr.execute("SET LOCAL jit = off")
        # sudo: only which runs are the current ones
        runs = (
            self.env["partner.classification"]
            .sudo()
            .search([("is_current", "=", True), ("kind", "=", "customer")])
        )
        return SQL(
            """
    WITH leader AS MATERIALIZED (
        SELECT DISTINCT ON (member.user_id, company.id)
               member.user_id AS member_id, company.id AS company_id, team.user_id
          FROM crm_team_member AS member
          JOIN crm_team AS team ON team.id = member.crm_team_id AND team.active
          JOIN res_users AS head ON head.id = team.user_id AND head.active AND head.share IS NOT TRUE
          JOIN res_company AS company ON team.company_id IS NULL OR team.company_id = company.id
         WHERE member.active
         ORDER BY member.user_id, company.id, team.sequence, team.id)
    SELECT line.id, line.id AS line_id, line.company_id, line.currency_id, line.partner_id,
           partner.user_id AS salesperson_id, owner.id AS owner_id, rule.id AS rule_id, rule.priority,
           line.abc_class, line.xyz_class, line.stage, line.revenue, rule.contact_days::int AS contact_days,
           last.date AS last_contact_date, since.day AS since_date, %(today)s - since.day AS days_since,
           since.day + rule.contact_days::int AS due_date,
           NULLIF(GREATEST(%(today)s - since.day - rule.contact_days::int, 0), 0) AS days_overdue,
           COALESCE(%(today)s - since.day > rule.contact_days::int, FALSE) AS is_past,
           next.date AS next_contact_date
      FROM partner_classification_line AS line
      JOIN (VALUES %(rules)s) AS rule(key, id, contact_days, owner_type, owner_id, priority)
        ON rule.key = concat(line.company_id, '|', line.abc_class, '|', line.xyz_class, '|', line.stage)
      JOIN res_partner AS partner ON partner.id = line.partner_id AND partner.active
      LEFT JOIN leader ON leader.member_id = partner.user_id AND leader.company_id = line.company_id
       AND rule.owner_type = 'leader'
      LEFT JOIN res_users AS owner
        ON owner.id = CASE rule.owner_type WHEN 'user' THEN COALESCE(rule.owner_id::int, partner.user_id)
                                           WHEN 'leader' THEN COALESCE(leader.user_id, partner.user_id)
                                           ELSE partner.user_id END
       AND owner.active AND owner.share IS NOT TRUE
      -- one look into an index each, so that a page of the list or one row costs next to nothing
      LEFT JOIN LATERAL (
            SELECT log.date FROM partner_contact_log AS log
             WHERE log.commercial_partner_id = line.partner_id AND log.state = 'done'
               AND (log.company_id = line.company_id OR log.company_id IS NULL)
             ORDER BY log.date DESC LIMIT 1) AS last ON TRUE
      LEFT JOIN LATERAL (
            SELECT log.date FROM partner_contact_log AS log
             WHERE log.commercial_partner_id = line.partner_id AND log.state = 'planned'
               AND (log.company_id = line.company_id OR log.company_id IS NULL)
               AND %(present)s
             ORDER BY log.date LIMIT 1) AS next ON TRUE
     CROSS JOIN LATERAL (
            SELECT COALESCE((last.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date, line.first_sale_date,
                            (partner.create_date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date, %(today)s) AS day
           ) AS since
     WHERE line.classification_id = ANY(%(runs)s::int[]) AND line.is_merged IS NOT TRUE""",
            runs=runs.ids,
            rules=SQL(", ").join(self._get_rule_rows()),
            present=planned_by_active(SQL("log.user_id")),
            today=SQL("%s::date", fields.Date.context_today(self)),
            tz=self.env["partner.contact.log"]._get_known_zone(self.env.tz.zone),
        )

    @api.model
    def _get_rule_rows(self):
        """The rule of each combination of classes, as rows of a VALUES list."""
        # sudo: what the rules say, for the customers that the record rules let through
        policies = self.env["partner.effort.policy"].sudo().search([("active", "=", True)])
        rows = [
            SQL(
                "(%s, %s, %s, %s, %s, %s)",
                "|".join((str(policy.company_id.id), *classes)),
                rule.id,
                rule.contact_days or None,
                rule.owner_type,
                rule.owner_id.filtered(lambda owner: owner.active and not owner.share).id or None,
                rule.priority,
            )
            for policy in policies
            for classes, rule in policy._get_rules_by_classes().items()
        ]
        # none: a row that fits no customer, of the types of the others
        return rows or [SQL("('', 0, NULL, '', NULL, '0')")]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    @api.readonly
    def action_open_partner(self):
        """Open the contact."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }
