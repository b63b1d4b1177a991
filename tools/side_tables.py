"""Groups and order of contacts by what a side table has of the company they belong to."""

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
    # SQL: what is read here is no column of the contact, so that groups and orders by it need a join
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


def order_by_company(query, term, selection, direction, nulls):
    """Order the contacts of ``query`` by what :func:`join_by_company` has found.

    :param term: the SQL of the field
    :param selection: its values in their order; empty for numbers
    :param direction: as of ``_order_field_to_sql``
    :param nulls: likewise; where it says nothing, contacts without a value come last in either direction
    """
    if selection:
        # SQL: by the place of the value, as "high" is not less than "low" for those who read it
        term = SQL("array_position(%s::varchar[], %s)", [value for value, _label in selection], term)
    query._order_groupby.append(term)
    return SQL("%s %s %s", term, direction, nulls if nulls.code else SQL("NULLS LAST"))
