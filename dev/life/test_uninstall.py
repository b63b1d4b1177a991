"""A database from which the addon was uninstalled, compared with what it was before; see dev/house/life.py."""

from life_databases import CORE_CHANGES, catalog, common_tables, connect, differences, rows

# What the users of the addon did meanwhile (one of them left), and a technical description that Odoo takes from the
# last class that has one and writes anew with its own next update.
WORKED_IN = {
    "discuss_channel_member": None,
    "ir_model": {"info"},
    "res_partner": {"partner_share"},
    "res_users": {"active"},
}
# Tables that describe the database: nothing of what came with the addon may stay.
DESCRIBING = (
    "ir_act_client",
    "ir_act_report_xml",
    "ir_act_server",
    "ir_act_url",
    "ir_act_window",
    "ir_act_window_view",
    "ir_actions",
    "ir_asset",
    "ir_config_parameter",
    "ir_cron",
    "ir_default",
    "ir_embedded_actions",
    "ir_exports",
    "ir_filters",
    "ir_mail_server",
    "ir_model",
    "ir_model_access",
    "ir_model_constraint",
    "ir_model_data",
    "ir_model_fields",
    "ir_model_fields_selection",
    "ir_model_inherit",
    "ir_model_relation",
    "ir_rule",
    "ir_sequence",
    "ir_ui_menu",
    "ir_ui_view",
    "ir_ui_view_custom",
    "fetchmail_server",
    "mail_activity_type",
    "mail_alias",
    "mail_message_subtype",
    "mail_template",
    "base_automation",
    "report_paperformat",
    "res_groups",
    "res_groups_privilege",
    "uom_uom",
)


def test_schema_is_what_it_was():
    before, now = catalog("UNINSTALLED", "before_addon"), catalog("UNINSTALLED")
    for part in now:
        assert now[part] - before[part] == set(), f"{part}: left behind"
        assert before[part] - now[part] == set(), f"{part}: taken away"


def test_core_keeps_its_rows_and_values():
    tables = common_tables("UNINSTALLED", "before_addon")
    assert len(tables) > 500
    found = differences("UNINSTALLED", "before_addon", tables, {**CORE_CHANGES, **WORKED_IN})
    assert not found, "\n".join(found)


def test_nothing_describes_the_addon():
    left = []
    with connect("UNINSTALLED") as cursor:
        for table in DESCRIBING:
            cursor.execute("SELECT to_regclass(%s)", [f"public.{table}"])
            if not cursor.fetchone()[0]:
                continue
            cursor.execute(
                f'SELECT to_jsonb(now) FROM "{table}" AS now WHERE id NOT IN (SELECT id FROM before_addon."{table}")'
            )
            left += [(table, str(row[0])[:300]) for row in cursor.fetchall()]
    assert not left, "\n".join(map(str, left))


def test_no_row_names_a_model_of_the_addon():
    """Messages, activities, attachments, followers, ratings and whatever else points to records by model and id."""
    models = [
        row[0]
        for row in rows(
            "UNINSTALLED",
            """
            SELECT model.model FROM upgraded.ir_model AS model
              JOIN upgraded.ir_model_data AS known ON known.model = 'ir.model' AND known.res_id = model.id
             WHERE known.module = 'partner_relations' AND model.id NOT IN (SELECT id FROM before_addon.ir_model)
            """,
        )
    ]
    assert len(models) > 100
    columns = rows(
        "UNINSTALLED",
        """
        SELECT table_name::text, column_name::text FROM information_schema.columns
         WHERE table_schema = 'public' AND udt_name IN ('varchar', 'text')
           AND (column_name ~ '(^|_)model(_name)?$' OR column_name IN ('relation', 'binding_type'))
        """,
    )
    assert len(columns) > 30
    left = []
    with connect("UNINSTALLED") as cursor:
        for table, column in columns:
            cursor.execute(
                f'SELECT "{column}", count(*) FROM "{table}" WHERE "{column}" = ANY(%s) GROUP BY 1', [models]
            )
            left += [(table, column, *row) for row in cursor.fetchall()]
    assert not left, "\n".join(map(str, left))


def test_no_file_is_left():
    """Attachments that came are those of what Odoo builds for browsers."""
    left = rows(
        "UNINSTALLED",
        """
        SELECT name, res_model, res_field, url FROM ir_attachment
         WHERE id NOT IN (SELECT id FROM before_addon.ir_attachment) AND COALESCE(url, '') NOT LIKE '/web/assets/%%'
        """,
    )
    assert not left, "\n".join(map(str, left))
