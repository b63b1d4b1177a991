import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { user } from "@web/core/user";

const MODEL = "partner.inquiry.report";
const PERIODS = [
    [3, _t("3 months")],
    [6, _t("6 months")],
    [12, _t("12 months")],
    [24, _t("24 months")],
    [0, _t("All time")],
];
const AXES = [
    ["source_id", _t("All Sources")],
    ["campaign_id", _t("All Campaigns")],
    ["user_id", _t("All Salespeople")],
];

/** From the inquiry to the paid order: how many reach each step, how many it loses, and who they are. */
export class InquiryFunnel extends Component {
    static template = "partner_relations.InquiryFunnel";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.periods = PERIODS;
        this.axes = AXES;
        this.state = useState({ filters: this.props.state?.filters || {}, data: false, canExport: false });
        useSetupAction({ getLocalState: () => ({ filters: this.state.filters }) });
        // not after one another: who leaves at once would leave a call of what is gone
        onWillStart(() => this.load());
        onWillStart(async () => {
            this.state.canExport = await user.hasGroup("base.group_allow_export");
        });
    }

    async load() {
        const data = await this.keepLast.add(
            this.orm.call(MODEL, "get_inquiry_funnel", [{ ...this.state.filters }])
        );
        this.state.data = data;
        this.state.filters = data.filters;
    }

    get steps() {
        return this.state.data.steps.map((step, index) => ({
            ...step,
            index,
            countWords: formatInteger(step.count),
            lostWords: formatInteger(step.lost),
            shareWords: this.percent(step.share),
            stepShareWords: this.percent(step.step_share),
            width: Math.round((step.share || 0) * 100),
        }));
    }

    percent(share) {
        return share === false ? "" : formatPercentage(share, { digits: [16, 1] });
    }

    get matureWords() {
        return formatInteger(this.state.data.mature);
    }

    get conversion() {
        return this.percent(this.state.data.conversion);
    }

    /** Values of a select are text; false stands for those without. */
    encode(value) {
        return value === null || value === undefined ? "" : JSON.stringify(value);
    }

    async onChange(name, text) {
        this.state.filters = { ...this.state.filters, [name]: text === "" ? null : JSON.parse(text) };
        try {
            await this.load();
        } catch (error) {
            // the figures that show are still those of the filters before
            this.state.filters = this.state.data.filters;
            throw error;
        }
    }

    openList(name, domain) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: MODEL,
            views: [
                [false, "list"],
                [false, "pivot"],
            ],
            domain,
        });
    }

    onClickStep(step) {
        this.openList(step.name, step.domain);
    }

    onClickLost(step) {
        this.openList(_t("Lost before: %s", step.name), step.lost_domain);
    }

    async onClickExcel() {
        this.action.doAction(await this.orm.call(MODEL, "action_export_funnel", [{ ...this.state.filters }]));
    }
}

registry.category("actions").add("partner_relations.inquiry_funnel", InquiryFunnel);
