import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * A chart of rates and points. What has none is a gap: Odoo draws it at 0, as the worst there can be.
 */
export class GapGraphModel extends GraphModel {
    _getData() {
        const data = super._getData(...arguments);
        const isGrouped = Boolean(this.metaData.groupBy.length);
        for (const dataset of data.datasets) {
            // a group that is not there has no domain; one that has no figure has none of its average
            dataset.data = dataset.data.map((value, index) =>
                value === false || (isGrouped && !dataset.domains[index].length) ? null : value
            );
        }
        return data;
    }
}

registry.category("views").add("relations_rates", { ...graphView, Model: GapGraphModel });
