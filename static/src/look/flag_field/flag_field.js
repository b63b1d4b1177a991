import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What needs attention, as a sign with words: a yes with the field's name, a text with itself, or one value of a
 * selection (`when`) with its label. Anything else shows nothing.
 */
export class FlagField extends Component {
    static template = "partner_relations.FlagField";
    static props = {
        ...standardFieldProps,
        label: { type: String, optional: true },
        look: { type: String, optional: true },
        when: { type: String, optional: true },
    };
    static defaultProps = { look: "fa-exclamation-triangle text-danger" };

    get isShown() {
        const value = this.props.record.data[this.props.name];
        return this.props.when ? value === this.props.when : value;
    }

    get label() {
        const { record, name, when, label } = this.props;
        const field = record.fields[name];
        if (field.type === "char") {
            return record.data[name];
        }
        return when ? Object.fromEntries(field.selection)[when] : label || field.string;
    }
}

registry.category("fields").add("relations_flag", {
    component: FlagField,
    displayName: _t("Warning Sign"),
    supportedTypes: ["boolean", "char", "selection"],
    extractProps: ({ string, options }) => ({ label: string, look: options.look, when: options.when }),
});
