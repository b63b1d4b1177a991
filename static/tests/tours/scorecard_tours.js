import { registry } from "@web/core/registry";
import { openMenu, openRelations } from "./tour_steps";

const SUBORDINATE = "relations_sub";
const MANAGER = "relations_sales2";

/** A manager sees the own scorecard alone, why it is as it is, and the documents behind a value. */
registry.category("web_tour.tours").add("partner_relations_scorecard_manager", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_managers", "partner_relations.menu_my_scorecards"),
        { content: "one card, the own", trigger: ".o_kanban_record:not(.o_kanban_ghost):count(1)" },
        { content: "with rank and indicators", trigger: ".o_kanban_record .o_card_summary tr:count(2)" },
        { content: "open it", trigger: ".o_kanban_record:not(.o_kanban_ghost)", run: "click" },
        { content: "the score as arithmetic", trigger: ".o_form_view .o_field_widget[name=reason]:contains('×')" },
        {
            content: "a manager neither computes nor closes",
            trigger: ".o_form_view:not(:has(button[name=action_compute])):not(:has(button[name=action_close]))",
        },
        { content: "points with a bar", trigger: ".o_field_widget[name=line_ids] .o_data_row .o_points_bar" },
        {
            content: "open the documents of a value",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:first [name=value] .o_unit_value_link",
            run: "click",
        },
        { content: "they show", trigger: ".o_list_view .o_data_row:count(1)" },
    ],
});

/** On a phone the score of somebody with a long name stands in one line. */
registry.category("web_tour.tours").add("partner_relations_scorecard_phone", {
    steps: () => [
        {
            content: "the score of the own card",
            trigger: ".o_kanban_record:not(.o_kanban_ghost) .fs-2",
            run: ({ anchor }) => {
                const line = parseFloat(getComputedStyle(anchor).fontSize);
                if (anchor.getBoundingClientRect().height > 1.5 * line) {
                    throw new Error(`The score is in several lines: ${anchor.textContent}`);
                }
            },
        },
        {
            content: "open it",
            trigger: ".o_kanban_record:not(.o_kanban_ghost) .fs-2",
            run: "click",
        },
        {
            content: "how the points come about is told beside them, and is no tower of words",
            trigger: ".o_form_view .o_data_row td[name=reason]",
            run: ({ anchor }) => {
                const line = parseFloat(getComputedStyle(anchor).lineHeight);
                if (anchor.getBoundingClientRect().height > 4 * line) {
                    throw new Error(`${anchor.getBoundingClientRect().height} px for: ${anchor.textContent}`);
                }
            },
        },
    ],
});

/** A supervisor finds the scorecards of the team. */
registry.category("web_tour.tours").add("partner_relations_scorecard_supervisor", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_managers", "partner_relations.menu_manager_scorecards"),
        { content: "the months, the last one first", trigger: ".o_group_header:first", run: "click" },
        { content: "two of the team", trigger: ".o_list_view .o_data_row:count(2)" },
        { content: "with points as bars", trigger: ".o_data_row [name=score] .o_points_bar" },
        {
            content: "open one",
            trigger: `.o_data_row:contains("${SUBORDINATE}") [name=period_name]`,
            run: "click",
        },
        { content: "why", trigger: ".o_form_view .o_field_widget[name=reason]:contains('×')" },
        { content: "closing is not for supervisors", trigger: ".o_form_view:not(:has(button[name=action_close]))" },
    ],
});

/** A director previews a scheme, closes a scorecard, sees what changed since and reopens it with a reason. */
registry.category("web_tour.tours").add("partner_relations_scorecard_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_managers", "partner_relations.menu_manager_score_schemes"),
        { content: "the scheme", trigger: ".o_data_row [name=name]:contains('Salespeople')", run: "click" },
        { content: "its indicators", trigger: ".o_field_widget[name=line_ids] .o_data_row:count(2)" },
        { content: "what would it give", trigger: "button[name=action_preview]", run: "click" },
        { content: "three managers", trigger: ".modal .o_data_row:count(3)" },
        { content: "enough", trigger: ".modal footer button[special=cancel]", run: "click" },
        { content: "closed", trigger: "body:not(:has(.modal))" },
        { content: "its scorecards", trigger: "button[name=action_open_scorecards]", run: "click" },
        {
            content: "one of them",
            trigger: `.o_data_row:contains("${MANAGER}") [name=period_name]`,
            run: "click",
        },
        { content: "close it", trigger: ".o_form_view button[name=action_close]", run: "click" },
        { content: "yes", trigger: ".modal footer .btn-primary", run: "click" },
        { content: "it is closed", trigger: ".o_statusbar_status [data-value=closed].o_arrow_button_current" },
        { content: "what changed since", trigger: "button[name=action_view_difference]", run: "click" },
        { content: "nothing", trigger: ".modal .alert-success" },
        { content: "enough", trigger: ".modal footer button[special=cancel]", run: "click" },
        { content: "gone", trigger: "body:not(:has(.modal))" },
        { content: "reopen it", trigger: "button[name=action_reopen]", run: "click" },
        { content: "why", trigger: ".modal [name=reason] input", run: "edit Late credit note" },
        { content: "do it", trigger: ".modal button[name=action_reopen]", run: "click" },
        { content: "it is open", trigger: ".o_statusbar_status [data-value=open].o_arrow_button_current" },
        { content: "with the reason in its log", trigger: ".o-mail-Message:contains('Late credit note')" },
    ],
});
