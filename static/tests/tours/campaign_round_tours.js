import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

function choose(field, text) {
    return [
        { content: `look for ${text}`, trigger: `.o_field_widget[name=${field}] input`, run: `edit ${text}` },
        {
            content: `choose ${text}`,
            trigger: `.o-autocomplete--dropdown-menu .dropdown-item:contains("${text}")`,
            run: "click",
        },
    ];
}

/** Marketing makes a segment and sends it a mailing of the campaign. */
registry.category("web_tour.tours").add("partner_relations_round_send", {
    steps: () => [
        { content: "a new segment", trigger: ".o_list_button_add", run: "click" },
        { content: "its name", trigger: ".o_field_widget[name=name] input", run: "edit Round" },
        {
            content: "ready-made criteria of the company",
            trigger: ".o_relations_segment_rule .o_relations_criteria:eq(1)",
            run: "click",
        },
        { content: "the industry", trigger: ".o-dropdown--menu .o-dropdown-item:eq(2)", run: "click" },
        {
            content: "which one",
            trigger: ".o_relations_segment_rule .o_tree_editor_condition .o-autocomplete--input",
            run: "edit Round Industry",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Round Industry')",
            run: "click",
        },
        { content: "four are in it", trigger: ".o_form_view .o_relations_segment_count:contains('4')" },
        ...stepUtils.saveForm(),
        { content: "a mailing to it", trigger: "button[name=action_new_mailing]", run: "click" },
        {
            content: "to three of them, one is on the blacklist",
            trigger: ".o_mass_mailing_mailing_form .o_field_widget[name=segment_address_count]:contains('3')",
        },
        { content: "its subject", trigger: ".o_field_widget[name=subject] input", run: "edit Catalogue" },
        { content: "its settings", trigger: ".o_notebook a[name=settings]", run: "click" },
        ...choose("campaign_id", "Round"),
        { content: "its text", trigger: ".o_notebook a[name=mail_body]", run: "click" },
        {
            content: "a text",
            trigger: "[name=body_arch] .o_mailing_template_preview_wrapper [data-name=default]",
            run: "click",
        },
        {
            content: "it shows",
            trigger: "[name=body_arch] :iframe .o_mail_block_title_text, [name=body_arch] :iframe .o_editable",
        },
        ...stepUtils.saveForm(),
        { content: "send", trigger: "button[name=action_launch]", run: "click" },
        { content: "yes", trigger: ".modal footer .btn-primary", run: "click" },
        { content: "it is on its way", trigger: ".o_statusbar_status [data-value=in_queue].o_arrow_button_current" },
    ],
});

/** The salesperson finds the answer as an inquiry, and makes an order and an invoice of it. */
registry.category("web_tour.tours").add("partner_relations_round_sell", {
    steps: () => [
        {
            content: "the answer is an inquiry",
            trigger: ".o_data_row .o_data_cell[name=name]:contains('Catalogue')",
            run: "click",
        },
        { content: "make a quotation", trigger: "button[name=action_sale_quotations_new]", run: "click" },
        {
            content: "for the one who answered",
            trigger: ".o_form_view .o_field_widget[name=partner_id] input:value('Recipient 0')",
        },
        {
            content: "a line",
            trigger: ".o_field_widget[name=order_line] .o_field_x2many_list_row_add a:first",
            run: "click",
        },
        {
            content: "its product",
            trigger: ".o_field_widget[name=order_line] .o_selected_row input:first",
            run: "edit Round Chair",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Round Chair')",
            run: "click",
        },
        {
            content: "its price",
            trigger: ".o_field_widget[name=order_line] .o_data_row [name=price_unit] input:value('50,000'), .o_field_widget[name=order_line] .o_data_row [name=price_unit]:contains('50,000')",
        },
        ...stepUtils.saveForm(),
        { content: "confirm", trigger: "button[name=action_confirm]:visible", run: "click" },
        {
            content: "it is an order: invoice it",
            trigger: ".o_statusbar_status [data-value=sale].o_arrow_button_current",
        },
        { content: "the dialog", trigger: "#create_invoice, #create_invoice_percentage", run: "click" },
        { content: "a regular one", trigger: ".modal button[name=create_invoices]", run: "click" },
        { content: "post it", trigger: "button[name=action_post]:visible", run: "click" },
        { content: "it is posted", trigger: ".o_statusbar_status [data-value=posted].o_arrow_button_current" },
    ],
});

/** Marketing reads what the campaign brought. */
registry.category("web_tour.tours").add("partner_relations_round_return", {
    steps: () => [
        { content: "as a list", trigger: ".o_switch_view.o_list", run: "click" },
        {
            content: "20,000 for 11,400 are 75.4 %",
            trigger: ".o_data_row:contains('Round') [name=roi]:contains('75.4')",
        },
        {
            content: "open the campaign",
            trigger: ".o_data_row:contains('Round') td[name=campaign_id]",
            run: "click",
        },
        { content: "the same there", trigger: ".o_form_view .o_field_widget[name=roi]:contains('75.4')" },
    ],
});
