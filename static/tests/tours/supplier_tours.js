import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { cutConnection, openMenu, openRelations } from "./tour_steps";

const SUPPLIER = "Bamboo Works Rating";
const BACK = { content: "go back", trigger: `.o_breadcrumb a:contains("${SUPPLIER}")`, run: "click" };

function openCard() {
    return [
        ...openRelations(),
        ...openMenu("partner_relations.menu_suppliers", "partner_relations.menu_supplier_scorecards"),
        {
            content: "the supplier with its grade in words",
            trigger: `.o_data_row:contains("${SUPPLIER}"):has([name=applied_grade] .badge)`,
        },
        { content: "open it", trigger: `.o_data_row [name=partner_id]:contains("${SUPPLIER}")`, run: "click" },
        { content: "the score as arithmetic", trigger: ".o_form_view .o_field_widget[name=reason]:contains('×')" },
    ];
}

/** A buyer sees how reliable a supplier is, why, and the order lines that speak for it. */
registry.category("web_tour.tours").add("partner_relations_supplier_buyer", {
    steps: () => [
        ...openCard(),
        {
            content: "four criteria, one without data",
            trigger: ".o_field_widget[name=line_ids] .o_list_renderer",
        },
        { content: "each with what it adds", trigger: ".o_field_widget[name=line_ids] .o_data_row:count(4)" },
        {
            content: "without data is empty, not 0",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:last [name=share]:not(:contains('%'))",
        },
        {
            content: "a buyer neither sets a grade nor computes",
            trigger: ".o_form_view:not(:has(button[name=action_set_grade])):not(:has(button[name=action_compute]))",
        },
        {
            content: "the lines behind the share that came in time",
            trigger: ".o_inner_group button[name=action_open_lines]:first",
            run: "click",
        },
        { content: "what was late", trigger: ".o_list_view .o_data_row:count(2)" },
        BACK,
        { content: "the supplier", trigger: "button[name=action_open_partner]", run: "click" },
        {
            content: "shows its reliability, once the form stands",
            trigger: ".o_form_view .o_supplier_rating .o_stat_value:contains('·')",
        },
        { content: "which leads back to the scorecard", trigger: ".o_supplier_rating", run: "click" },
        { content: "here it is", trigger: ".o_form_view .o_field_widget[name=line_ids]" },
    ],
});

/** A purchase manager sets a grade by hand, then changes a weight and sees what would follow. */
registry.category("web_tour.tours").add("partner_relations_supplier_manager", {
    steps: () => [
        ...openCard(),
        { content: "set the grade", trigger: "button[name=action_set_grade]", run: "click" },
        { content: "what applies now", trigger: ".modal .o_field_widget[name=now]:contains('×')" },
        {
            content: "low",
            trigger: ".modal .o_field_widget[name=grade] input[data-value=low]",
            run: "click",
        },
        { content: "until when", trigger: ".modal .o_field_widget[name=date_until] input", run: "click" },
        {
            content: "a day of the calendar",
            trigger: ".o_datetime_picker .o_today",
            run: "click",
        },
        { content: "why", trigger: ".modal .o_field_widget[name=reason] input", run: "edit Strike at the plant" },
        { content: "apply", trigger: ".modal button[name=action_apply]", run: "click" },
        {
            content: "the card has it, with the reason",
            trigger: ".o_form_view .o_field_widget[name=reason]:contains('Strike at the plant')",
        },
        {
            content: "the grade set by hand shows in the list of them",
            trigger: ".o_form_view .o_field_widget[name=applied_grade] .text-bg-danger",
        },
        ...openMenu("partner_relations.menu_suppliers", "partner_relations.menu_supplier_score_policy"),
        {
            content: "the policy",
            trigger: ".o_list_view .o_data_row:has([name=window_days]) [name=name]",
            run: "click",
        },
        {
            content: "its first criterion",
            trigger: ".o_field_widget[name=criterion_ids] .o_data_row:first [name=formula]",
            run: "click",
        },
        { content: "tried on the suppliers", trigger: `.modal .o_field_widget[name=sample]:contains("${SUPPLIER}")` },
        {
            content: "what a formula may use",
            trigger: ".modal .o_notebook a[name=figures]",
            run: "click",
        },
        { content: "explained", trigger: ".modal .o_field_widget[name=figures] code:contains('on_time_rate')" },
        { content: "another weight", trigger: ".modal .o_field_widget[name=weight] input", run: "edit 90" },
        { content: "keep it", trigger: ".modal .o_form_button_save", run: "click" },
        {
            content: "the dialog is gone",
            trigger: "body:not(:has(.modal)) .o_field_widget[name=criterion_ids] .o_data_row:first:contains('90')",
        },
        { content: "what would change", trigger: "button[name=action_preview]", run: "click" },
        { content: "one supplier falls", trigger: ".modal .o_field_widget[name=down_count]:contains('1')" },
        { content: "by name", trigger: `.modal .o_data_row:contains("${SUPPLIER}")` },
        { content: "close", trigger: ".modal footer .btn-primary", run: "click" },
        { content: "have it computed", trigger: "button[name=action_compute_now]", run: "click" },
        { content: "done", trigger: ".o_notification .o_notification_bar.bg-success" },
    ],
});

// The connection is lost while the figures of a contact are read: they are asked for again as it is edited.
registry.category("web_tour.tours").add("partner_relations_supplier_again", {
    steps: () => {
        let mend;
        const form = ".o_form_view:has(.o_field_widget[name=phone])";
        return [
            ...openCard(),
            {
                content: "no figures can be read",
                trigger: "button[name=action_open_partner]",
                run: () => {
                    mend = cutConnection("get_supplier_rating", "get_contact_stats");
                },
            },
            { content: "the supplier", trigger: "button[name=action_open_partner]", run: "click" },
            { content: "shows without them", trigger: `${form}:not(:has(.o_supplier_rating))`, run: () => mend() },
            { content: "edit it", trigger: ".o_field_widget[name=phone] input", run: "edit 0281234567 && press Tab" },
            { content: "the reliability", trigger: `${form} .o_supplier_rating .o_stat_value:contains('·')` },
            { content: "the letters", trigger: `${form} button[name=action_open_letters]` },
            ...stepUtils.discardForm(),
        ];
    },
});
