import { Component, onMounted, onWillStart, useState } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CrossTable } from "../classification_matrix/cross_table";
import {
    CLASSES,
    classLabel,
    customerCount,
    fullMoney,
    percent,
    shortMoney,
} from "../classification_matrix/matrix_words";
import { DashboardChart } from "./dashboard_chart";
import { keepOptions, PERIODS, readOptions } from "./dashboard_options";
import { DashboardCard, DashboardFigure } from "./dashboard_parts";

const MODEL = "partner.director.dashboard";
const TRENDS = {
    worse: { words: _t("worse"), icon: "fa-arrow-down", color: "danger" },
    better: { words: _t("better"), icon: "fa-arrow-up", color: "success" },
    same: { words: "", icon: "", color: "" },
};

/** What a director starts the day with, on one page; every figure opens the records that it is made of. */
export class DirectorDashboard extends Component {
    static template = "partner_relations.DirectorDashboard";
    static components = { CrossTable, DashboardCard, DashboardChart, DashboardFigure, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.periods = PERIODS;
        // of the filters: an answer to former ones does not bring them back
        this.version = 0;
        this.state = useState({
            options: this.props.state?.options || readOptions(),
            measure: this.props.state?.measure || "revenue",
            data: false,
            error: "",
            isLoading: false,
            canExport: false,
        });
        useSetupAction({
            getLocalState: () => ({ options: { ...this.state.options }, measure: this.state.measure }),
        });
        onWillStart(() => this.load());
        onWillStart(async () => {
            this.state.canExport = await user.hasGroup("base.group_allow_export");
        });
        onMounted(() => this.remember());
    }

    // ------------------------------------------------------------------
    // Loading
    // ------------------------------------------------------------------
    /** Not disabled while it loads: the button would lose the focus. */
    onClickRefresh() {
        if (!this.state.isLoading) {
            return this.load();
        }
    }

    async load() {
        const { version } = this;
        this.state.isLoading = true;
        try {
            const data = await this.keepLast.add(
                this.orm.call(MODEL, "get_dashboard", [{ ...this.state.options }])
            );
            Object.assign(this.state, { data, error: "", isLoading: false });
            if (version === this.version) {
                this.state.options = data.options;
            }
        } catch (error) {
            this.state.isLoading = false;
            if (!(error instanceof RPCError)) {
                if (this.state.data && version === this.version) {
                    // the connection was lost: the figures that show are still those of the filters before
                    Object.assign(this.state, { options: this.state.data.options, error: "" });
                }
                throw error;
            }
            if (!this.state.data && Object.keys(this.state.options).length) {
                // what was kept is of another day or another company: begin anew
                this.state.options = {};
                return this.load();
            }
            this.state.error = error.data?.message || error.message;
        }
    }

    /** Keep the filters in the address and on this device. */
    remember() {
        this.props.updateActionState?.(keepOptions(this.state.options));
    }

    async change(values) {
        this.version++;
        this.state.options = { ...this.state.options, ...values };
        const { period, date_from, date_to } = this.state.options;
        // a year that is being typed is still to become one
        if (period === "custom" && !(date_from >= "1900" && date_to >= "1900")) {
            return;
        }
        await this.load();
        this.remember();
    }

    onChangePeriod(ev) {
        const period = ev.target.value;
        if (period === "custom") {
            // the days that show are those that chosen days begin with
            this.version++;
            this.state.options = { ...this.state.options, period };
            return this.remember();
        }
        return this.change({ period });
    }

    onChangeDay(name, ev) {
        return this.change({ period: "custom", [name]: ev.target.value });
    }

    onChangeId(name, ev) {
        const values = { [name]: Number(ev.target.value) || false };
        if (name === "company_id") {
            // teams are a company's own
            values.team_id = false;
        }
        return this.change(values);
    }

    setMeasure(measure) {
        this.state.measure = measure;
    }

    // ------------------------------------------------------------------
    // What is behind a figure; files
    // ------------------------------------------------------------------
    async open(block, figure, part = false) {
        // of what is shown, whatever the filters say meanwhile
        const action = await this.orm.call(MODEL, "action_open", [
            { ...this.state.data.options },
            block,
            figure,
            part,
        ]);
        return this.action.doAction(action);
    }

    async onClickFile(method) {
        return this.action.doAction(await this.orm.call(MODEL, method, [{ ...this.state.data.options }]));
    }

    // ------------------------------------------------------------------
    // Words
    // ------------------------------------------------------------------
    get currencyId() {
        return this.state.data.currency_id;
    }

    get blocks() {
        return this.state.data.blocks;
    }

    money(amount) {
        return amount === null || amount === undefined ? "" : shortMoney(amount, this.currencyId);
    }

    full(amount) {
        return amount === null || amount === undefined ? "" : fullMoney(amount, this.currencyId);
    }

    count(value) {
        return value === null || value === undefined ? "" : formatInteger(value);
    }

    documentWords(count) {
        if (!count) {
            return "";
        }
        return count === 1 ? _t("1 document") : _t("%s documents", this.count(count));
    }

    points(value) {
        return value === null || value === undefined ? "" : formatFloat(value, { digits: [16, 1] });
    }

    share(value) {
        return value === null || value === undefined ? "" : percent(value);
    }

    /** A change in words, with an arrow: never by colour alone. */
    trendOf(change) {
        if (change === null || change === undefined) {
            return false;
        }
        const trend = TRENDS[change > 0 ? "better" : change < 0 ? "worse" : "same"];
        const sign = change > 0 ? "+" : change < 0 ? "−" : "±";
        return { ...trend, sign, text: `${sign}${percent(Math.abs(change))}` };
    }

    scoreTrend(change) {
        const trend = this.trendOf(change);
        return trend && { ...trend, text: `${trend.sign}${this.points(Math.abs(change))}` };
    }

    move(trend) {
        return TRENDS[trend || "same"];
    }

    month(text) {
        return deserializeDate(text).toFormat("LLL yyyy");
    }

    classLabel(dimension, value) {
        return classLabel(dimension, value);
    }

    // ------------------------------------------------------------------
    // Turnover
    // ------------------------------------------------------------------
    get keyFigures() {
        const { turnover, forecast, receivables, work } = this.blocks;
        const figures = [];
        if (turnover) {
            for (const [name, label] of [
                ["revenue", _t("Revenue")],
                ["profit", _t("Profit")],
            ]) {
                const of = turnover.figures;
                const plans = { revenue: ["plan", "team_plan"], profit: ["profit_plan", "team_profit_plan"] }[name];
                const plan = plans.find((one) => of[one] !== null);
                figures.push({
                    block: "turnover",
                    name,
                    label,
                    value: this.money(of[name]),
                    title: this.full(of[name]),
                    trend: this.trendOf(of[`${name}_change`]),
                    trendTitle: _t("Compared with the same days a year before"),
                    words: plan && of[`${plan}_share`] !== null ? _t("%s of the plan", this.share(of[`${plan}_share`])) : "",
                });
            }
        }
        if (forecast) {
            figures.push({
                block: "forecast",
                name: "forecast",
                label: _t("Forecast"),
                value: this.money(forecast.figures.forecast),
                title: this.full(forecast.figures.forecast),
                words: _t("%s unfinished deals", this.count(forecast.figures.deals)),
            });
        }
        if (receivables) {
            figures.push({
                block: "receivables",
                name: "overdue",
                label: _t("Overdue Receivables"),
                value: this.money(receivables.figures.overdue),
                title: this.full(receivables.figures.overdue),
                words: this.documentWords(receivables.figures.count),
            });
        }
        if (work) {
            figures.push({
                block: "work",
                name: "contacts",
                label: _t("Overdue Contacts"),
                value: this.count(work.figures.contacts),
                title: "",
                words: "",
            });
        }
        return figures;
    }

    get measures() {
        return [
            ["revenue", _t("Revenue")],
            ["profit", _t("Profit")],
        ];
    }

    /** Columns of the months for the chosen measure, as far as there is something in them. */
    get series() {
        const names =
            this.state.measure === "profit"
                ? ["profit", "profit_before", "profit_plan", "team_profit_plan"]
                : ["revenue", "revenue_before", "plan", "team_plan"];
        const labels = [_t("This Period"), _t("A Year Before"), _t("Plan of Salespeople"), _t("Plan of Teams")];
        const looks = ["now", "before", "plan", "plan"];
        const { months } = this.blocks.turnover;
        const series = names.map((name, index) => ({
            name,
            label: labels[index],
            look: looks[index],
            values: months.map((month) => month[name]),
        }));
        return series.filter((one, index) => index < 2 || one.values.some((value) => value !== null));
    }

    /** The chart has one line of a plan: that of the salespeople, else that of the teams. */
    get chartSeries() {
        const { series } = this;
        const plan = series.find((one) => one.look === "plan");
        return series.filter((one) => one.look !== "plan" || one === plan);
    }

    get monthLabels() {
        // short, so that a year fits on a phone
        return this.blocks.turnover.months.map((month) => deserializeDate(month.month).toFormat("MM/yy"));
    }

    get hasTurnover() {
        return this.series.some((one) => one.values.some((value) => value !== null));
    }

    // ------------------------------------------------------------------
    // Bars
    // ------------------------------------------------------------------
    bars(parts, name) {
        const largest = Math.max(...parts.map((part) => Math.max(part[name] || 0, 0)), Number.MIN_VALUE);
        return parts
            .filter((part) => part.count)
            .map((part) => ({
                ...part,
                width: Math.max(0, Math.round((100 * (part[name] || 0)) / largest)),
            }));
    }

    partLabel(part) {
        switch (part) {
            case "overdue":
                return _t("Overdue");
            case "later":
                return _t("Later");
            case "undated":
                return _t("Without Date");
            default:
                return this.month(part);
        }
    }

    // ------------------------------------------------------------------
    // Matrix
    // ------------------------------------------------------------------
    axis(dimension, name) {
        const { cells } = this.blocks.matrix;
        return CLASSES[dimension]
            .filter((value) => cells.some((cell) => cell[name] === value))
            .map((value) => ({ key: value || "none", label: classLabel(dimension, value) }));
    }

    get matrixCells() {
        const cells = {};
        for (const cell of this.blocks.matrix.cells) {
            const key = `${cell.abc || "none"}|${cell.xyz || "none"}`;
            const names = [classLabel("abc_class", cell.abc), classLabel("xyz_class", cell.xyz)].join(" · ");
            cells[key] = {
                label: `${names}: ${customerCount(cell.count)}, ${this.full(cell.revenue)}`,
                title: this.full(cell.revenue),
                count: this.count(cell.count),
                money: this.money(cell.revenue),
                share: cell.share === null ? "" : this.share(cell.share),
                weight: Math.min(0.5, Math.max(0, (cell.share || 0) / 150)),
            };
        }
        return cells;
    }

    onOpenCell(row, column) {
        const value = (key) => (key === "none" ? false : key);
        return this.open("matrix", "cell", [value(row), value(column)]);
    }

    get stages() {
        const { stages } = this.blocks.matrix;
        return CLASSES.stage
            .map((stage) => stages.find((one) => one.stage === stage))
            .filter((stage) => stage);
    }
}

registry.category("actions").add("partner_relations.director_dashboard", DirectorDashboard);
