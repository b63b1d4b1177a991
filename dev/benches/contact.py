"""Contacts: opening, saving, searching, importing, posting messages; the contact log at 200,000 entries.

What is compared between two databases takes many rounds: one by one the times differ twofold on a small machine.
The log's views are compared with core's list of activities, the messages' being several times slower.
"""

import itertools
from datetime import timedelta

from benches._partners import copy_partner
from benches._sales_history import vacuum, without_indexes
from lxml import etree

from odoo import Command, fields
from odoo.tools import SQL

OPTIONS = {
    "partners": (20_000, "contacts of each database"),
    "entries": (200_000, "entries of the contact log, messages and activities"),
}
TENFOLD = {"partners": 1_000_000, "entries": 5_000_000}
# Of what is measured with and without the addon, and of the log's views to core's list for the same person.
LIMIT, LOG_LIMIT = 1.1, 1.5
# Odoo's own list of messages reads all of them, and asks for more memory than Odoo allows itself beyond this.
LISTED = 1_000_000
SCHEDULE = "schedule an activity"
CORE_LIST = "mail.activity list"
HISTORY_READ, HISTORY_SECONDS = "read 100,000 messages of the history", 60
CALENDAR, CORE_WEEK = "log calendar of a week", "as many activities of core"
LOG_VIEWS = ("log list", "log kanban by state", "log pivot", "log graph", CALENDAR)
LOGIN = "bench"
PEOPLE = ("salesperson", "director")
LOG_TABLES = ("mail_message", "mail_activity", "partner_contact_log")

# What a list or form of the web client asks for, taken from its view.
SKIPPED_TYPES = ("one2many", "many2many", "properties", "reference", "many2one_reference")


def _specification(model, view_type):
    """The fields of the default view of ``model`` with what the web client reads of each."""
    arch = etree.fromstring(model.get_view(view_type=view_type)["arch"])
    shown = {node.get("name") for node in arch.xpath("//field[not(ancestor::field)]")}
    if view_type == "list":
        shown -= {node.get("name") for node in arch.xpath("//field[@optional='hide']")}
    specification = {}
    for name in model.fields_get(shown, ["type"]):
        field = model._fields[name]
        if field.type == "many2one":
            specification[name] = {"fields": {"display_name": {}}}
        elif field.type not in SKIPPED_TYPES:
            specification[name] = {}
    return specification


def _make_user(env):
    groups = ["base.group_user", "base.group_partner_manager", "sales_team.group_sale_salesman_all_leads"]
    if "partner.contact.log" in env:
        groups.append("partner_relations.group_user")
    return env["res.users"].create(
        {
            "name": "Bench",
            "login": LOGIN,
            "email": "bench@example.com",
            "group_ids": [Command.set([env.ref(group).id for group in groups])],
        }
    )


def _make_partners(env, user, count):
    """Companies of one salesperson in ten, with two persons each, by SQL because only their number matters."""
    model = env["res.partner"].create({"name": "Model", "is_company": True, "lang": "en_US"})
    own = {
        "name": SQL("'Bench ' || n"),
        "complete_name": SQL("'Bench ' || n"),
        "email": SQL("'bench' || n || '@example.com'"),
        "email_normalized": SQL("'bench' || n || '@example.com'"),
        "phone": SQL("'+8491' || lpad(n::text, 7, '0')"),
        "user_id": SQL("CASE WHEN n %% 10 = 0 THEN %s END", user.id),
    }
    copy_partner(env, model, own, count)


def _measure_contacts(env, timer, partners):
    numbers = itertools.count()
    company = partners[0]
    env["res.partner"].create([{"name": f"Person {n}", "parent_id": company.id} for n in range(3)])
    partner_model = env["res.partner"]
    form = _specification(partner_model, "form")
    lists = _specification(partner_model, "list")
    timer.median("open a contact", lambda: company.web_read(form), rounds=200, undo=False)
    timer.median(
        "open the form of a new contact", lambda: partner_model.onchange({}, [], form), rounds=200, undo=False
    )
    timer.median(
        "save a contact", lambda: company.web_save({"phone": f"+849100{next(numbers)}"}, form), rounds=120
    )
    timer.median(
        "create a contact",
        lambda: partner_model.web_save({"name": f"New {next(numbers)}", "email": "new@example.com"}, form),
        rounds=120,
    )
    timer.median(
        "list of contacts", lambda: partner_model.web_search_read([], lists, limit=80), rounds=120, undo=False
    )
    timer.median(
        "search contacts by name",
        lambda: partner_model.name_search("Bench 77", limit=8),
        rounds=120,
        undo=False,
    )
    rows = [[f"Import {n}", f"import{n}@example.com", f"+84912{n:06}", "1"] for n in range(200)]
    timer.median(
        "import 200 contacts",
        lambda: partner_model.load(["name", "email", "phone", "is_company"], rows),
        rounds=15,
    )


def _measure_messages(env, timer, partners):
    company = partners[1]
    numbers = itertools.count()
    mail = {"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
    timer.median("post a note", lambda: company.message_post(body="Note"), rounds=160)
    timer.median(
        "post a message to the customer",
        lambda: company.message_post(body="Text", partner_ids=company.ids, **mail),
        rounds=160,
    )
    raw = (
        "From: {sender}\nTo: office@example.org\nSubject: Inquiry\nMessage-ID: <{number}@example.com>\n"
        "Content-Type: text/plain; charset=utf-8\n\nHow much is it?\n"
    )
    gateway = env["mail.thread"].sudo()
    timer.median(
        "take an e-mail of the customer",
        lambda: gateway.message_process(
            "crm.lead", raw.format(sender=company.email, number=next(numbers)).encode()
        ),
        rounds=80,
    )
    timer.median(
        SCHEDULE,
        lambda: company.activity_schedule("mail.mail_activity_data_call", user_id=env.uid),
        rounds=60,
    )


def _make_log(env, user, options):
    """As many messages and activities of core as entries of the log."""
    env.flush_all()
    with without_indexes(env.cr, *LOG_TABLES):
        env.cr.execute(
            SQL(
                """
    INSERT INTO mail_message (message_type, model, res_id, date, create_date, author_id, subject, body)
    SELECT 'comment', 'res.partner', p.id, now() - n * INTERVAL '5 minutes', now(), p.id, 'Letter ' || n, 'Text'
      FROM generate_series(1, %(entries)s) AS n
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM res_partner WHERE name LIKE 'Bench %%') AS p
        ON p.number = 1 + n %% %(partners)s""",
                **options,
            )
        )
        env.cr.execute(
            SQL(
                """
    INSERT INTO mail_activity (res_model, res_model_id, res_id, res_name, activity_type_id, user_id, date_deadline,
                               summary, active, create_date)
    SELECT 'res.partner', %(model)s, p.id, 'Bench', %(type)s, %(user)s, (now() + n * INTERVAL '1 minute')::date,
           'Call ' || n, TRUE, now()
      FROM generate_series(1, %(entries)s) AS n
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM res_partner WHERE name LIKE 'Bench %%') AS p
        ON p.number = 1 + n %% %(partners)s""",
                model=env["ir.model"]._get_id("res.partner"),
                type=env.ref("mail.mail_activity_data_call").id,
                user=user.id,
                **options,
            )
        )
        env.cr.execute(
            SQL(
                """
    INSERT INTO partner_contact_log (title, partner_id, commercial_partner_id, user_id, company_id, channel,
                                     direction, state, date, duration, all_day, create_uid)
    SELECT 'Entry ' || n, p.id, p.id, CASE WHEN n %% 10 = 0 THEN %(user)s ELSE 1 END, %(company)s,
           (ARRAY['phone', 'meeting', 'visit', 'email'])[1 + n %% 4], 'out',
           CASE WHEN n %% 20 = 0 THEN 'planned' ELSE 'done' END, now() - n * INTERVAL '5 minutes', 0.25, FALSE, 1
      FROM generate_series(1, %(entries)s) AS n
      JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM res_partner WHERE name LIKE 'Bench %%') AS p
        ON p.number = 1 + n %% %(partners)s""",
                user=user.id,
                company=env.company.id,
                **options,
            )
        )
    for table in LOG_TABLES:
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))


def _measure_log(env, timer, user, partners, options):
    """The log and core's lists of the same size, for the same user in the same run."""
    with timer.making():
        _make_log(env, user, options)
    log = env["partner.contact.log"]
    director = env.ref("base.user_admin")

    def listing(model, view_type="list", domain=()):
        specification = _specification(model, view_type)
        return lambda: model.web_search_read(list(domain), specification, limit=80)

    def grouped(model, groupby):
        return lambda: model.formatted_read_group([], groupby, ["__count"])

    history = env["partner.contact.history"]
    history._get_all().unlink()
    messages = history.create({"source": "mail.message", "next_id": history._get_last_id("mail.message")})
    timer.median(
        HISTORY_READ,
        lambda: [messages._read_batch(20_000) for _batch in range(5)],
        rounds=1,
        warmup=0,
    )
    quick = {"rounds": 9, "undo": False}
    for label, person in zip(PEOPLE, (user, director), strict=True):
        if options["entries"] <= LISTED:
            timer.median(
                f"mail.message list, {label}",
                listing(env["mail.message"].with_user(person)),
                rounds=3,
                undo=False,
            )
        timer.median(f"{CORE_LIST}, {label}", listing(env["mail.activity"].with_user(person)), **quick)
        entries = log.with_user(person)
        timer.median(f"log list, {label}", listing(entries), **quick)
        timer.median(f"log kanban by state, {label}", grouped(entries, ["state"]), **quick)
        timer.median(f"log pivot, {label}", grouped(entries, ["user_id", "channel"]), **quick)
        timer.median(f"log graph, {label}", grouped(entries, ["date:month", "channel"]), **quick)
        _measure_calendar(timer, entries, label, quick)
        timer.median(f"log overdue, {label}", listing(entries, domain=[("is_overdue", "=", True)]), **quick)
        timer.median(
            f"log without next contact, {label}",
            listing(entries, domain=[("has_next_contact", "=", False)]),
            **quick,
        )
        timer.median(
            f"timeline of a contact, {label}",
            lambda entries=entries: entries.get_timeline(partners[0].id),
            **quick,
        )


def _measure_calendar(timer, entries, label, quick):
    """What the calendar reads of the last week, and as many activities of core with as many fields."""
    now = fields.Datetime.now()
    week = [("date", "<=", now), ("date_stop", ">=", now - timedelta(days=7))]
    count = entries.search_count(week)
    names = [*_specification(entries, "calendar"), "display_name", "date", "duration", "all_day"]
    activities = entries.env["mail.activity"]
    known = [
        "display_name",
        "date_deadline",
        "user_id",
        "activity_type_id",
        "res_model",
        "res_id",
        "summary",
        "state",
    ]
    timer.median(f"{CALENDAR}, {label}", lambda: entries.search_read(week, names), **quick)
    timer.median(f"{CORE_WEEK}, {label}", lambda: activities.search_read([], known, limit=count), **quick)


def prepare(env, _label, options):
    """Who works there and the contacts, committed: what a transaction wrote itself it reads slower."""
    if env["res.users"].search_count([("login", "=", LOGIN)]):
        return
    _make_partners(env, _make_user(env), options["partners"])
    env.cr.commit()
    vacuum(env.cr.dbname, "res_partner")


def measure(env, timer, options):
    user = env["res.users"].search([("login", "=", LOGIN)])
    partners = env["res.partner"].search([("name", "=like", "Bench %")], limit=200)
    # New rights and a rule engine warm as in a running server.
    own = env(user=user.id)
    _measure_contacts(own, timer, partners.with_env(own))
    _measure_messages(own, timer, partners.with_env(own))
    if "partner.contact.log" in env:
        _measure_log(env, timer, user, partners, options)


def figures(results, _options):
    for name, without in results["without"].items():
        ratio = results["with"][name] / without
        limited = name != SCHEDULE
        yield (
            f"{name}, with the addon to without",
            f"{ratio:.2f}",
            f"<= {LIMIT:g}" if limited else "",
            ratio <= LIMIT if limited else None,
        )
    for view in LOG_VIEWS:
        for person in PEOPLE:
            ratio = results["with"][f"{view}, {person}"] / results["with"][f"{CORE_LIST}, {person}"]
            yield (
                f"{view}, {person}, to core's list of activities",
                f"{ratio:.2f}",
                f"<= {LOG_LIMIT:g}",
                ratio <= LOG_LIMIT,
            )
    for person in PEOPLE:
        ratio = results["with"][f"{CALENDAR}, {person}"] / results["with"][f"{CORE_WEEK}, {person}"]
        yield f"{CALENDAR}, {person}, to {CORE_WEEK}", f"{ratio:.2f}", "", None
    seconds = results["with"][HISTORY_READ] / 1000
    yield f"{HISTORY_READ}, seconds", f"{seconds:.0f}", f"<= {HISTORY_SECONDS}", seconds <= HISTORY_SECONDS
