from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """Completeness of the own contact base: Σ weight of the items filled and valid ÷ Σ weight of all items.

    The base are the customers a manager is responsible for at the end of the period (today, if that is still to
    come) and their contact persons, archived ones left out. The contacts are as they are *now*: Odoo does not keep
    what was filled when. The items and weights are those of Completeness on the contact, so the figure of one
    contact is the one on its form, and the total is the ratio of the sums.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(
        selection_add=[("completeness", "Contacts")], ondelete={"completeness": "cascade"}
    )

    def _facts_completeness(self, params):
        now = fields.Datetime.now()
        moment = min(params.end - timedelta(seconds=1), now)
        day = min(
            params.date_to, fields.Datetime.context_timestamp(self.with_context(tz=params.tz), now).date()
        )
        partners = self.env["res.partner"].with_context(active_test=False)
        partners.flush_model()
        query = partners._search(
            Domain("active", "=", True)
            & (Domain("type", "=", "contact") | Domain("parent_id", "=", False))
            & Domain("company_id", "in", [params.company.id, False]),
            order=None,
        )

        def column(name):
            return partners._field_to_sql(query.table, name, query)

        items = self.env["partner.completeness.item"]._get_items()
        weights = {
            kind: [
                (partners._completeness_item_sql(code, query.table, query), weight)
                for code, _name, weight in items[kind]
            ]
            for kind in ("company", "person")
        }

        def by_kind(compute):
            return SQL(
                "CASE WHEN %s THEN %s ELSE %s END",
                column("is_company"),
                compute(weights["company"]),
                compute(weights["person"]),
            )

        contacts = query.select(
            SQL("%s AS id", SQL.identifier(query.table, "id")),
            SQL("%s AS commercial_partner_id", column("commercial_partner_id")),
            SQL(
                "%s AS filled",
                by_kind(
                    lambda pairs: SQL(" + ").join(
                        [SQL("0"), *(SQL("CASE WHEN %s THEN %s ELSE 0 END", *pair) for pair in pairs)]
                    )
                ),
            ),
            SQL("%s AS total", by_kind(lambda pairs: SQL("%s", sum(weight for _sql, weight in pairs)))),
        )
        rows = SQL(
            """
            SELECT owner.user_id, 'res.partner' AS res_model, contact.id AS res_id, customer.id AS partner_id,
                   %(day)s::date AS date, contact.filled, contact.total
              FROM (%(contacts)s) AS contact
              JOIN res_partner AS customer ON customer.id = contact.commercial_partner_id AND customer.active
              %(join)s
             WHERE owner.user_id IS NOT NULL AND %(is_customer)s""",
            day=day,
            contacts=contacts,
            join=self.env["partner.owner.period"]._owner_join(
                SQL("customer.id"), SQL("%s", moment), SQL("%s", params.company.id)
            ),
            is_customer=self._get_is_customer_sql(SQL.identifier("customer")),
        )
        filled, total = SQL("fact.filled"), SQL("NULLIF(fact.total, 0)")
        return Facts(rows, {indicator.code: (filled, total) for indicator in params.indicators})
