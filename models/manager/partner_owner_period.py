from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...tools.loose_many2one import LooseMany2one

ORIGINS = [
    ("created", "First Assigned"),
    ("changed", "Handed Over"),
    ("found", "At Installation"),
    ("tracking", "History of the Contact"),
    ("orders", "Orders and Invoices"),
    ("current", "Salesperson at Installation"),
    ("corrected", "Corrected"),
]
# Key of the transaction's data under which the contacts created in it are kept.
NEW_PARTNERS = "partner_relations.owner_new_partners"


class PartnerOwnerPeriod(models.Model):
    """Who was responsible for a customer, from when to when.

    Responsible is the salesperson of the customer (``user_id`` of a commercial partner). From the installation on
    a row begins and ends as that changes, in whatever way: by a user, an import or core's own compute. What was
    before is reconstructed, see :class:`PartnerOwnerHistory`, and marked as estimated. Those who are *also
    responsible* have no periods: one person is credited, so that the sums of all are the sales of the company.

    A moment belongs to the period that it lies in, the end excluded; moments are UTC. An empty start is the
    beginning: whoever was first assigned to a customer when it was created is responsible for documents dated
    before that too. Nobody responsible: no row. Periods of one customer whose companies meet never overlap, which
    the database itself ensures, so a join gives one row at most.

    Rows have no foreign keys, see :class:`LooseMany2one`: contacts that are merged or deleted and users that are
    deleted are followed by ``_merge_partners``, ``_forget_partners`` and ``_forget_users``. Users who left are
    archived and keep theirs.
    """

    _name = "partner.owner.period"
    _description = "Owner of a Customer"
    _inherit = ["partner.care.mixin"]
    _care_user_fields = ("user_id",)
    _order = "date_to desc, id desc"
    _rec_name = "partner_id"

    partner_id = LooseMany2one("res.partner", string="Customer", required=True, readonly=True)
    user_id = LooseMany2one("res.users", string="Manager", required=True, readonly=True, index=True)
    company_id = LooseMany2one(
        "res.company",
        readonly=True,
        help="Empty: in every company. Set where it was read from the orders and invoices of this company.",
    )
    date_from = fields.Datetime(
        string="From",
        readonly=True,
        help="From when on the manager was responsible. Empty: from the beginning.",
    )
    date_to = fields.Datetime(
        string="To",
        readonly=True,
        help="From when on the manager was responsible no more. Empty: still responsible.",
    )
    estimated = fields.Boolean(
        readonly=True,
        help="It was before the installation, and was reconstructed: by what the origin says.",
    )
    origin = fields.Selection(
        ORIGINS,
        required=True,
        readonly=True,
        help="How it is known. First assigned, handed over: kept as it happened. At installation: who was "
        "responsible then. History of the contact: the changes that the contact's messages tell. Orders and "
        "invoices: the salesperson of most of them in each month. Salesperson at installation: nothing tells when "
        "that began, and nobody else is known. Corrected: by a director.",
    )
    correction_id = LooseMany2one("partner.owner.correction", readonly=True)
    reason = fields.Char(related="correction_id.reason", help="Why a director corrected it.")
    is_own = fields.Boolean(string="Mine", compute="_compute_is_own", search="_search_is_own")

    _span_positive = models.Constraint("CHECK (date_from < date_to)", "A period ends after it begins.")
    # Without company: every company. The only index by customer, and what makes a join give one row at most.
    _no_overlap = models.Constraint(
        """EXCLUDE USING gist (
            int4range(partner_id, partner_id, '[]') WITH &&,
            int4range(company_id, company_id, '[]') WITH &&,
            tsrange(date_from, date_to) WITH &&)""",
        "Two managers cannot be responsible for a customer at the same moment in the same company.",
    )
    _partner_idx = models.Index("(partner_id, date_to)")

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        self._check_written_by_system()
        return super().create(vals_list)

    def write(self, vals):
        self._check_written_by_system()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_system(self):
        self._check_written_by_system()

    def _check_written_by_system(self):
        """Pay depends on it: even a director corrects it only by the action that keeps a trace."""
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "Who was responsible for a customer is kept by the system. Change the salesperson of the "
                    "customer; a director can correct estimated periods with “Correct”."
                )
            )

    # ------------------------------------------------------------------
    # Who was responsible
    # ------------------------------------------------------------------
    @api.model
    def _owner_join(self, partner, moment, company, alias="owner"):
        """Return the join that adds who was responsible: ``<alias>.user_id``, NULL if nobody was.

        At most one row joins, so no row of the query doubles.

        :param SQL partner: id of the commercial partner
        :param SQL moment: timestamp in UTC; of a day, its first moment in the time zone of the company
        :param SQL company: id of the company
        :param str alias: name of the joined table
        :rtype: SQL
        """
        self._flush_owners()
        return SQL(
            """LEFT JOIN partner_owner_period AS %(alias)s
                 ON %(alias)s.partner_id = %(partner)s
                AND (%(alias)s.company_id IS NULL OR %(alias)s.company_id = %(company)s)
                AND (%(alias)s.date_from IS NULL OR %(alias)s.date_from <= %(moment)s)
                AND (%(alias)s.date_to IS NULL OR %(alias)s.date_to > %(moment)s)""",
            alias=SQL.identifier(alias),
            partner=partner,
            moment=moment,
            company=company,
        )

    @api.model
    def _get_owners(self, partners, moment, company):
        """Return who was responsible for each of the contacts' customers at a moment; an empty user for nobody.

        :param partners: contacts; persons have the owner of their company
        :param datetime moment: in UTC
        :param company: the company whose sales they are
        :rtype: dict
        """
        self._flush_owners()
        # sudo: callers decide what they show of it, as with a field of the contact
        rows = self.sudo().search_fetch(
            [
                ("partner_id", "in", partners.commercial_partner_id.ids),
                ("company_id", "in", [company.id, False]),
                "|", ("date_from", "=", False), ("date_from", "<=", moment),
                "|", ("date_to", "=", False), ("date_to", ">", moment),
            ],
            ["partner_id", "user_id"],
        )  # fmt: skip
        users = {row.partner_id.id: row.user_id.id for row in rows}
        Users = self.env["res.users"]
        return {
            partner: Users.browse(users.get(partner.commercial_partner_id.id) or ()) for partner in partners
        }

    @api.model
    def _flush_owners(self):
        """Bring the history up to date with what this transaction changed on contacts."""
        self.env["res.partner"].flush_model(["user_id", "commercial_partner_id"])
        self.flush_model()

    # ------------------------------------------------------------------
    # Keeping it
    # ------------------------------------------------------------------
    @api.model
    def _keep(self, partner_ids):
        """Begin and end periods so that the open ones say what the contacts say now.

        Contacts that already agree change nothing, so it does not matter why it is called. An owner who was
        replaced within the same second was none.
        """
        # SQL: contacts may come in tens of thousands, and this is part of writing them: two statements for all
        created = self.env.cr.precommit.data.get(NEW_PARTNERS, ())
        values = {
            "ids": list(partner_ids),
            "now": fields.Datetime.now(),
            "uid": self.env.uid,
            "new": [new for new in partner_ids if new in created],
        }
        self.env.cr.execute(
            SQL(
                """
    WITH stale AS (
        SELECT period.id, responsible.user_id,
               COALESCE(period.date_from >= %(now)s, period.create_date = %(now)s) AS at_once
          FROM partner_owner_period AS period
          JOIN res_partner AS partner ON partner.id = period.partner_id
     LEFT JOIN LATERAL (
               SELECT partner.user_id WHERE partner.commercial_partner_id = partner.id) AS responsible ON TRUE
         WHERE period.partner_id = ANY(%(ids)s) AND period.date_to IS NULL
           AND responsible.user_id IS DISTINCT FROM period.user_id),
    replaced AS (
        UPDATE partner_owner_period AS period SET user_id = stale.user_id
          FROM stale WHERE stale.id = period.id AND stale.at_once AND stale.user_id IS NOT NULL),
    removed AS (
        DELETE FROM partner_owner_period AS period
         USING stale WHERE stale.id = period.id AND stale.at_once AND stale.user_id IS NULL)
    UPDATE partner_owner_period AS period SET date_to = %(now)s, write_uid = %(uid)s, write_date = %(now)s
      FROM stale WHERE stale.id = period.id AND NOT stale.at_once""",
                **values,
            )
        )
        # the clocks of two servers may differ by seconds: a period never begins before the last one ended
        self.env.cr.execute(
            SQL(
                """
    INSERT INTO partner_owner_period (
        partner_id, user_id, date_from, estimated, origin, create_uid, create_date, write_uid, write_date)
    SELECT partner.id, partner.user_id,
           CASE WHEN before.is_known OR NOT partner.id = ANY(%(new)s) THEN GREATEST(%(now)s, before.date_to) END,
           FALSE,
           CASE WHEN before.is_known OR NOT partner.id = ANY(%(new)s) THEN 'changed' ELSE 'created' END,
           %(uid)s, %(now)s, %(uid)s, %(now)s
      FROM res_partner AS partner
      JOIN LATERAL (
           SELECT COUNT(*) > 0 AS is_known, MAX(period.date_to) AS date_to,
                  COALESCE(BOOL_OR(period.date_to IS NULL), FALSE) AS is_open
             FROM partner_owner_period AS period WHERE period.partner_id = partner.id) AS before
        ON NOT before.is_open
     WHERE partner.id = ANY(%(ids)s) AND partner.commercial_partner_id = partner.id
       AND partner.user_id IS NOT NULL""",
                **values,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _forget_partners(self, partner_ids):
        """Remove the periods of contacts that are deleted."""
        self._forget("partner_id", partner_ids)

    @api.model
    def _forget_users(self, user_ids):
        """Remove the periods of users that are deleted: nobody is left to be credited."""
        self._forget("user_id", user_ids)

    def _forget(self, column, ids):
        if not ids:
            return
        # SQL: nobody may remove a row otherwise
        self.env.cr.execute(
            SQL("DELETE FROM partner_owner_period WHERE %s = ANY(%s)", SQL.identifier(column), list(ids))
        )
        self.invalidate_model(flush=False)
