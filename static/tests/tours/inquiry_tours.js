import { registry } from "@web/core/registry";
import { openMenu, openRelations, switchView } from "./tour_steps";

const MARKETING = "partner_relations.menu_marketing";

function fill(field, text) {
    return {
        content: `enter ${field}`,
        trigger: `.modal .o_field_widget[name=${field}] input`,
        run: `edit ${text} && press Tab`,
    };
}

/** A salesperson registers a stranger from the board, and a known contact from the list of inquiries. */
registry.category("web_tour.tours").add("partner_relations_inquiry_salesperson", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_control_board"),
        { content: "a new inquiry, first click", trigger: ".o_control_board .o_board_inquiry", run: "click" },
        { content: "nothing is known yet", trigger: ".modal:not(:has(.o_inquiry_duplicates))" },
        fill("partner_name", "Tour Stranger"),
        fill("phone", "0901 234 567"),
        {
            content: "a colleague has somebody with this number, who is not named",
            trigger: ".modal .o_inquiry_duplicates_others",
        },
        { content: "register, second click", trigger: ".modal footer button[name=action_register]", run: "click" },
        { content: "the board is back", trigger: "body:not(:has(.modal)) .o_control_board" },

        ...openMenu(MARKETING, "partner_relations.menu_inquiries"),
        {
            content: "the inquiry is there",
            trigger: ".o_data_row .o_data_cell[name=name]:contains('Tour Stranger')",
        },
        {
            content: "a new inquiry from the list",
            trigger: ".o_control_panel button.o_relations_new_inquiry",
            run: "click",
        },
        fill("partner_name", "Somebody"),
        fill("contact_name", "Anh Ba"),
        fill("phone", "0908 765 432"),
        fill("email_from", "KNOWN@tour.example.com"),
        {
            content: "the contact is known: take it",
            trigger: ".modal .o_inquiry_duplicates_contact:contains('Tour Known') button",
            run: "click",
        },
        {
            content: "it is taken",
            trigger: ".modal .o_field_widget[name=partner_id] input:value('Tour Known')",
        },
        {
            content: "what the contact has is not changed here",
            trigger: ".modal .o_field_widget[name=email_from].o_readonly_modifier",
        },
        {
            content: "what it has not stays as it was typed",
            trigger: ".modal .o_field_widget[name=contact_name] input:value('Anh Ba')",
        },
        {
            content: "register and open",
            trigger: ".modal footer button[name=action_register_open]",
            run: "click",
        },
        { content: "the lead shows", trigger: "body:not(:has(.modal)) .o_form_view.o_lead_opportunity_form" },
        { content: "open the page of the inquiry", trigger: ".o_notebook a[name=inquiry]", run: "click" },
        {
            content: "it counts as an inquiry",
            trigger: ".o_form_view .o_field_widget[name=is_inquiry] input:checked",
        },
        {
            content: "it is none",
            trigger: ".o_form_view button[name=action_unset_inquiry]",
            run: "click",
        },
        {
            content: "it does not count any more",
            trigger: ".o_form_view button[name=action_set_inquiry]",
        },
    ],
});

/** A director of marketing reads the conversion and the funnel, down to the inquiries. */
registry.category("web_tour.tours").add("partner_relations_inquiry_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu(MARKETING, "partner_relations.menu_conversion"),
        { content: "one of two mature ones", trigger: ".o_pivot .o_pivot_cell_value:contains('50')" },
        ...switchView("graph", ".o_graph_renderer canvas"),
        ...switchView("list", ".o_list_view .o_data_row"),
        {
            content: "it says what became of it",
            trigger: ".o_data_row .o_data_cell[name=reason]:contains('10')",
        },
        ...openMenu(MARKETING, "partner_relations.menu_inquiry_funnel"),
        {
            content: "three inquiries",
            trigger: "tr[data-step=inquiry_count] .o_inquiry_funnel_count:contains('3')",
        },
        {
            content: "mature ones only",
            trigger: ".o_inquiry_funnel input[type=checkbox]",
            run: "click",
        },
        {
            content: "two of them",
            trigger: "tr[data-step=inquiry_count] .o_inquiry_funnel_count:contains('2')",
        },
        {
            content: "who was lost before the first call",
            trigger: "tr[data-step=contacted_count] .o_inquiry_funnel_lost",
            run: "click",
        },
        {
            content: "the one that was not answered",
            trigger: ".o_list_view .o_data_row:only:contains('Silent')",
        },
    ],
});
