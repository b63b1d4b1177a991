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
const nothing = () => ({ planned: [], done: [], total: 0, last: false });

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
        this.state = useState({ ...nothing(), channel: false, loading: false, isFailed: false });
        this.channels = [];
        this.asked = 0;
        this.reading = 0;
        // whose entries of which channel show
        this.shown = false;
        onWillStart(() => this.loadWithForm(this.props.record.resId));
        // A dialog opened from the form's buttons closed, or another contact is shown.
        onWillUpdateProps((nextProps) => this.loadWithForm(nextProps.record.resId));
    }

    /** The form waits for the history, but shows without it if it cannot be read, of which Odoo says why. */
    async loadWithForm(resId) {
        try {
            await this.load(resId);
        } catch (error) {
            Promise.reject(error);
        }
    }

    async loadChannels() {
        if (!this.channels.length) {
            const { channel } = await this.orm.cache().call("partner.contact.log", "fields_get", [
                ["channel"],
                ["selection"],
            ]);
            this.channels = channel.selection;
        }
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
            this.shown = false;
            Object.assign(this.state, nothing(), { isFailed: false });
            return;
        }
        const rows = Math.min(Math.max(PAGE, length), 200);
        this.reading++;
        try {
            const [page] = await Promise.all([this.fetch(0, rows), this.loadChannels()]);
            // an answer about another contact or channel is of no use; no KeepLast: the form waits for each
            if (asked === this.asked) {
                this.shown = { resId, channel: this.state.channel };
                Object.assign(this.state, page, { isFailed: false });
            }
        } catch (error) {
            if (asked === this.asked && this.shown.resId === resId) {
                // what shows is still of the channel before
                this.state.channel = this.shown.channel;
            } else if (asked === this.asked) {
                // the history of one contact does not stand on the next
                this.shown = false;
                Object.assign(this.state, nothing(), { isFailed: true });
            }
            throw error;
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
        await this.load(this.resId, PAGE);
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
