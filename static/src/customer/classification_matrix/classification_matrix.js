import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { CLASSES, classLabel, TOTAL } from "./matrix_words";
import { MatrixTab } from "./matrix_tab";
import { MigrationsTab } from "./migrations_tab";

const MODEL = "partner.classification";
// What the server is asked with.
const ASKED = ["tab", "companyId", "runId", "stages", "runFromId", "runToId", "dimension"];
// Of this, what may not be open any more when somebody comes back.
const DEFAULTS = { companyId: false, runId: false, runFromId: false, runToId: false };
// What stays when somebody comes back by the breadcrumb.
const KEPT = [...ASKED, "measure", "focus"];

/**
 * The customers of a company by class: who brings how much and how evenly, and who went from which class to which.
 * Each tab takes one request; an answer that comes after a later request is ignored.
 */
export class ClassificationMatrix extends Component {
    static template = "partner_relations.ClassificationMatrix";
    static components = { Layout, MatrixTab, MigrationsTab };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.display = { controlPanel: {} };
        this.measures = [
            ["revenue", _t("Revenue")],
            ["profit", _t("Profit")],
            ["count", _t("Customers")],
        ];
        this.dimensions = [
            ["abc_class", _t("ABC")],
            ["xyz_class", _t("XYZ")],
            ["stage", _t("Stage")],
            ["abc_to_stage", _t("ABC → Stage")],
        ];
        this.state = useState({
            tab: "matrix",
            ...DEFAULTS,
            runId: this.props.action.context.matrix_run_id || false,
            stages: [],
            measure: "revenue",
            dimension: "abc_class",
            focus: false,
            ...this.props.state?.matrix,
            data: false,
            error: "",
            isLoading: false,
        });
        useSetupAction({
            getLocalState: () => ({ matrix: this.copy(KEPT) }),
        });
        onWillStart(() => this.load());
    }

    copy(names) {
        const plain = (value) => (Array.isArray(value) ? [...value] : value);
        return Object.fromEntries(names.map((name) => [name, plain(this.state[name])]));
    }

    // ------------------------------------------------------------------
    // Loading
    // ------------------------------------------------------------------
    fetch() {
        const { tab, companyId, runId, stages, runFromId, runToId, dimension } = this.state;
        if (tab === "matrix") {
            return this.orm.call(MODEL, "get_matrix", [], {
                run_id: runId,
                company_id: companyId,
                stages: [...stages],
            });
        }
        return this.orm.call(MODEL, "get_migrations", [], {
            run_from_id: runFromId,
            run_to_id: runToId,
            dimension,
            company_id: companyId,
            with_absent: true,
        });
    }

    async load() {
        const asked = this.copy(ASKED);
        this.state.isLoading = true;
        try {
            const data = await this.keepLast.add(this.fetch());
            this.asked = asked;
            Object.assign(this.state, {
                data: { ...data, tab: asked.tab, chosen: asked.stages },
                error: "",
                isLoading: false,
            });
        } catch (error) {
            // the figures that show, if any, are still those of what was chosen before
            Object.assign(this.state, this.asked, { error: "", isLoading: false });
            if (!(error instanceof RPCError)) {
                throw error;
            }
            if (!this.asked && Object.keys(DEFAULTS).some((name) => this.state[name])) {
                // of a company that is no longer selected, say: the current figures are there all the same
                Object.assign(this.state, DEFAULTS);
                await this.load();
            }
            this.state.error ||= error.data?.message || error.message;
        }
    }

    async change(values) {
        Object.assign(this.state, values, { focus: false });
        await this.load();
    }

    /** The figures of the tab that is open, once they are there. */
    get data() {
        return this.state.data && this.state.data.tab === this.state.tab ? this.state.data : false;
    }

    // ------------------------------------------------------------------
    // What can be chosen
    // ------------------------------------------------------------------
    get stages() {
        const found = this.data ? this.data.stages : [];
        const all = { key: false, label: _t("All"), count: 0 };
        const stages = CLASSES.stage
            .filter((stage) => stage)
            .map((stage) => ({
                key: stage,
                label: classLabel("stage", stage),
                count: found.find((one) => one.stage === stage)?.count || 0,
            }));
        all.count = found.reduce((count, one) => count + one.count, 0);
        return [all, ...stages].map((one) => ({
            ...one,
            words: formatInteger(one.count),
            isOn: one.key ? this.state.stages.includes(one.key) : !this.state.stages.length,
        }));
    }

    runLabel(run) {
        if (run.is_current) {
            return _t("%s (current)", run.name);
        }
        if (run.is_live) {
            return _t("%s (daily)", run.name);
        }
        return run.state === "draft" ? _t("%s (draft)", run.name) : run.name;
    }

    get isEmpty() {
        return this.data && !this.data.cells.length;
    }

    /** The run whose summary can be printed. */
    get printed() {
        return this.data && this.data.cells.length ? this.data.run || this.data.run_to : false;
    }

    // ------------------------------------------------------------------
    // Choosing
    // ------------------------------------------------------------------
    onClickTab(tab) {
        if (tab !== this.state.tab) {
            return this.change({ tab });
        }
    }

    onChangeCompany(ev) {
        // the runs are the company's own
        return this.change({
            ...DEFAULTS,
            companyId: Number(ev.target.value),
        });
    }

    onChangeRun(name, ev) {
        const values = { [name]: Number(ev.target.value) };
        // the other run is the one that shows, unless it was just chosen as well
        if (name === "runFromId") {
            values.runToId = this.state.runToId || this.data.run_to.id;
        } else if (name === "runToId") {
            values.runFromId = this.state.runFromId || this.data.run_from.id;
        }
        return this.change(values);
    }

    onClickStage(stage) {
        const { stages } = this.state;
        const wanted = stages.includes(stage) ? stages.filter((one) => one !== stage) : [...stages, stage];
        return this.change({ stages: stage ? wanted : [] });
    }

    onClickMeasure(measure) {
        this.state.measure = measure;
    }

    onClickDimension(dimension) {
        return this.change({ dimension });
    }

    onFocus(key) {
        this.state.focus = key;
    }

    // ------------------------------------------------------------------
    // Opening
    // ------------------------------------------------------------------
    async openLines(method, args) {
        this.action.doAction(await this.orm.call(MODEL, method, args));
    }

    onOpenCell(abc, xyz) {
        const value = { [TOTAL]: null, none: false };
        return this.openLines("action_open_cell", [
            this.data.run.id,
            value[abc] === undefined ? abc : value[abc],
            value[xyz] === undefined ? xyz : value[xyz],
            // those of the figure, whatever was clicked meanwhile
            [...this.data.chosen],
        ]);
    }

    onOpenMigration(source, target) {
        const value = { [TOTAL]: null, none: false };
        const { run_from, run_to, dimension } = this.data;
        return this.openLines("action_open_migration", [
            run_from.id,
            run_to.id,
            dimension,
            value[source] === undefined ? source : value[source],
            value[target] === undefined ? target : value[target],
        ]);
    }

    onClickClassifications() {
        this.action.doAction("partner_relations.partner_classification_action");
    }

    onClickPrint() {
        this.action.doAction("partner_relations.partner_classification_report_summary", {
            additionalContext: { active_ids: [this.printed.id], active_model: MODEL },
        });
    }
}

registry.category("actions").add("partner_relations.classification_matrix", ClassificationMatrix);
