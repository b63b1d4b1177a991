"""What the customers of sales managers owe overdue, in plain Python: the definition that SQL is held against.

Amounts are in the currency of the company whose entries they are; those above 0 are owed, those below 0 are money or
credit of the customer.
"""

from collections import defaultdict, namedtuple

# A posted entry on a trade receivable account. ``move`` is the document it is in, ``user`` that document's
# salesperson, ``due`` the day it is due (None: the day it was made), ``matched`` pairs of the day on which some of it
# was matched with another entry, and how much of it.
Entry = namedtuple("Entry", ["move", "customer", "user", "day", "due", "amount", "matched"], defaults=[()])


def overdue(entries, day, owners):
    """Pairs of document and amount by manager (None: nobody): what was overdue at the end of a day.

    Of what fell due before the day, what was not matched up to it, less what the customer had paid or been credited
    without a match, the oldest from what is overdue longest, until nothing is overdue. A customer's owner has all of
    it; without owner each debt is its salesperson's, or without one that of the document overdue longest, and what is
    deducted is that of the debt it is deducted from.

    :param dict owners: manager by customer

    >>> from datetime import date
    >>> first, second, last = date(2025, 1, 1), date(2025, 1, 20), date(2025, 1, 31)
    >>> bill = Entry(1, "A", "An", first, second, 100, [(second, 30), (date(2025, 2, 1), 70)])
    >>> paid = Entry(2, "A", None, second, second, -50)
    >>> overdue([bill], last, {}), overdue([bill, paid], last, {"A": "Binh"})
    ({'An': [(1, 70)]}, {'Binh': [(1, 70), (2, -50)]})
    >>> overdue([bill, paid._replace(amount=-500)], last, {}), overdue([paid], last, {})
    ({'An': [(1, 70), (2, -70)]}, {})
    >>> overdue([bill], second, {})
    {}
    >>> later = bill._replace(move=3, user="Binh", due=date(2025, 1, 25), matched=[])
    >>> overdue([bill, later, paid._replace(user="Binh", amount=-90)], last, {})
    {'An': [(1, 70), (2, -70)], 'Binh': [(3, 100), (2, -20)]}
    >>> undated = bill._replace(due=None)
    >>> overdue([undated], second, {}), overdue([undated], first, {})
    ({'An': [(1, 70)]}, {})
    """
    documents = {}
    for entry in entries:
        is_debt = entry.amount > 0
        since = (entry.due or entry.day) if is_debt else entry.day
        if entry.day > day or (is_debt and since >= day):
            continue
        matched = sum(amount for moment, amount in entry.matched if moment <= day)
        key = (entry.customer, not is_debt, entry.move)
        known = documents.setdefault(key, [entry.user, since, 0])
        known[1] = min(known[1], since)
        known[2] += abs(entry.amount) - matched
    by_customer = defaultdict(list)
    for (customer, is_credit, move), (user, since, left) in documents.items():
        if round(left, 2) > 0:
            by_customer[customer].append((is_credit, since, move, user, round(left, 2)))
    facts = defaultdict(list)
    for customer, rows in by_customer.items():
        rows.sort(key=lambda row: row[:3])
        debts = []
        for is_credit, _since, move, user, left in rows:
            manager = owners.get(customer) or user or rows[0][3]
            if not is_credit:
                debts.append([manager, left])
                facts[manager].append((move, left))
                continue
            used = defaultdict(int)
            while left and debts:
                manager, owed = debts[0]
                covered = min(left, owed)
                used[manager] += covered
                left = round(left - covered, 2)
                debts[0][1] = round(owed - covered, 2)
                if not debts[0][1]:
                    debts.pop(0)
            for manager, amount in used.items():
                facts[manager].append((move, -amount))
    return dict(facts)
