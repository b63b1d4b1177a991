import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDate, formatDate, serializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloatTime, formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useKeptFocus } from "../../look/kept_focus/kept_focus";
import { whileShown } from "../../look/while_shown";

const LINES = "partner.work.plan.line";
const LEVELS = {
    free: { words: _t("free"), color: "info" },
    normal: { words: _t("normal"), color: "success" },
    full: { words: _t("full"), color: "warning" },
    over: { words: _t("too much"), color: "danger" },
};

/** Who of the team has how much to do and is behind; each figure leads to what is behind it. */
export class TeamBoard extends Component {
    static template = "partner_relations.TeamBoard";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        useKeptFocus();
        this.display = { controlPanel: {} };
        this.state = useState({ date: this.props.state?.date || false, data: false });
        useSetupAction({ getLocalState: () => ({ date: this.state.date }) });
        onWillStart(() => this.load());
    }

    async load() {
        try {
            this.state.data = await this.keepLast.add(
                this.orm.call("partner.team.board", "get_team_board", [], { date: this.state.date })
            );
        } catch (error) {
            // what shows is still the week before, from which the next click moves on
            this.state.date = this.state.data && this.state.data.date_from;
            throw error;
        }
    }

    async move(weeks) {
        // of the week that comes, where a click follows before it is there
        const monday = deserializeDate(this.state.date || this.state.data.date_from);
        this.state.date = serializeDate(monday.plus({ weeks }));
        await this.load();
    }

    async onClickThisWeek() {
        this.state.date = false;
        await this.load();
    }

    get week() {
        const { date_from, date_to } = this.state.data;
        return `${formatDate(deserializeDate(date_from))} – ${formatDate(deserializeDate(date_to))}`;
    }

    get rows() {
        return this.state.data.rows.map((row) => ({
            ...row,
            level: LEVELS[row.load_level],
            loadWords: row.load === false ? "" : formatPercentage(row.load, { digits: [16, 0] }),
            width: Math.min(100, Math.round((row.load || 0) * 100)),
        }));
    }

    count(value) {
        return formatInteger(value);
    }

    hours(value) {
        return value === false ? "" : formatFloatTime(value);
    }

    openLines(row, name, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: `${row.name}: ${name}`,
            res_model: LINES,
            views: [
                [false, "list"],
                [false, "calendar"],
                [false, "form"],
            ],
            domain: [["user_id", "=", row.user_id], ...domain],
        });
    }

    onClickToday(row) {
        this.openLines(row, _t("Today"), [
            ["date", "=", "today"],
            ["plan_id.date_from", "=", this.state.data.date_from],
            ["state", "!=", "cancelled"],
            ["moved_to", "=", false],
        ]);
    }

    onClickWeek(row) {
        this.openLines(row, this.week, [
            ["plan_id.date_from", "=", this.state.data.date_from],
            ["state", "!=", "cancelled"],
            ["moved_to", "=", false],
        ]);
    }

    onClickDone(row) {
        this.openLines(row, _t("Done"), [
            ["plan_id.date_from", "=", this.state.data.date_from],
            ["state", "=", "done"],
        ]);
    }

    onClickOverdue(row) {
        this.openLines(row, _t("Overdue"), [
            ["is_overdue", "=", true],
            ["plan_id.state", "!=", "closed"],
            ["id", "not in", row.repeated_ids],
        ]);
    }

    onClickStuck(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name: `${row.name}: ${_t("Without Next Step")}`,
            res_model: "partner.deal.report",
            views: [[false, "list"]],
            domain: [
                ["user_id", "=", row.user_id],
                ["has_next_step", "=", false],
            ],
        });
    }

    onClickPlan(row) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "partner.work.plan",
            res_id: row.plan_id,
            views: [[false, "form"]],
        });
    }

    onClickReassign(row) {
        this.action.doAction("partner_relations.partner_reassign_action", {
            additionalContext: { default_user_from_id: row.user_id },
            onClose: whileShown(this, () => this.load()),
        });
    }
}

registry.category("actions").add("partner_relations.team_board", TeamBoard);
