import { registry } from "@web/core/registry";
import { openMenu, openRelations, switchView } from "./tour_steps";

function chooseReason(name) {
    return [
        {
            content: "look for the reason",
            trigger: ".modal .o_field_widget[name=reason_id] input:first",
            run: `edit ${name}`,
        },
        {
            content: "choose the reason",
            trigger: `.o-autocomplete--dropdown-item a:contains("${name}")`,
            run: "click",
        },
        { content: "the fault is filled in", trigger: ".modal .o_field_widget[name=fault] input:value(/./)" },
    ];
}

/** A salesperson loses a quotation and tells why. */
registry.category("web_tour.tours").add("partner_relations_lose_quotation", {
    steps: () => [
        { content: "the quotation is lost", trigger: ".o_statusbar_buttons button[name=action_lose]", run: "click" },
        ...chooseReason("Tour Reason"),
        {
            content: "tell what happened",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit They want it cheaper",
        },
        {
            content: "mark it as lost",
            trigger: ".modal footer button[name=action_apply]:visible",
            run: "click",
        },
        {
            content: "it is cancelled, and leads to why it failed",
            trigger: "body:not(:has(.modal)) .o_form_view button[name=action_view_failures]",
            run: "click",
        },
        {
            content: "with the reason",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=reason_id]:contains('Tour Reason')",
        },
    ],
});

/** A salesperson closes the rest of an order that is partly delivered, one line of it for a reason of its own. */
registry.category("web_tour.tours").add("partner_relations_close_rest", {
    steps: () => [
        {
            content: "close the rest",
            trigger: ".o_statusbar_buttons button[name=action_close_rest]",
            run: "click",
        },
        {
            content: "the dialog tells what is left",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row .o_data_cell[name=quantity_rest]:contains('3')",
        },
        ...chooseReason("Tour Reason"),
        {
            content: "close it",
            trigger: ".modal footer button[name=action_apply]:visible",
            run: "click",
        },
        {
            content: "the order says so, and can be reopened",
            trigger: "body:not(:has(.modal)) .o_statusbar_buttons button[name=action_reopen_rest]",
        },
        {
            content: "what is ordered is what was delivered",
            trigger: ".o_field_widget[name=order_line] .o_data_cell[name=product_uom_qty]:contains('7')",
        },
    ],
});

/** A salesperson fills in the reason of what the customer cancelled. */
registry.category("web_tour.tours").add("partner_relations_fill_reason", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_order_failures_untold"),
        {
            content: "the failure waits for its reason",
            trigger: ".o_data_row:contains('Tour Customer') .o_data_cell[name=reason_id]",
            run: "click",
        },
        {
            content: "edit the reason",
            trigger: ".o_selected_row .o_field_widget[name=reason_id] input",
            run: "edit Tour Reason",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-item a:contains('Tour Reason')",
            run: "click",
        },
        { content: "save", trigger: ".o_list_button_save", run: "click" },
        {
            content: "the fault came with it",
            trigger: ".o_list_view:not(:has(.o_selected_row)) .o_data_cell[name=fault]:contains(/./)",
        },
    ],
});

/** A director sees why orders fail and what was closed. */
registry.category("web_tour.tours").add("partner_relations_failures_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_order_failure_report"),
        { content: "the causes as a chart", trigger: ".o_graph_renderer canvas[role=img][aria-label]" },
        {
            content: "and as a table with the share they have together",
            trigger: ".o_pareto_table tbody tr:contains('Tour Reason'):contains('100%')",
        },
        { content: "the smallest first", trigger: ".o_graph_button.fa-sort-amount-asc", run: "click" },
        { content: "have no share together", trigger: ".o_graph_view:not(:has(.o_pareto_table))" },
        { content: "the largest first", trigger: ".o_graph_button.fa-sort-amount-desc", run: "click" },
        { content: "have", trigger: ".o_pareto_table tbody tr:contains('Tour Reason')" },
        { content: "of all kinds", trigger: ".o_searchview .o_facet_remove", run: "click" },
        { content: "no filter is left", trigger: ".o_searchview:not(:has(.o_searchview_facet))" },
        ...switchView("pivot", ".o_pivot .o_pivot_cell_value"),
        { content: "with the rate", trigger: ".o_pivot .o_pivot_cell_value:contains('30')" },
        ...switchView("list", ".o_list_view .o_data_row .o_data_cell[name=partner_id]:contains('Tour Customer')"),
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_closed_orders"),
        { content: "the closed orders", trigger: ".o_pivot .o_pivot_cell_value:contains('700')" },
        ...switchView("graph", ".o_graph_renderer canvas"),
        ...switchView("list", ".o_list_view .o_data_row .o_data_cell[name=partner_id]:contains('Tour Customer')"),
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_late_deliveries"),
        {
            content: "the late deliveries",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=partner_id]:contains('Tour Customer')",
        },
        ...openMenu("partner_relations.menu_deals", "partner_relations.menu_order_failure_reasons"),
        { content: "the reasons", trigger: ".o_data_row:contains('Tour Reason')" },
    ],
});
