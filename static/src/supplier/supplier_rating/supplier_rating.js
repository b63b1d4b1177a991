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
        this.failed = false;
        useRecordObserver(({ resId, dirty }) => {
            // where it could not be read, it is asked for again as the form is edited or saved
            const isAgain = this.failed && dirty !== this.dirty;
            this.dirty = dirty;
            if (resId !== this.asked || isAgain) {
                this.asked = resId;
                this.failed = false;
                this.state.rating = false;
                this.load(resId);
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
                this.failed = this.asked === resId;
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
