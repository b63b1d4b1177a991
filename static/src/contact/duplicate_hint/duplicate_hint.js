import { Component, onWillDestroy, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const NOTHING = { duplicates: [], more: false };
const DELAY = 300;
const TYPED = ["name", "email", "phone", "vat", "country_id", "is_company", "type", "parent_id"];

/**
 * The likely duplicates of the contact in the form, asked for once the form stands and whenever something
 * comparable was typed. The links open in a new tab, so that looking neither loses nor saves the entry.
 */
export class DuplicateHint extends Component {
    static template = "partner_relations.DuplicateHint";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ ...NOTHING });
        this.asked = "";
        useRecordObserver((record) => {
            const values = this.read(record);
            const question = JSON.stringify([record.resId, values]);
            if (question === this.asked) {
                return;
            }
            this.asked = question;
            browser.clearTimeout(this.timer);
            if (record.resId !== this.resId) {
                // what one contact repeats is not said of the next
                this.resId = record.resId;
                Object.assign(this.state, NOTHING);
            }
            this.timer = browser.setTimeout(() => this.ask(question, record.resId, values), DELAY);
        });
        onWillDestroy(() => browser.clearTimeout(this.timer));
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

    async ask(question, resId, values) {
        // without an answer, too: what shows is of what was typed before
        let hint = NOTHING;
        try {
            hint = await this.orm.silent.call("res.partner", "get_duplicate_contacts", [
                resId ? [resId] : [],
                values,
            ]);
        } finally {
            // an answer to what has been changed since is of no use
            if (question === this.asked) {
                Object.assign(this.state, hint);
            }
        }
    }

    url(duplicate) {
        return `/odoo/res.partner/${duplicate.id}`;
    }
}

registry.category("view_widgets").add("partner_duplicate_hint", { component: DuplicateHint });
