import { Component, onWillDestroy, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const NOTHING = { contacts: [], leads: [], others: false, more: false };
const DELAY = 300;
const TYPED = ["partner_id", "partner_name", "contact_name", "email_from", "phone", "vat", "country_id"];
const COMPARED = ["partner_id", "partner_name", "email_from", "phone", "vat"];

/**
 * The contacts and open leads that an inquiry may repeat, asked for once the form stands and whenever something
 * comparable was typed. Each can be looked at in a new tab, taken as the customer, or made one with the inquiry.
 */
export class InquiryDuplicates extends Component {
    static template = "partner_relations.InquiryDuplicates";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ ...NOTHING });
        this.asked = "";
        useRecordObserver((record) => {
            const values = this.read(record);
            const isOpen = this.isNew || record.data.won_status === "pending";
            const question = JSON.stringify([record.resId, isOpen, values]);
            if (question === this.asked) {
                return;
            }
            this.asked = question;
            browser.clearTimeout(this.timer);
            if (record.resId !== this.resId) {
                // what was found for one lead is not offered for merging with the next
                this.resId = record.resId;
                Object.assign(this.state, NOTHING);
            }
            if (!isOpen || !COMPARED.some((name) => values[name])) {
                Object.assign(this.state, NOTHING);
                return;
            }
            this.timer = browser.setTimeout(() => this.ask(question, record, values), DELAY);
        });
        onWillDestroy(() => browser.clearTimeout(this.timer));
    }

    /** The form of a new inquiry, not that of a lead. */
    get isNew() {
        return this.props.record.resModel !== "crm.lead";
    }

    get isShown() {
        return this.state.contacts.length || this.state.leads.length || this.state.others;
    }

    get canMerge() {
        return !this.isNew && this.props.record.resId;
    }

    read({ data }) {
        const values = {};
        for (const name of TYPED) {
            if (name in data) {
                const value = data[name];
                values[name] = value && typeof value === "object" ? value.id : value;
            }
        }
        return values;
    }

    async ask(question, record, values) {
        const leadId = this.isNew ? false : record.resId;
        // without an answer, too: what shows is of what was typed before
        let hint = NOTHING;
        try {
            hint = await this.orm.silent.call("crm.lead", "get_inquiry_duplicates", [values, leadId]);
        } finally {
            // an answer to what has been changed since is of no use
            if (question === this.asked) {
                Object.assign(this.state, hint);
            }
        }
    }

    onClickUse(contact) {
        return this.props.record.update({ partner_id: { id: contact.id, display_name: contact.name } });
    }

    /** Add the contact to the open lead; or make one lead of both, by Odoo's own dialog. */
    async onClickJoin(lead) {
        const { record } = this.props;
        if (this.isNew) {
            return record.update({ lead_id: { id: lead.id, display_name: lead.name } });
        }
        if (await record.save()) {
            this.action.doAction("crm.action_merge_opportunities", {
                additionalContext: {
                    active_model: "crm.lead",
                    active_id: record.resId,
                    active_ids: [record.resId, lead.id],
                },
            });
        }
    }
}

registry.category("view_widgets").add("partner_inquiry_duplicates", { component: InquiryDuplicates });
