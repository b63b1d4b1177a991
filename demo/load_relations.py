"""Everyday contacts: letters, meetings, activities and what was written into the log by hand."""

from datetime import timedelta
from random import Random

from odoo.fields import Command
from odoo.tools import SQL

from .loading import at, backdate
from .plan import SEED
from .plan_relations import BY_HAND, LETTERS, MEETINGS, TODOS

ACTIVITY_TYPES = {
    "call": "mail.mail_activity_data_call",
    "email": "mail.mail_activity_data_email",
    "todo": "mail.mail_activity_data_todo",
    "meeting": "mail.mail_activity_data_meeting",
}


def _companies_and_days(plan, count, first, last, seed):
    """``count`` pairs of customer and day, days from ``first`` to ``last`` counted from today."""
    random = Random(f"{SEED}-{seed}")
    days = sorted(random.randint(first, last) for _number in range(count))
    for number, day in enumerate(days):
        moment = plan.today + timedelta(days=day)
        if moment.weekday() == 6:
            moment += timedelta(days=-1 if day < 0 else 1)
        yield number, plan.customers[(number * 7 + 5) % len(plan.customers)], moment, random


def load_letters(env, plan, users, customers, persons, orders):
    """E-mails received and sent in the past, on orders where there is one, else on the contact.

    They are created as messages, not posted: posting would send what was sent long ago. The contact
    log is then fed with them as it is with history.
    """
    by_partner = dict(orders.grouped("partner_id"))
    comment, vals_list = env.ref("mail.mt_comment"), []
    for number, customer, day, random in _companies_and_days(plan, 220, -400, -1, "letters"):
        company, user = customers[customer.key], users[customer.user]
        person = persons[company][number % len(persons[company])]
        direction, subject, body = LETTERS[(number * 5 + customer.key) % len(LETTERS)]
        if not person.email:
            continue
        document = person
        if number % 3 and company in by_partner:
            document = max(
                (order for order in by_partner[company] if order.date_order.date() <= day),
                key=lambda order: order.date_order,
                default=person,
            )
        sent = direction == "out"
        address = f"{document._name}-{document.id}-{number}@{user.email.split('@')[1]}"
        vals_list.append(
            {
                "model": document._name,
                "res_id": document.id,
                "subject": subject,
                "body": f"<p>{body}</p>",
                "subtype_id": comment.id,
                "message_type": "comment" if sent else "email",
                "author_id": user.partner_id.id if sent else person.id,
                "email_from": (user.partner_id if sent else person).email_formatted,
                "partner_ids": [Command.set(person.ids)] if sent else [],
                "date": at(day, random.randint(8, 17), random.randint(0, 59)),
                "message_id": f"<{address}>",
                "reply_to": user.email,
            }
        )
    messages = env["mail.message"].create(vals_list)
    env["mail.notification"].create(
        [
            {
                "mail_message_id": message.id,
                "res_partner_id": message.partner_ids.id,
                "notification_type": "email",
                "notification_status": "sent",
                "is_read": True,
            }
            for message in messages
            if message.partner_ids
        ]
    )
    backdate(messages, messages.mapped("date"))
    if "partner.contact.log" in env:
        for model, group in messages.grouped("model").items():
            env["partner.contact.log"]._feed_messages(SQL("m.id = ANY(%s)", group.ids), model)
    return messages


def load_meetings(env, plan, users, customers, persons):
    """Meetings of the past year and of the coming weeks."""
    vals_list = []
    for span in ((60, -360, -1, "meetings"), (16, 1, 35, "coming")):
        for number, customer, day, random in _companies_and_days(plan, *span):
            company, user = customers[customer.key], users[customer.user]
            start = at(day, random.choice((9, 10, 14, 15)))
            vals_list.append(
                {
                    "name": f"{MEETINGS[number % len(MEETINGS)]} - {company.name}",
                    "start": start,
                    "stop": start + timedelta(minutes=random.choice((60, 90, 120))),
                    "user_id": user.id,
                    "partner_ids": [Command.set((user.partner_id | persons[company][:1]).ids)],
                    "location": company.city if number % 2 else False,
                }
            )
    events = env["calendar.event"].create(vals_list)
    events.attendee_ids.state = "accepted"
    return events


def load_activities(env, plan, users, customers, leads):
    """Activities done in the last months, overdue ones and those of the next weeks."""
    vals_list, lead_of = [], {key: record for key, (lead, record) in leads.items() if not lead.closed}
    spans = ((50, -120, -2, "done"), (14, -9, -1, "overdue"), (30, 0, 21, "planned"))
    for span in spans:
        for number, customer, day, _random in _companies_and_days(plan, *span):
            document = customers[customer.key]
            if number % 2 and customer.key in lead_of:
                document = lead_of[customer.key]
            summary, kind = TODOS[number % len(TODOS)]
            vals_list.append(
                {
                    "res_model_id": env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "summary": summary,
                    "activity_type_id": env.ref(ACTIVITY_TYPES[kind]).id,
                    "user_id": users[customer.user].id,
                    "date_deadline": day,
                }
            )
    activities = env["mail.activity"].create(vals_list)
    done = activities[: spans[0][0]]
    for user, group in done.grouped("user_id").items():
        for activity in group:
            deadline = activity.date_deadline
            # sudo: the demo's people close their own activities; with_user alone makes them the author
            messages, _next = (
                activity.with_user(user).sudo()._action_done(feedback="Đã xong, khách hài lòng.")
            )
            activity.date_done = deadline
            messages.date = at(deadline, 16)
    if hasattr(done, "_relations_feed"):
        done.flush_recordset()
        done._relations_feed()
    return activities


def load_log(env, plan, users, customers, persons):
    """Entries written by hand: contacts that Odoo has no document of, done and planned."""
    if "partner.contact.log" not in env:
        return None
    outcomes = env["partner.contact.outcome"].search([]) if "partner.contact.outcome" in env else None
    vals_list = []
    for state, span in (("done", (170, -300, -1, "log")), ("planned", (36, -6, 28, "log-planned"))):
        for number, customer, day, random in _companies_and_days(plan, *span):
            company, user = customers[customer.key], users[customer.user]
            title, channel, agreement = BY_HAND[(number * 3 + customer.key) % len(BY_HAND)]
            moment = at(day, random.randint(8, 16), random.choice((0, 15, 30, 45)))
            vals = {
                "title": title,
                "partner_id": persons[company][number % len(persons[company])].id,
                "user_id": user.id,
                "channel": channel,
                "direction": "in" if number % 4 == 3 else "out",
                "state": state,
                "date": moment,
                "duration": {"visit": 1.5, "meeting": 1.0, "phone": 0.25}.get(channel, 0.0),
            }
            if state == "done":
                vals.update(agreement=agreement, closed_by_id=user.id)
                if outcomes and number % 5:
                    vals["outcome_id"] = outcomes[number % len(outcomes)].id
            vals_list.append(vals)
    return env["partner.contact.log"].create(vals_list)
