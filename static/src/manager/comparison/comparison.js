import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CHART_COLORS } from "../../look/chart_colors";

const MODEL = "manager.scorecard";
// Six managers differ by colour, by the dashes of their line and by the sign at its corners.
const LOOKS = [
    { color: CHART_COLORS.blue, dash: "", sign: "●" },
    { color: CHART_COLORS.red, dash: "6 3", sign: "■" },
    { color: CHART_COLORS.teal, dash: "2 3", sign: "▲" },
    { color: CHART_COLORS.orange, dash: "9 3 2 3", sign: "◆" },
    { color: CHART_COLORS.violet, dash: "12 4", sign: "✕" },
    { color: CHART_COLORS.grey, dash: "4 2", sign: "★" },
];
const SIZE = 360;
const RADIUS = 120;
// Points at the rim of the radar.
const RIM = 120;

/** A name in lines of so many letters at most; what has no room beside the radar ends in dots. */
function inLines(name, length = 18, most = 3) {
    const shorten = (text) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
    const lines = [];
    for (const word of name.split(" ")) {
        const last = lines.at(-1);
        if (last !== undefined && last.length + word.length < length) {
            lines[lines.length - 1] = `${last} ${word}`;
        } else {
            lines.push(word);
        }
    }
    if (lines.length > most) {
        lines[most - 1] = `${lines[most - 1].slice(0, length - 1)}…`;
    }
    return lines.slice(0, most).map(shorten);
}

/** Managers of a period beside each other: a radar and bars of their points, and a table whose values open documents. */
export class ManagerComparison extends Component {
    static template = "partner_relations.ManagerComparison";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        const kept = this.props.state || {};
        this.state = useState({ data: null, chosen: null, periodKey: null });
        useSetupAction({ getLocalState: () => ({ cardIds: [...this.cardIds], window: this.state.data?.window }) });
        onWillStart(() =>
            this.load(kept.cardIds || this.props.action.context?.comparison_card_ids, kept.window)
        );
    }

    get display() {
        return { controlPanel: {} };
    }

    get data() {
        return this.state.data;
    }

    /** What is chosen: what was clicked, until the answer says what is shown. */
    get cardIds() {
        return this.state.chosen || (this.data ? this.data.cards.map((card) => card.id) : []);
    }

    /** The period that is shown, or comes: until the answer, the managers are those of the one before. */
    get periodKey() {
        return this.state.periodKey || this.data.window;
    }

    async load(cardIds, window) {
        this.state.chosen = cardIds || null;
        this.state.periodKey = window || null;
        try {
            this.state.data = await this.keepLast.add(
                this.orm.call(MODEL, "get_comparison", [cardIds || null, window || null])
            );
        } finally {
            this.state.chosen = null;
            this.state.periodKey = null;
        }
    }

    look(index) {
        return LOOKS[index % LOOKS.length];
    }

    // ------------------------------------------------------------------
    // What is chosen
    // ------------------------------------------------------------------
    onPeriod(ev) {
        this.load(null, ev.target.value);
    }

    isShown(manager) {
        return this.cardIds.includes(manager.id);
    }

    canToggle(manager) {
        if (this.periodKey !== this.data.window) {
            return false;
        }
        const shown = this.isShown(manager);
        return shown ? this.cardIds.length > 1 : this.cardIds.length < this.data.maximum;
    }

    toggle(manager) {
        // quicker than the button is closed
        if (!this.canToggle(manager)) {
            return;
        }
        const ids = this.isShown(manager)
            ? this.cardIds.filter((id) => id !== manager.id)
            : [...this.cardIds, manager.id];
        this.load(ids, this.data.window);
    }

    // ------------------------------------------------------------------
    // The radar
    // ------------------------------------------------------------------
    get axes() {
        const axes = this.data.indicators.filter((indicator) =>
            this.data.cards.some((card) => this.points(card, indicator) !== false)
        );
        return axes.map((indicator, index) => {
            const angle = (2 * Math.PI * index) / axes.length - Math.PI / 2;
            const x = Math.cos(angle);
            const y = Math.sin(angle);
            const words = inLines(indicator.name);
            return {
                ...indicator,
                words,
                // above the radar the last line is beside the corner, below it the first one
                firstLine: `${(-1.1 * (words.length - 1) * (1 - y)) / 2}em`,
                x: SIZE / 2 + RADIUS * x,
                y: SIZE / 2 + RADIUS * y,
                textX: SIZE / 2 + (RADIUS + 14) * x,
                textY: SIZE / 2 + (RADIUS + 14) * y,
                anchor: Math.abs(x) < 0.2 ? "middle" : x > 0 ? "start" : "end",
                at: (points) => {
                    const share = Math.min(Math.max(points, 0), RIM) / RIM;
                    return [SIZE / 2 + RADIUS * share * x, SIZE / 2 + RADIUS * share * y];
                },
            };
        });
    }

    get hasRadar() {
        return this.axes.length > 2;
    }

    ring(points) {
        return this.axes.map((axis) => axis.at(points).join(",")).join(" ");
    }

    /** The corners of a manager; an indicator without points has none. */
    corners(card) {
        return this.axes
            .filter((axis) => this.points(card, axis) !== false)
            .map((axis) => ({ id: axis.id, place: axis.at(this.points(card, axis)) }));
    }

    outline(card) {
        return this.corners(card)
            .map((corner) => corner.place.join(","))
            .join(" ");
    }

    get radarWords() {
        return _t("Points of each manager by indicator; the table below has the same figures.");
    }

    // ------------------------------------------------------------------
    // Figures
    // ------------------------------------------------------------------
    line(card, indicator) {
        return card.lines[indicator.id];
    }

    points(card, indicator) {
        const line = this.line(card, indicator);
        return line ? line.points : false;
    }

    number(value) {
        return value === false || value === undefined ? "–" : formatFloat(value, { digits: [16, 1] });
    }

    /** The bar is full at 200 points, so its middle is the target. */
    width(points) {
        return Math.min(Math.max(points, 0), 200) / 2;
    }

    async openDocuments(line) {
        const action = await this.orm.call("manager.scorecard.line", "action_open_documents", [[line.id]]);
        this.action.doAction(action);
    }

    openCard(card) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: card.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("partner_relations.manager_comparison", ManagerComparison);
