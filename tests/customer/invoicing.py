"""Two companies that sell, for the tests of invoices."""

from odoo import Command
from odoo.tools import SQL

from .. import companies
from ..common import EmptyIsNotZero, RelationsCommon


class InvoicingCommon(EmptyIsNotZero, RelationsCommon):
    """``company_eur`` and ``company_usd`` with a chart of accounts, products with a cost in each, customers.

    The users of ``RelationsCommon`` work in ``company_eur``. One dollar is 0.5 euro, on every day.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eur = cls.env.ref("base.EUR")
        cls.usd = cls.env.ref("base.USD")
        (cls.eur + cls.usd).active = True
        cls.company_eur = cls._create_selling_company("Selling in Euro", cls.eur)
        cls.company_usd = cls._create_selling_company("Selling in Dollar", cls.usd)
        for company, currency, rate in (
            (cls.company_eur, cls.usd, 2.0),
            (cls.company_usd, cls.eur, 0.5),
        ):
            cls.env["res.currency.rate"].search([("company_id", "=", company.id)]).unlink()
            cls.env["res.currency.rate"].create(
                {"name": "2000-01-01", "currency_id": currency.id, "company_id": company.id, "rate": rate}
            )
        users = cls.user_director + cls.user_supervisor + cls.user_sales + cls.user_sales2 + cls.user_sub
        users.write({"company_ids": [Command.set(cls.company_eur.ids)], "company_id": cls.company_eur.id})
        both = cls.company_eur + cls.company_usd
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=both.ids, tracking_disable=True))
        cls.company = cls.company_eur
        cls.company_eur, cls.company_usd = (
            cls.company_eur.with_env(cls.env),
            cls.company_usd.with_env(cls.env),
        )
        cls.unit = cls.env.ref("uom.product_uom_unit")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.category = cls.env["product.category"].create({"name": "Chairs"})
        cls.category2 = cls.env["product.category"].create({"name": "Tables"})
        cls.chair = cls._create_product("Chair", cls.category, 10.0, 15.0)
        cls.table = cls._create_product("Table", cls.category2, 40.0, 60.0)
        cls.customer = cls._create_company_partner("Sales Customer One")
        cls.customer2 = cls._create_company_partner("Sales Customer Two")

    @classmethod
    def _create_selling_company(cls, name, currency):
        values = {"name": name, "currency_id": currency.id, "country_id": cls.env.ref("base.us").id}
        return companies.take(cls.env, values, with_chart=True)

    @classmethod
    def _create_product(cls, name, category, cost_eur, cost_usd, **values):
        product = cls.env["product.product"].create(
            {
                "name": name,
                "categ_id": category.id,
                "type": "consu",
                "uom_id": cls.unit.id,
                "invoice_policy": "order",
                "taxes_id": [Command.clear()],
                **values,
            }
        )
        product.with_company(cls.company_eur).standard_price = cost_eur
        product.with_company(cls.company_usd).standard_price = cost_usd
        return product

    @classmethod
    def _create_order(cls, lines, partner=None, currency=None, **values):
        """Create and confirm an order of ``lines``: dictionaries with product, quantity and price."""
        company = values.pop("company", cls.company_eur)
        pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Test",
                "currency_id": (currency or company.currency_id).id,
                "company_id": company.id,
            }
        )
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "company_id": company.id,
                    "pricelist_id": pricelist.id,
                    "order_line": [Command.create({"tax_ids": [Command.clear()], **line}) for line in lines],
                    **values,
                }
            )
        )
        order.action_confirm()
        return order

    @classmethod
    def _create_invoice(cls, lines, partner=None, date="2025-03-10", post=True, **values):
        """Create an invoice of ``lines``: dictionaries with product_id, quantity, price_unit…"""
        company = values.pop("company", cls.company_eur)
        move = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": company.id,
                    "partner_id": (partner or cls.customer).id,
                    "invoice_date": date,
                    "invoice_line_ids": [
                        Command.create({"tax_ids": [Command.clear()], **line}) for line in lines
                    ],
                    **values,
                }
            )
        )
        if post:
            move.action_post()
        return move

    @classmethod
    def _settle(cls, moves):
        """Match what is open of these documents."""
        lines = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        lines.filtered(lambda line: not line.reconciled).reconcile()

    @classmethod
    def _settle_by_entry(cls, invoice, credit, amount):
        """Match an invoice with a credit note, and ``amount`` of it with an entry: Odoo calls that reversed."""
        receivable = invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        netting = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "company_id": invoice.company_id.id,
                "date": credit.invoice_date,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": invoice.partner_id.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (receivable.account_id, -amount),
                        (invoice.invoice_line_ids.account_id, amount),
                    )
                ],
            }
        )
        netting.action_post()
        cls._settle(invoice + credit + netting)

    @classmethod
    def _create_tax(cls):
        """Ten percent on the sales of ``company_eur``."""
        taxes = cls.env["account.tax"].with_company(cls.company_eur)
        return taxes.create({"name": "Ten", "amount": 10, "type_tax_use": "sale"}).with_env(cls.env)

    @classmethod
    def _create_cash_basis_tax(cls, name):
        """Ten percent on the sales of ``company_eur``, due when they are paid."""
        company = cls.company_eur
        company.tax_exigibility = True
        company.tax_cash_basis_journal_id = cls.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "general")], limit=1
        )
        transition, owed = cls.env["account.account"].create(
            [
                {
                    "name": f"{label} {name}",
                    "code": f"{code}{name}",
                    "account_type": "liability_current",
                    "reconcile": reconcile,
                    "company_ids": [Command.set(company.ids)],
                }
                for label, code, reconcile in (("Tax Waiting", "251991", True), ("Tax Owed", "251992", False))
            ]
        )
        taxes = cls.env["account.tax"].with_company(company)
        shares = [
            Command.create({"repartition_type": "base"}),
            Command.create({"repartition_type": "tax", "account_id": owed.id}),
        ]
        return taxes.create(
            {
                "name": f"Ten, on payment {name}",
                "amount": 10,
                "type_tax_use": "sale",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
                "invoice_repartition_line_ids": shares,
                "refund_repartition_line_ids": shares,
            }
        ).with_env(cls.env)

    @classmethod
    def _product_lines(cls, move):
        return move.invoice_line_ids.filtered(lambda line: line.display_type == "product").sorted(
            lambda line: (line.sequence, line.id)
        )

    @classmethod
    def _read_costs(cls, move):
        """Return the frozen costs as the database has them: of the invoice, and (unit, total) of its lines."""
        cls.env.flush_all()
        [[total]] = cls.env.execute_query(SQL("SELECT sale_cost FROM account_move WHERE id = %s", move.id))
        lines = cls.env.execute_query(
            SQL(
                "SELECT sale_unit_cost, sale_cost FROM account_move_line"
                " WHERE move_id = %s AND display_type = 'product' ORDER BY sequence, id",
                move.id,
            )
        )
        number = lambda value: value if value is None else float(value)  # noqa: E731
        return number(total), [(number(unit), number(cost)) for unit, cost in lines]
