"""Customers that went from one salesperson to another, so that their history shows."""

from datetime import timedelta

from odoo.addons.partner_relations.tools.owner_periods import Period

from .loading import at

# Days ago of the handovers, and the salesperson before.
HANDOVERS = ((400, "minh"), (260, "hung"), (150, "thao"), (75, "minh"), (40, "hung"))
# Before so many days ago it is only known from orders.
KEPT_DAYS = 300


def load_owners(env, today, users, customers):
    """Let every eighth customer have been somebody else's until some day.

    :return: how many went to somebody else
    """
    env.flush_all()
    periods, count = env["partner.owner.period"], 0
    for number, customer in enumerate(customers[::8]):
        days, login = HANDOVERS[number % len(HANDOVERS)]
        before, owner = users[login], customer.user_id
        if not owner or before == owner:
            continue
        moment, estimated = at(today - timedelta(days=days), 10), days > KEPT_DAYS
        periods._replace(
            customer,
            periods.search([("partner_id", "=", customer.id)]),
            [
                Period(before.id, None, moment, None, estimated, "tracking" if estimated else "created"),
                Period(owner.id, moment, None, None, False, "changed"),
            ],
        )
        count += 1
    return count
