import { registry } from "@web/core/registry";
import { openMenu, openRelations, switchView } from "./tour_steps";

function dealRow(customer) {
    return `.o_data_row:has(.o_data_cell[name=partner_id]:contains("${customer}"))`;
}

/** A salesperson sees why an order waits, plans the next contact, and opens the order. */
registry.category("web_tour.tours").add("partner_relations_deals_salesperson", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_unfinished_deals"),
        {
            content: "the order says what is missing",
            trigger: `${dealRow("Tour Deal")} .o_data_cell[name=reason]:contains("3"):contains("10")`,
        },
        { content: "a colleague's deal is not there", trigger: ".o_list_view:not(:contains('Hidden Deal'))" },
        {
            content: "plan the next contact",
            trigger: `${dealRow("Tour Deal")} button[name=action_plan_contact]`,
            run: "click",
        },
        {
            content: "the customer is filled in",
            trigger: ".modal .o_field_widget[name=partner_id] input:value('Tour Deal')",
        },
        { content: "about what", trigger: ".modal .o_field_widget[name=name] input", run: "edit Ask for the rest" },
        { content: "save", trigger: ".modal footer button[special=save]", run: "click" },
        {
            content: "the deal has a next step",
            trigger: `body:not(:has(.modal)) ${dealRow("Tour Deal")}:not(:has(button[name=action_plan_contact]))`,
        },
        {
            content: "open the order",
            trigger: `${dealRow("Tour Deal")} .o_data_cell[name=reason]`,
            run: "click",
        },
        { content: "the order shows", trigger: ".o_form_view .o_field_widget[name=order_line]" },
    ],
});

/** A director compares plan and result. */
registry.category("web_tour.tours").add("partner_relations_deals_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_plan_and_result"),
        { content: "half of the plan is fulfilled", trigger: ".o_pivot .o_pivot_cell_value:contains('50')" },
        ...switchView("graph", ".o_graph_renderer canvas"),
        ...switchView("list", ".o_list_view .o_data_row"),
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_sales_plans"),
        { content: "the plan shows its share", trigger: ".o_data_row .o_data_cell[name=fulfilled]:contains('50')" },
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_unfinished_deals"),
        { content: "the deals of all show", trigger: dealRow("Hidden Deal") },
        ...switchView("kanban", ".o_kanban_group .o_kanban_record"),
        ...switchView("graph", ".o_graph_renderer canvas"),
        ...switchView("pivot", ".o_pivot .o_pivot_cell_value"),
    ],
});
