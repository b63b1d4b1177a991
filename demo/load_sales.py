"""Inquiries, orders, deliveries, invoices, credit notes and payments of customers."""

from datetime import timedelta

from odoo.fields import Command

from . import names
from .loading import at, backdate, give_back, past, pay, transfer_in_rounds
from .plan import rate
from .plan_relations import build_leads


def load_marketing(env, users, today):
    """Campaigns and sources by which inquiries came."""
    campaigns = env["utm.campaign"].create(
        [{"title": name, "user_id": users["lan"].id} for name, _months, _budget in names.CAMPAIGNS.values()]
    )
    sources = env["utm.source"].create([{"name": name} for name in names.SOURCES])
    return dict(zip(names.CAMPAIGNS, campaigns, strict=True)), sources


def load_leads(env, plan, users, customers, persons, campaigns, sources):
    """Inquiries as opportunities: won, lost, open and new.

    :return: ``{customer: lead}``
    """
    stages = env["crm.stage"].search([("is_won", "=", False)])
    won = env["crm.stage"].search([("is_won", "=", True)], limit=1)
    reasons = env["crm.lost.reason"].create([{"name": name} for name in names.LOST_REASONS])
    leads = build_leads(plan)
    vals_list = []
    for number, lead in enumerate(leads):
        partner = customers[lead.customer]
        stage = {"won": won, "new": stages[:1]}.get(lead.outcome) or stages[
            1 + number % max(len(stages) - 1, 1)
        ]
        vals_list.append(
            {
                "name": f"{lead.title} - {partner.name}",
                "type": "opportunity",
                "user_id": users[lead.user].id,
                "partner_id": persons[partner][:1].id,
                "partner_name": partner.name,
                "stage_id": stage.id,
                "expected_revenue": lead.revenue,
                "date_deadline": lead.closed or lead.deadline,
                "source_id": sources[lead.source].id,
                "campaign_id": campaigns[lead.campaign].id if lead.campaign else False,
                # invented companies are looked up nowhere
                **({"iap_enrich_done": True} if "iap_enrich_done" in env["crm.lead"]._fields else {}),
            }
        )
    records = env["crm.lead"].create(vals_list)
    for number, (record, lead) in enumerate(zip(records, leads, strict=True)):
        if lead.outcome == "lost":
            record.write(
                {"lost_reason_id": reasons[number % len(reasons)].id, "active": False, "probability": 0}
            )
        record.date_open = at(lead.created, 11)
        if lead.closed:
            record.date_closed = at(lead.closed, 10)
    backdate(records, [at(lead.created, 10) for lead in leads])
    return {lead.customer: (lead, record) for lead, record in zip(leads, records, strict=True)}


def load_orders(env, plan, users, customers, pricelists, furniture, leads):
    """Create all orders, oldest first, and bring each to the state of its story, deliveries included."""
    export_tax = env["account.chart.template"].ref("tax_sale_vat0", raise_if_not_found=False)
    vals_list, first_done = [], set()
    for sale in plan.sales:
        customer = plan.customers[sale.customer]
        vals = {
            "partner_id": customers[sale.customer].id,
            "user_id": users[sale.user].id,
            "date_order": at(sale.ordered, 10),
            "commitment_date": at(sale.promised, 17),
            "validity_date": sale.ordered + timedelta(days=30),
            "order_line": [
                Command.create(_line_vals(plan, customer, sale, line, furniture, export_tax))
                for line in sale.lines
            ],
        }
        if customer.currency != "VND":
            vals["pricelist_id"] = pricelists[customer.currency].id
        lead, record = leads.get(sale.customer, (None, None))
        is_won = lead and lead.outcome == "won" and sale.invoiced and sale.customer not in first_done
        if is_won or (lead and lead.outcome == "open" and sale.outcome in ("draft", "sent")):
            vals.update(
                opportunity_id=record.id, campaign_id=record.campaign_id.id, source_id=record.source_id.id
            )
        if sale.invoiced:
            first_done.add(sale.customer)
        vals_list.append(vals)
    orders = env["sale.order"].create(vals_list)
    pairs = list(zip(plan.sales, orders, strict=True))

    def having(*outcomes):
        return orders.browse([order.id for sale, order in pairs if sale.outcome in outcomes])

    (orders - having("draft", "sent", "quote_lost")).action_confirm()
    having("cancelled", "quote_lost").action_cancel()
    having("sent").state = "sent"
    for sale, order in pairs:
        # confirming sets the date of the confirmation
        order.date_order = at(sale.ordered, 10)
    transfer_in_rounds(
        lambda order: order.picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel")),
        {order: sale.deliveries for sale, order in pairs if sale.deliveries},
    )
    rest = having("short").picking_ids.filtered(lambda picking: picking.state not in ("done", "cancel"))
    rest.action_cancel()
    for sale, order in pairs:
        for planned, line in zip(sale.lines, order.order_line, strict=True):
            # every change of the transfers set it to today's cost
            line.purchase_price = _cost(plan, sale, planned)
    backdate(orders, [at(sale.ordered, 10) for sale in plan.sales])
    return pairs


def _cost(plan, sale, line):
    """The cost of that time, as sale_margin would have kept it, in the currency of the order."""
    return line.cost / rate(plan.customers[sale.customer].currency, plan.today, sale.ordered)


def _line_vals(plan, customer, sale, line, furniture, export_tax):
    export = customer.currency != "VND"
    vals = {
        "product_id": furniture[line.product].id,
        "product_uom_qty": line.quantity,
        "price_unit": line.price,
        "discount": line.discount,
        "purchase_price": _cost(plan, sale, line),
    }
    if export and export_tax:
        vals["tax_ids"] = [Command.set(export_tax.ids)]
    return vals


def load_invoices(env, plan, pairs, discount):
    """Invoices of what was delivered, then credit notes, then payments, all on their own day."""
    invoiced = sorted(
        (pair for pair in pairs if pair[0].invoiced), key=lambda pair: (pair[0].invoiced, pair[1].id)
    )
    vals_list = []
    for sale, order in invoiced:
        vals = order._prepare_invoice()
        vals["invoice_date"] = sale.invoiced
        vals["invoice_line_ids"] = [
            Command.create(line._prepare_invoice_line(sequence=number))
            for number, line in enumerate(order.order_line)
            if line.qty_to_invoice
        ]
        vals_list.append(vals)
    invoices = env["account.move"].create(vals_list)
    invoices.action_post()
    _load_credit_notes(env, list(zip(invoiced, invoices, strict=True)), discount)
    pay(
        env,
        [
            (invoice, sale.paid)
            for (sale, _order), invoice in zip(invoiced, invoices, strict=True)
            if sale.paid
        ],
    )
    return invoices


def _load_credit_notes(env, invoiced, discount):
    """Returned goods are credited by quantity and come back, discounts are amounts without goods."""
    vals_list = []
    for (sale, order), invoice in invoiced:
        if not sale.credit:
            continue
        reason, day, share = sale.credit
        if reason == "discount":
            lines = [
                {
                    "product_id": discount.id,
                    "name": f"Chiết khấu theo hóa đơn {invoice.name}",
                    "quantity": 1,
                    "price_unit": invoice.currency_id.round(invoice.amount_untaxed * share),
                    "tax_ids": [Command.set(invoice.invoice_line_ids[:1].tax_ids.ids)],
                }
            ]
        else:
            done = order.picking_ids.filtered(lambda picking: picking.state == "done")
            returned = give_back(done[:1], share, past(day, 9))
            back = {move.sale_line_id: move.quantity for move in returned.move_ids}
            lines = [
                {
                    "product_id": line.product_id.id,
                    "name": line.name,
                    "price_unit": line.price_unit,
                    "quantity": back[line.sale_line_ids],
                    "discount": line.discount,
                    "tax_ids": [Command.set(line.tax_ids.ids)],
                    "sale_line_ids": [Command.set(line.sale_line_ids.ids)],
                }
                for line in invoice.invoice_line_ids
                if line.sale_line_ids in back
            ]
        vals_list.append(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "invoice_date": day,
                "currency_id": invoice.currency_id.id,
                "invoice_user_id": invoice.invoice_user_id.id,
                "team_id": invoice.team_id.id,
                "invoice_origin": invoice.invoice_origin,
                "ref": invoice.name,
                "reversed_entry_id": invoice.id,
                "invoice_line_ids": [Command.create(line) for line in lines],
            }
        )
    # posting a credit note that names its invoice reconciles the two
    env["account.move"].create(vals_list).action_post()
