import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = { high: "bg-success", medium: "bg-warning", low: "bg-danger" };

/** Scores of the last periods as bars from 0 to 100 or the largest, each with its number; without a score no bar. */
export class ScoreTrend extends Component {
    static template = "partner_relations.ScoreTrend";
    static props = { ...standardFieldProps };

    get points() {
        return this.props.record.data[this.props.name] || [];
    }

    /** Percent of the room that the number leaves: the score of a manager goes beyond 100. */
    height(point) {
        return (80 * point.score) / Math.max(100, ...this.points.map((one) => one.score || 0));
    }

    color(point) {
        return COLORS[point.grade] || "bg-secondary";
    }

    score(point) {
        return formatFloat(point.score, { digits: [16, 1], trailingZeros: false });
    }

    title(point) {
        return point.score === false
            ? _t("%s: not rated", point.label)
            : _t("%(month)s: %(score)s points", { month: point.label, score: this.score(point) });
    }
}

registry.category("fields").add("supplier_score_trend", {
    component: ScoreTrend,
    displayName: _t("Trend of a score"),
    supportedTypes: ["jsonb", "json"],
});
