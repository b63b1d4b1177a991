import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Buttons of a contact that lead to what is kept about it, each with a figure. They are asked for once the form stands,
 * so that opening and saving a contact does not wait for them.
 */
export class ContactStats extends Component {
    static template = "partner_relations.ContactStats";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({ stats: [] });
        this.asked = false;
        useRecordObserver((record) => {
            // who is responsible since when changes with the salesperson
            const key = `${record.resId}:${record.dirty ? this.owner : record.data.user_id?.id}`;
            if (key !== this.asked) {
                if (record.resId !== this.resId) {
                    this.state.stats = [];
                }
                this.asked = key;
                this.resId = record.resId;
                this.owner = record.data.user_id?.id;
                this.load(record.resId);
            }
        });
    }

    async load(resId) {
        if (resId) {
            const { asked } = this;
            try {
                this.state.stats = await this.keepLast.add(
                    this.orm.silent.call("res.partner", "get_contact_stats", [[resId]])
                );
            } catch (error) {
                if (this.asked === asked) {
                    // as after a lost connection: with the next change of the form
                    this.asked = false;
                }
                throw error;
            }
        }
    }

    async onClick(stat) {
        this.action.doAction(await this.orm.call("res.partner", stat.action, [[this.props.record.resId]]));
    }
}

registry.category("view_widgets").add("partner_contact_stats", { component: ContactStats });
