"""What the indicators of sales managers from invoices mean, in plain Python: the definition that SQL is held against.

Amounts are untaxed and in the currency of the company whose figures they are; days are those of the company. Each
function takes all documents of one company and returns, by manager (None: nobody), the *facts*: pairs of numerator and
denominator, one for each document or customer. The value of a manager is made of just these, see :func:`value`.
"""

import itertools
from collections import defaultdict, namedtuple
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

# A posted invoice, or a credit note with negative amounts. ``user`` is its salesperson, ``cost`` None if unknown,
# ``discount`` see :func:`line_deduction`, ``is_reversed`` whether credit notes took back all of it.
Document = namedtuple(
    "Document",
    ["id", "customer", "day", "user", "revenue", "cost", "discount", "is_refund", "is_reversed"],
    defaults=[0, 0, False, False],
)
# From ``start`` (None: ever) until before ``end`` (None: still), in UTC; ``company`` None: in all of them.
Owner = namedtuple("Owner", ["customer", "user", "start", "end", "company"], defaults=[None, None, None])

BASE = relativedelta(years=1)
INDICATORS = (
    "revenue", "profit", "margin_rate", "deduction_rate", "retention_rate", "money_retention_rate",
    "new_customers", "returned_customers",
)  # fmt: skip


def year_before(last):
    """The last of the same days a year before; of the last day of a month, the last of that month.

    >>> from datetime import date
    >>> [str(year_before(date(*day))) for day in ((2025, 2, 28), (2024, 2, 29), (2024, 2, 28), (2025, 3, 31))]
    ['2024-02-29', '2023-02-28', '2023-02-28', '2024-03-31']
    """
    after = last + timedelta(days=1)
    return after - BASE - timedelta(days=1) if after.day == 1 else last - BASE


def value(facts, is_sum=False):
    """The value of a manager with these facts; None without data, or if a rate has nothing to be divided by.

    >>> value([(10, None), (-25, None)], is_sum=True)
    -15
    >>> value([(1, 4), (2, 6)])
    0.3
    >>> value([(5, 0)]), value([])
    (None, None)
    """
    numerators = [numerator for numerator, _denominator in facts if numerator is not None]
    if not numerators:
        return None
    if is_sum:
        return sum(numerators)
    total = sum(denominator for _numerator, denominator in facts if denominator is not None)
    return sum(numerators) / total if total > 0 else None


def line_deduction(net, discount, gross=0, is_downpayment=False):
    """By how much a line of an invoice makes it less than at full price.

    That is what the line would be without its discount (in percent) less what it is; all of a line below zero,
    unless it settles a down payment; and of a line that is given away ``gross``, price × quantity.

    >>> line_deduction(90, 10), line_deduction(100, 0), line_deduction(-20, 0), line_deduction(0, 100, gross=15)
    (10.0, 0.0, 20, 15)
    >>> line_deduction(-50, 0, is_downpayment=True)
    0
    """
    if is_downpayment:
        return 0
    if net < 0:
        return -net
    if discount >= 100:
        return gross
    return net * discount / (100 - discount)


def owner_at(owners, customer, day, company, tz):
    """Who was responsible for a customer in the first moment of a day in the time zone; None if nobody.

    >>> handed_over = datetime(2025, 3, 10, 17)  # midnight of March 11 in Vietnam
    >>> owners = [Owner(1, "An", end=handed_over), Owner(1, "Binh", start=handed_over)]
    >>> from datetime import date
    >>> [owner_at(owners, 1, date(2025, 3, day), 7, "Asia/Ho_Chi_Minh") for day in (10, 11)]
    ['An', 'Binh']
    >>> owner_at(owners, 1, date(2025, 3, 11), 7, "UTC"), owner_at(owners, 2, date(2025, 3, 11), 7, "UTC")
    ('Binh', None)
    """
    moment = datetime.combine(day, time(), ZoneInfo(tz)).astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    for owner in owners:
        if (
            owner.customer == customer
            and owner.company in (None, company)
            and (owner.start is None or owner.start <= moment)
            and (owner.end is None or moment < owner.end)
        ):
            return owner.user
    return None


def is_sale(document):
    """Whether the customer bought by it: an invoice above 0 that was not taken back."""
    return not document.is_refund and document.revenue > 0 and not document.is_reversed


def sales(documents, first, last, credit):
    """Facts of revenue, profit, margin_rate and deduction_rate, by indicator and manager.

    :param credit: function of a document that gives the manager it is credited to
    """
    facts = {code: defaultdict(list) for code in INDICATORS[:4]}
    for document in documents:
        if not first <= document.day <= last:
            continue
        user = credit(document)
        facts["revenue"][user].append((document.revenue, None))
        if document.cost is not None:
            profit = document.revenue - document.cost
            facts["profit"][user].append((profit, None))
            facts["margin_rate"][user].append((profit, document.revenue))
        facts["deduction_rate"][user].append(
            (-document.revenue, None)
            if document.is_refund
            else (document.discount, document.revenue + document.discount)
        )
    return facts


def retention(documents, first, last, owner):
    """Facts of retention_rate and money_retention_rate, by indicator and manager.

    The base is who bought in the 12 months before the period. For money, ``then`` is the net sales of the same days a
    year before, and customers without any above 0 do not count; of what they buy now, no more than that counts.

    :param owner: function of a customer that gives who was responsible when the period began, or None

    Of 40 customers of the base 31 bought; 12 others are new, and change nothing:

    >>> from datetime import date
    >>> then, now = date(2024, 5, 1), date(2025, 5, 1)
    >>> documents = [Document(n, n, then, "An", 10) for n in range(40)]
    >>> documents += [Document(n, n, now, "An", 10) for n in (*range(31), *range(40, 52))]
    >>> facts = retention(documents, date(2025, 1, 1), date(2025, 12, 31), {}.get)
    >>> value(facts["retention_rate"]["An"]), value(facts["money_retention_rate"]["An"])
    (0.775, 0.775)
    """
    facts = {code: defaultdict(list) for code in INDICATORS[4:6]}
    by_customer = defaultdict(list)
    for document in documents:
        if first - BASE <= document.day <= last:
            by_customer[document.customer].append(document)
    for customer, history in by_customer.items():
        base = [document for document in history if is_sale(document) and document.day < first]
        if not base:
            continue
        user = owner(customer) or max(base, key=lambda document: (document.day, document.id)).user
        bought = any(is_sale(document) and document.day >= first for document in history)
        facts["retention_rate"][user].append((int(bought), 1))
        then = sum(document.revenue for document in history if document.day <= year_before(last))
        now = sum(document.revenue for document in history if document.day >= first)
        if then > 0:
            facts["money_retention_rate"][user].append((min(max(now, 0), then), then))
    return facts


def arrivals(documents, first, last, lost_days, credit):
    """Facts of new_customers and returned_customers, by indicator and manager.

    Each customer counts once: new is who bought for the first time ever, returned who bought more than ``lost_days``
    after the sale before.

    >>> from datetime import date
    >>> documents = [Document(1, 1, date(2024, 1, 1), "An", 5), Document(2, 1, date(2025, 1, 1), "An", 5)]
    >>> period = date(2025, 1, 1), date(2025, 1, 31)
    >>> [len(arrivals(documents, *period, days, lambda each: each.user)["returned_customers"]["An"])
    ...  for days in (365, 366)]
    [1, 0]
    """
    facts = {code: defaultdict(list) for code in INDICATORS[6:]}
    by_customer = defaultdict(list)
    for document in documents:
        if document.day <= last and is_sale(document):
            by_customer[document.customer].append(document)
    for history in by_customer.values():
        history.sort(key=lambda document: (document.day, document.id))
        if history[0].day >= first:
            facts["new_customers"][credit(history[0])].append((1, None))
        for before, document in itertools.pairwise(history):
            if document.day >= first and (document.day - before.day).days > lost_days:
                facts["returned_customers"][credit(document)].append((1, None))
                break
    return facts


def compute(documents, first, last, owners, company, tz, credit, lost_days):
    """All facts of a period by indicator and manager; ``credit`` is ``owner`` or ``document``."""

    def credited(document):
        if credit == "owner":
            return owner_at(owners, document.customer, document.day, company, tz) or document.user
        return document.user

    return {
        **sales(documents, first, last, credited),
        **retention(documents, first, last, lambda customer: owner_at(owners, customer, first, company, tz)),
        **arrivals(documents, first, last, lost_days, credited),
    }
