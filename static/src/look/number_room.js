import { useEffect } from "@odoo/owl";
import { patch } from "@web/core/utils/patch";
import { FIELD_WIDTHS } from "@web/views/list/column_width_hook";
import { ListRenderer } from "@web/views/list/list_renderer";

const NUMBERS = ["float", "integer", "monetary"];
const LEAST = 80;

/** How wide what stands in a cell is, in one line, whether or not it fits. */
function textWidth(cell) {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return Math.ceil(range.getBoundingClientRect().width);
}

/** The number that stands in each column, in rows, groups and totals: cells end where their column ends. */
function numbersOf(table, name) {
    const head = table.querySelector(`th[data-name="${name}"]`);
    const end = head && head.getBoundingClientRect().right;
    return [...table.querySelectorAll("td.o_list_number")].filter(
        (cell) => head && Math.abs(cell.getBoundingClientRect().right - end) < 2
    );
}

/**
 * In the addon's lists a number is never cut off: "1.234.567.8…" reads as another one.
 *
 * Core gives numbers the room of a billion without its currency, and cuts off what is longer; an amount in đồng of a
 * company of some size is.
 */
patch(ListRenderer.prototype, {
    setup() {
        super.setup();
        // core keeps the widths, whatever rows come later
        useEffect(() => {
            const table = this.tableRef.el;
            if (table?.closest(".o_relations_list") && !this.columnWidths.resizing) {
                const cut = [...table.querySelectorAll("td.o_list_number")].some(
                    (cell) => cell.scrollWidth > cell.clientWidth + 1
                );
                if (cut) {
                    this.columnWidths.resetWidths();
                }
            }
        });
    },

    processAllColumn(allColumns, list) {
        return super
            .processAllColumn(allColumns, list)
            .map((column) =>
                NUMBERS.includes(column.fieldType) && !column.field?.listViewWidth ? this._withRoom(column) : column
            );
    },

    /** The column, whose width is asked for each time that core shares out the room. */
    _withRoom(column) {
        const own = column.attrs?.width;
        const least = parseInt(own) || FIELD_WIDTHS[column.widget || column.fieldType] || LEAST;
        const getTable = () => this.tableRef.el;
        const attrs = {
            ...column.attrs,
            get width() {
                const table = getTable();
                if (!table?.closest(".o_relations_list")) {
                    return own;
                }
                const widest = Math.max(0, ...numbersOf(table, column.name).map(textWidth));
                return widest > least ? `${widest}px` : own;
            },
        };
        return { ...column, attrs };
    },
});
