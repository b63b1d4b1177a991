import { registry } from "@web/core/registry";
import { openMenu, openRelations } from "./tour_steps";

const MANAGER = "relations_sub";
const COLLEAGUE = "relations_sales2";

function compare() {
    return [
        ...openRelations(),
        ...openMenu("partner_relations.menu_managers", "partner_relations.menu_manager_comparison"),
        { content: "the periods have names", trigger: ".o_comparison_period:has(option:contains('2025'))" },
    ];
}

/** A director compares managers, leaves one out, opens the documents of a value, and approves a bonus. */
registry.category("web_tour.tours").add("partner_relations_bonus_director", {
    steps: () => [
        ...compare(),
        { content: "three managers", trigger: ".o_comparison_card:count(3)" },
        { content: "a radar", trigger: ".o_comparison_radar .o_comparison_line:count(3)" },
        { content: "bars", trigger: ".o_comparison_bars .o_comparison_bar" },
        {
            content: "leave one out",
            trigger: `.o_comparison_manager.btn-primary:contains("${COLLEAGUE}")`,
            run: "click",
        },
        { content: "two are left", trigger: ".o_comparison_card:count(2)" },
        {
            content: "take that one again and leave another out, without waiting between",
            trigger: ".o_comparison_manager.btn-primary",
            run: () => {
                const all = [...document.querySelectorAll(".o_comparison_manager")];
                const other = all.find((button) => button.matches(".btn-primary"));
                all.find((button) => button.textContent.includes(COLLEAGUE)).click();
                other.click();
            },
        },
        { content: "it is back", trigger: `.o_comparison_card:contains("${COLLEAGUE}")` },
        { content: "beside one of the others", trigger: ".o_comparison_card:count(2)" },
        {
            content: "another period; who clicks a manager of the one before while it comes does not stay there",
            trigger: ".o_comparison_period",
            run: () => {
                const period = document.querySelector(".o_comparison_period");
                period.selectedIndex = 1;
                period.dispatchEvent(new Event("change", { bubbles: true }));
                document.querySelector(".o_comparison_manager.btn-primary").click();
            },
        },
        { content: "of two indicators, so no radar", trigger: ".o_manager_comparison:not(:has(.o_comparison_radar))" },
        { content: "the first one again", trigger: ".o_comparison_period", run: "selectByIndex 0" },
        { content: "all three are there", trigger: ".o_comparison_card:count(3)" },
        { content: "open the documents of a value", trigger: ".o_comparison_value:first", run: "click" },
        { content: "they show", trigger: ".o_list_view .o_data_row" },
        ...openMenu("partner_relations.menu_managers", "partner_relations.menu_manager_bonuses"),
        {
            content: "open a bonus",
            trigger: `.o_list_view .o_data_row:contains("${MANAGER}") [name=period_name]`,
            run: "click",
        },
        { content: "it says why", trigger: ".o_form_view .o_field_widget[name=reason]:contains('%')" },
        { content: "approve it", trigger: "button[name=action_approve]", run: "click" },
        { content: "approved", trigger: ".o_statusbar_status [data-value=approved].o_arrow_button_current" },
    ],
});

/** Names of indicators that are long stand beside the radar, in its picture. */
registry.category("web_tour.tours").add("partner_relations_comparison_names", {
    steps: () => [
        ...compare(),
        {
            content: "no name is cut off by the edge of the picture, or lies on another one or on the radar",
            trigger: ".o_comparison_radar text:has(tspan)",
            run: () => {
                const radar = document.querySelector(".o_comparison_radar");
                const rings = [...radar.querySelectorAll("polygon.o_comparison_ring")];
                const [edge, outer] = [radar, rings.at(-1)].map((part) => part.getBoundingClientRect());
                const names = [...radar.querySelectorAll("text:has(tspan)")].map((text) => text.getBoundingClientRect());
                const covers = (box, other) =>
                    box.right > other.left &&
                    other.right > box.left &&
                    box.bottom > other.top &&
                    other.bottom > box.top;
                for (const box of names) {
                    const isInside =
                        box.left >= edge.left &&
                        box.right <= edge.right &&
                        box.top >= edge.top &&
                        box.bottom <= edge.bottom;
                    if (!isInside || [outer, ...names].some((other) => other !== box && covers(box, other))) {
                        throw new Error(`A name has no room: ${JSON.stringify([box, edge, outer])}`);
                    }
                }
            },
        },
    ],
});

/** A supervisor compares the own team, and nobody else. */
registry.category("web_tour.tours").add("partner_relations_bonus_supervisor", {
    steps: () => [
        ...compare(),
        { content: "two of the team", trigger: ".o_comparison_card:count(2)" },
        { content: "not the colleague", trigger: `.o_manager_comparison:not(:contains("${COLLEAGUE}"))` },
    ],
});

/** A manager sees the own figures, rank and bonus alone. */
registry.category("web_tour.tours").add("partner_relations_bonus_manager", {
    steps: () => [
        ...compare(),
        { content: "the own card of two periods", trigger: ".o_comparison_card:count(2)" },
        { content: "nobody else", trigger: `.o_manager_comparison:not(:contains("${COLLEAGUE}"))` },
        ...openMenu("partner_relations.menu_managers", "partner_relations.menu_manager_bonuses"),
        { content: "the own bonus alone", trigger: ".o_list_view .o_data_row:count(1)", run: "hover" },
        { content: "open it", trigger: ".o_list_view .o_data_row [name=period_name]", run: "click" },
        { content: "it says why", trigger: ".o_form_view .o_field_widget[name=reason]:contains('%')" },
        { content: "approving is not for managers", trigger: ".o_form_view:not(:has(button[name=action_approve]))" },
    ],
});
