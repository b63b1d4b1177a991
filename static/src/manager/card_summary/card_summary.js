import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { pointsBar } from "../points_bar/points_bar";

/** The indicators of a scorecard on a card: name, value with its unit, points. */
export class CardSummary extends Component {
    static template = "partner_relations.CardSummary";
    static props = { ...standardFieldProps };

    get rows() {
        return (this.props.record.data[this.props.name] || []).map((row) => ({
            ...row,
            bar: row.points === false ? null : pointsBar(row.points),
        }));
    }
}

registry.category("fields").add("relations_card_summary", {
    component: CardSummary,
    displayName: _t("Indicators of a scorecard"),
    supportedTypes: ["json", "jsonb"],
});
