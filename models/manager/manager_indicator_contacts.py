from odoo import fields, models
from odoo.tools import SQL

from ...tools.channels import CHANNELS
from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """Contacts with customers: how many, how long, with how many customers.

    A *contact* is a done entry of the contact log with a customer, incoming or outgoing, by a person: whoever is
    named in it made it, or received it. It belongs to that person, whoever is responsible for the customer, on the
    day it took place. What Odoo knows as activity, meeting and message is one entry; a meeting or e-mail with people
    of several customers is one entry for each of them, and counts once as a contact, and its minutes once. Mass
    mail, automatic messages and what the system itself sent are none: the log does not hold them.

    *Minutes* are the lengths entered or planned; entries without one, and meetings of whole days, add none. *Customers
    reached* counts each customer once, however many contacts there were and with which of its persons.

    A customer is anybody who is not only a supplier, as in the classification: a partner with vendor bills counts
    once it has a customer invoice, whoever is its salesperson. Colleagues and the own companies are none.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(selection_add=[("contacts", "Contact Log")], ondelete={"contacts": "cascade"})
    contact_measure = fields.Selection(
        [("contacts", "Contacts"), ("minutes", "Minutes"), ("customers", "Customers Reached")],
        string="What of Contacts",
        default="contacts",
        required=True,
        help="Contacts: how many. Minutes: how long they took together. Customers reached: with how many customers.",
    )
    contact_channel = fields.Selection(
        CHANNELS, string="Channel", help="Only contacts of this channel. Empty: of all."
    )

    def _get_definition(self):
        definition = super()._get_definition()
        if self.source == "contacts":
            definition |= {name: self[name] for name in ("contact_measure", "contact_channel")}
        return definition

    def _facts_contacts(self, params):
        self.env["partner.contact.log"].flush_model(
            [
                "all_day", "channel", "commercial_partner_id", "company_id", "date", "duration", "event_id",
                "message_id", "partner_id", "state", "user_id",
            ]
        )  # fmt: skip
        self.env["res.partner"].flush_model(["customer_rank", "partner_share", "supplier_rank"])
        self.env["res.users"].flush_model(["company_id", "share"])
        columns = {}
        for indicator in params.indicators:
            fact = {
                "contacts": SQL("CASE WHEN fact.is_first THEN 1 END"),
                "minutes": SQL("CASE WHEN fact.is_first THEN fact.minutes END"),
                "customers": SQL("CASE WHEN fact.is_last THEN 1 END"),
            }[indicator.contact_measure]
            if indicator.contact_channel:
                fact = SQL(
                    "CASE WHEN fact.channel = %s THEN %s END",
                    indicator.contact_channel,
                    SQL("CASE WHEN fact.is_last_of_channel THEN 1 END")
                    if indicator.contact_measure == "customers"
                    else fact,
                )
            columns[indicator.code] = fact, None
        # One sort for the customers; the few entries of one meeting or message are grouped without one.
        rows = SQL(
            """
            WITH entry AS MATERIALIZED (
            SELECT log.user_id, log.id, log.commercial_partner_id, log.date, log.channel,
                   -- how long a meeting of whole days took nobody has said: the calendar has its days
                   CASE WHEN NOT (log.all_day IS TRUE AND log.event_id IS NOT NULL) THEN log.duration END AS duration,
                   log.message_id, log.event_id
              FROM partner_contact_log AS log
              JOIN res_users AS manager ON manager.id = log.user_id AND manager.share IS NOT TRUE
              JOIN res_partner AS contact ON contact.id = log.partner_id AND contact.partner_share
              JOIN res_partner AS customer ON customer.id = log.commercial_partner_id
             WHERE log.state = 'done' AND log.date >= %(start)s AND log.date < %(end)s
               AND (log.company_id = %(company)s OR log.company_id IS NULL AND manager.company_id = %(company)s)
               AND manager.id <> %(robot)s AND %(is_customer)s AND %(users)s),
            shared AS MATERIALIZED (
                SELECT MIN(entry.id) AS id FROM entry
                 WHERE entry.message_id IS NOT NULL OR entry.event_id IS NOT NULL
                 GROUP BY entry.user_id, entry.message_id, entry.event_id)
            SELECT entry.user_id, 'partner.contact.log' AS res_model, entry.id AS res_id,
                   entry.commercial_partner_id AS partner_id,
                   (entry.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date, entry.channel,
                   60 * NULLIF(entry.duration, 0) AS minutes,
                   (entry.message_id IS NULL AND entry.event_id IS NULL
                    OR entry.id IN (SELECT shared.id FROM shared)) AS is_first,
                   ROW_NUMBER() OVER (
                       PARTITION BY entry.user_id, entry.commercial_partner_id
                       ORDER BY entry.date DESC, entry.id DESC) = 1 AS is_last,
                   ROW_NUMBER() OVER (
                       PARTITION BY entry.user_id, entry.commercial_partner_id, entry.channel
                       ORDER BY entry.date DESC, entry.id DESC) = 1 AS is_last_of_channel
              FROM entry""",
            tz=params.tz,
            start=params.start,
            end=params.end,
            company=params.company.id,
            robot=self.env.ref("base.user_root").id,
            users=SQL("TRUE") if params.users is None else SQL("log.user_id = ANY(%s::int[])", params.users),
            is_customer=self._get_is_customer_sql(SQL.identifier("customer")),
        )
        return Facts(rows, columns)

    def _get_is_customer_sql(self, partner):
        """Whether a commercial partner is, or may become, a customer: anybody who is not only a supplier."""
        return SQL(
            """((COALESCE(%(partner)s.supplier_rank, 0) = 0 OR COALESCE(%(partner)s.customer_rank, 0) > 0)
                AND %(partner)s.id NOT IN (SELECT partner_id FROM res_company))""",
            partner=partner,
        )
