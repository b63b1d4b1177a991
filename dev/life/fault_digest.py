"""What users see of a database, in a form that can be compared with that of another one."""

import os
from collections import Counter

import psycopg2

_SEEN = """
    ({0} ~ '^(partner|supplier|manager)_' OR {0} IN (
     'mail_activity', 'mail_message', 'mail_mail', 'mail_notification', 'account_move', 'account_move_line',
     'crm_lead', 'purchase_order_line', 'purchase_promise_change', 'res_partner', 'calendar_event',
     'mailing_contact', 'mailing_mailing', 'mailing_trace'))"""
TABLES = f"""
    SELECT table_name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND {_SEEN.format("table_name")}
     ORDER BY 1
"""
# Whether the transaction has written to them. PostgreSQL counts until it reports, which it does once a second, or when
# it is asked to.
WORK = f"""
    SELECT COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0) > 0, pg_stat_force_next_flush()
      FROM pg_stat_xact_user_tables
     WHERE {_SEEN.format("relname")}
"""
# What shows the time of the run or chance; ids of rows differ after a kill, as sequences are not rolled back. Whether
# statistics of a mailing are still to be mailed is Odoo's note, which a second worker past the scheduler takes back.
COLUMNS = """
    SELECT columns.table_name, columns.column_name,
           CASE WHEN link.target = 'res_partner' THEN link.target ELSE columns.data_type END
      FROM information_schema.columns
      LEFT JOIN (
           SELECT relation.relname AS table_name, attribute.attname AS column_name, target.relname AS target
             FROM pg_constraint AS reference
             JOIN pg_class AS relation ON relation.oid = reference.conrelid
             JOIN pg_class AS target ON target.oid = reference.confrelid
             JOIN pg_attribute AS attribute
               ON attribute.attrelid = relation.oid AND attribute.attnum = ANY(reference.conkey)
            WHERE reference.contype = 'f'
      ) AS link USING (table_name, column_name)
     WHERE columns.table_schema = 'public'
       AND columns.column_name !~ '^(id|.*_uid|res_id|message_id|mail_mail_id_int|references|access_token|headers)$'
       AND columns.column_name <> 'kpi_mail_required'
       AND columns.data_type NOT LIKE 'timestamp%%'
       AND columns.table_name = ANY(%(tables)s)
       AND CASE
               WHEN link.target IS NULL THEN columns.column_name !~ '_id$'
               ELSE link.target != ALL(%(tables)s) OR link.target = 'res_partner'
           END
     ORDER BY 1, 2
"""


# Whom a row is about, where its columns do not tell or only by an id.
_ABOUT = """
    SELECT string_agg(known.name, ',' ORDER BY known.name) FROM res_partner AS known WHERE {}"""
ABOUT = {
    "mail_activity": _ABOUT.format('"row".res_model = \'res.partner\' AND known.id = "row".res_id'),
    "mail_message": _ABOUT.format('"row".model = \'res.partner\' AND known.id = "row".res_id'),
    "mail_mail": _ABOUT.format(
        'known.id IN (SELECT res_partner_id FROM mail_mail_res_partner_rel WHERE mail_mail_id = "row".id)'
    ),
}


def _row(table, columns):
    texts = [_text(name, kind) for name, kind in columns]
    if table in ABOUT:
        texts.append(f"({ABOUT[table]})")
    return f"concat_ws('|', {', '.join(f'COALESCE({text}, chr(1))' for text in texts)})" if texts else "''"


def _text(name, kind):
    if kind == "res_partner":
        # its id differs if a job has made it
        return f'(SELECT known.name FROM res_partner AS known WHERE known.id = "row"."{name}")'
    if kind in ("text", "jsonb", "character varying"):
        # texts name records by their ids
        return f"regexp_replace(\"row\".\"{name}\"::text, '[0-9]+', '#', 'g')"
    return f'"row"."{name}"::text'


def _connect(database):
    return psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={database}")


def _rows(cursor):
    cursor.execute(TABLES)
    tables = [name for (name,) in cursor.fetchall()]
    cursor.execute(COLUMNS, {"tables": tables})
    columns = {}
    for table, name, kind in cursor.fetchall():
        columns.setdefault(table, []).append((name, kind))
    return {table: _row(table, columns.get(table, [])) for table in tables}


def take(database):
    """The number of rows of each table, and a sum that changes with what stands in them."""
    connection = _connect(database)
    try:
        cursor = connection.cursor()
        found = {}
        for table, row in _rows(cursor).items():
            cursor.execute(
                f'SELECT count(*), sum(hashtextextended({row}, 0)::numeric)::text FROM "{table}" AS "row"'
            )
            found[table] = cursor.fetchone()
        return found
    finally:
        connection.close()


def changed(before, after):
    return {table: (before[table][0], after[table][0]) for table in after if before[table] != after[table]}


def differ(one, other, changes):
    """What changed otherwise in one database than in another, with rows that only one or only the other has.

    :param changes: for both databases the digests before and after
    """
    steps = []
    for before, after in changes:
        steps.append(
            {
                table: tuple(
                    int(new or 0) - int(old or 0)
                    for old, new in zip(before[table], after[table], strict=True)
                )
                for table in after
            }
        )
    found = []
    for table in steps[0]:
        if steps[0][table] != steps[1][table]:
            first, second = _texts(one, table), _texts(other, table)
            found.append(
                f"{table}, rows more: {steps[0][table][0]} in {one}, {steps[1][table][0]} in {other}"
            )
            for name, rows in ((one, first - second), (other, second - first)):
                found += [
                    f"  only in {name}, {times} times: {text}" for text, times in list(rows.items())[:4]
                ]
    return "\n".join(found)


def _texts(database, table):
    connection = _connect(database)
    try:
        cursor = connection.cursor()
        cursor.execute(f'SELECT {_rows(cursor)[table]} FROM "{table}" AS "row"')
        return Counter(text for (text,) in cursor.fetchall())
    finally:
        connection.close()
