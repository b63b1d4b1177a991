import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { openMenu, openRelations } from "./tour_steps";

function cell(key, more = "") {
    return `.o_cross_table button[data-cell="${key}"]${more}`;
}

/** The cell with so many customers. */
function counts(key, number) {
    return cell(key, `:has([data-figure=count] span:last:contains("${number}"))`);
}

function openMatrix() {
    return [
        ...openRelations(),
        ...openMenu("partner_relations.menu_analysis", "partner_relations.menu_classification_matrix"),
        { content: "the matrix shows", trigger: ".o_classification_matrix .o_cross_table" },
    ];
}

function row(words) {
    return `.o_list_view .o_data_row:contains("${words}")`;
}

const BACK = { content: "go back", trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a", run: "click" };

registry.category("web_tour.tours").add("partner_relations_matrix_director", {
    steps: () => [
        ...openMatrix(),
        { content: "one of A X", trigger: counts("a|x", 1) },
        { content: "all are counted, so no word on whose", trigger: "body:not(:has(.o_matrix_partial))" },
        { content: "only who bought", trigger: ".o_matrix_stages button[name=regular]", run: "click" },
        {
            content: "the filter is on, and nobody without ABC is left",
            trigger:
                ".o_classification_matrix:has(.o_matrix_stages button[name=regular][aria-pressed=true])" +
                ":not(:has([data-cell='none|total'])) .o_matrix_page[aria-busy=false]",
        },
        { content: "the lost ones too", trigger: ".o_matrix_stages button[name=lost]", run: "click" },
        { content: "they have no ABC class", trigger: counts("none|total", 1) },
        { content: "weigh by profit", trigger: ".o_matrix_measures button[name=profit]", run: "click" },
        { content: "its figure stands out", trigger: cell("a|x", ":has(.fw-bold[data-figure=profit])") },
        {
            content: "walk to the cells with the keyboard",
            trigger: cell("a|x"),
            run() {
                this.anchor.focus();
            },
        },
        { content: "one to the right", trigger: cell("a|x", ":focus"), run: "press ArrowRight" },
        { content: "over the empty cells to the total", trigger: cell("a|total", ":focus"), run: "press ArrowDown" },
        { content: "open the row below", trigger: cell("b|total", ":focus"), run: "press Enter" },
        { content: "its customer", trigger: row("Middle Customer") },
        { content: "and no other", trigger: ".o_list_view:has(.o_data_row:count(1)):not(:contains('Big Customer'))" },
        BACK,
        { content: "the cell has the focus again", trigger: cell("b|total", ":focus") },
        {
            content: "and the choice is as it was",
            trigger:
                ".o_matrix_choice:has(.o_matrix_stages button[name=lost][aria-pressed=true])" +
                ":has(.o_matrix_measures button[name=profit][aria-pressed=true])",
        },
        { content: "open the migrations", trigger: ".o_classification_matrix button[name=migrations]", run: "click" },
        { content: "who stayed in A", trigger: cell("a|a", ":has(.o_migrations_count:contains(1))") },
        {
            content: "ABC against the stage",
            trigger: ".o_matrix_dimensions button[name=abc_to_stage]",
            run: "click",
        },
        { content: "the class C lost one", trigger: cell("c|lost") },
        { content: "which is told in words", trigger: ".o_migrations_worst .o_migrations_move", run: "click" },
        { content: "the lost customer", trigger: row("Gone Customer") },
        BACK,
        { content: "back at the migrations", trigger: ".o_migrations_worst" },
    ],
});

registry.category("web_tour.tours").add("partner_relations_matrix_supervisor", {
    steps: () => [
        ...openMatrix(),
        { content: "a word on whose customers count", trigger: ".o_matrix_partial" },
        { content: "A X is a subordinate's", trigger: counts("a|x", 1) },
        { content: "B Z is that of the subordinate's subordinate", trigger: counts("b|z", 1) },
        { content: "the colleague's is not counted", trigger: ".o_cross_table:not(:has([data-cell='c|total']))" },
        { content: "open a cell", trigger: cell("b|z"), run: "click" },
        { content: "the customer behind it", trigger: row("Middle Customer") },
    ],
});

registry.category("web_tour.tours").add("partner_relations_matrix_salesperson", {
    steps: () => [
        ...openMatrix(),
        { content: "a word on whose customers count", trigger: ".o_matrix_partial" },
        { content: "the own customer", trigger: counts("b|z", 1) },
        { content: "is the only one", trigger: counts("total|total", 1) },
        { content: "nobody else's", trigger: ".o_cross_table:not(:has([data-cell='a|total']))" },
        { content: "open it", trigger: cell("total|total"), run: "click" },
        { content: "the own customer alone", trigger: ".o_list_view .o_data_row:only:contains('Middle Customer')" },
        BACK,
        { content: "the migrations", trigger: ".o_classification_matrix button[name=migrations]", run: "click" },
        {
            content: "of the own customer alone",
            trigger: `.o_cross_table:not(:has([data-cell='a|a'])) button[data-cell="b|b"]`,
        },
        {
            content: "the runs are the directors'",
            trigger: "body:not(:has([data-menu-xmlid='partner_relations.menu_classifications']))",
        },
    ],
});

/** Starts on the matrix. */
registry.category("web_tour.tours").add("partner_relations_matrix_companies", {
    steps: () => [
        { content: "euro", trigger: cell("a|x", ':has([data-figure=revenue]:contains("€"))') },
        { content: "the other company", trigger: ".o_matrix_company select", run: "selectByIndex 1" },
        {
            content: "its own customers, in dollars",
            trigger: '.o_cross_table:contains("$"):not(:contains("€")) button[data-cell="total|total"]',
        },
    ],
});

registry.category("web_tour.tours").add("partner_relations_matrix_empty", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_analysis", "partner_relations.menu_classification_matrix"),
        {
            content: "nothing is classified; a director may do it",
            trigger: ".o_matrix_empty .o_matrix_classifications",
            run: "click",
        },
        { content: "the runs", trigger: ".o_breadcrumb:contains('Classifications')" },
    ],
});

/** Starts on the address of the matrix. */
registry.category("web_tour.tours").add("partner_relations_matrix_outsider", {
    steps: () => [
        { content: "why there is nothing", trigger: ".o_matrix_error:contains('partner.classification')" },
        { content: "and nothing else", trigger: ".o_classification_matrix:not(:has(.o_cross_table))" },
        stepUtils.showAppsMenuItem(),
        {
            content: "the Relations app is not there",
            trigger:
                ".o-dropdown--menu:has(.o_app):not(:has(.o_app[data-menu-xmlid='partner_relations.menu_root']))",
        },
    ],
});

// Somebody comes back to a company that is no longer selected: the current classes show, and why they do.
registry.category("web_tour.tours").add("partner_relations_matrix_company_gone", {
    steps: () => [
        { content: "the current classes", trigger: counts("a|x", 1) },
        {
            content: "come back to another company",
            trigger: ".o_classification_matrix",
            run: () =>
                odoo.__WOWL_DEBUG__.root.env.services.action.doAction(
                    "partner_relations.partner_classification_action_matrix",
                    { props: { state: { matrix: { companyId: 2 ** 31 - 1 } } } }
                ),
        },
        { content: "the current ones again, and why", trigger: ".o_classification_matrix:has(.o_matrix_error) .o_cross_table" },
        { content: "of all", trigger: counts("a|x", 1) },
        { content: "another choice", trigger: ".o_classification_matrix button[name=migrations]", run: "click" },
        {
            content: "takes the words away",
            trigger: ".o_classification_matrix:not(:has(.o_matrix_error)) button[name=migrations].active",
        },
    ],
});
