import { registry } from "@web/core/registry";

/** An accountant without rights on Relations finds who is due, reads a letter, sends it, and exports the ages. */
registry.category("web_tour.tours").add("partner_relations_payment_accountant", {
    steps: () => [
        { content: "look who is due", trigger: "button[name=action_find_due]", run: "click" },
        { content: "two customers", trigger: ".o_list_view .o_data_row:count(2)" },
        {
            content: "open the letter to one",
            trigger: ".o_data_row:contains('Sales Customer One') .o_data_cell[name=partner_id]",
            run: "click",
        },
        { content: "its invoices", trigger: ".o_form_view .o_field_widget[name=line_ids] .o_data_row" },
        { content: "add a remark", trigger: ".o_field_widget[name=note] textarea", run: "edit Thank you for your help" },
        { content: "as it will be sent", trigger: ".o_notebook a[name=letter]", run: "click" },
        { content: "save", trigger: ".o_form_button_save:enabled", run: "click" },
        {
            content: "with the remark",
            trigger: ".o_form_saved .o_field_widget[name=preview]:contains('Thank you for your help')",
        },
        { content: "send it", trigger: "button[name=action_approve]", run: "click" },
        { content: "it waits for the mail server", trigger: ".o_statusbar_status [data-value=queued].o_arrow_button_current" },
    ],
});

registry.category("web_tour.tours").add("partner_relations_receivables", {
    steps: () => [
        { content: "a customer", trigger: ".o_group_header:contains('Sales Customer One')", run: "click" },
        {
            content: "one of the invoices",
            trigger: ".o_data_row .o_data_cell[name=move_id]",
            run: "click",
        },
        { content: "opens", trigger: ".o_form_view .o_field_widget[name=partner_id]" },
    ],
});
