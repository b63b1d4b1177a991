import { registry } from "@web/core/registry";

const ROW = ".modal .o_field_widget[name=line_ids] .o_data_row";

function supplierIs(name) {
    return `.o_form_view .o_field_widget[name=partner_id]:has(:value("${name}"))`;
}

/** The supplier of the order is blocked: the buyer reads why and overrides it with a reason. */
function overrideSteps() {
    return [
        { content: "the supplier is blocked", trigger: ".o_supplier_alert.alert-danger" },
        { content: "override", trigger: "button.o_supplier_override", run: "click" },
        {
            content: "why it is blocked",
            trigger: ".modal .o_field_widget[name=block_reason]:contains(Dear Mill Tour)",
        },
        {
            content: "a reason",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Nobody else has it",
        },
        { content: "apply", trigger: ".modal button[name=action_apply]", run: "click" },
        {
            content: "who overrode it and why",
            trigger: "body:not(:has(.modal)) .o_supplier_override_note:contains(Nobody else has it)",
        },
    ];
}

/** A buyer opens an RFQ with a dear price: sees the hint, compares the suppliers and takes another one. */
registry.category("web_tour.tours").add("partner_relations_choose_supplier", {
    steps: () => [
        { content: "the RFQ is to the dear supplier", trigger: supplierIs("Dear Mill Tour") },
        { content: "its grade shows", trigger: ".o_supplier_grade.text-bg-danger:contains(24)" },
        { content: "it is blocked, but a buyer may not override", trigger: ".o_supplier_alert.alert-danger" },
        { content: "no button", trigger: ".o_supplier_alerts:not(:has(.o_supplier_override))" },
        { content: "the sum of what is too dear", trigger: ".o_supplier_price_alert:contains(200.00)" },
        {
            content: "open the mark on the line",
            trigger: ".o_field_widget[name=order_line] .o_data_row .o_supplier_price_mark",
            run: "click",
        },
        { content: "what was agreed", trigger: ".o_supplier_price_popover:contains(100.00):contains(20.0)" },

        // live: a price as agreed has no mark
        {
            content: "change the price",
            trigger: ".o_field_widget[name=order_line] .o_data_row [name=price_unit]",
            run: "click",
        },
        {
            content: "to the agreed one",
            trigger: ".o_field_widget[name=order_line] .o_data_row [name=price_unit] input",
            run: "edit 100 && press Tab",
        },
        { content: "the alert is gone", trigger: ".o_supplier_alerts:not(:has(.o_supplier_price_alert))" },
        { content: "so is the mark", trigger: "body:not(:has(.o_supplier_price_mark))" },

        { content: "compare suppliers", trigger: "button.o_compare_suppliers", run: "click" },
        { content: "the better one is first", trigger: `${ROW}:first:contains(Good Mill Tour)` },
        { content: "the blocked one is last", trigger: `${ROW}:last:contains(Dear Mill Tour)` },
        {
            content: "with its arithmetic",
            trigger: `${ROW}:first [name=arithmetic]:contains(÷)`,
        },
        {
            content: "leave the reliability out",
            trigger: ".modal .o_field_widget[name=reliability_weight] input",
            run: "edit 0 && press Tab",
        },
        { content: "the total follows", trigger: `${ROW}:contains(Good Mill Tour) [name=total]:contains(85.7)` },
        { content: "take it", trigger: `${ROW}:first button[name=action_take]`, run: "click" },
        { content: "the vendor has changed", trigger: `body:not(:has(.modal)) ${supplierIs("Good Mill Tour")}` },
        { content: "to a good one", trigger: ".o_supplier_grade.text-bg-success:contains(90)" },
        { content: "of whom nothing is to be said", trigger: "body:not(:has(.o_supplier_alerts .alert))" },
    ],
});

/** A purchase manager overrides the block of an order with a reason. */
registry.category("web_tour.tours").add("partner_relations_override_block", {
    steps: () => [
        ...overrideSteps(),
        { content: "confirm", trigger: "button[name=button_confirm]:visible", run: "click" },
        { content: "it is an order", trigger: ".o_arrow_button_current[data-value=purchase]" },
    ],
});

/** The same on an order that was reached by the pager: what is asked again is asked about it, not about the one before. */
registry.category("web_tour.tours").add("partner_relations_override_next", {
    steps: () => [
        { content: "the last order", trigger: ".o_data_row:first .o_data_cell[name=partner_id]", run: "click" },
        { content: "its supplier is blocked", trigger: ".o_form_view .o_supplier_alert.alert-danger" },
        { content: "the order before", trigger: ".o_form_view .o_pager_next", run: "click" },
        { content: "it shows", trigger: ".o_form_view .o_pager_value:contains(2)" },
        ...overrideSteps(),
    ],
});

/** From a product: the suppliers are compared and an RFQ is made. */
registry.category("web_tour.tours").add("partner_relations_product_suppliers", {
    steps: () => [
        { content: "compare", trigger: "button[name=action_compare_suppliers]", run: "click" },
        {
            content: "so many are wanted",
            trigger: ".modal .o_field_widget[name=quantity] input",
            run: "edit 7 && press Tab",
        },
        { content: "at this quantity", trigger: ".modal button[name=action_refresh]", run: "click" },
        { content: "the cost follows", trigger: `${ROW}:contains(Good Mill Tour) [name=amount]:contains(560.00)` },
        {
            content: "order from the better one",
            trigger: `${ROW}:contains(Good Mill Tour) button[name=action_take]`,
            run: "click",
        },
        { content: "an RFQ to it", trigger: `body:not(:has(.modal)) ${supplierIs("Good Mill Tour")}` },
        {
            content: "with the quantity",
            trigger: ".o_field_widget[name=order_line] .o_data_row [name=product_qty]:contains(7)",
        },
    ],
});

/** An accountant reads the order, without grade, marks or comparison. */
registry.category("web_tour.tours").add("partner_relations_order_without_hints", {
    steps: () => [
        { content: "the order shows", trigger: ".o_form_view .o_field_widget[name=partner_id]" },
        {
            content: "nothing of the supplier's rating",
            trigger:
                "body:not(:has(.o_supplier_grade)):not(:has(.o_supplier_alerts)):not(:has(.o_compare_suppliers)):not(:has(.o_supplier_price_mark))",
        },
    ],
});
