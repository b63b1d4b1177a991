import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime, toLocaleDateString, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloatTime, formatInteger } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useKeptFocus } from "../../look/kept_focus/kept_focus";
import { whileShown } from "../../look/while_shown";
import { CHANNEL_ICONS } from "../channel_field/channel_field";

const PAGE = 20;

/**
 * The history of a contact, newest first, with what is planned on top.
 * It reads one page at a time, so that 2,000 entries open as fast as two.
 */
export class ContactTimeline extends Component {
    static template = "partner_relations.ContactTimeline";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        useKeptFocus();
        this.icons = CHANNEL_ICONS;
        this.state = useState({ planned: [], done: [], total: 0, last: false, channel: false, loading: false });
        this.asked = 0;
        this.reading = 0;
        onWillStart(async () => {
            const { channel } = await this.orm.cache().call("partner.contact.log", "fields_get", [
                ["channel"],
                ["selection"],
            ]);
            this.channels = channel.selection;
            await this.load(this.props.record.resId);
        });
        onWillUpdateProps(async (nextProps) => {
            // A dialog opened from the form's buttons closed, or another contact is shown.
            await this.load(nextProps.record.resId);
        });
    }

    async fetch(offset, limit = PAGE) {
        return this.orm.call("partner.contact.log", "get_timeline", [this.resId], {
            limit,
            offset,
            channel: this.state.channel,
        });
    }

    /** Read what is shown, or from now on that of another contact. */
    async load(resId = this.resId, length = this.state.done.length) {
        const asked = ++this.asked;
        this.resId = resId;
        if (!resId) {
            Object.assign(this.state, { planned: [], done: [], total: 0, last: false });
            return;
        }
        const shown = Math.min(Math.max(PAGE, length), 200);
        this.reading++;
        try {
            const page = await this.fetch(0, shown);
            // an answer about another contact or channel is of no use; no KeepLast: the form waits for each
            if (asked === this.asked) {
                Object.assign(this.state, page);
            }
        } finally {
            this.reading--;
        }
    }

    async onClickMore() {
        // what is earlier is known once the answer about the contact and channel is there
        if (this.state.loading || this.reading) {
            return;
        }
        const { asked } = this;
        this.state.loading = true;
        try {
            const page = await this.fetch(this.state.done.length);
            if (asked !== this.asked) {
                return;
            }
            if (page.total === this.state.total) {
                this.state.done.push(...page.done);
            } else {
                // an entry came or went meanwhile: the page begins elsewhere
                await this.load(this.resId, this.state.done.length + PAGE);
            }
        } finally {
            this.state.loading = false;
        }
    }

    async onChangeChannel(ev) {
        this.state.channel = ev.target.value || false;
        this.state.done = [];
        await this.load();
    }

    get totalWords() {
        return formatInteger(this.state.total);
    }

    get last() {
        return this.state.last && toLocaleDateString(deserializeDateTime(this.state.last));
    }

    get lastAgo() {
        return this.state.last && deserializeDateTime(this.state.last).toRelative();
    }

    /** Entries under the month they fall in. */
    get months() {
        const months = [];
        for (const entry of this.state.done) {
            const label = deserializeDateTime(entry.date).toFormat("LLLL yyyy");
            if (months.at(-1)?.label !== label) {
                months.push({ label, entries: [] });
            }
            months.at(-1).entries.push(entry);
        }
        return months;
    }

    channelLabel(entry) {
        return this.channels.find(([key]) => key === entry.channel)?.[1];
    }

    directionLabel(entry) {
        return entry.direction === "in" ? _t("Incoming") : _t("Outgoing");
    }

    when(entry) {
        const date = deserializeDateTime(entry.date);
        return entry.all_day ? toLocaleDateString(date) : toLocaleDateTimeString(date);
    }

    duration(entry) {
        return entry.duration ? formatFloatTime(entry.duration) : "";
    }

    /** Only the history: what somebody has changed in the form and not saved yet stays. */
    async reload() {
        await this.load();
    }

    async onClickEntry(entry) {
        const action = await this.orm.call("partner.contact.log", "action_open_form", [[entry.id]]);
        this.action.doAction(action, { onClose: whileShown(this, () => this.reload()) });
    }

    async onClickDocument(entry) {
        this.action.doAction(await this.orm.call("partner.contact.log", "action_open_document", [[entry.id]]));
    }

    async onClickDone(entry) {
        await this.orm.call("partner.contact.log", "action_done", [[entry.id]]);
        await this.reload();
    }
}

registry.category("view_widgets").add("partner_contact_timeline", { component: ContactTimeline });
