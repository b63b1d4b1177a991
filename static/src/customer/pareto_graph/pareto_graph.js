import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat, formatInteger, formatMonetary, formatPercentage } from "@web/views/fields/formatters";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";
import { CHART_COLORS } from "../../look/chart_colors";

/**
 * A bar chart of causes, the largest first, with the share that they and those before them have together.
 *
 * The same figures stand in a table beside it, for who cannot see the chart or wants to read them. With two groups,
 * in another order, or as a line or pie, it is the chart that it would be without this.
 */
export class ParetoRenderer extends GraphRenderer {
    static template = "partner_relations.ParetoRenderer";

    /** The bars by falling value, each with the cumulated share; empty if this is no Pareto chart. */
    get causes() {
        const { mode, groupBy, order } = this.model.metaData;
        const dataset = this.model.data?.datasets?.[0];
        // in another order those before a cause are not the larger ones
        const isPareto = mode === "bar" && groupBy.length === 1 && order === "DESC";
        if (!isPareto || !dataset || this.model.data.datasets.length > 1) {
            return [];
        }
        const values = dataset.data.map((value) => Math.max(value || 0, 0));
        const total = values.reduce((sum, value) => sum + value, 0);
        if (!total) {
            return [];
        }
        let until = 0;
        return values.map((value, index) => {
            until += value;
            return {
                label: this.model.data.labels[index],
                value: this.formatCause(dataset.data[index], dataset.currencyIds?.[index]),
                share: formatPercentage(value / total),
                cumulated: until / total,
                cumulatedShare: formatPercentage(until / total),
                isVital: (until - value) / total < 0.8,
            };
        });
    }

    formatCause(value, currencyId) {
        if (currencyId) {
            return formatMonetary(value, { currencyId });
        }
        return Number.isInteger(value) ? formatInteger(value) : formatFloat(value);
    }

    get measureName() {
        const { measure, measures } = this.model.metaData;
        return measures[measure].string;
    }

    get groupName() {
        const { groupBy, fields } = this.model.metaData;
        return groupBy.length ? fields[groupBy[0].fieldName].string : "";
    }

    /** What the chart shows, in words. */
    get summary() {
        const vital = this.causes.filter((cause) => cause.isVital);
        return _t("%(count)s of %(total)s make up %(share)s: %(names)s", {
            count: vital.length,
            total: this.causes.length,
            share: vital.at(-1).cumulatedShare,
            names: vital.map((cause) => cause.label).join(", "),
        });
    }

    getBarChartData() {
        const data = super.getBarChartData();
        const causes = this.causes;
        if (!causes.length) {
            return data;
        }
        const [bars] = data.datasets;
        const color = bars.backgroundColor;
        return {
            ...data,
            datasets: [
                { ...bars, backgroundColor: causes.map((cause) => (cause.isVital ? color : `${color}80`)) },
                {
                    type: "line",
                    label: _t("Cumulated Share"),
                    data: causes.map((cause) => 100 * cause.cumulated),
                    trueLabels: causes.map((cause) => cause.label),
                    yAxisID: "share",
                    order: -1,
                    clip: false,
                    tension: 0,
                    fill: false,
                    pointRadius: 4,
                    pointHitRadius: 16,
                    borderWidth: 2,
                    borderColor: CHART_COLORS.orange,
                    backgroundColor: CHART_COLORS.orange,
                },
            ],
        };
    }

    getScaleOptions() {
        const scales = super.getScaleOptions();
        if (this.causes.length) {
            scales.share = {
                type: "linear",
                position: "right",
                min: 0,
                max: 100,
                ticks: { callback: (value) => formatPercentage(value / 100), color: scales.y.ticks.color },
                grid: { display: false },
                border: { display: false },
            };
        }
        return scales;
    }

    getLegendOptions() {
        const legend = super.getLegendOptions();
        if (this.causes.length) {
            const generate = legend.labels.generateLabels;
            legend.labels.generateLabels = (chart) =>
                generate(chart).map((label) => {
                    const color = Array.isArray(label.fillStyle) ? label.fillStyle[0] : label.fillStyle;
                    return { ...label, fillStyle: color, strokeStyle: color };
                });
        }
        return legend;
    }

    getTooltipItems(data, metaData, tooltipModel) {
        const causes = this.causes;
        if (!causes.length) {
            return super.getTooltipItems(data, metaData, tooltipModel);
        }
        return tooltipModel.dataPoints.map((point) => {
            const cause = causes[point.dataIndex];
            const isShare = point.datasetIndex === 1;
            return {
                label: cause.label,
                value: isShare ? cause.cumulatedShare : `${cause.value} (${cause.share})`,
                boxColor: isShare ? CHART_COLORS.orange : this.chart.data.datasets[0].backgroundColor[0],
            };
        });
    }
}

registry.category("views").add("relations_pareto", { ...graphView, Renderer: ParetoRenderer });
