from odoo import models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL

from ...tools.arguments import as_ids
from ...tools.leavers import planned_by_active
from .partner_deal_report_query import OPEN_LINE

# What is one person's is looked up before; for a team, the statement finds it while it reads the open deals.
MANY_USERS = 1


class PartnerDealReport(models.Model):
    """Deals without a next step, found without looking up the next step of each.

    A domain that asks for ``has_next_step = False`` is answered by anti joins: of customers with a planned contact,
    and of documents with an open activity, each read once from its partial index; only what is left is put together.
    ``tests/customer/test_deal_steps.py`` holds it against the column of the whole report.
    """

    _inherit = "partner.deal.report"

    def _asks_without_step(self, domain):
        """Whether all rows of a domain are without next step."""
        if isinstance(domain, DomainAnd):
            return any(map(self._asks_without_step, domain.children))
        if not isinstance(domain, DomainCondition) or domain.field_expr != "has_next_step":
            return False
        value = domain.value
        if domain.operator in ("in", "not in"):
            if isinstance(value, (bool, SQL)) or not hasattr(value, "__iter__"):
                return False
            values = {bool(one) for one in value}
            return values == {domain.operator == "not in"}
        return (domain.operator, bool(value)) in (("=", False), ("!=", True))

    def _search(self, domain, *args, **kwargs):
        report = self
        if self._asks_without_step(Domain(domain)):
            report = self.with_context(deal_without_step=True)
        return super(PartnerDealReport, report)._search(domain, *args, **kwargs)

    def _get_scope(self):
        users, ids = as_ids(self.env.context.get("deal_users")), self.env.context.get("deal_ids")
        if self.env.context.get("deal_without_step") and ids is None and len(users or ()) > MANY_USERS:
            return None
        return super()._get_scope()

    # ------------------------------------------------------------------
    # Parts of the statement
    # ------------------------------------------------------------------
    def _get_step_columns(self):
        columns = super()._get_step_columns()
        if self.env.context.get("deal_without_step"):
            columns.update(next_contact=SQL("NULL::date"), next_activity=SQL("NULL::date"))
        return columns

    def _get_common_tables(self, lead_ids, order_ids, move_ids):
        if not self.env.context.get("deal_without_step"):
            return super()._get_common_tables(lead_ids, order_ids, move_ids)
        companies, owners = self.env.companies.ids, as_ids(self.env.context.get("deal_owners"))
        return SQL(
            """
    WITH planned AS MATERIALIZED (
         SELECT log.commercial_partner_id AS partner_id, BOOL_OR(log.company_id IS NULL) AS everywhere,
                ARRAY_AGG(log.company_id) FILTER (WHERE log.company_id IS NOT NULL) AS companies
           FROM partner_contact_log AS log
          WHERE log.state = 'planned' AND %(present)s
          GROUP BY log.commercial_partner_id),
         billing AS MATERIALIZED (
         SELECT DISTINCT move.id AS move_id, sold.order_id
           FROM account_move AS move
           JOIN account_move_line AS item ON item.move_id = move.id
           JOIN sale_order_line_invoice_rel AS rel ON rel.invoice_line_id = item.id
           JOIN sale_order_line AS sold ON sold.id = rel.order_line_id
          WHERE move.move_type IN ('out_invoice', 'out_refund')
            AND (move.state = 'draft' OR move.state = 'posted' AND move.amount_residual <> 0)
            AND move.company_id = ANY(%(companies)s::int[]) %(moves)s %(sold)s),
         waiting AS MATERIALIZED (
         SELECT %(columns)s
           FROM (SELECT line.order_id FROM sale_order_line AS line WHERE %(open_line)s %(lines)s
                  UNION SELECT billing.order_id FROM billing) AS open
           JOIN sale_order AS o ON o.id = open.order_id
           JOIN res_partner AS contact ON contact.id = o.partner_id %(planned)s
          WHERE o.state = 'sale' AND o.company_id = ANY(%(companies)s::int[]) %(orders)s %(owners)s %(step)s)""",
            present=planned_by_active(SQL("log.user_id")),
            companies=companies,
            columns=self._get_order_columns(),
            open_line=OPEN_LINE,
            moves=self._get_ids_sql(SQL("move.id"), move_ids),
            sold=self._get_ids_sql(SQL("sold.order_id"), order_ids),
            lines=self._get_ids_sql(SQL("line.order_id"), order_ids),
            orders=self._get_ids_sql(SQL("o.id"), order_ids),
            owners=self._get_ids_sql(SQL("o.user_id"), owners and sorted(owners)),
            planned=self._get_step_join(),
            step=self._get_step_condition("sale.order", SQL("o.id"), SQL("o.company_id")),
        )

    def _get_order_columns(self):
        """What the rows tell of an order, and its customer, so that it is looked up once."""
        names = [
            "id", "name", "state", "partner_id", "user_id", "team_id", "company_id", "opportunity_id", "create_date",
            "date_order", "validity_date", "commitment_date", "amount_untaxed", "currency_rate",
        ]  # fmt: skip
        if "delivery_status" in self.env["sale.order"]._fields:
            names.append("delivery_status")
        columns = [SQL.identifier("o", name) for name in names]
        return SQL(", ").join([*columns, SQL("contact.commercial_partner_id")])

    def _get_quotation_tables(self, ids):
        if not self.env.context.get("deal_without_step"):
            return super()._get_quotation_tables(ids)
        owners = as_ids(self.env.context.get("deal_owners"))
        # OFFSET: first those without a next step, of which few remain to be held against the opportunities
        return SQL(
            """(SELECT %(columns)s
             FROM sale_order AS o
             JOIN res_partner AS contact ON contact.id = o.partner_id %(planned)s
            WHERE o.state IN ('draft', 'sent') AND o.company_id = ANY(%(companies)s::int[]) %(ids)s %(owners)s %(step)s
           OFFSET 0) AS o
     CROSS JOIN LATERAL (SELECT o.commercial_partner_id) AS contact""",
            columns=self._get_order_columns(),
            planned=self._get_step_join(),
            companies=self.env.companies.ids,
            ids=self._get_ids_sql(SQL("o.id"), ids),
            owners=self._get_ids_sql(SQL("o.user_id"), owners and sorted(owners)),
            step=self._get_step_condition("sale.order", SQL("o.id"), SQL("o.company_id")),
        )

    def _get_order_tables(self):
        if not self.env.context.get("deal_without_step"):
            return super()._get_order_tables()
        return SQL(
            "waiting AS o ON o.id = open.order_id CROSS JOIN LATERAL (SELECT o.commercial_partner_id) AS contact"
        )

    def _get_waiting_orders(self, order_ids, move_ids):
        if not self.env.context.get("deal_without_step"):
            return super()._get_waiting_orders(order_ids, move_ids)
        return (
            SQL("(SELECT waiting.id FROM waiting)"),
            SQL("(SELECT billing.move_id FROM billing JOIN waiting ON waiting.id = billing.order_id)"),
        )

    def _get_step_join(self):
        if not self.env.context.get("deal_without_step"):
            return super()._get_step_join()
        return SQL("LEFT JOIN planned ON planned.partner_id = contact.commercial_partner_id")

    def _get_step_condition(self, model, res_id, company):
        """The condition of being without a next step, of a document with the alias `contact` of its customer."""
        if not self.env.context.get("deal_without_step"):
            return super()._get_step_condition(model, res_id, company)
        present = planned_by_active(SQL("activity.user_id"))
        of_quotation = SQL()
        if model == "crm.lead":
            of_quotation = SQL(
                """
       AND NOT EXISTS (SELECT FROM sale_order AS quotation
                         JOIN mail_activity AS activity ON activity.res_model = 'sale.order'
                          AND activity.res_id = quotation.id AND activity.active
                        WHERE quotation.opportunity_id = %s AND quotation.state IN ('draft', 'sent')
                          AND %s)""",
                res_id,
                present,
            )
        return SQL(
            """
       AND (planned.partner_id IS NULL
            OR NOT (%(company)s IS NULL OR planned.everywhere OR %(company)s = ANY(planned.companies)))
       AND NOT EXISTS (SELECT FROM mail_activity AS activity WHERE activity.res_model = %(model)s
                          AND activity.res_id = %(res_id)s AND activity.active AND %(present)s) %(of_quotation)s""",
            present=present,
            company=company,
            model=model,
            res_id=res_id,
            of_quotation=of_quotation,
        )
