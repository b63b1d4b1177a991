import { Component } from "@odoo/owl";
import { toLocaleDateString, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DateTimeField, dateTimeField } from "@web/views/fields/datetime/datetime_field";

/** The moment of a contact; only the day where no hour was planned. The view must hold `all_day` too. */
export class ContactDateField extends Component {
    static template = "partner_relations.ContactDateField";
    static components = { DateTimeField };
    static props = DateTimeField.props;

    get text() {
        const { data } = this.props.record;
        const date = data[this.props.name];
        if (!date) {
            return "";
        }
        return data.all_day ? toLocaleDateString(date) : toLocaleDateTimeString(date);
    }
}

registry.category("fields").add("partner_contact_date", {
    ...dateTimeField,
    component: ContactDateField,
    displayName: _t("Contact date"),
    supportedTypes: ["datetime"],
});
