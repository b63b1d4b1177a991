import { Component, onWillDestroy, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { formatPercentage } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// Every field that the figure may depend on; persons of a company by their number.
const COUNTED = [
    "name",
    "email",
    "phone",
    "street",
    "city",
    "country_id",
    "vat",
    "industry_id",
    "user_id",
    "child_ids",
    "function",
    "birthdate",
    "is_company",
];

/**
 * How completely the contact is filled in and what is missing. It is asked for once the form stands and after
 * each save, so that opening a contact does not wait for it.
 */
export class ContactCompleteness extends Component {
    static template = "partner_relations.ContactCompleteness";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ percent: false, missing: "" });
        this.asked = "";
        useRecordObserver((record) => {
            if (record.resId !== this.resId) {
                // the figure of one contact does not stand on the next until that is known
                this.resId = record.resId;
                Object.assign(this.state, { percent: false, missing: "" });
            }
            const question = `${record.resId} ${this.read(record)}`;
            if (record.resId && !record.dirty && question !== this.asked) {
                this.asked = question;
                this.ask(record.resId, question);
            }
        });
        onWillDestroy(() => (this.asked = ""));
    }

    get percentWords() {
        return formatPercentage(this.state.percent / 100, { digits: [16, 0] });
    }

    /** What is filled in, in a form that can be compared: the figure is asked for again when it changed. */
    read(record) {
        return COUNTED.filter((name) => name in record.data)
            .map((name) => {
                const value = record.data[name];
                return value?.id || value?.count || String(value);
            })
            .join("|");
    }

    async ask(resId, question) {
        let percent = false;
        let missing = "";
        try {
            const [values] = await this.orm.silent.read("res.partner", [resId], [
                "contact_completeness",
                "contact_missing",
            ]);
            if (values) {
                percent = Math.round(values.contact_completeness);
                missing = values.contact_missing || "";
            }
        } finally {
            // an answer for another contact, or from before the last save, is of no use; without one, the figure that
            // shows is that from before the save
            if (question === this.asked) {
                Object.assign(this.state, { percent, missing });
            }
        }
    }
}

registry.category("view_widgets").add("partner_contact_completeness", { component: ContactCompleteness });
