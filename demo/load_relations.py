"""Everyday contacts: letters, meetings, activities and what was written into the log by hand."""

from datetime import timedelta
from random import Random

from odoo.fields import Command
from odoo.tools import SQL

from ..tools.internal import INTERNAL
from .loading import at, backdate
from .plan import SEED
from .plan_relations import BY_HAND, LETTERS, MEETINGS, TODOS, WITH_SUPPLIERS

ACTIVITY_TYPES = {
    "call": "mail.mail_activity_data_call",
    "email": "mail.mail_activity_data_email",
    "todo": "mail.mail_activity_data_todo",
    "meeting": "mail.mail_activity_data_meeting",
}


def _companies_and_days(today, companies, count, first, last, seed):
    """``count`` pairs of company and day, days from ``first`` to ``last`` counted from today."""
    random = Random(f"{SEED}-{seed}")
    days = sorted(random.randint(first, last) for _number in range(count))
    for number, day in enumerate(days):
        moment = today + timedelta(days=day)
        if moment.weekday() == 6:
            moment += timedelta(days=-1 if day < 0 else 1)
        # seven has no common factor with the numbers of customers and suppliers: all get their turn
        yield number, companies[(number * 7 + 5) % len(companies)], moment, random


def load_letters(env, today, companies, persons, orders):
    """E-mails received and sent in the past, on orders where there is one, else on the contact.

    They are created as messages, not posted: posting would send what was sent long ago. The contact
    log is then fed with them as it is with history.
    """
    by_partner = dict(orders.grouped("partner_id"))
    comment, vals_list = env.ref("mail.mt_comment"), []
    for number, company, day, random in _companies_and_days(today, companies, 220, -400, -1, "letters"):
        user = company.user_id
        person = persons[company][number % len(persons[company])]
        direction, subject, body = random.choice(LETTERS)
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
    for model, group in messages.grouped("model").items():
        env["partner.contact.log"]._feed_messages(SQL("m.id = ANY(%s)", group.ids), model)
    return messages


def load_meetings(env, today, companies, persons):
    """Meetings of the past year and of the coming weeks."""
    vals_list = []
    for span in ((60, -360, -1, "meetings"), (16, 1, 35, "coming")):
        for number, company, day, random in _companies_and_days(today, companies, *span):
            user = company.user_id
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


def load_activities(env, today, companies, leads):
    """Activities done in the last months, overdue ones and those of the next weeks."""
    open_leads = env["crm.lead"].concat(*(record for lead, record in leads.values() if not lead.closed))
    vals_list, lead_of = [], dict(open_leads.grouped("commercial_partner_id"))
    spans = ((50, -120, -2, "done"), (14, -9, -1, "overdue"), (30, 0, 21, "planned"))
    for span in spans:
        for number, company, day, random in _companies_and_days(today, companies, *span):
            document = lead_of.get(company, company) if number % 2 else company
            summary, kind = random.choice(TODOS)
            vals_list.append(
                {
                    "res_model_id": env["ir.model"]._get_id(document._name),
                    "res_id": document.id,
                    "summary": summary,
                    "activity_type_id": env.ref(ACTIVITY_TYPES[kind]).id,
                    "user_id": company.user_id.id,
                    "date_deadline": day,
                }
            )
    # fed to the contact log at the end, when the days are right
    activities = env["mail.activity"].with_context(relations_feeding=INTERNAL).create(vals_list)
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
    activities = activities.with_context(relations_feeding=False)
    activities._relations_feed()
    return activities


def load_log(env, today, customers, suppliers, persons):
    """Entries written by hand: contacts that Odoo has no document of, done and planned."""
    outcomes = env["partner.contact.outcome"].search([])
    vals_list = []
    for companies, sentences, state, span in (
        (customers, BY_HAND, "done", (170, -300, -1, "log")),
        (customers, BY_HAND, "planned", (34, -6, 28, "log-planned")),
        (suppliers, WITH_SUPPLIERS, "done", (40, -300, -1, "log-suppliers")),
        (suppliers, WITH_SUPPLIERS, "planned", (8, -3, 21, "log-suppliers-planned")),
    ):
        for number, company, day, random in _companies_and_days(today, companies, *span):
            title, channel, agreement = random.choice(sentences)
            vals = {
                "title": title,
                "partner_id": persons[company][number % len(persons[company])].id,
                "user_id": company.user_id.id,
                "channel": channel,
                "direction": "in" if number % 4 == 3 else "out",
                "state": state,
                "date": at(day, random.randint(8, 16), random.choice((0, 15, 30, 45))),
                "duration": {"visit": 1.5, "meeting": 1.0, "phone": 0.25}.get(channel, 0.0),
            }
            if state == "done":
                vals.update(agreement=agreement, closed_by_id=company.user_id.id)
                if number % 5:
                    reached = outcomes.filtered("is_reached") if agreement or channel != "phone" else outcomes
                    vals["outcome_id"] = random.choice(reached).id
            vals_list.append(vals)
    return env["partner.contact.log"].create(vals_list)
