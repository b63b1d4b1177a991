"""Opportunities, quotations, orders, deliveries, invoices and payments, for the tests of unfinished deals."""

from unittest.mock import patch

from odoo import Command

from .invoicing import InvoicingCommon


class DealingCommon(InvoicingCommon):
    """What a deal goes through, in ``company_eur`` unless told otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["partner.deal.report"].with_company(cls.company_eur)
        cls.customer.user_id = cls.user_sales
        cls.lamp = cls._create_product(
            "Lamp", cls.category, 5.0, 7.0, invoice_policy="delivery", is_storable=True
        )
        cls.advice = cls._create_product("Advice", cls.category, 0.0, 0.0, type="service")
        cls.repair = cls._create_product(
            "Repair", cls.category, 0.0, 0.0, type="service", invoice_policy="delivery"
        )
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "Tax 20 %",
                "amount": 20,
                "company_id": cls.company_eur.id,
                "country_id": cls.env.ref("base.us").id,
            }
        )

    @classmethod
    def _create_lead(cls, name="Office", **values):
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "partner_id": cls.customer.id,
                "company_id": cls.company_eur.id,
                "user_id": cls.user_sales.id,
                "team_id": False,
                "probability": 40,
                "expected_revenue": 1000,
                **values,
            }
        )

    @classmethod
    def _quote(cls, lines=None, sent=False, **values):
        """Create a quotation of lines (product, quantity, price)."""
        lines = lines or [(cls.chair, 10, 100)]
        company = values.pop("company", cls.company_eur)
        currency = values.pop("currency", None) or company.currency_id
        pricelist = cls.env["product.pricelist"].create(
            {"name": "Test", "currency_id": currency.id, "company_id": company.id}
        )
        order = (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "company_id": company.id,
                    "pricelist_id": pricelist.id,
                    "user_id": cls.user_sales.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                                **(more[0] if more else {}),
                            }
                        )
                        for product, quantity, price, *more in lines
                    ],
                    **values,
                }
            )
        )
        if sent:
            order.action_quotation_sent()
        return order

    @classmethod
    def _order(cls, lines=None, **values):
        order = cls._quote(lines, **values)
        order.action_confirm()
        return order

    def _deliver(self, order, *quantities, backorder=True):
        """Deliver these quantities of the lines of the open transfers, all without quantities."""
        pickings = order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
        for move, quantity in zip(pickings.move_ids, quantities or [None] * 99, strict=False):
            move.quantity = move.product_uom_qty if quantity is None else quantity
            move.picked = True
        result = pickings.button_validate()
        if isinstance(result, dict) and result.get("res_model") == "stock.backorder.confirmation":
            wizard = self.env["stock.backorder.confirmation"].with_context(**result["context"]).create({})
            wizard.process() if backorder else wizard.process_cancel_backorder()
        return pickings

    def _invoice(self, order, date="2025-03-10", post=True, **values):
        invoice = order._create_invoices(**values)
        invoice.invoice_date = date
        if post:
            invoice.action_post()
        return invoice

    def _pay(self, invoices, amount=None, outstanding=True, date="2025-03-20"):
        """Register a payment; without ``outstanding`` one that has no journal entry."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", invoices.company_id.id)], limit=1
        )
        template = self.env["account.chart.template"].with_context(
            allowed_company_ids=invoices.company_id.ids
        )
        account = outstanding and template.ref("account_journal_payment_debit_account_id")
        journal.inbound_payment_method_line_ids.payment_account_id = account
        journal.outbound_payment_method_line_ids.payment_account_id = account
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoices.ids)
            .create({"payment_date": date, "journal_id": journal.id, "group_payment": len(invoices) > 1})
        )
        if amount is not None:
            wizard.amount = amount
        if outstanding:
            return wizard._create_payments()
        # Without an outstanding account Odoo makes no entry if an accounting application will match the payment.
        with patch.object(
            type(self.env["account.move"]), "_get_invoice_in_payment_state", lambda move: "in_payment"
        ):
            return wizard._create_payments()

    def _read(self, record=None, report=None, domain=()):
        """The rows of the report, of a document if one is given; read afresh."""
        self.env.flush_all()
        self.env["partner.deal.report"].invalidate_model()
        domain = list(domain)
        if record is not None:
            domain += [("res_model", "=", record._name), ("res_id", "in", record.ids)]
        report = self.report if report is None else report
        return report.search(domain)

    def assertDeal(self, record, **expected):
        row = self._read(record)
        self.assertEqual(len(row), 1, f"{record} is shown {len(row)} times")
        for name, value in expected.items():
            found = row[name]
            if isinstance(value, float):
                self.assertIsNot(found, False, name)
                self.assertAlmostEqual(found, value, 2, name)
            else:
                self.assertEqual(found, value, name)
        return row

    def assertNoDeal(self, record):
        self.assertFalse(self._read(record))
