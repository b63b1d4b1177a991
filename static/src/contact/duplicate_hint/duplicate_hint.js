import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The likely duplicates of the contact being entered. The links open in a new tab, so that what has been
 * typed is neither lost nor saved by looking.
 */
export class DuplicateHint extends Component {
    static template = "partner_relations.DuplicateHint";
    static props = { ...standardFieldProps };

    get hint() {
        return this.props.record.data[this.props.name] || { duplicates: [], more: 0 };
    }

    url(duplicate) {
        return `/odoo/res.partner/${duplicate.id}`;
    }
}

registry.category("fields").add("partner_duplicate_hint", {
    component: DuplicateHint,
    supportedTypes: ["json"],
});
