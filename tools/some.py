from odoo.tools import SQL


def has_some(model, ids, *names):
    """Return whether a record of ``model``, hidden or not, has one of these ids in one of its many2one fields.

    SQL: most documents and contacts have none, and asking the rules about it would make each form wait.

    :param model: of the records that are looked for
    :param ids: of what they refer to
    :param names: stored many2one fields of the model
    """
    if not ids:
        return False
    model.flush_model(names)
    ids = list(ids)
    found = SQL(" OR ").join(SQL("%s = ANY(%s)", SQL.identifier(name), ids) for name in names)
    return bool(
        model.env.execute_query(SQL("SELECT 1 FROM %s WHERE %s LIMIT 1", SQL.identifier(model._table), found))
    )
