import { Component, onMounted, onWillUpdateProps, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { deserializeDate, deserializeDateTime, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useKeptFocus } from "../../look/kept_focus/kept_focus";
import { whileShown } from "../../look/while_shown";
import { CHANNEL_ICONS } from "../channel_field/channel_field";

const MODEL = "partner.relationship.card";
// Each attitude has a sign and a word beside its colour.
const ATTITUDES = {
    for: { icon: "fa-thumbs-up", color: "text-success" },
    neutral: { icon: "fa-minus-circle", color: "text-muted" },
    against: { icon: "fa-thumbs-down", color: "text-danger" },
};
// What stands in the history beside the contacts, which have the sign of their channel.
const ROW_ICONS = {
    sale: "fa-shopping-cart",
    invoice: "fa-file-text-o",
    payment: "fa-money",
    purchase: "fa-truck",
};
const STAGES = {
    regular: "text-bg-success",
    one_time: "text-bg-info",
    potential: "text-bg-secondary",
    lost: "text-bg-danger",
};

/**
 * Who a customer is, what it needs and what is next, on one screen. It is read in one request after it stands, so
 * nothing waits for it; each figure opens what it is counted from.
 */
export class RelationshipCard extends Component {
    static template = "partner_relations.RelationshipCard";
    static props = { partnerId: { type: Number }, isTab: { type: Boolean, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.keepLastPage = new KeepLast();
        useKeptFocus();
        this.icons = CHANNEL_ICONS;
        this.attitudes = ATTITUDES;
        this.state = useState({ card: null, isFailed: false });
        // not handed on: in developer mode Owl would make another error of a lost connection
        onMounted(() => {
            this.load();
        });
        onWillUpdateProps((nextProps) => {
            if (nextProps.partnerId !== this.props.partnerId) {
                this.state.card = null;
            }
            // not awaited: the form is shown at once
            this.load(nextProps.partnerId);
        });
    }

    async load(partnerId = this.props.partnerId) {
        this.state.isFailed = false;
        try {
            this.state.card = await this.keepLast.add(this.orm.call(MODEL, "get_card", [partnerId]));
        } catch (error) {
            // the card that is there stays; else there is a button that reads again
            this.state.isFailed = true;
            throw error;
        }
    }

    // ------------------------------------------------------------------
    // Words
    // ------------------------------------------------------------------
    day(value) {
        return value ? toLocaleDateString(deserializeDate(value)) : "";
    }

    moment(value) {
        return value ? toLocaleDateString(deserializeDateTime(value)) : "";
    }

    money(value) {
        return value === false ? "" : formatCurrency(value, this.state.card.currency_id);
    }

    count(value) {
        return formatInteger(value);
    }

    percent(value) {
        return formatPercentage(value / 100, { digits: [16, 2] });
    }

    stageWords({ stage_label: stage, since }) {
        return since ? _t("%(stage)s since %(day)s", { stage, day: this.day(since) }) : stage;
    }

    rhythmWords({ days, days_overdue: late, due }) {
        if (late === 1) {
            return _t("every %s days, 1 day late", this.count(days));
        }
        return late
            ? _t("every %(days)s days, %(late)s days late", { days: this.count(days), late: this.count(late) })
            : _t("every %(days)s days, the next until %(day)s", { days: this.count(days), day: this.day(due) });
    }

    /** A day that lies ahead, or since which something is late. */
    dueWords(day, isOverdue) {
        return isOverdue ? _t("overdue since %s", day) : day;
    }

    overdueWords(count) {
        return _t("%s overdue", this.count(count));
    }

    debtWords({ overdue, days, reminders }) {
        const amount = this.money(overdue);
        const words = [
            days === 1
                ? _t("%s overdue, since yesterday", amount)
                : _t("%(amount)s overdue, up to %(days)s days", { amount, days: this.count(days) }),
        ];
        if (reminders) {
            words.push(reminders === 1 ? _t("1 reminder sent") : _t("%s reminders sent", this.count(reminders)));
        }
        return words.join("; ");
    }

    contactWords({ last }) {
        return last ? _t("last contact %s", this.moment(last)) : _t("no contact so far");
    }

    customerWords(day) {
        return _t("Customer since %s", this.day(day));
    }

    companyWords(name) {
        return _t("Card of the company of %s", name);
    }

    stageColor(classes) {
        return STAGES[classes.stage] || "text-bg-secondary";
    }

    channelLabel(entry) {
        return this.state.card.log.channels.find(([key]) => key === entry.channel)?.[1] || "";
    }

    rowIcon(row) {
        return ROW_ICONS[row.source] || this.icons[row.channel];
    }

    rowName(row) {
        return ROW_ICONS[row.source] ? `${row.label} ${row.name}` : row.name;
    }

    rowWords(row) {
        return [this.day(row.day), row.user, row.state].filter(Boolean).join(" · ");
    }

    rowAmount(row) {
        return formatCurrency(row.amount, row.currency_id);
    }

    person(id) {
        return this.state.card.decisions.persons[id];
    }

    personTitle(person) {
        return [
            person.function,
            person.attitude_label,
            this.contactWords(person),
        ]
            .filter(Boolean)
            .join(" · ");
    }

    get hasComplaints() {
        const { complaints } = this.state.card;
        return complaints.count || complaints.credits || complaints.returns;
    }

    // ------------------------------------------------------------------
    // Opening
    // ------------------------------------------------------------------
    openForm(resModel, resId) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }

    async open(what) {
        this.action.doAction(await this.orm.call(MODEL, "open_documents", [this.props.partnerId, what]));
    }

    async openLog(entry) {
        const action = await this.orm.call("partner.contact.log", "action_open_form", [[entry.id]]);
        this.action.doAction(action, { onClose: whileShown(this, () => this.load()) });
    }

    openRow(row) {
        return row.source === "log" ? this.openLog(row) : this.openForm(row.model, row.id);
    }

    async openDeal(deal) {
        this.action.doAction(await this.orm.call("partner.deal.report", "action_open_document", [[deal.id]]));
    }

    // ------------------------------------------------------------------
    // Acting
    // ------------------------------------------------------------------
    async onClickDone(entry) {
        await this.orm.call("partner.contact.log", "action_done", [[entry.id]]);
        await this.load();
    }

    async onClickMore() {
        const { timeline } = this.state.card;
        // of its own: a card that is being read anew still comes
        const page = await this.keepLastPage.add(
            this.orm.call(MODEL, "get_timeline", [this.props.partnerId, timeline.offsets])
        );
        // what came meanwhile moved those on that show already
        const shown = new Set(timeline.rows.map((row) => row.key));
        timeline.rows.push(...page.rows.filter((row) => !shown.has(row.key)));
        Object.assign(timeline, { offsets: page.offsets, has_more: page.has_more });
    }

    dialog(action, context) {
        this.action.doAction(action, {
            additionalContext: context,
            onClose: whileShown(this, () => this.load()),
        });
    }

    onClickLog() {
        this.dialog("partner_relations.partner_contact_log_action_new", this.ofPartner);
    }

    onClickPlan() {
        this.dialog("partner_relations.partner_contact_log_action_plan", this.ofPartner);
    }

    onClickNeed() {
        this.dialog("partner_relations.partner_requirement_action_new", this.ofPartner);
    }

    get ofPartner() {
        return { default_partner_id: this.props.partnerId };
    }
}

/** The card as a tab of the contact's form, read when the tab is opened. */
export class RelationshipCardWidget extends Component {
    static template = "partner_relations.RelationshipCardWidget";
    static components = { RelationshipCard };
    static props = { ...standardWidgetProps };
}

registry.category("view_widgets").add("partner_relationship_card", { component: RelationshipCardWidget });

/** The card alone, with the whole screen for it. */
export class RelationshipCardAction extends Component {
    static template = "partner_relations.RelationshipCardAction";
    static components = { Layout, RelationshipCard };
    static props = { ...standardActionServiceProps };

    setup() {
        this.display = { controlPanel: {} };
        this.partnerId = Number(this.props.resId || this.props.action.context?.active_id || 0);
    }
}

registry.category("actions").add("partner_relations.relationship_card", RelationshipCardAction);
