"""The demo company from which the addon was uninstalled, compared with what it was; see dev/house/life.py."""

import re

from life_databases import CORE_CHANGES, catalog, common_tables, connect, differences

# What people work with in Odoo's own apps: every row and value stays.
BUSINESS = (
    r"^(account_(move|payment|partial|full)|sale_order|purchase_(order|requisition)|stock_(move|picking|quant)|"
    r"product_|crm_(lead|team|stage)|calendar_event|hr_(employee|department|job)|utm_|res_partner|res_users$|"
    r"res_company$|mailing_(list|contact|mailing|trace)|res_currency)"
)

# Who was a user by the addon's groups alone is none without them; a day of payment by the addon's own rule becomes a
# number of days.
LOST = {
    "account_payment_term_line": {"delay_type"},
    "res_partner": {"partner_share"},
    "res_users": {"share", "notification_type"},
}


def test_schema_is_that_of_odoo_without_the_addon():
    plain, now = catalog("CORE"), catalog("UNINSTALLED")
    for part in now:
        left = {row for row in now[part] if not str(row[-1]).startswith("ir_sequence_")}  # of its journals
        assert left - plain[part] == set(), f"{part}: left behind"
        assert plain[part] - now[part] == set(), f"{part}: taken away"


def test_business_keeps_its_rows_and_values():
    tables = {
        table: columns
        for table, columns in common_tables("UNINSTALLED", "with_addon").items()
        if re.match(BUSINESS, table)
    }
    assert {"account_move_line", "sale_order", "crm_lead", "res_partner", "purchase_order_line"} <= set(
        tables
    )
    found = differences("UNINSTALLED", "with_addon", tables, {**CORE_CHANGES, **LOST}, extra=True)
    assert not found, "\n".join(found)


def test_there_was_business():
    """The comparison has something to compare."""
    with connect("UNINSTALLED") as cursor:
        for table in ("account_move_line", "sale_order", "crm_lead", "res_partner", "purchase_order_line"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] > 50, table


def test_messages_of_odoos_own_documents_stay():
    with connect("UNINSTALLED") as cursor:
        cursor.execute("""
            SELECT message.model, count(*) FROM with_addon.mail_message AS message
              JOIN ir_model AS model ON model.model = message.model
             WHERE NOT EXISTS (SELECT FROM mail_message AS now WHERE now.id = message.id)
               AND message.model NOT IN ('ir.actions.server', 'ir.cron')  -- of the addon's own jobs
             GROUP BY 1
        """)
        assert not cursor.fetchall()


def test_no_row_names_a_model_of_the_addon():
    """Messages, activities, attachments, followers and whatever else points to records by model and id."""
    with connect("UNINSTALLED") as cursor:
        cursor.execute(
            "SELECT model FROM with_addon.ir_model WHERE model NOT IN (SELECT model FROM ir_model)"
        )
        models = [row[0] for row in cursor.fetchall()]
        assert len(models) > 100
        cursor.execute("""
            SELECT table_name::text, column_name::text FROM information_schema.columns
             WHERE table_schema = 'public' AND udt_name IN ('varchar', 'text')
               AND (column_name ~ '(^|_)model(_name)?$' OR column_name IN ('relation', 'binding_type'))
        """)
        left = []
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT "{column}", count(*) FROM "{table}" WHERE "{column}" = ANY(%s) GROUP BY 1', [models]
            )
            left += [(table, column, *row) for row in cursor.fetchall()]
    assert not left, "\n".join(map(str, left))
