"""Two mailboxes and their letters, in all states. Nothing is fetched and nothing sent."""

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime

import pytz

from odoo import fields
from odoo.fields import Command

from .loading import at
from .plan_correspondence import ANSWER, LETTERS, PROGRAMS, SIGNATURE

DOMAIN = "saoviet.example.com"


def _source(number, sender, to, subject, words, moment, headers=()):
    message = EmailMessage()
    message["Message-ID"] = f"<demo-letter-{number}@{DOMAIN}>"
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = format_datetime(pytz.utc.localize(moment))
    for name, value in dict(headers).items():
        message[name] = value
    message.set_content(words)
    return message.as_bytes()


def load_correspondence(env, today, users, customers, persons):
    """The mailbox of customer service, with letters of three weeks, and a personal one of the head of sales.

    :return: the letters
    """
    mailboxes = env["partner.mailbox"]
    staff = [user for login, user in users.items() if login not in ("giamdoc", "lan", "quang")]
    service = mailboxes.create(
        {
            "name": "Chăm sóc khách hàng",
            "email": f"cskh@{DOMAIN}",
            "signature": SIGNATURE,
            "distribution": "nobody",
            "deadline_hours": 16,
            "access_ids": [
                Command.create({"user_id": users["lan"].id, "level": "manage"}),
                *(Command.create({"user_id": user.id, "level": "reply"}) for user in staff),
            ],
            # a server that is not tested is never asked for mail
            "in_host": f"imap.{DOMAIN}",
            "in_user": f"cskh@{DOMAIN}",
        }
    )
    own = mailboxes.create(
        {
            "name": users["lan"].name,
            "kind": "personal",
            "user_id": users["lan"].id,
            "email": users["lan"].email,
        }
    )
    writers = [person for company in customers for person in persons[company] if person.email]
    letters = env["partner.letter"]
    now = fields.Datetime.now()
    for number, (days, subject, words, login, done) in enumerate(LETTERS):
        writer = writers[(number * 5 + 2) % len(writers)]
        moment = min(at(today - timedelta(days=days), 8 + number % 9), now)
        mailbox = own if number in (4, 14) else service
        user = users["lan"] if mailbox == own else users.get(login) or (login and staff[number % len(staff)])
        letter = _receive(
            env, mailbox, _source(number, writer.email_formatted, mailbox.email, subject, words, moment)
        )
        letter.date_deadline = mailbox._get_deadline(moment)
        if user:
            letter.write({"user_id": user.id, "importance": "1" if number % 7 == 5 else "0"})
        if done in ("answered", "back"):
            _answer(letter, users["lan"] if mailbox == own else user, min(moment + timedelta(hours=5), now))
        if done in ("answered", "done", "back"):
            # sudo is on; who did it counts
            letter.with_user(user).sudo().action_done()
            letter.date_done = min(moment + timedelta(hours=5), now)
        letters |= letter
        if done == "back":
            again = _source(
                f"{number}-again",
                writer.email_formatted,
                mailbox.email,
                f"Re: {subject}",
                "Chúng tôi vẫn chờ trả lời về giá.",
                min(moment + timedelta(days=2), now),
                {"References": letter.message_id},
            )
            letters |= _receive(env, mailbox, again)
    for number, (days, sender, subject, headers) in enumerate(PROGRAMS):
        moment = at(today - timedelta(days=days), 9)
        source = _source(f"program-{number}", sender, service.email, subject, subject, moment, headers)
        letters |= _receive(env, service, source)
    return letters


def _receive(env, mailbox, source):
    letter_id = env["mail.thread"].message_process(
        "partner.letter", source, custom_values={"mailbox_id": mailbox.id}
    )
    return env["partner.letter"].browse(letter_id)


def _answer(letter, user, moment):
    """An answer that went out: its message and letter, without the mail."""
    message = letter.env["mail.message"].create(
        {
            "model": letter._name,
            "res_id": letter.id,
            "message_type": "comment",
            "subtype_id": letter.env.ref("mail.mt_comment").id,
            "author_id": user.partner_id.id,
            "email_from": letter.mailbox_id._get_sender(user),
            "subject": letter._get_reply_subject(),
            "body": f"<p>{ANSWER}</p>{letter.mailbox_id._get_signature()}",
            "date": moment,
            "partner_ids": [Command.set(letter.partner_id.ids)],
        }
    )
    sent = letter.with_user(user).sudo()._register_sent(message)
    sent.date = moment
    return sent
