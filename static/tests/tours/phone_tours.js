import { registry } from "@web/core/registry";

/**
 * The daily path of each role on a phone, 375 px wide, in the demo company. Each step that shows something else also looks
 * whether it fits: nothing may move the whole page sideways.
 */
function fits(content, trigger) {
    return {
        content: `${content}, and it fits`,
        trigger,
        run() {
            const width = document.scrollingElement.scrollWidth;
            if (width > window.innerWidth + 1) {
                throw new Error(`${content}: the page is ${width} px wide on a screen of ${window.innerWidth} px`);
            }
        },
    };
}

/** A button of a form, where a phone has all but the first: behind one button. */
function pressButton(name) {
    return [
        {
            content: "open the buttons",
            trigger: ".o_form_view .o_statusbar_buttons .dropdown-toggle",
            run: "click",
        },
        { content: `press ${name}`, trigger: `.o-dropdown--menu button[name=${name}]`, run: "click" },
    ];
}

const ROW = ".o_kanban_record:not(.o_kanban_ghost), .o_data_row .o_data_cell";

registry.category("web_tour.tours").add("partner_relations_phone_salesperson", {
    steps: () => [
        fits("the board shows", ".o_control_board .o_board_row"),
        { content: "what can be done", trigger: ".o_board_row:has(.o_board_done) .o_board_more", run: "click" },
        fits("the choices show", ".o-dropdown--menu .o-dropdown-item"),
        { content: "what came of it", trigger: ".o-dropdown--menu .o-dropdown-item:first", run: "click" },
        fits("the dialog shows", ".modal .o_form_view"),
        { content: "it took place", trigger: ".modal footer button.btn-primary[name=action_done]", run: "click" },
        fits("the board is back", "body:not(:has(.modal)) .o_control_board .o_board_row"),
    ],
});

registry.category("web_tour.tours").add("partner_relations_phone_supervisor", {
    steps: () => [
        fits("the team shows", ".o_team_board_table tbody tr"),
        { content: "who is behind", trigger: ".o_team_board_table .o_team_board_overdue:first", run: "click" },
        fits("what is overdue shows", ROW),
    ],
});

registry.category("web_tour.tours").add("partner_relations_phone_director", {
    steps: () => [
        fits("the matrix shows", ".o_classification_matrix .o_cross_table_button"),
        { content: "a cell", trigger: ".o_cross_table_button[data-cell='a|x']", run: "click" },
        fits("its customers show", ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record"),
    ],
});

registry.category("web_tour.tours").add("partner_relations_phone_buyer", {
    steps: () => [
        fits("what is due shows", ROW),
        { content: "open one", trigger: `:is(${ROW})`, run: "click" },
        fits("the order shows", ".o_form_view .o_field_widget[name=partner_id]"),
    ],
});

registry.category("web_tour.tours").add("partner_relations_phone_marketing", {
    steps: () => [
        fits("the segments show", ROW),
        { content: "open one", trigger: `:is(${ROW})`, run: "click" },
        fits("the segment shows", ".o_form_view .o_relations_segment_rule"),
        {
            content: "write to it",
            trigger: ".o_form_view .o_statusbar_buttons > button[name=action_new_mailing]",
            run: "click",
        },
        fits("a mailing to it", ".o_mass_mailing_mailing_form, .o_form_view .o_field_widget[name=subject]"),
    ],
});

registry.category("web_tour.tours").add("partner_relations_phone_clerk", {
    steps: () => [
        fits("the letters show", ROW),
        { content: "open one", trigger: `:is(${ROW})`, run: "click" },
        fits("the letter shows", ".o_form_view .o_field_widget[name=body]"),
        ...pressButton("action_assign"),
        fits("who gets it is asked", ".modal .o_field_widget[name=user_id] input"),
    ],
});

registry.category("web_tour.tours").add("partner_relations_phone_accountant", {
    steps: () => [
        fits("the reminders show", ROW),
        { content: "open one", trigger: `:is(${ROW})`, run: "click" },
        fits("the reminder shows", ".o_form_view .o_field_widget[name=partner_id]"),
        { content: "read the letter", trigger: ".o_notebook a[name=letter]", run: "click" },
        fits("the letter shows", ".o_field_widget[name=preview]"),
    ],
});
