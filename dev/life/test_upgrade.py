"""An upgraded database compared with what it was, and with a new installation; see dev/house/life.py."""

import re

from life_databases import CORE_CHANGES, UPGRADED_CHANGES, catalog, common_tables, connect, differences, rows

# What users enter of all that describes a database; the rest is the addon's to change.
ENTERED = {"ir_attachment", "ir_config_parameter", "ir_default", "ir_exports", "ir_filters", "ir_sequence"}


def test_schema_is_that_of_a_new_installation():
    upgraded, fresh = catalog("UPGRADED"), catalog("FRESH")
    for part in upgraded:
        left = {
            row for row in upgraded[part] if not str(row[-1]).startswith("ir_sequence_")
        }  # of its second company
        assert left - fresh[part] == set(), f"{part}: left behind by an upgrade"
        assert fresh[part] - upgraded[part] == set(), f"{part}: forgotten by an upgrade"


def test_records_of_the_addon_are_those_of_a_new_installation():
    statement = """
        SELECT model || ' ' || name FROM ir_model_data WHERE module = 'partner_relations'
         AND name NOT LIKE 'constraint_%'"""
    upgraded, fresh = ({row[0] for row in rows(database, statement)} for database in ("UPGRADED", "FRESH"))
    assert len(fresh) > 3000
    assert upgraded == fresh


def test_definitions_are_those_of_a_new_installation():
    """What users do not change: views, crons, rules, access rights, menus, selection values, actions."""
    for table, model, columns in (
        (
            "ir_ui_view",
            "ir.ui.view",
            "arch_db->>'en_US', priority, active, mode",
        ),  # ids of actions are blurred
        ("ir_rule", "ir.rule", "domain_force, perm_read, perm_write, perm_create, perm_unlink, active"),
        ("ir_model_access", "ir.model.access", "perm_read, perm_write, perm_create, perm_unlink, active"),
        ("ir_ui_menu", "ir.ui.menu", "name->>'en_US', sequence, active"),
        (
            "ir_model_fields",
            "ir.model.fields",
            "name, ttype, relation, store, required, readonly, index, on_delete",
        ),
        ("ir_model_fields_selection", "ir.model.fields.selection", "value, sequence"),
        (
            "ir_act_window",
            "ir.actions.act_window",
            "name->>'en_US', domain, context, res_model, view_mode, path",
        ),
        ("ir_act_server", "ir.actions.server", "name->>'en_US', code, state"),
        ("ir_cron", "ir.cron", "interval_number, interval_type, active"),
        ("res_groups", "res.groups", "name->>'en_US'"),
    ):
        listed = ", ".join(f"record.{column.strip()}" for column in columns.split(","))
        statement = f"""
            SELECT known.name, {listed}
              FROM "{table}" AS record
              JOIN ir_model_data AS known ON known.model = '{model}' AND known.res_id = record.id
             WHERE known.module = 'partner_relations'
        """
        upgraded, fresh = (
            {tuple(re.sub(r"\d{3,}", "#", str(value)) for value in row) for row in rows(database, statement)}
            for database in ("UPGRADED", "FRESH")
        )
        assert fresh, table
        assert not upgraded - fresh, (table, upgraded - fresh)
        assert not fresh - upgraded, (table, fresh - upgraded)


def test_defaults_are_those_of_a_new_installation():
    """Also for the companies that were made while an installation had failed."""
    with connect("FRESH") as cursor:
        cursor.execute("""
            SELECT field.name FROM ir_model_fields AS field
              JOIN ir_model_data AS known ON known.model = 'ir.model.fields' AND known.res_id = field.id
              JOIN information_schema.columns AS stored
                ON stored.table_name = 'res_company' AND stored.column_name = field.name
             WHERE field.model = 'res.company' AND known.module = 'partner_relations'""")
        names = [row[0] for row in cursor.fetchall()]
        cursor.execute(f"SELECT {', '.join(names)} FROM res_company WHERE id = 1")
        filled = [name for name, value in zip(names, cursor.fetchone(), strict=True) if value is not None]
    assert {"campaign_model", "campaign_days", "payment_reminder_mode"} <= set(filled)
    with connect("UPGRADED") as cursor:
        empty = " OR ".join(f"{name} IS NULL" for name in filled)
        cursor.execute(f"SELECT name FROM res_company WHERE {empty}")
        assert cursor.fetchall() == []


def test_no_row_is_lost_and_no_value_changed():
    """All that was entered with the first version is there, with the values it had."""
    tables = {
        table: columns
        for table, columns in common_tables("UPGRADED", "first_version").items()
        if not table.startswith("ir_") or table in ENTERED
    }
    assert {"partner_contact_log", "partner_classification_line", "res_partner", "account_move"} <= set(
        tables
    )
    found = differences("UPGRADED", "first_version", tables, UPGRADED_CHANGES)
    assert not found, "\n".join(found)


def test_first_version_was_used():
    """The comparison above has something to compare: the users of the first version left something in each table."""
    with connect("UPGRADED") as cursor:
        cursor.execute("""
            SELECT DISTINCT replace(model.model, '.', '_') FROM first_version.ir_model_data AS known
              JOIN first_version.ir_model AS model ON model.id = known.res_id AND known.model = 'ir.model'
             WHERE known.module = 'partner_relations' AND model.transient IS NOT TRUE
               AND known.name LIKE 'model_partner%'
        """)
        tables = [row[0] for row in cursor.fetchall()]
        empty = []
        for table in tables:
            cursor.execute("SELECT to_regclass(%s)", [f"first_version.{table}"])
            if cursor.fetchone()[0]:
                cursor.execute(f'SELECT count(*) FROM first_version."{table}"')
                if not cursor.fetchone()[0]:
                    empty.append(table)
    assert len(tables) > 10
    # filled only where a rhythm was missed for long
    assert empty in ([], ["partner_effort_reminder"])


def test_a_second_update_changes_nothing():
    tables = common_tables("UPGRADED", "upgraded")
    found = differences("UPGRADED", "upgraded", tables, CORE_CHANGES, extra=True)
    assert not found, "\n".join(found)
