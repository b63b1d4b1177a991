import { Component, onMounted, useRef, useState } from "@odoo/owl";
import { localization } from "@web/core/l10n/localization";

const STEPS = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
};

/**
 * A table of two dimensions whose cells open what is behind them.
 *
 * It is one stop of the tab key; the arrow keys, Home and End move between its cells. `cells` holds, by "row|column",
 * what is known of a cell: `label` for screen readers and, if it opens nothing, `isClosed`. The slot draws it.
 */
export class CrossTable extends Component {
    static template = "partner_relations.CrossTable";
    static props = {
        caption: String,
        corner: String,
        rows: Array,
        columns: Array,
        cells: Object,
        focus: { type: [String, Boolean], optional: true },
        onFocus: { type: Function, optional: true },
        onOpen: Function,
        slots: Object,
    };

    setup() {
        this.table = useRef("table");
        this.state = useState({ active: this.props.focus || false });
        onMounted(() => {
            if (this.props.focus && this.activeKey === this.props.focus) {
                this.getButton(this.props.focus)?.focus();
            }
        });
    }

    cellKey(row, column) {
        return `${row.key}|${column.key}`;
    }

    getCell(row, column) {
        return this.props.cells[this.cellKey(row, column)];
    }

    isOpen(row, column) {
        const cell = this.getCell(row, column);
        return cell && !cell.isClosed;
    }

    /** The cell that the tab key reaches: the last one that had the focus, else the first. */
    get activeKey() {
        let first;
        for (const row of this.props.rows) {
            for (const column of this.props.columns) {
                if (this.isOpen(row, column)) {
                    if (this.cellKey(row, column) === this.state.active) {
                        return this.state.active;
                    }
                    first ??= this.cellKey(row, column);
                }
            }
        }
        return first;
    }

    getButton(key) {
        return this.table.el.querySelector(`button[data-cell="${key}"]`);
    }

    onFocusCell(key) {
        this.state.active = key;
        this.props.onFocus?.(key);
    }

    onKeydown(ev) {
        const { rows, columns } = this.props;
        const key = ev.target.closest("button[data-cell]")?.dataset.cell;
        if (!key || ev.altKey || ev.ctrlKey || ev.metaKey || ev.shiftKey) {
            return;
        }
        let row = rows.findIndex((one) => key.startsWith(`${one.key}|`));
        let column = columns.findIndex((one) => key.endsWith(`|${one.key}`));
        let step = STEPS[ev.key];
        if (ev.key === "Home") {
            column = -1;
            step = STEPS.ArrowRight;
        } else if (ev.key === "End") {
            column = columns.length;
            step = STEPS.ArrowLeft;
        } else if (!step) {
            return;
        } else if (localization.direction === "rtl") {
            // the next column stands to the left
            step = [step[0], -step[1]];
        }
        ev.preventDefault();
        // over the cells in which there is nothing
        do {
            row += step[0];
            column += step[1];
        } while (rows[row] && columns[column] && !this.isOpen(rows[row], columns[column]));
        if (rows[row] && columns[column]) {
            this.getButton(this.cellKey(rows[row], columns[column])).focus();
        }
    }
}
