import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const COLORS = { high: "text-success", medium: "text-warning", low: "text-danger" };

/**
 * The button *Reliability* of a contact: score and grade as a supplier. It is asked for once the form stands, so
 * that opening a contact does not wait for it, and shows for rated suppliers alone.
 */
export class SupplierRating extends Component {
    static template = "partner_relations.SupplierRating";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ rating: false });
        this.asked = false;
        useRecordObserver((record) => {
            if (record.resId !== this.asked) {
                this.asked = record.resId;
                this.state.rating = false;
                this.load(record.resId);
            }
        });
    }

    async load(resId) {
        if (resId) {
            try {
                this.state.rating = await this.keepLast.add(
                    this.orm.silent.call("res.partner", "get_supplier_rating", [[resId]])
                );
            } catch (error) {
                if (this.asked === resId) {
                    // as after a lost connection: with the next change of the form
                    this.asked = false;
                }
                throw error;
            }
        }
    }

    get color() {
        return COLORS[this.state.rating.grade] || "text-muted";
    }

    get score() {
        const { score } = this.state.rating;
        return score === false ? "" : String(Math.round(score));
    }

    async onClick() {
        this.action.doAction(
            await this.orm.call("res.partner", "action_open_supplier_scorecard", [[this.props.record.resId]])
        );
    }
}

registry.category("view_widgets").add("supplier_rating", { component: SupplierRating });
