"""Links that few documents have: whether there are any is asked once for all such fields of a model."""

from odoo import fields
from odoo.tools import SQL


class RareMany2many(fields.Many2many):
    """A many2many field of a core model that is empty on most records.

    Reading one costs a query, also where there is nothing to read, so each makes each form of the model wait. They are
    asked about together, by their tables alone: no link is none for everybody, whatever the rights.
    """

    def read(self, records):
        links = [
            field
            for field in records._fields.values()
            if isinstance(field, RareMany2many) and next(field._cache_missing_ids(records), None)
        ]
        if self not in links:
            return
        if links == [self]:
            super().read(records)
            return
        ids = list(records.ids)
        [found] = records.env.execute_query(
            SQL(
                "SELECT %s",
                SQL(", ").join(
                    SQL(
                        "EXISTS (SELECT FROM %s WHERE %s = ANY(%s))",
                        SQL.identifier(field.relation),
                        SQL.identifier(field.column1),
                        ids,
                    )
                    for field in links
                ),
            )
        )
        for field, has_links in zip(links, found, strict=True):
            if not has_links:
                field._insert_cache(records, [()] * len(records))
        if found[links.index(self)]:
            super().read(records)
