import { Component, onWillDestroy, onWillStart, status, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDate, deserializeDateTime, formatDate, toLocaleDateString } from "@web/core/l10n/dates";
import { toLocaleDateTimeString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast, Mutex } from "@web/core/utils/concurrency";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { debounce } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useKeptFocus } from "../../look/kept_focus/kept_focus";
import { whileShown } from "../../look/while_shown";
import { CHANNEL_ICONS } from "../channel_field/channel_field";

const MODEL = "partner.control.board";
const LOG = "partner.contact.log";
const DEAL = "partner.deal.report";
const PAGE = 20;
// The server gives no more rows than these.
const MOST = 200;
// The lists that have all rows of a section, in the order of the board.
const CONTACTS = "partner_relations.partner_contact_log_action_planned";
const DEALS = "partner_relations.partner_deal_report_action";
const PLANNED = ["state", "=", "planned"];
const LISTS = {
    overdue: [CONTACTS, [PLANNED, ["is_overdue", "=", true]]],
    today: [CONTACTS, [PLANNED, ["is_overdue", "=", false], ["date", "<", "today +1d"]]],
    coming: [CONTACTS, [PLANNED, ["date", ">=", "today +1d"], ["date", "<", "today +8d"]]],
    no_next_step: [DEALS, [["has_next_step", "=", false]]],
};
// Boards of many people are not to ask at the same moment.
const REFRESH_DELAY = 1500;

/**
 * What is due, overdue and without next step, with everything that can be done about it on the row itself.
 * The board reads itself again when a colleague has acted.
 */
export class ControlBoard extends Component {
    static template = "partner_relations.ControlBoard";
    static components = { Layout, Dropdown, DropdownItem };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.bus = useService("bus_service");
        this.keepLast = new KeepLast();
        this.saving = new Mutex();
        useKeptFocus();
        this.icons = CHANNEL_ICONS;
        this.display = { controlPanel: {} };
        this.scopes = { mine: _t("Mine"), team: _t("My Team"), all: _t("Everybody") };
        this.sections = [
            { key: "overdue", label: _t("Overdue"), color: "danger" },
            { key: "today", label: _t("Today"), color: "primary" },
            { key: "coming", label: _t("Next 7 Days"), color: "secondary" },
            { key: "no_next_step", label: _t("Deals Without Next Step"), color: "warning" },
        ];
        // late things that have a list of their own; what takes long is not counted again for each change of a colleague
        this.lists = [
            { key: "needs", label: _t("Overdue Needs"), count: "count_overdue_needs", open: "open_needs" },
            {
                key: "rhythm",
                label: _t("Past Their Rhythm"),
                count: "count_past_rhythm",
                open: "open_rhythm",
                isLong: true,
            },
            {
                key: "late_deals",
                label: _t("Overdue Deals"),
                count: "count_overdue_deals",
                open: "open_overdue_deals",
                isLong: true,
            },
        ].map((list) => ({ ...list, keepLast: new KeepLast() }));
        const kept = this.props.state?.board || {};
        this.state = useState({
            // which one, the first answer says: a director without own work sees everybody's
            scope: kept.scope || false,
            section: kept.section || false,
            limit: PAGE,
            data: false,
            // what was clicked and is on its way, by row and action: "waits", or "saved" until it is read
            busy: {},
            // how much is in each of the lists
            late: {},
        });
        useSetupAction({
            getLocalState: () => ({ board: { scope: this.state.scope, section: this.state.section } }),
        });
        // what is being saved reads the board at its end
        const refresh = debounce(() => this.isWaiting || this.load(false), REFRESH_DELAY);
        const onChange = ({ user_ids: changed }) => {
            // what comes before the first answer is in it
            const mine = this.state.data ? this.state.data.user_ids : [];
            if (mine === false || changed.some((id) => mine.includes(id))) {
                refresh();
            }
        };
        this.bus.subscribe("partner_relations.board", onChange);
        onWillStart(() => this.load());
        onWillStart(async () => {
            this.canInquire = await user.hasGroup("sales_team.group_sale_salesman");
        });
        onWillDestroy(() => {
            refresh.cancel();
            this.bus.unsubscribe("partner_relations.board", onChange);
        });
    }

    // ------------------------------------------------------------------
    // Reading
    // ------------------------------------------------------------------
    async load(all = true) {
        const { scope, section, limit, busy } = this.state;
        const saved = Object.keys(busy).filter((key) => busy[key] === "saved");
        try {
            this.state.data = await this.keepLast.add(
                this.orm.call(MODEL, "get_board", [], { scope, section, limit })
            );
        } finally {
            for (const key of saved) {
                delete busy[key];
            }
            // without an answer what shows is still what was chosen before
            const { data } = this.state;
            if (data) {
                Object.assign(this.state, { scope: data.scope, section: data.section, limit: data.limit });
            }
        }
        for (const list of this.lists.filter(({ isLong }) => all || !isLong)) {
            this.countLate(list, this.state.scope);
        }
    }

    async change(values) {
        Object.assign(this.state, { limit: PAGE }, values);
        await this.load();
    }

    get rest() {
        // of the section that shows, not of one that is on its way
        const { counts, section, rows } = this.state.data;
        return counts[section] - rows.length;
    }

    /** More rows; of what is more than the board can show, the list. */
    async onClickMore() {
        if (this.state.data.rows.length < MOST) {
            await this.change({ limit: this.state.limit + 3 * PAGE });
        } else {
            await this.openSection();
        }
    }

    async openSection() {
        const { section, user_ids: userIds } = this.state.data;
        const [xmlid, domain] = LISTS[section];
        const whose = userIds === false ? [] : [["user_id", "in", [...userIds]]];
        const action = await this.action.loadAction(xmlid);
        // of whom and of when is chosen already
        const context = Object.entries(action.context).filter(([key]) => !key.startsWith("search_default_"));
        this.action.doAction({
            ...action,
            display_name: this.sections.find(({ key }) => key === section).label,
            domain: [...domain, ...whose],
            context: Object.fromEntries(context),
        });
    }

    when(row) {
        if (!row.date) {
            return "";
        }
        if (row.kind === "deal") {
            return formatDate(deserializeDate(row.date));
        }
        const date = deserializeDateTime(row.date);
        return row.all_day ? toLocaleDateString(date) : toLocaleDateTimeString(date);
    }

    count(value) {
        return formatInteger(value);
    }

    money(row) {
        return row.value === false ? "" : formatMonetary(row.value, { currencyId: row.currency_id });
    }

    // ------------------------------------------------------------------
    // Acting
    // ------------------------------------------------------------------
    /**
     * Save what was clicked on a row, one after the other: no click is lost while another is saved, and none does the
     * same twice. The rows stay where they are until all is saved, so that the next click is on what was aimed at.
     */
    async act(row, model, method, args) {
        const { busy } = this.state;
        const key = JSON.stringify([row.key, method, ...args]);
        // the buttons are not disabled meanwhile: they would lose the focus
        if (busy[key]) {
            return;
        }
        busy[key] = "waits";
        try {
            // not the orm of the component: what was clicked is saved, too, if somebody leaves the board
            const answer = await this.saving.exec(() => this.env.services.orm.call(model, method, args));
            busy[key] = "saved";
            return answer;
        } catch (error) {
            delete busy[key];
            throw error;
        } finally {
            if (status(this) !== "destroyed" && !this.isWaiting) {
                // not awaited: another reading may take its place, and a dialog would wait for ever
                this.load();
            }
        }
    }

    get isWaiting() {
        return Object.values(this.state.busy).includes("waits");
    }

    get isSaving() {
        return Object.keys(this.state.busy).length > 0;
    }

    isBusy(row) {
        return Object.keys(this.state.busy).some((key) => JSON.parse(key)[0] === row.key);
    }

    onClickDone(row) {
        return this.act(row, LOG, "action_done", [[row.id]]);
    }

    /** Done, with what came of it and the next contact in the same dialog. */
    async onClickDoneWith(row) {
        const action = await this.orm.call(LOG, "action_open_form", [[row.id]]);
        this.action.doAction(
            { ...action, name: _t("What Came of It") },
            { additionalContext: { relations_result: true }, onClose: whileShown(this, () => this.load()) }
        );
    }

    async onClickMove(row, days) {
        const moved = await this.act(row, MODEL, "move_contact", [row.id, days]);
        if (moved) {
            this.notification.add(_t("Moved to %s", this.when({ ...row, date: moved })), { type: "success" });
        }
    }

    onClickReassign(row) {
        const company = row.company_id ? [["company_ids", "in", [row.company_id]]] : [];
        this.dialog.add(SelectCreateDialog, {
            title: _t("Give to"),
            resModel: "res.users",
            domain: [["share", "=", false], ...company],
            multiSelect: false,
            noCreate: true,
            onSelected: ([userId]) => {
                const method = row.kind === "deal" ? "reassign_deal" : "reassign_contact";
                return this.act(row, MODEL, method, [row.id, userId]);
            },
        });
    }

    /** An opportunity is won, a quotation confirmed; that is asked about, since no click takes it back. */
    onClickWon(row) {
        const win = async () => {
            await this.act(row, MODEL, "win_deal", [row.id]);
        };
        if (row.deal_kind !== "quotation") {
            return win();
        }
        this.dialog.add(ConfirmationDialog, {
            title: _t("Confirm the Order"),
            body: _t("“%s” becomes an order. Continue?", row.name),
            confirmLabel: _t("Confirm"),
            confirm: win,
            cancel: () => {},
        });
    }

    async onClickLost(row) {
        const action = await this.orm.call(MODEL, "lose_deal", [row.id]);
        this.action.doAction(action, { onClose: whileShown(this, () => this.load()) });
    }

    async onClickExpect(row, days) {
        const day = await this.act(row, MODEL, "move_deal", [row.id, days]);
        if (day) {
            this.notification.add(_t("Expected on %s", formatDate(deserializeDate(day))), { type: "success" });
        }
    }

    async onClickPlan(row) {
        const action = await this.orm.call(DEAL, "action_plan_contact", [[row.id]]);
        this.action.doAction(action, { onClose: whileShown(this, () => this.load()) });
    }

    async onClickLog(row) {
        const action = await this.orm.call(DEAL, "action_log_contact", [[row.id]]);
        this.action.doAction(action, { onClose: whileShown(this, () => this.load()) });
    }

    async onClickOpen(row) {
        const [model, method] =
            row.kind === "deal" ? [DEAL, "action_open_document"] : [LOG, "action_open_document"];
        this.action.doAction(await this.orm.call(model, method, [[row.id]]));
    }

    onClickPartner(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: row.partner_id,
            views: [[false, "form"]],
        });
    }

    /** Beside the board, which does not wait for it. */
    async countLate({ key, count, keepLast }, scope) {
        this.state.late[key] = await keepLast.add(this.orm.call(MODEL, count, [scope]));
    }

    async onClickLate({ open }) {
        this.action.doAction(await this.orm.call(MODEL, open, [this.state.scope]));
    }

    onClickNewInquiry() {
        this.action.doAction("partner_relations.partner_inquiry_new_action", {
            onClose: whileShown(this, () => this.load()),
        });
    }

    onClickNew() {
        this.action.doAction("partner_relations.partner_contact_log_action_plan", {
            onClose: whileShown(this, () => this.load()),
        });
    }
}

registry.category("actions").add("partner_relations.control_board", ControlBoard);
