import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

// The full width; the mark at 100 stands where the target is reached.
const SCALE = 150;

/** Width and colour of the bar of so many points. */
export function pointsBar(points) {
    return {
        text: formatFloat(points, { digits: [16, 1] }),
        width: (100 * Math.min(Math.max(points, 0), SCALE)) / SCALE,
        color: points >= 100 ? "bg-success" : points >= 50 ? "bg-warning" : "bg-danger",
    };
}

/** Points as a number and a bar with a mark at 100; without points nothing. */
export class PointsBar extends Component {
    static template = "partner_relations.PointsBar";
    static props = { ...standardFieldProps };

    get bar() {
        const points = this.props.record.data[this.props.name];
        return points === false ? null : pointsBar(points);
    }
}

registry.category("fields").add("relations_points", {
    component: PointsBar,
    displayName: _t("Points with a bar"),
    supportedTypes: ["float"],
});
