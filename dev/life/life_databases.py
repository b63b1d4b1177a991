"""What the checks of upgraded and uninstalled databases share: plain SQL."""

import contextlib
import os

import psycopg2

# What Odoo writes anew with each update or start, whatever the addon does; table: columns, or None for all of it.
CORE_CHANGES = {
    "ir_attachment": None,  # bundles of stylesheets and scripts
    "ir_module_module": None,  # what is in the folder of addons, states, versions
    "ir_module_module_dependency": None,
    "ir_module_module_exclusion": None,
    "ir_module_category": None,
    "ir_cron": {"nextcall", "lastcall", "failure_count", "first_failure_date"},
    "ir_cron_trigger": None,
    "ir_cron_progress": None,
    "ir_logging": None,
    "ir_profile": None,
    "bus_bus": None,
    "ir_act_window_view": None,  # made anew by each update, as those of Odoo
    "ir_ui_view": {"arch_prev", "arch_updated"},
    "orm_signaling_registry": None,
    "res_device_log": None,
}
EVER = {"write_date", "write_uid", "create_date", "create_uid"}
# What an upgrade is there to change: what the addon defines, and what it computes anew.
UPGRADED_CHANGES = {
    **CORE_CHANGES,
    "res_groups": {"comment"},
}


@contextlib.contextmanager
def connect(database):
    """A cursor on one of the databases; nothing is kept."""
    connection = psycopg2.connect(os.environ[f"LIFE_{database}"])
    try:
        yield connection.cursor()
    finally:
        connection.close()


def rows(database, statement, *parameters):
    with connect(database) as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall()


def catalog(database, schema=None):
    """Columns, constraints and indexes as PostgreSQL knows them; of a kept schema as they were then."""
    if schema:
        names = ("_columns", "_constraints", "_indexes", "_others")
        return {name: set(rows(database, f'SELECT * FROM "{schema}"."{name}"')) for name in names}
    statements = {
        "_columns": """
            SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text
              FROM information_schema.columns WHERE table_schema = 'public'""",
        "_constraints": """
            SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)
              FROM pg_constraint
             WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'""",
        "_indexes": """
            SELECT tablename::text, indexname::text, indexdef::text FROM pg_indexes
             WHERE schemaname = 'public'""",
        "_others": """
            SELECT relkind::text, relname::text FROM pg_class
             WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'S')
            UNION ALL
            SELECT 'function', proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL
            SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal""",
    }
    return {name: set(rows(database, statement)) for name, statement in statements.items()}


def common_tables(database, schema):
    """Tables that were there when the schema was kept and are there now: their common columns, each with its type."""
    statement = """
        SELECT now.table_name::text, now.column_name::text, now.udt_name::text
          FROM information_schema.columns AS now
          JOIN information_schema.columns AS old USING (table_name, column_name)
         WHERE now.table_schema = 'public' AND old.table_schema = %s
    """
    tables = {}
    for table, column, kind in rows(database, statement, schema):
        tables.setdefault(table, {})[column] = kind
    return tables


def differences(database, schema, tables, ignored, extra=False):
    """What is not as it was: rows that are gone, values that differ, and with ``extra`` rows that came.

    :return: descriptions, each with table, column and number of rows
    """
    found = []
    with connect(database) as cursor:
        for table, columns in sorted(tables.items()):
            leave = ignored.get(table, set())
            if leave is None:
                continue
            names = sorted(set(columns) - EVER - leave)
            if "id" in columns:
                cursor.execute(
                    f'SELECT count(*) FROM "{schema}"."{table}" WHERE id NOT IN (SELECT id FROM "{table}")'
                )
                if gone := cursor.fetchone()[0]:
                    found.append(f"{table}: {gone} rows are gone")
                if extra:
                    cursor.execute(
                        f'SELECT count(*) FROM "{table}" WHERE id NOT IN (SELECT id FROM "{schema}"."{table}")'
                    )
                    if came := cursor.fetchone()[0]:
                        found.append(f"{table}: {came} rows came")
                counts = ", ".join(
                    f"count(*) FILTER (WHERE {_english('now', name, columns[name])}"
                    f" IS DISTINCT FROM {_english('old', name, columns[name])})"
                    for name in names
                )
                cursor.execute(
                    f'SELECT {counts} FROM "{table}" AS now JOIN "{schema}"."{table}" AS old USING (id)'
                )
                for name, count in zip(names, cursor.fetchone(), strict=True):
                    if count:
                        found.append(f"{table}.{name}: {count} values differ")
            else:
                listed = ", ".join(f'"{name}"::text' for name in names)
                for text, first, second in (
                    ("are gone", f'"{schema}"."{table}"', f'"{table}"'),
                    ("came", f'"{table}"', f'"{schema}"."{table}"'),
                ):
                    if text == "came" and not extra:
                        continue
                    cursor.execute(
                        f"SELECT count(*) FROM (SELECT {listed} FROM {first}"
                        f" EXCEPT ALL SELECT {listed} FROM {second}) AS rest"
                    )
                    if count := cursor.fetchone()[0]:
                        found.append(f"{table}: {count} rows {text}")
    return found


def _english(table, name, kind):
    """A value as text; of what is translated the English, as an update brings the other languages."""
    column = f'{table}."{name}"'
    return f"COALESCE({column}->>'en_US', {column}::text)" if kind == "jsonb" else f"{column}::text"
