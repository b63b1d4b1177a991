"""Many records get values of their own with as few writes as there are different ones."""


def write_each(values):
    """Write each record its values, those that get the same ones together.

    Each write by itself would go through all that the model does besides once more.

    0, 0.0 and False are told apart, as some fields tell an amount of zero from none. The same amount of another
    currency is another value, as Odoo rounds it by the currency of the records that it is written to.

    :param dict values: the values by record, no lists of commands among them; a record without any is not written
    """
    alike = {}
    for record, vals in values.items():
        if vals:
            key = tuple(
                (name, type(value), value, _get_currency(record, name))
                for name, value in sorted(vals.items())
            )
            alike.setdefault(key, (vals, []))[1].append(record)
    for vals, records in alike.values():
        records[0].union(*records[1:]).write(vals)


def _get_currency(record, name):
    """The currency of a field for amounts of money."""
    field = record._fields[name]
    # sudo: as Odoo reads it to round the amount
    return record.sudo()[field.get_currency_field(record)] if field.type == "monetary" else None
