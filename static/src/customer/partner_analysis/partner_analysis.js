import { Component, onMounted, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDate, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatCurrency } from "@web/core/currency";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const COLORS = {
    a: "text-bg-success",
    b: "text-bg-info",
    c: "text-bg-secondary",
    x: "text-bg-success",
    y: "text-bg-info",
    z: "text-bg-secondary",
    regular: "text-bg-success",
    one_time: "text-bg-info",
    potential: "text-bg-secondary",
    lost: "text-bg-danger",
};
const ARROWS = { up: "fa-arrow-up text-success", down: "fa-arrow-down text-danger" };
const DIMENSIONS = ["abc_class", "xyz_class", "stage"];

/**
 * The classes of a contact with their evidence and trend, and its turnover of twelve months. Asked for once
 * the page stands, in one request.
 */
export class PartnerAnalysis extends Component {
    static template = "partner_relations.PartnerAnalysis";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.dimensions = DIMENSIONS;
        this.state = useState({ data: null, isFailed: false, isTable: false });
        // not handed on: in developer mode Owl would make another error of a lost connection
        onMounted(() => {
            this.load();
        });
        onWillUpdateProps((nextProps) => {
            if (nextProps.record.resId !== this.props.record.resId) {
                this.state.data = null;
            }
            // not awaited: the form is shown at once
            this.load(nextProps);
        });
    }

    async load(props = this.props) {
        if (!props.record.resId) {
            return;
        }
        this.state.isFailed = false;
        try {
            this.state.data = await this.keepLast.add(
                this.orm.call("res.partner", "get_relation_analysis", [[props.record.resId]])
            );
        } catch (error) {
            // what is there stays; else there is a button that reads again
            this.state.isFailed = true;
            throw error;
        }
    }

    get dimensionLabels() {
        return { abc_class: _t("ABC"), xyz_class: _t("XYZ"), stage: _t("Stage") };
    }

    color(entry) {
        return COLORS[entry.value];
    }

    arrow(entry) {
        return ARROWS[entry.direction];
    }

    date(entry) {
        return toLocaleDateString(deserializeDate(entry.date));
    }

    reasons(line) {
        return line.reason.split("\n").filter(Boolean);
    }

    amount(value) {
        return value === false ? "" : formatCurrency(value, this.state.data.turnover.currency_id);
    }

    monthLabel(month, format = "LLLL yyyy") {
        return deserializeDate(month.month).toFormat(format);
    }

    get hasTurnover() {
        const { turnover } = this.state.data;
        return turnover && (turnover.revenue !== false || turnover.revenue_before !== false);
    }

    /** The months with the places of their bars, in percent of the height of the chart. */
    get bars() {
        const { months } = this.state.data.turnover;
        const amounts = months.flatMap((month) => [month.revenue, month.profit, month.revenue_before]);
        const top = Math.max(0, ...amounts);
        const bottom = Math.min(0, ...amounts);
        const scale = 100 / (top - bottom || 1);
        const bar = (value) =>
            value === false
                ? "display: none"
                : `bottom: ${(Math.min(value, 0) - bottom) * scale}%; height: ${Math.abs(value) * scale}%`;
        return months.map((month) => ({
            month,
            title: this.title(month),
            revenue: bar(month.revenue),
            profit: bar(month.profit),
            before:
                month.revenue_before === false
                    ? "display: none"
                    : `bottom: ${(month.revenue_before - bottom) * scale}%`,
            zero: `bottom: ${-bottom * scale}%`,
        }));
    }

    title(month) {
        const parts = [this.monthLabel(month)];
        if (month.revenue === false) {
            parts.push(_t("no sales"));
        } else {
            parts.push(_t("revenue %s", this.amount(month.revenue)));
            if (month.profit !== false) {
                parts.push(_t("profit %s", this.amount(month.profit)));
            }
        }
        if (month.revenue_before !== false) {
            parts.push(_t("a year before %s", this.amount(month.revenue_before)));
        }
        return parts.join(", ");
    }

    onClickTable() {
        this.state.isTable = !this.state.isTable;
    }

    onClickLine(line) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "partner.classification.line",
            res_id: line.id,
            views: [[false, "form"]],
        });
    }

    async onClickRuns() {
        this.action.doAction(
            await this.orm.call("res.partner", "action_open_classification_lines", [[this.props.record.resId]])
        );
    }

    async onClickDocuments(month) {
        this.action.doAction(
            await this.orm.call("res.partner", "action_open_turnover_documents", [[this.props.record.resId]], {
                month: month ? month.month : false,
            })
        );
    }
}

registry.category("view_widgets").add("partner_analysis", { component: PartnerAnalysis });
