import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { CrossTable } from "./cross_table";
import {
    CLASSES,
    classLabel,
    customerCount,
    fullMoney,
    percent,
    plainPercent,
    shortMoney,
    TOTAL,
} from "./matrix_words";

const SHARES = { count: "count_share", revenue: "share", profit: "profit_share" };

/** The matrix ABC × XYZ of one run, with its legend. */
export class MatrixTab extends Component {
    static template = "partner_relations.MatrixTab";
    static components = { CrossTable };
    static props = {
        data: Object,
        measure: String,
        focus: { type: [String, Boolean], optional: true },
        onFocus: Function,
        onOpen: Function,
    };

    setup() {
        this.formatInteger = formatInteger;
    }

    get rows() {
        return this.axis("abc_class", "abc");
    }

    get columns() {
        return this.axis("xyz_class", "xyz");
    }

    /** The classes of one axis; "no class" only where there is somebody without. */
    axis(dimension, name) {
        const values = CLASSES[dimension].filter(
            (value) => value || this.props.data.cells.some((cell) => !cell[name])
        );
        return [
            ...values.map((value) => ({
                key: value || "none",
                label: classLabel(dimension, value),
                title: this.explain[value || dimension],
            })),
            { key: TOTAL, label: _t("Total") },
        ];
    }

    /** What the classes of this run mean, with its limits. */
    get explain() {
        const { run } = this.props.data;
        const a = plainPercent(run.abc_a);
        const b = plainPercent(run.abc_b);
        const c = plainPercent(100 - run.abc_a - run.abc_b);
        const x = plainPercent(run.xyz_x);
        const y = plainPercent(run.xyz_y);
        const byProfit = run.measure === "profit";
        return {
            a: byProfit
                ? _t("The largest customers, who together bring %s of the profit.", a)
                : _t("The largest customers, who together bring %s of the revenue.", a),
            b: _t("Those after them, who bring the next %s.", b),
            c: _t("All others who bought, with the last %s.", c),
            abc_class: _t("Nothing sold in the window, or lost: no purchase for more than %s days.", run.lost_days),
            x: _t("Buy evenly: their sales vary by up to %s.", x),
            y: _t("Buy unevenly: %(x)s to %(y)s.", { x, y }),
            z: _t("Buy now and then: more than %s.", y),
            xyz_class:
                run.xyz_scope === "regular"
                    ? _t("Not regular customers, or too few periods to compare.")
                    : _t("Too few periods to compare."),
        };
    }

    get legend() {
        return ["abc_class", "xyz_class"].map((dimension) =>
            CLASSES[dimension].map((value) => ({
                key: value || dimension,
                label: classLabel(dimension, value),
                words: this.explain[value || dimension],
            }))
        );
    }

    get cells() {
        const { data, measure } = this.props;
        const cells = {};
        const add = (abc, xyz, figures) => {
            const key = `${abc}|${xyz}`;
            const sum = (cells[key] ??= { count: 0, revenue: false, profit: false });
            sum.count += figures.count;
            for (const name of ["revenue", "profit"]) {
                if (figures[name] !== false) {
                    sum[name] = (sum[name] || 0) + figures[name];
                }
            }
        };
        for (const cell of data.cells) {
            const abc = cell.abc || "none";
            const xyz = cell.xyz || "none";
            add(abc, xyz, cell);
            add(abc, TOTAL, cell);
            add(TOTAL, xyz, cell);
            add(TOTAL, TOTAL, cell);
        }
        const largest = Math.max(
            ...data.cells.map((cell) => Math.max(cell[measure] || 0, 0)),
            Number.MIN_VALUE
        );
        for (const [key, cell] of Object.entries(cells)) {
            const known = data.cells.find((one) => `${one.abc || "none"}|${one.xyz || "none"}` === key);
            const total = data.total[measure];
            const share = known
                ? known[SHARES[measure]]
                : cell[measure] !== false && total > 0
                ? (100 * cell[measure]) / total
                : false;
            const isTotal = key.includes(TOTAL);
            this.describe(key, cell, share);
            cell.bar = share === false ? 0 : Math.min(Math.max(share, 0), 100);
            cell.weight = isTotal ? 0 : Math.max(cell[measure] || 0, 0) / largest;
        }
        return cells;
    }

    /** Words of a cell, short ones to show and full ones to point at or read aloud. */
    describe(key, cell, share) {
        const { data, measure } = this.props;
        const [abc, xyz] = key.split("|");
        const revenue = fullMoney(cell.revenue, data.currency_id);
        const profit = fullMoney(cell.profit, data.currency_id);
        const shared = percent(share);
        const words = [customerCount(cell.count)];
        if (revenue) {
            words.push(_t("revenue %s", revenue));
        }
        if (profit) {
            words.push(_t("profit %s", profit));
        }
        if (shared) {
            words.push(
                {
                    count: _t("%s of the customers", shared),
                    revenue: _t("%s of the revenue", shared),
                    profit: _t("%s of the profit", shared),
                }[measure]
            );
        }
        const name = (dimension, value) =>
            value === TOTAL ? _t("Total") : classLabel(dimension, value === "none" ? false : value);
        cell.title = words.join(", ");
        cell.label = `${name("abc_class", abc)} × ${name("xyz_class", xyz)}:`;
        cell.share = shared;
        cell.figures = [
            { name: "count", label: _t("Customers"), value: formatInteger(cell.count) },
            { name: "revenue", label: _t("Revenue"), value: shortMoney(cell.revenue, data.currency_id) },
            { name: "profit", label: _t("Profit"), value: shortMoney(cell.profit, data.currency_id) },
        ];
    }
}
