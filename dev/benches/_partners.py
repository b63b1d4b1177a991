"""Many contacts for benchmarks, made by PostgreSQL after others because only their number matters."""

from benches._sales_history import without_indexes

from odoo.tools import SQL

# A number ``n`` for each of so many contacts, and the id that it gets.
NUMBERED = "(SELECT n, nextval('res_partner_id_seq')::int AS id FROM generate_series(1, %s) AS n) AS number"


def copy_partners(env, own, numbers, which):
    """Insert copies of contacts, which stand in the statement as ``model``.

    :param dict own: SQL of the columns that are not copied; ``id`` is the next one if it is not among them
    :param SQL numbers: what is joined with each contact, a copy for each of its rows
    :param SQL which: the contacts that are copied
    """
    env.flush_all()
    copied = [
        name
        for name, field in env["res.partner"]._fields.items()
        if field.store and field.column_type and name not in own and name != "id"
    ]
    with without_indexes(env.cr, "res_partner"):
        env.cr.execute(
            SQL(
                "INSERT INTO res_partner (%s, %s) SELECT %s, %s FROM res_partner AS model, %s WHERE %s",
                SQL(", ").join(map(SQL.identifier, own)),
                SQL(", ").join(map(SQL.identifier, copied)),
                SQL(", ").join(own.values()),
                SQL(", ").join(SQL.identifier("model", name) for name in copied),
                numbers,
                which,
            )
        )


def copy_partner(env, model, own, count):
    """Insert so many copies of one contact, each its own commercial partner; ``n`` numbers them."""
    ids = {name: SQL("number.id") for name in ("id", "commercial_partner_id")}
    copy_partners(env, {**own, **ids}, SQL(NUMBERED, count), SQL("model.id = %s", model.id))
