"""The dates and events that mail rules go by."""

# Name: (label, model).
DATES = {
    "invoice_due": ("Invoice Due", "account.move"),
    "contract_end": ("Contract End", "supplier.terms"),
    "promised_sale": ("Promised Delivery to Customer", "sale.order"),
    "promised_purchase": ("Promised Delivery of Supplier", "purchase.order"),
    "birthday": ("Birthday", "res.partner"),
    "first_purchase": ("Anniversary of First Purchase", "res.partner"),
    "next_contact": ("Next Planned Contact", "partner.contact.log"),
}
EVENTS = {
    "order_confirmed": ("Order Confirmed", "sale.order"),
    "order_delivered": ("Order Delivered", "sale.order"),
    "order_failed": ("Order Failed", "partner.order.failure"),
    "opportunity_lost": ("Opportunity Lost", "crm.lead"),
    "class_up": ("Class Up", "res.partner"),
    "stage_lost": ("Customer Lost", "res.partner"),
}
TRIGGERS = [(name, label) for name, (label, _model) in {**DATES, **EVENTS}.items()]
MODEL_OF = {name: model for name, (_label, model) in {**DATES, **EVENTS}.items()}
KIND_OF = {**dict.fromkeys(DATES, "date"), **dict.fromkeys(EVENTS, "event")}
