import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { CrossTable } from "./cross_table";
import { CLASSES, classLabel, customerCount, fullMoney, shortMoney, TOTAL } from "./matrix_words";

/** Who went from which class of one run to which class of another. */
export class MigrationsTab extends Component {
    static template = "partner_relations.MigrationsTab";
    static components = { CrossTable };
    static props = {
        data: Object,
        focus: { type: [String, Boolean], optional: true },
        onFocus: Function,
        onOpen: Function,
    };

    get rows() {
        return this.axis("source", this.props.data.source_dimension, "new");
    }

    get columns() {
        return this.axis("target", this.props.data.target_dimension, "gone");
    }

    axis(name, dimension, absent) {
        const { cells } = this.props.data;
        const values = [...CLASSES[dimension], absent].filter(
            (value) => (value && value !== absent) || cells.some((cell) => cell[name] === value)
        );
        return [
            ...values.map((value) => ({ key: value || "none", label: classLabel(dimension, value) })),
            { key: TOTAL, label: _t("Total") },
        ];
    }

    get cells() {
        const { data } = this.props;
        const cells = {};
        const add = (source, target, figures) => {
            const cell = (cells[`${source}|${target}`] ??= { count: 0, revenue_from: false, revenue_to: false });
            cell.count += figures.count;
            for (const name of ["revenue_from", "revenue_to"]) {
                if (figures[name] !== false) {
                    cell[name] = (cell[name] || 0) + figures[name];
                }
            }
            return cell;
        };
        for (const cell of data.cells) {
            const source = cell.source || "none";
            const target = cell.target || "none";
            add(source, target, cell).trend = cell.trend;
            cells[`${source}|${target}`].stays = cell.source === cell.target;
            add(source, TOTAL, cell);
            add(TOTAL, target, cell);
            add(TOTAL, TOTAL, cell);
        }
        for (const [key, cell] of Object.entries(cells)) {
            const [source, target] = key.split("|").map((value) => (value === "none" ? false : value));
            cell.title = this.moveWords(cell);
            cell.label = `${this.name("source", source)} → ${this.name("target", target)}:`;
            cell.words = formatInteger(cell.count);
            cell.from = shortMoney(cell.revenue_from, data.currency_id);
            cell.to = shortMoney(cell.revenue_to, data.currency_id);
            // all customers of two runs are no list of one of them
            cell.isClosed = key === `${TOTAL}|${TOTAL}`;
        }
        return cells;
    }

    name(side, value) {
        return value === TOTAL ? _t("Total") : classLabel(this.props.data[`${side}_dimension`], value);
    }

    moveWords(cell) {
        const { currency_id } = this.props.data;
        const words = [customerCount(cell.count)];
        if (cell.revenue_from !== false) {
            words.push(_t("revenue before %s", fullMoney(cell.revenue_from, currency_id)));
        }
        if (cell.revenue_to !== false) {
            words.push(_t("revenue now %s", fullMoney(cell.revenue_to, currency_id)));
        }
        if (cell.trend === "worse") {
            words.push(_t("for the worse"));
        } else if (cell.trend === "better") {
            words.push(_t("for the better"));
        }
        return words.join(", ");
    }

    get worst() {
        return this.props.data.worst.map((cell) => ({
            key: `${cell.source || "none"}|${cell.target || "none"}`,
            row: cell.source || "none",
            column: cell.target || "none",
            move: `${this.name("source", cell.source)} → ${this.name("target", cell.target)}`,
            words: [
                customerCount(cell.count),
                shortMoney(cell.revenue_from, this.props.data.currency_id),
            ]
                .filter(Boolean)
                .join(", "),
            title: this.moveWords(cell),
        }));
    }
}
