"""Numbers that may be empty: where there is no data, no zero is shown, exported or compared."""

from odoo import fields


class _Empty:
    """What of a field of numbers makes NULL False in Python and an empty cell in the client."""

    falsy_value = None

    def convert_to_record(self, value, record):
        return False if value is None else value

    def convert_to_cache(self, value, record, validate=True):
        return None if value is None or value is False else super().convert_to_cache(value, record, validate)

    def convert_to_column(self, value, record, values=None, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_column(value, record, values, validate)

    def convert_to_export(self, value, record):
        return "" if value is None or value is False else value


class EmptyFloat(_Empty, fields.Float):
    """A float whose NULL is False in Python and an empty cell in the client, not 0."""


class EmptyInteger(_Empty, fields.Integer):
    """A whole number whose NULL is False in Python and an empty cell in the client, not 0."""


class EmptyMonetary(_Empty, fields.Monetary):
    """An amount whose NULL is False in Python and an empty cell in the client, not 0."""

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        if value is None or value is False:
            return None
        return super().convert_to_column_insert(value, record, values, validate)
