import json
from collections import OrderedDict

from werkzeug.datastructures import FileStorage

from odoo.addons.web.controllers import export, pivot
from odoo.http import route

from ..tools.cells import FORMULA_STARTS, WRITTEN_STARTS, disarm

# What core lets through in CSV; the other starts it disarms itself.
LEFT_STARTS = tuple(set(FORMULA_STARTS) - {"=", "+", "-"})


class CsvExport(export.CSVExport):
    """Core disarms what begins with an equals, plus or minus sign; the others are disarmed here."""

    def from_data(self, fields, columns_headers, rows):
        rows = [[disarm(cell, LEFT_STARTS) for cell in row] for row in rows]
        # the words of properties, which users choose, are headers too; core disarms none of them
        headers = [disarm(header, FORMULA_STARTS) for header in columns_headers]
        return super().from_data(fields, headers, rows)


class XlsxExport(export.ExcelExport):
    """Core hands texts to a library that makes formulas of those that begin with an equals sign."""

    def from_data(self, fields, columns_headers, rows):
        return super().from_data(fields, _disarm(columns_headers), [_disarm(row) for row in rows])

    def from_group_data(self, fields, columns_headers, groups):
        _disarm_groups(groups)
        return super().from_group_data(fields, _disarm(columns_headers), groups)


class PivotExport(pivot.TableExporter):
    @route()
    def export_xlsx(self, data, **kw):
        table = json.load(data) if isinstance(data, FileStorage) else json.loads(data)
        if table:
            # the client's words for groups and figures; that of the table is the name of a sheet
            table = {key: value if key == "title" else _disarm(value) for key, value in table.items()}
        return super().export_xlsx(json.dumps(table), **kw)


def _disarm(value):
    if isinstance(value, dict):
        return {key: _disarm(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_disarm, value))
    return disarm(value, WRITTEN_STARTS)


def _disarm_groups(node):
    """Disarm a tree of groups in place: it counts its records itself."""
    node.data = [_disarm(row) for row in node.data]
    node.children = OrderedDict((_disarm(name), child) for name, child in node.children.items())
    for child in node.children.values():
        _disarm_groups(child)
