import { registry } from "@web/core/registry";
import { openMenu, openRelations } from "./tour_steps";

function block(name, more = "") {
    return `.o_dashboard_card[data-block=${name}] ${more}`;
}

/** As the calendar of the browser does it: the whole day at once. */
function setDay(day) {
    return function () {
        this.anchor.value = day;
        this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
    };
}

const SHOWN = { content: "the dashboard shows", trigger: ".o_director_dashboard [aria-busy=false] .o_dashboard_grid" };
const BACK = { content: "go back", trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a", run: "click" };

registry.category("web_tour.tours").add("partner_relations_dashboard_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_analysis", "partner_relations.menu_director_dashboard"),
        SHOWN,
        { content: "the key figures", trigger: ".o_dashboard_keys [data-figure=overdue]" },
        { content: "the days that were chosen last", trigger: ".o_dashboard_select_period", run: "select custom" },
        { content: "first day", trigger: ".o_dashboard_date_from", run: setDay("2025-01-01") },
        { content: "last day", trigger: ".o_dashboard_date_to", run: setDay("2025-03-31") },
        {
            content: "the quarter: a chart, and the months in numbers",
            trigger: block("turnover", "canvas"),
        },
        {
            content: "three months",
            trigger: block("turnover", "details:has(tbody tr:nth-child(3)):not(:has(tbody tr:nth-child(4))) summary"),
            run: "click",
        },
        {
            content: "open February",
            trigger: block("turnover", "tbody tr:nth-child(2) [data-figure=revenue]"),
            run: "click",
        },
        { content: "its invoice and no other", trigger: ".o_list_view:has(.o_data_row:count(1))" },
        BACK,
        SHOWN,
        { content: "the days are still chosen", trigger: ".o_dashboard_date_from:value(2025-01-01)" },
        {
            content: "they stand in the address",
            trigger: "body",
            run: () => {
                const { searchParams } = new URL(window.location.href);
                if (searchParams.get("from") !== "2025-01-01" || searchParams.get("period") !== "custom") {
                    throw new Error(`the address has no filters: ${window.location.href}`);
                }
            },
        },
        { content: "suppliers that got worse", trigger: block("suppliers", "[data-figure=worse]"), run: "click" },
        { content: "its scorecard", trigger: ".o_data_row:contains(Worse Supplier)" },
        BACK,
        SHOWN,
        { content: "a cell of the matrix", trigger: block("matrix", "button[data-cell='a|x']"), run: "click" },
        { content: "its customer", trigger: ".o_data_row:contains(Big Customer)" },
        BACK,
        SHOWN,
        { content: "refresh", trigger: ".o_dashboard_refresh", run: "click" },
        SHOWN,
    ],
});

registry.category("web_tour.tours").add("partner_relations_dashboard_phone", {
    steps: () => [
        SHOWN,
        {
            content: "nothing is wider than the screen",
            trigger: ".o_director_dashboard .o_dashboard_grid",
            run() {
                for (const element of document.querySelectorAll(".o_dashboard_card")) {
                    if (element.getBoundingClientRect().right > window.innerWidth + 1) {
                        throw new Error(`too wide: ${element.dataset.block}`);
                    }
                }
            },
        },
        { content: "open what is overdue", trigger: ".o_dashboard_keys [data-figure=overdue]", run: "click" },
        { content: "the receivables", trigger: ".o_list_view, .o_kanban_view" },
    ],
});

registry.category("web_tour.tours").add("partner_relations_dashboard_supervisor", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_analysis", "partner_relations.menu_director_dashboard"),
        SHOWN,
        {
            content: "no block of what a supervisor may not read",
            trigger: ".o_director_dashboard:not(:has([data-block=campaigns])):not(:has([data-block=suppliers]))",
        },
        { content: "contacts of the team", trigger: block("work", "[data-figure=contacts]"), run: "click" },
        { content: "one of them", trigger: ".o_list_view .o_data_row:count(1)" },
    ],
});

registry.category("web_tour.tours").add("partner_relations_dashboard_salesperson", {
    steps: () => [
        ...openRelations(),
        {
            content: "the menu is not there",
            trigger: "body:not(:has([data-menu-xmlid='partner_relations.menu_director_dashboard']))",
        },
    ],
});
