import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { openContact, openContacts, openMenu, openRelations } from "./tour_steps";

function openAnalysis(name) {
    return [
        ...openContact(name),
        { content: "open the page Analysis", trigger: ".o_notebook a[name=analysis]", run: "click" },
        { content: "it is read", trigger: ".o_partner_analysis[aria-busy=false]" },
    ];
}

/** The customer's badge with that text, among today's classes. */
function badge(text) {
    return `.o_partner_analysis_customer .badge:contains("${text}")`;
}

/** The page of a customer who is not the user's: no class, no trend, no money. */
const NOTHING = {
    content: "nothing is told of somebody else's customer",
    trigger: ".o_partner_analysis:not(:has(.badge)):not(:has(table)):not(:has(> section))",
};

function row(words) {
    return `.o_list_view .o_data_row:contains("${words}")`;
}

function without(words) {
    return `.o_list_view:not(:has(.o_data_row:contains("${words}")))`;
}

const RELATIONS_ARE_NOT_THERE = {
    content: "the Relations app is not there",
    trigger: ".o-dropdown--menu:has(.o_app):not(:has(.o_app[data-menu-xmlid='partner_relations.menu_root']))",
};

registry.category("web_tour.tours").add("partner_relations_analysis_salesperson", {
    steps: () => [
        ...openRelations(),
        ...openContacts(),
        ...openAnalysis("Middle Customer"),
        { content: "class B", trigger: badge("B") },
        { content: "class Z", trigger: badge("Z") },
        { content: "with the evidence", trigger: ".o_partner_analysis_customer:contains('2')" },
        {
            content: "both runs, none of which fell",
            trigger: ".o_partner_analysis_trend tbody:has(tr:count(2)):not(:has(.fa-arrow-down))",
        },
        {
            content: "a chart of twelve months, one with a sale",
            trigger: ".o_partner_analysis_chart:has(.o_partner_analysis_month:count(12))",
        },
        {
            content: "who may not read invoices is not offered them",
            trigger: ".o_partner_analysis:not(:has(.o_partner_analysis_documents))",
        },
        { content: "as a table", trigger: ".o_partner_analysis_table", run: "click" },
        {
            content: "revenue 900, profit 890",
            trigger: '.o_partner_analysis tfoot tr:contains("900"):contains("890")',
        },
        {
            content: "open the line behind the classes",
            trigger: ".o_partner_analysis_customer button.btn-link",
            run: "click",
        },
        { content: "the line tells its reason", trigger: ".o_form_view .o_field_widget[name=reason]" },
        ...openContacts(),
        ...openAnalysis("Big Customer"),
        NOTHING,
    ],
});

registry.category("web_tour.tours").add("partner_relations_analysis_supervisor", {
    steps: () => [
        ...openRelations(),
        ...openContacts(),
        ...openAnalysis("Big Customer"),
        { content: "a subordinate's customer: class A", trigger: badge("A") },
        { content: "class X", trigger: badge("X") },
        { content: "with its turnover", trigger: ".o_partner_analysis > section" },
        ...openContacts(),
        ...openAnalysis("Small Customer"),
        NOTHING,
    ],
});

registry.category("web_tour.tours").add("partner_relations_analysis_director", {
    steps: () => [
        ...openRelations(),
        ...openContacts(),
        ...openAnalysis("Small Customer"),
        { content: "everybody's customer: class C", trigger: badge("C") },
        ...openContacts(),
        ...openAnalysis("Gone Customer"),
        { content: "lost, without a class", trigger: ".o_partner_analysis_customer:has(.badge:count(1))" },
        { content: "which it had before", trigger: ".o_partner_analysis_trend tbody .fa-arrow-down" },
        { content: "all its classes", trigger: ".o_partner_analysis section:has(table) > button", run: "click" },
        { content: "a line of each run", trigger: ".o_list_view .o_data_row:count(2)" },
    ],
});

/** Starts on the form of a contact. */
registry.category("web_tour.tours").add("partner_relations_analysis_outsider", {
    steps: () => [
        { content: "the contact shows", trigger: '.o_form_view .o_field_widget[name=name]:contains("Big Customer")' },
        { content: "without the page", trigger: ".o_form_view:not(:has(.o_notebook a[name=analysis]))" },
        stepUtils.showAppsMenuItem(),
        RELATIONS_ARE_NOT_THERE,
    ],
});

function openRhythm() {
    return [
        ...openRelations(),
        ...openMenu("partner_relations.menu_analysis", "partner_relations.menu_rhythm"),
    ];
}

registry.category("web_tour.tours").add("partner_relations_rhythm_salesperson", {
    steps: () => [
        ...openRhythm(),
        { content: "the own customer alone", trigger: ".o_list_view .o_data_row:only:contains('Middle Customer')" },
        {
            content: "the policy is the directors'",
            trigger: "body:not(:has([data-menu-xmlid='partner_relations.menu_configuration']))",
        },
        {
            content: "log a contact from the list",
            trigger: `${row("Middle Customer")} button:has(.fa-comment-o)`,
            run: "click",
        },
        {
            content: "with that customer",
            trigger: '.modal .o_field_widget[name=partner_id] input:value("Middle Customer")',
        },
        { content: "one sentence", trigger: ".modal .o_field_widget[name=name] input", run: "edit Asked how it goes" },
        { content: "save", trigger: ".modal footer button[special=save]", run: "click" },
        { content: "the dialog is gone", trigger: "body:not(:has(.modal))" },
        ...openMenu("partner_relations.menu_analysis", "partner_relations.menu_rhythm"),
        { content: "nobody is past the rhythm", trigger: ".o_view_nocontent" },
    ],
});

registry.category("web_tour.tours").add("partner_relations_rhythm_supervisor", {
    steps: () => [
        ...openRhythm(),
        { content: "a subordinate's customer", trigger: row("Big Customer") },
        { content: "that of a subordinate's subordinate", trigger: row("Middle Customer") },
        { content: "not the colleague's", trigger: without("Small Customer") },
        { content: "open the customer", trigger: `${row("Big Customer")} .o_data_cell[name=partner_id]`, run: "click" },
        { content: "the contact shows", trigger: '.o_form_view .o_field_widget[name=name]:has(:value("Big Customer"))' },
    ],
});

registry.category("web_tour.tours").add("partner_relations_rhythm_director", {
    steps: () => [
        ...openRhythm(),
        { content: "everybody's customers", trigger: row("Small Customer") },
        { content: "class B too", trigger: row("Middle Customer") },
        ...openMenu("partner_relations.menu_configuration", "partner_relations.menu_effort_policies"),
        { content: "open the policy", trigger: ".o_list_view .o_data_row .o_data_cell[name=name]", run: "click" },
        {
            content: "the rule of B",
            trigger: ".o_field_widget[name=rule_ids] .o_data_row:eq(2) .o_data_cell[name=contact_days]",
            run: "click",
        },
        {
            content: "is wanted every ten years",
            trigger: ".o_field_widget[name=rule_ids] .o_data_row:eq(2) [name=contact_days] input",
            run: "edit 3650 && press Tab",
        },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "saved", trigger: ".o_form_view .o_form_saved" },
        { content: "who is past the rhythm now", trigger: ".o_stat_text", run: "click" },
        { content: "still A", trigger: row("Big Customer") },
        { content: "no more B", trigger: without("Middle Customer") },
    ],
});
