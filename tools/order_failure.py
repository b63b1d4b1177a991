"""What of an order failed: plain functions, the definition that records and reports are held against."""

FAULTS = [("customer", "Customer"), ("us", "Us"), ("supplier", "Supplier")]
LOST, CANCELLED, SHORT = "lost", "cancelled", "short"
KINDS = [
    (LOST, "Quotation Lost"),
    (CANCELLED, "Order Cancelled"),
    (SHORT, "Order Short-Closed"),
]


def kind_of(state):
    """Return the kind of failure if a document of this state is given up; None for one that has no rest.

    A state that other software added is one of a quotation: it was not confirmed.

    >>> [kind_of(state) for state in ("draft", "sent", "sale", "cancel", "to_approve", False)]
    ['lost', 'lost', 'cancelled', None, 'lost', None]
    """
    return {"sale": CANCELLED, "cancel": None, False: None}.get(state, LOST)


def delivered_of(ordered, delivered, invoiced=0.0, is_counted=True):
    """Return the quantity that counts as delivered.

    :param is_counted: somebody or something keeps the delivered quantity. Of a service where nobody does, what is
        invoiced counts as delivered.

    >>> delivered_of(10, 7), delivered_of(1, 0, 1, is_counted=False), delivered_of(1, 0, 0, is_counted=False)
    (7, 1, 0)
    """
    return delivered if is_counted else max(delivered, min(invoiced, ordered))


def failed_quantity(ordered, delivered):
    """Return what was ordered and not delivered, never below 0; returned more than delivered is nothing delivered.

    >>> failed_quantity(10, 7), failed_quantity(10, 10), failed_quantity(10, 12), failed_quantity(10, -1)
    (3, 0, 0, 10)
    """
    return max(ordered - max(delivered, 0), 0)


def net_price(subtotal, ordered, price_unit=0.0, discount=0.0):
    """Return the untaxed price of one unit: the share of the line's value, so that values add up to the order.

    >>> net_price(900, 10), net_price(0, 0, 100, 10)
    (90.0, 90.0)
    """
    return subtotal / ordered if ordered else price_unit * (1 - discount / 100)


def rate(failed, base):
    """Return failed ÷ confirmed value of the cohort; None without a cohort.

    >>> rate(300, 1000), rate(0, 1000), rate(0, 0)
    (0.3, 0.0, None)
    """
    return failed / base if base else None
