"""An upgraded database compared with what it was, and with a new installation; see dev/house/life.py."""

from life_databases import CORE_CHANGES, UPGRADED_CHANGES, catalog, common_tables, connect, differences, rows

CATALOG = ("_columns", "_constraints", "_indexes", "_others")


def test_schema_is_that_of_a_new_installation():
    upgraded, fresh = catalog("UPGRADED"), catalog("FRESH")
    for part in upgraded:
        assert upgraded[part] - fresh[part] == set(), f"{part}: left behind by an upgrade"
        assert fresh[part] - upgraded[part] == set(), f"{part}: forgotten by an upgrade"


def test_records_of_the_addon_are_those_of_a_new_installation():
    statement = """
        SELECT model || ' ' || name FROM ir_model_data WHERE module = 'partner_relations'
         AND name NOT LIKE 'constraint_%'"""
    upgraded, fresh = (
        {row[0] for row in rows(database, statement)} for database in ("UPGRADED", "FRESH")
    )
    assert len(fresh) > 3000
    assert upgraded == fresh


def test_definitions_are_those_of_a_new_installation():
    """What users do not change: views, crons, rules, access rights, menus, selection values, actions."""
    for table, columns in {
        "ir_ui_view": "arch_db->>'en_US', priority, active, mode, model",
        "ir_rule": "domain_force, global, perm_read, perm_write, perm_create, perm_unlink, active",
        "ir_model_access": "perm_read, perm_write, perm_create, perm_unlink, active",
        "ir_ui_menu": "name->>'en_US', sequence, active",
        "ir_model_fields": "name, ttype, relation, store, required, readonly, index, on_delete",
        "ir_model_fields_selection": "value, sequence",
        "ir_act_window": "name->>'en_US', domain, context, res_model, view_mode, path",
        "ir_act_server": "name->>'en_US', code, state",
        "ir_cron": "interval_number, interval_type, active",
        "res_groups": "name->>'en_US'",
    }.items():
        model = {"ir_act_window": "ir.actions.act_window", "ir_act_server": "ir.actions.server"}.get(
            table, table.replace("_", ".")
        )
        if table == "ir_model_fields":
            model = "ir.model.fields"
        if table == "ir_model_fields_selection":
            model = "ir.model.fields.selection"
        statement = f"""
            SELECT known.name, {columns}
              FROM "{table}" AS record
              JOIN ir_model_data AS known ON known.model = '{model}' AND known.res_id = record.id
             WHERE known.module = 'partner_relations'
        """
        upgraded, fresh = set(rows("UPGRADED", statement)), set(rows("FRESH", statement))
        assert fresh, table
        assert upgraded - fresh == set(), table
        assert fresh - upgraded == set(), table


def test_no_row_is_lost_and_no_value_changed():
    """All that was entered with the first version is there, with the values it had."""
    tables = common_tables("UPGRADED", "first_version")
    assert {"partner_contact_log", "partner_classification_line", "res_partner", "account_move"} <= set(tables)
    found = differences("UPGRADED", "first_version", tables, UPGRADED_CHANGES)
    assert found == []


def test_first_version_was_used():
    """The comparison above has something to compare: the users of the first version left something in each table."""
    with connect("UPGRADED") as cursor:
        cursor.execute("""
            SELECT DISTINCT replace(model, '.', '_') FROM first_version.ir_model_data AS known
              JOIN first_version.ir_model AS model ON model.id = known.res_id AND known.model = 'ir.model'
             WHERE known.module = 'partner_relations' AND model.transient IS NOT TRUE AND known.name LIKE 'model_partner%'
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
    assert empty == []


def test_a_second_update_changes_nothing():
    tables = common_tables("UPGRADED", "upgraded")
    found = differences("UPGRADED", "upgraded", tables, CORE_CHANGES, extra=True)
    assert found == []
