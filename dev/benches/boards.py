"""Control board and team board with 200,000 open items, and the morning e-mails of 500 people.

The boards are read as a client reads them, with a cursor and an environment of its own, and the queries of the whole
request are counted; for a salesperson, for a supervisor over the own team and for a director over everybody. The
e-mails are prepared by the scheduled action in batches that commit, in a second database where the same work is
spread over 500 people.
"""

import os
import statistics
import time
from pathlib import Path

from benches import _open_items

from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import SQL

DATABASES = ("boards", "mails")
OPTIONS = {
    "items": (200_000, "open items: planned contacts, activities, opportunities, quotations and orders"),
    "users": (50, "people who share them where the boards are measured"),
    "readers": (500, "people who share them where the e-mails are measured"),
}
LIMIT_MS, LIMIT_QUERIES = 500, 8
SCOPES = {"salesperson": "mine", "supervisor": "team", "director": "all"}
BATCH = "a batch of morning e-mails, the slowest"
MAILS = "morning e-mails, all"


def prepare(env, label, options):
    if not env["crm.lead"].search_count([], limit=1):
        _open_items.make(env, options["readers" if label == "mails" else "users"], options["items"])


def measure(env, timer, options):
    if timer.label == "mails":
        _measure_mails(env, timer)
    else:
        _measure_boards(env, timer)


def _measure_boards(env, timer):
    functions, queries, cpu = {}, {}, {}
    for role, user in _open_items.get_people(env).items():
        for name, function in _get_readings(role).items():
            key = f"{name}, {role}"
            functions[key] = _as_request(env, user, function, queries, cpu, key)
    timer.medians(functions, rounds=7, warmup=2, undo=False)
    for key, count in queries.items():
        timer.note(f"{key}: queries", count)
    # what it takes on a machine that has nothing else to do
    for key, values in cpu.items():
        timer.note(f"{key}: CPU", statistics.median(values))


def _get_readings(role):
    scope = SCOPES[role]

    def board(section):
        return lambda env: env["partner.control.board"].get_board(scope=scope, section=section)

    readings = {"board": board(False), "board, deals without next step": board("no_next_step")}
    if role != "salesperson":
        readings["team board"] = lambda env: env["partner.team.board"].get_team_board()
    return readings


def _get_cpu(pid):
    """Milliseconds of processor time of the server process of PostgreSQL, if it runs on this machine."""
    try:
        fields_of_stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields_of_stat[11]) + int(fields_of_stat[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def _as_request(env, user, function, queries, cpu, key):
    """The function run as a request of the user; its queries and the processor time it took are kept.

    The caches that a server keeps between requests stay filled; what belongs to a request is read anew.
    """

    def run():
        with Registry(env.cr.dbname).cursor() as cr:
            context = {"lang": user.lang, "tz": user.tz, "allowed_company_ids": user.company_ids.ids}
            own = api.Environment(cr, user.id, context)
            cr.execute("SELECT pg_backend_pid()")
            [pid] = cr.fetchone()
            before = _get_cpu(pid) + time.thread_time() * 1000, cr.sql_log_count
            result = function(own)
            assert result["rows"], key
            cpu.setdefault(key, []).append(_get_cpu(pid) + time.thread_time() * 1000 - before[0])
            queries[key] = cr.sql_log_count - before[1]
            cr.rollback()

    return run


def _measure_mails(env, timer):
    """One run of the scheduled action for everybody, timed as a whole and by batch; its work is taken away again."""
    users = env["res.users"].search([("login", "like", "sales%")])
    users |= env["res.users"].search([("login", "like", "supervisor%")])
    users |= env["res.users"].search([("login", "like", "director%")])
    # whatever the hour is: everybody is due
    users.write({"relations_morning_hour": 0})
    env["res.users"].search([("id", "not in", users.ids)]).write({"relations_morning_mail": False})
    _forget(env)
    reminders = env["partner.reminder"]
    times, counts = [], []
    commit = type(env["ir.cron"])._commit_progress
    began = [time.perf_counter(), env.cr.sql_log_count]

    def note(cron, processed=0, **values):
        env.flush_all()
        env.cr.commit()
        times.append((time.perf_counter() - began[0]) * 1000)
        counts.append(env.cr.sql_log_count - began[1])
        began[:] = time.perf_counter(), env.cr.sql_log_count
        return 1e6

    type(env["ir.cron"])._commit_progress = note
    try:
        reminders._cron_morning()
    finally:
        type(env["ir.cron"])._commit_progress = commit
    sent = env["mail.mail"].search_count([("email_to", "like", "@example.com")])
    sent = sent or env["mail.mail"].search_count([("recipient_ids", "!=", False)])
    assert sent >= len(users) * 0.9, (sent, len(users))
    timer.note(MAILS, sum(times))
    timer.note(BATCH, max(times))
    timer.note("morning e-mails: batches", len(times))
    timer.note("morning e-mails: sent", sent)
    timer.note("morning e-mails: queries for each reader", sum(counts) / len(users))
    _forget(env)


def _forget(env):
    env.cr.execute(
        SQL(
            "DELETE FROM partner_reminder WHERE kind = 'morning'; DELETE FROM mail_mail; ANALYZE partner_reminder"
        )
    )
    env.invalidate_all()
    env.cr.commit()


def figures(results, _options):
    boards = results["boards"]
    for name, value in boards.items():
        if name.endswith(": queries"):
            yield name, f"{value:.0f}", f"<= {LIMIT_QUERIES}", value <= LIMIT_QUERIES
        elif name.endswith(": CPU"):
            yield name, f"{value:.0f} ms", "", None
        else:
            yield name, f"{value:.0f} ms", f"<= {LIMIT_MS} ms", value <= LIMIT_MS
    mails = results["mails"]
    for name, value in mails.items():
        yield name, f"{value:.1f}", "", None
