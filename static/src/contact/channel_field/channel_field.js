import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { SelectionField, selectionField } from "@web/views/fields/selection/selection_field";

export const CHANNEL_ICONS = {
    phone: "fa-phone",
    meeting: "fa-users",
    visit: "fa-map-marker",
    email: "fa-envelope-o",
    chat: "fa-comment-o",
    letter: "fa-file-text-o",
    other: "fa-dot-circle-o",
};

/** The channel of a contact: its icon with its name, so that neither colour nor icon stands alone. */
export class ContactChannelField extends Component {
    static template = "partner_relations.ContactChannelField";
    static components = { SelectionField };
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get label() {
        const options = this.props.record.fields[this.props.name].selection;
        return options.find(([key]) => key === this.value)?.[1] || "";
    }

    get icon() {
        return CHANNEL_ICONS[this.value] || CHANNEL_ICONS.other;
    }
}

registry.category("fields").add("partner_contact_channel", {
    ...selectionField,
    component: ContactChannelField,
    displayName: _t("Contact channel"),
    supportedTypes: ["selection"],
    extractProps: () => ({}),
});
