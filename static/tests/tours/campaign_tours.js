import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** Somebody in marketing compares campaigns, opens one, enters a cost and reads the warning of its budget. */
registry.category("web_tour.tours").add("partner_relations_campaign", {
    steps: () => [
        {
            content: "what it cost and brought, as bars with amounts",
            trigger: ".o_kanban_record:contains('Tour Campaign'):contains('Actual Cost'):contains('Not Paid Back')",
        },
        { content: "as a list", trigger: ".o_switch_view.o_list", run: "click" },
        {
            content: "profit 20, cost 80: minus 75 %",
            trigger: ".o_data_row:contains('Tour Campaign') [name=roi]:contains('-75%')",
        },
        {
            content: "open the campaign",
            trigger: ".o_data_row:contains('Tour Campaign') td[name=campaign_id]",
            run: "click",
        },
        { content: "its costs", trigger: ".o_notebook a[name=relations_costs]", run: "click" },
        {
            content: "a further one",
            trigger: ".o_field_widget[name=cost_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "what it was",
            trigger: ".o_field_widget[name=cost_ids] .o_selected_row [name=name] input",
            run: "edit Radio",
        },
        {
            content: "how much",
            trigger: ".o_field_widget[name=cost_ids] .o_selected_row [name=amount] input",
            run: "edit 40",
        },
        ...stepUtils.saveForm(),
        { content: "above the budget", trigger: ".alert-warning:contains('more than its budget')" },
    ],
});
