"""Groups of contacts by what a side table has of the company they belong to."""

from odoo.tools import SQL


def join_by_company(contacts, alias, query, records, domain, names, label):
    """Join records with one row for each customer or supplier to the contacts of ``query``.

    :param contacts: the model of the contacts
    :param alias: of the contacts in ``query``
    :param records: the model of the records, which have a field ``partner_id``
    :param domain: which of them; the user sees those that the rules let through
    :param names: the fields of the records that are wanted
    :param label: tells the join from others of the same records
    :return: ``{field: its SQL}``, NULL for contacts without a record
    """
    found = records._search(domain)
    found.order = None
    # SQL: what is read here is no column of the contact, so that groups of it need a join
    selected = found.subselect(
        *(records._field_to_sql(found.table, name, found) for name in ("partner_id", *names))
    )
    table = query.make_alias(alias, label)
    query.add_join(
        "LEFT JOIN",
        table,
        selected,
        SQL(
            "%s = %s",
            contacts._field_to_sql(alias, "commercial_partner_id", query),
            SQL.identifier(table, "partner_id"),
        ),
    )
    return {name: SQL.identifier(table, name) for name in names}
