from odoo import api, models
from odoo.tools import SQL

from ...tools.found_rows import FoundRows


class ReportPageMixin(models.AbstractModel):
    """A report whose list puts its rows together once.

    Core asks for a page, then whether the rules let its rows be read, then for the number of all rows. A report puts
    its rows together anew for each statement, so that a list took three times as long as its rows, and longer for
    whom the rules show a part.
    """

    _name = "partner.report.page.mixin"
    _description = "Report Read by Pages"

    @api.model
    @api.readonly
    def web_search_read(self, domain, specification, offset=0, limit=None, order=None, count_limit=None):
        """Return what core returns: the rows of a page and how many there are, counted up to ``count_limit``."""
        if not limit:
            return super().web_search_read(domain, specification, offset, limit, order, count_limit)
        query = self._search(domain, offset=offset, limit=limit, order=order or self._order)
        columns = [field for field in self._determine_fields_to_fetch(specification) if field.column_type]
        if query.is_empty():
            return {"length": 0, "records": []}
        # SQL: as core fetches what it searched for, with the number of rows beside it
        rows = self.env.execute_query(
            query.select(
                SQL.identifier(self._table, "id"),
                SQL("COUNT(*) OVER ()"),
                *(self._field_to_sql(self._table, field.name, query) for field in columns),
            )
        )
        if not rows:
            return {"length": 0, "records": []}
        ids, [total, *_totals], *values = zip(*rows, strict=True)
        records = self.browse(ids)
        for field, column in zip(columns, values, strict=True):
            field._insert_cache(records, column)
        shown = offset + len(records)
        found = records.with_context(relations_found_rows=FoundRows(records))
        return {
            "length": max(shown, min(total, count_limit or total)),
            "records": found.web_read(specification),
        }

    def _check_access(self, operation):
        found = self.env.context.get("relations_found_rows")
        if operation == "read" and isinstance(found, FoundRows) and found.covers(self):
            return None  # the search has asked
        return super()._check_access(operation)
