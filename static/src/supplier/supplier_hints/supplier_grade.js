import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useSupplierHints } from "./supplier_hints";

const COLORS = { high: "text-bg-success", medium: "text-bg-warning", low: "text-bg-danger" };

/** Beside the supplier of an order: its grade and score, why, and its overdue lines. */
export class SupplierGrade extends Component {
    static template = "partner_relations.SupplierGrade";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useSupplierHints(this.props.record);
    }

    get color() {
        return COLORS[this.state.hints.rating.grade] || "text-bg-light";
    }

    openScorecard() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "supplier.scorecard",
            res_id: this.state.hints.rating.scorecard_id,
            views: [[false, "form"]],
        });
    }

    async openOverdue() {
        const { data } = this.props.record;
        const action = await this.orm.call("purchase.order", "get_supplier_overdue_action", [
            data.partner_id.id,
            data.company_id?.id || false,
        ]);
        return this.action.doAction(action);
    }
}

registry.category("view_widgets").add("supplier_grade", { component: SupplierGrade });
