"""Payment reminders of the demo company: some sent a while ago, the others to be reviewed today."""

from datetime import timedelta

from odoo.addons.partner_relations.tools.internal import INTERNAL

from .loading import at

# Customers whose first letter went out so many days ago, so that the next level is due for some.
TOLD_DAYS_AGO = 12
TOLD = 4


def load_payment_reminders(env, today):
    """Switch reminders on, with review; the oldest debtors were told at the first level.

    :return: how many letters there are
    """
    env.flush_all()
    company = env.company
    company._ensure_payment_reminder_levels()
    company.write({"payment_reminder_mode": "review", "payment_reminder_minimum": 1_000_000})
    reminders = env["partner.payment.reminder"]
    made = reminders._make_due(company).filtered("recipient_id")
    told = made.sorted(lambda reminder: -reminder.days_overdue)[:TOLD]
    day = today - timedelta(days=TOLD_DAYS_AGO)
    told.with_context(relations_reminder=INTERNAL).write(
        {"state": "sent", "date": day, "date_sent": at(day, 8)}
    )
    reminders._make_due(company)
    return reminders.search_count([("company_id", "=", company.id)])
