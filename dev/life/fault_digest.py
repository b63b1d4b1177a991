"""What users see of a database, in a form that can be compared with that of another one."""

import os
from collections import Counter

import psycopg2

TABLES = """
    SELECT table_name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
       AND (table_name ~ '^(partner|supplier|manager)_' OR table_name IN (
            'mail_activity', 'mail_message', 'mail_mail', 'account_move', 'mail_notification', 'crm_lead', 'purchase_order_line',
            'purchase_promise_change', 'res_partner', 'calendar_event', 'account_move_line', 'mailing_contact',
            'mailing_mailing', 'mailing_trace'))
     ORDER BY 1
"""
# What shows the time of the run or chance; ids of rows differ after a kill, as sequences are not rolled back.
COLUMNS = """
    SELECT columns.table_name, columns.column_name, columns.data_type
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
       AND columns.column_name !~ '^(id|.*_uid|res_id|message_id|references|access_token|trace_token|headers)$'
       AND columns.data_type NOT LIKE 'timestamp%%'
       AND columns.table_name = ANY(%(tables)s)
       AND CASE
               WHEN link.target IS NULL THEN columns.column_name !~ '_id$'
               ELSE link.target != ALL(%(tables)s) OR link.target = 'res_partner'
           END
     ORDER BY 1, 2
"""


def _row(columns):
    # texts name records by their ids, which differ
    parts = [
        f"regexp_replace(\"{name}\"::text, '[0-9]+', '#', 'g')"
        if kind in ("text", "jsonb", "character varying")
        else f'"{name}"::text'
        for name, kind in columns
    ]
    return f"concat_ws('|', {', '.join(f'COALESCE({part}, chr(1))' for part in parts)})"


def _connect(database):
    return psycopg2.connect(os.environ["LIFE_SERVER"] + f" dbname={database}")


def _rows(cursor):
    cursor.execute(TABLES)
    tables = [name for (name,) in cursor.fetchall()]
    cursor.execute(COLUMNS, {"tables": tables})
    columns = {}
    for table, name, kind in cursor.fetchall():
        columns.setdefault(table, []).append((name, kind))
    return {table: _row(columns[table]) if columns.get(table) else "''" for table in tables}


def take(database):
    """The number of rows of each table, and a sum that changes with what stands in them."""
    connection = _connect(database)
    try:
        cursor = connection.cursor()
        found = {}
        for table, row in _rows(cursor).items():
            cursor.execute(
                f'SELECT count(*), sum(hashtextextended({row}, 0)::numeric)::text FROM "{table}"'
            )
            found[table] = cursor.fetchone()
        return found
    finally:
        connection.close()


def changed(before, after):
    return {table: (before[table][0], after[table][0]) for table in after if before[table] != after[table]}


def compare(one, other):
    """Tables that differ, with some of the rows that only one or only the other has."""
    first, second = take(one), take(other)
    differ = {}
    for table in first:
        if first[table] != second[table]:
            rows = [_texts(database, table) for database in (one, other)]
            differ[table] = {
                "rows": (first[table][0], second[table][0]),
                f"only in {one}": list((rows[0] - rows[1]).items())[:3],
                f"only in {other}": list((rows[1] - rows[0]).items())[:3],
            }
    return differ


def _texts(database, table):
    connection = _connect(database)
    try:
        cursor = connection.cursor()
        cursor.execute(f'SELECT {_rows(cursor)[table]} FROM "{table}"')
        return Counter(text for (text,) in cursor.fetchall())
    finally:
        connection.close()
