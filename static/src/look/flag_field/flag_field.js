import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A yes that needs attention, as a sign with the field's name in words; a no shows nothing. */
export class FlagField extends Component {
    static template = "partner_relations.FlagField";
    static props = { ...standardFieldProps, label: { type: String, optional: true } };

    get label() {
        return this.props.label || this.props.record.fields[this.props.name].string;
    }
}

registry.category("fields").add("relations_flag", {
    component: FlagField,
    displayName: _t("Warning Sign"),
    supportedTypes: ["boolean"],
    extractProps: ({ string }) => ({ label: string }),
});
