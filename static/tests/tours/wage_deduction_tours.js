import { registry } from "@web/core/registry";

/** An accountant splits an invoice, makes the list of the month, sends it, and registers what the employer paid. */
registry.category("web_tour.tours").add("partner_relations_wage_invoice", {
    steps: () => [
        { content: "by wage deduction", trigger: "button[name=action_choose_wage_instalments]", run: "click" },
        { content: "three pay days", trigger: ".modal .o_field_widget[name=preview] td:contains('33.34')" },
        { content: "agreed", trigger: ".modal button[name=action_choose]", run: "click" },
        { content: "whose", trigger: ".o_field_widget[name=wage_member_id]:contains('Anna')" },
        { content: "confirm it", trigger: "button[name=action_post]:visible", run: "click" },
        { content: "it is in the books", trigger: ".o_statusbar_status [data-value=posted].o_arrow_button_current" },
    ],
});

registry.category("web_tour.tours").add("partner_relations_wage_accountant", {
    steps: () => [
        { content: "the employer", trigger: ".o_form_view .o_field_widget[name=employer_id]" },
        { content: "make the list", trigger: "button[name=action_make_list]", run: "click" },
        { content: "two employees", trigger: ".o_field_widget[name=line_ids] .o_data_row:count(2)" },
        { content: "hand it over", trigger: "button[name=action_mark_sent]", run: "click" },
        { content: "it is sent", trigger: ".o_statusbar_status [data-value=sent].o_arrow_button_current" },
        {
            content: "less was paid for one",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Anna') .o_data_cell[name=amount_paid]",
            run: "click",
        },
        {
            content: "how much",
            trigger: ".o_field_widget[name=line_ids] .o_selected_row .o_field_widget[name=amount_paid] input",
            run: "edit 10",
        },
        { content: "save", trigger: ".o_form_button_save:enabled", run: "click" },
        {
            content: "what is missing is carried over",
            trigger: ".o_form_saved .o_data_row:contains('Anna') .o_data_cell[name=reason]:contains('23.33')",
        },
        { content: "register the payment", trigger: "button[name=action_register_payment]", run: "click" },
        { content: "why", trigger: ".modal .o_field_widget[name=reason] input", run: "edit On sick leave" },
        { content: "register", trigger: ".modal button[name=action_register]", run: "click" },
        { content: "closed", trigger: ".o_statusbar_status [data-value=closed].o_arrow_button_current" },
    ],
});

/** A salesperson sees which customers pay from their wages, and nothing of the wages. */
registry.category("web_tour.tours").add("partner_relations_wage_salesperson", {
    steps: () => [
        {
            content: "the customer",
            trigger: ".o_list_view .o_data_row:contains('Anna') .o_data_cell[name=partner_id]",
            run: "click",
        },
        { content: "what is open", trigger: ".o_form_view .o_field_widget[name=amount_open]:contains('90.00')" },
        { content: "no wages", trigger: ".o_form_view:not(:has(.o_field_widget[name=wage]))" },
        { content: "no buttons of accountants", trigger: ".o_form_view:not(:has(button[name=action_stop]))" },
    ],
});
