import { Component } from "@odoo/owl";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { lineKey, useSupplierHints } from "./supplier_hints";

class SupplierPricePopover extends Component {
    static template = "partner_relations.SupplierPricePopover";
    static props = { hint: Object, close: Function };
}

/** On a line of an order whose price deviates from the agreed one: by how much, and what was agreed where. */
export class SupplierPriceMark extends Component {
    static template = "partner_relations.SupplierPriceMark";
    static props = { ...standardWidgetProps };

    setup() {
        this.state = useSupplierHints(this.props.record);
        this.popover = usePopover(SupplierPricePopover, { position: "left" });
    }

    get hint() {
        return this.state.hints.prices?.[lineKey(this.props.record)];
    }

    get words() {
        const { title, agreed, actual, difference, origin } = this.hint;
        return [title, agreed, actual, difference, origin].filter(Boolean).join("\n");
    }

    open(ev) {
        this.popover.open(ev.currentTarget, { hint: this.hint });
    }
}

registry.category("view_widgets").add("supplier_price_mark", { component: SupplierPriceMark, listViewWidth: 30 });
