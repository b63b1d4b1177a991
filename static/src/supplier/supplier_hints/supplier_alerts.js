import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { whileShown } from "../../look/while_shown";
import { useAskSupplierHints, useSupplierHints } from "./supplier_hints";

/** Above an order: that its supplier is to be warned of or blocked, and how many prices are above the agreed ones. */
export class SupplierAlerts extends Component {
    static template = "partner_relations.SupplierAlerts";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useSupplierHints(this.props.record);
        this.askAgain = useAskSupplierHints(this.props.record);
    }

    async override() {
        const { record } = this.props;
        if (await record.save()) {
            const action = await this.orm.call("purchase.order", "action_override_supplier_block", [[record.resId]]);
            await this.action.doAction(action, {
                onClose: whileShown(this, async () => {
                    await record.load();
                    await this.askAgain();
                }),
            });
        }
    }
}

registry.category("view_widgets").add("supplier_alerts", { component: SupplierAlerts });
