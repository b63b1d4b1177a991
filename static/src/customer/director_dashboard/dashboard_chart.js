import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { CHART_COLORS } from "../../look/chart_colors";

/** A colour of the theme, light or dark. */
function themeColor(element, name, fallback) {
    return getComputedStyle(element).getPropertyValue(name).trim() || fallback;
}

/**
 * Months as bars: this year full, the year before as an outline, the plan as a dashed line. Told apart by form, not by
 * colour alone; the table beside it says the same in numbers.
 */
export class DashboardChart extends Component {
    static template = "partner_relations.DashboardChart";
    static props = {
        label: String,
        labels: Array,
        series: Array,
        format: Function,
        onOpen: Function,
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.labels, this.props.series]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        const element = this.canvas.el;
        const text = themeColor(element, "--body-color", getComputedStyle(element).color);
        const grid = themeColor(element, "--border-color", CHART_COLORS.grey);
        const looks = {
            now: { type: "bar", backgroundColor: CHART_COLORS.blue, borderColor: CHART_COLORS.blue, order: 2 },
            before: {
                type: "bar",
                backgroundColor: "transparent",
                borderColor: themeColor(element, "--secondary-color", CHART_COLORS.grey),
                borderWidth: 2,
                order: 3,
            },
            plan: {
                type: "line",
                borderColor: CHART_COLORS.orange,
                backgroundColor: CHART_COLORS.orange,
                borderDash: [6, 4],
                pointStyle: "rectRot",
                pointRadius: 5,
                spanGaps: true,
                order: 1,
            },
        };
        // eslint-disable-next-line no-undef
        this.chart = new Chart(element, {
            data: {
                labels: this.props.labels,
                datasets: this.props.series.map((one) => ({
                    label: one.label,
                    data: one.values,
                    ...looks[one.look],
                })),
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                onClick: (_ev, [hit]) => {
                    if (hit) {
                        const one = this.props.series[hit.datasetIndex];
                        this.props.onOpen(one.name, hit.index);
                    }
                },
                scales: {
                    x: { ticks: { color: text }, grid: { display: false } },
                    y: {
                        beginAtZero: true,
                        ticks: { color: text, callback: (value) => this.props.format(value) },
                        grid: { color: grid },
                    },
                },
                plugins: {
                    legend: { position: "bottom", labels: { color: text, usePointStyle: true } },
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, raw }) => `${dataset.label}: ${this.props.format(raw)}`,
                        },
                    },
                },
            },
        });
    }
}
