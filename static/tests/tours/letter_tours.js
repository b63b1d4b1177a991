import { registry } from "@web/core/registry";

const SUBJECT = "Chairs for the lobby";

function row(words) {
    return `.o_list_view .o_data_row:has(.o_data_cell[name=name]:contains("${words}"))`;
}

function chooseExecutor(name) {
    return [
        { content: "who gets it", trigger: ".modal .o_field_widget[name=user_id] input", run: `edit ${name}` },
        {
            content: "choose",
            trigger: `.o-autocomplete--dropdown-menu .dropdown-item:contains("${name}")`,
            run: "click",
        },
    ];
}

// A clerk of the mailbox: takes a new letter, answers it, and it is done for everybody.
registry.category("web_tour.tours").add("partner_relations_letter_clerk", {
    steps: () => [
        { content: "a letter waits", trigger: `${row(SUBJECT)} .o_data_cell[name=name]`, run: "click" },
        { content: "its words", trigger: ".o_form_view .o_field_widget[name=body]:contains('Twelve of them')" },
        { content: "assign it", trigger: "button[name=action_assign]", run: "click" },
        ...chooseExecutor("relations_letter_clerk"),
        {
            content: "a word for the executor",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Oak only",
        },
        { content: "assign", trigger: ".modal footer button[name=action_assign]", run: "click" },
        {
            content: "assigned, for everybody",
            trigger: ".o_form_view:not(:has(.modal)) .o_arrow_button_current[data-value=assigned]",
        },
        { content: "answer it", trigger: "button[name=action_reply]", run: "click" },
        {
            content: "the subject is there",
            trigger: `.modal .o_field_widget[name=subject] input:value("Re: ${SUBJECT}")`,
        },
        {
            content: "the signature too",
            trigger: ".modal .o_field_widget[name=body] .odoo-editor-editable:contains('Your service team')",
        },
        { content: "send", trigger: ".modal button.o_mail_send:not([disabled])", run: "click" },
        { content: "done, for everybody", trigger: ".o_form_view .o_arrow_button_current[data-value=done]" },
        { content: "the thread", trigger: ".o_notebook a[name=thread]", run: "click" },
        { content: "has both letters", trigger: ".o_field_widget[name=thread_letter_ids] .o_data_row:count(2)" },
    ],
});

// A superior sees what the team is late with, and gives it to somebody else.
registry.category("web_tour.tours").add("partner_relations_letter_supervisor", {
    steps: () => [
        { content: "an overdue letter", trigger: row(SUBJECT) },
        { content: "nothing else", trigger: ".o_list_view .o_data_row:count(1)" },
        { content: "select it", trigger: `${row(SUBJECT)} .o_list_record_selector input`, run: "click" },
        {
            content: "assign it",
            trigger: ".o_control_panel button[name=action_assign], .o_control_panel_actions button[name=action_assign]",
            run: "click",
        },
        ...chooseExecutor("relations_sales"),
        { content: "assign", trigger: ".modal footer button[name=action_assign]", run: "click" },
        { content: "it has another executor", trigger: `${row(SUBJECT)}:contains("relations_sales")` },
    ],
});
