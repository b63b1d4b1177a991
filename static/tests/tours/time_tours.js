import { animationFrame, drag } from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";
import { openMenu, switchView } from "./tour_steps";

const { DateTime } = luxon;

const OVERDUE = "Call about the late offer";
const TODAY = "Visit of the showroom";

function boardRow(words) {
    return `.o_control_board .o_board_row:contains("${words}")`;
}

function openPlans(name) {
    return openMenu("partner_relations.menu_work_plans", `partner_relations.${name}`);
}

// They start on the board: where it is the start screen already, opening the app would put a second one in its place
// in the middle of a click.

// A salesperson's day: what is late is done and moved, then the week is submitted.
registry.category("web_tour.tours").add("partner_relations_time_salesperson", {
    steps: () => [
        { content: "what is late is on top", trigger: boardRow(OVERDUE) },
        {
            content: "it has no other scope",
            trigger: ".o_control_board:not(:has(.o_board_scope_team))",
        },
        { content: "mark it as done", trigger: `${boardRow(OVERDUE)} .o_board_done`, run: "click" },
        {
            content: "nothing is overdue any more",
            trigger: ".o_board_section_overdue .badge:contains(/^0$/)",
        },
        { content: "what is due today", trigger: ".o_board_section_today", run: "click" },
        { content: "open what can be done", trigger: `${boardRow(TODAY)} .o_board_more`, run: "click" },
        {
            content: "move it by a week",
            trigger: ".o-dropdown--menu .o-dropdown-item:nth-child(3)",
            run: "click",
        },
        { content: "it is told", trigger: ".o_notification" },
        { content: "it left today", trigger: ".o_board_section_today .badge:contains(/^0$/)" },
        { content: "deals without next step", trigger: ".o_board_section_no_next_step", run: "click" },
        { content: "plan the next step", trigger: `${boardRow("Chairs Tour")} .o_board_plan_next`, run: "click" },
        {
            content: "what is planned",
            trigger: ".modal .o_field_widget[name=name] input, .modal .o_field_widget[name=name] textarea",
            run: "edit Send samples",
        },
        { content: "save", trigger: ".modal .o_form_button_save, .modal footer .btn-primary", run: "click" },
        {
            content: "every deal has a next step",
            trigger: ".o_board_section_no_next_step .badge:contains(/^0$/)",
        },
        ...openPlans("menu_my_week"),
        { content: "the week is filled", trigger: `.o_field_widget[name=line_ids] .o_data_row:contains("${OVERDUE}")` },
        { content: "submit it", trigger: ".o_form_view button[name=action_submit]", run: "click" },
        {
            content: "it is submitted",
            trigger: ".o_form_view:not(:has(button[name=action_submit]))",
        },
        { content: "the days", trigger: "button[name=action_open_lines]", run: "click" },
        { content: "the calendar shows", trigger: ".o_calendar_view" },
        { content: "by day", trigger: ".o_control_panel .o_switch_view.o_kanban", run: "click" },
        { content: "the days show", trigger: `.o_kanban_group .o_kanban_record:contains("${OVERDUE}")` },
    ],
});

// A supervisor looks who is behind, approves a plan, and gives the work of somebody ill to somebody else.
registry.category("web_tour.tours").add("partner_relations_time_supervisor", {
    steps: () => [
        { content: "my team's", trigger: ".o_board_scope_team", run: "click" },
        { content: "what is late in the team", trigger: boardRow(OVERDUE) },
        ...openPlans("menu_team_board"),
        {
            content: "who is behind",
            trigger: ".o_team_board_table tr[data-user^='relations_sales '] .o_team_board_overdue",
        },
        {
            content: "no colleague is listed",
            trigger: ".o_team_board_table:not(:has(tr[data-user^='relations_sales2 ']))",
        },
        {
            content: "open the plan",
            trigger: ".o_team_board_table tr[data-user^='relations_sales '] .o_team_board_plan",
            run: "click",
        },
        { content: "approve it", trigger: ".o_form_view button[name=action_approve]", run: "click" },
        {
            content: "it is approved",
            trigger: ".o_form_view:not(:has(button[name=action_approve]))",
        },
        { content: "back to the team", trigger: ".o_breadcrumb .breadcrumb-item a, .o_back_button", run: "click" },
        {
            content: "give the work to somebody else",
            trigger: ".o_team_board_table tr[data-user^='relations_sales '] .o_team_board_reassign",
            run: "click",
        },
        { content: "to whom", trigger: ".modal .o_field_widget[name=user_to_id] input", run: "edit relations_sub" },
        {
            content: "choose",
            trigger: ".o-autocomplete--dropdown-item:contains(relations_sub) a, .o-autocomplete--dropdown-item:contains(relations_sub)",
            run: "click",
        },
        { content: "why", trigger: ".modal .o_field_widget[name=reason] input", run: "edit Ill this week" },
        { content: "reassign", trigger: ".modal button[name=action_reassign]", run: "click" },
        { content: "the trace", trigger: ".o_form_view button[name=action_give_back]" },
    ],
});

// A director sees everybody.
registry.category("web_tour.tours").add("partner_relations_time_director", {
    steps: () => [
        { content: "everybody", trigger: ".o_board_scope_all", run: "click" },
        { content: "what is late", trigger: boardRow(OVERDUE) },
        ...openPlans("menu_team_board"),
        { content: "everybody is listed", trigger: ".o_team_board_table tr[data-user^='relations_sales2 ']" },
        { content: "next week", trigger: ".o_team_board_next", run: "click" },
        { content: "today does not show there", trigger: ".o_team_board button.btn-secondary[aria-disabled=false]" },
        {
            content: "two clicks, the second before the week of the first is there",
            trigger: ".o_team_board_next",
            run: () => {
                document.querySelector(".o_team_board_next").click();
                document.querySelector(".o_team_board_next").click();
            },
        },
        {
            content: "are two weeks",
            trigger: `.o_team_board_week:contains("${DateTime.now().startOf("week").plus({ weeks: 3 }).toFormat("MM/dd/yyyy")}")`,
        },
        ...openPlans("menu_work_plan_list"),
        { content: "the plans", trigger: ".o_list_view .o_data_row" },
    ],
});

// What is done to deals from their rows: expected later and given away, won, lost.
function deal(words, option) {
    return [
        { content: `what can be done to ${words}`, trigger: `${boardRow(words)} .o_board_more`, run: "click" },
        { content: "choose", trigger: `.o-dropdown--menu .${option}`, run: "click" },
    ];
}

function isGone(words) {
    return {
        content: `${words} left the board`,
        trigger: `.o_control_board:not(:has(.o_board_row:contains("${words}")))`,
    };
}

registry.category("web_tour.tours").add("partner_relations_time_deals", {
    steps: () => [
        { content: "deals without next step", trigger: ".o_board_section_no_next_step", run: "click" },
        ...deal("Chairs Tour", "o_board_expect"),
        { content: "it is told", trigger: ".o_notification" },
        ...deal("Chairs Tour", "o_board_reassign_deal"),
        {
            content: "to a colleague",
            trigger: ".modal .o_data_row .o_data_cell:contains(relations_sub)",
            run: "click",
        },
        isGone("Chairs Tour"),
        ...deal("Tables Tour", "o_board_won"),
        isGone("Tables Tour"),
        ...deal("Lamps Tour", "o_board_lost"),
        { content: "lost", trigger: ".modal button[name=action_lost_reason_apply]", run: "click" },
        isGone("Lamps Tour"),
    ],
});

// Next week's plan: what is dragged to another day, in the calendar, on the days side by side and in the list, moves the
// meeting or activity behind it.
function nextWeek(day) {
    return DateTime.now().startOf("week").plus({ weeks: 1, days: day }).toISODate();
}

const FRIDAY = 4;

registry.category("web_tour.tours").add("partner_relations_time_drag", {
    steps: () => {
        const column = `.o_calendar_view .fc-timegrid-col[data-date='${nextWeek(FRIDAY)}']`;
        const day = `.o_calendar_view .fc-daygrid-day[data-date='${nextWeek(FRIDAY)}']`;
        const group = `.o_kanban_group:eq(${FRIDAY})`;
        return [
            { content: "the days of the plan", trigger: "button[name=action_open_lines]", run: "click" },
            {
                content: "the meeting on Wednesday goes to Friday",
                trigger: `.fc-timegrid-col:not([data-date='${nextWeek(FRIDAY)}']) .fc-event:contains("Visit of the fair")`,
                run: (helpers) => {
                    // at its hour: the top of the day is out of sight
                    const { top, height } = helpers.anchor.getBoundingClientRect();
                    return helpers.drag_and_drop(column, { position: { y: top + height / 2 } });
                },
            },
            { content: "it stands there", trigger: `${column} .fc-event:contains("Visit of the fair")` },
            {
                content: "the call, which has no hour, too",
                trigger: `.fc-daygrid-day:not([data-date='${nextWeek(FRIDAY)}']) .fc-event:contains("Call about chairs")`,
                run: (helpers) => {
                    const { top, height } = helpers.anchor.getBoundingClientRect();
                    return helpers.drag_and_drop(day, { position: { y: top + height / 2 } });
                },
            },
            { content: "it stands there too", trigger: `${day} .fc-event:contains("Call about chairs")` },
            ...switchView("kanban", ".o_kanban_group .o_kanban_record:contains('Send the offer')"),
            {
                content: "the offer to Friday",
                trigger: ".o_kanban_record:contains('Send the offer')",
                run: (helpers) => helpers.drag_and_drop(group, { position: { top: 200 }, relative: true }),
            },
            { content: "it is there", trigger: `${group} .o_kanban_record:contains("Send the offer")` },
            ...switchView("list", ".o_list_view .o_data_row:contains('Write the letter')"),
            {
                content: "the letter below the offer",
                trigger: ".o_data_row:contains('Write the letter') .o_handle_cell",
                run: async ({ anchor }) => {
                    const { drop, moveTo } = await drag(anchor);
                    // over some rows in between, as a hand does: the drag begins with the first of them
                    for (const row of ["Call about chairs", "Visit of the fair", "Send the offer"]) {
                        await moveTo(`.o_data_row:contains(${row}) .o_handle_cell`);
                        await animationFrame();
                    }
                    await drop();
                },
            },
            {
                content: "all four have the same day",
                trigger: ".o_group_header:contains('(4)')",
            },
        ];
    },
});

// Nothing is clicked after the row is there: a colleague gives the deal away, and the bus tells the board.
registry.category("web_tour.tours").add("partner_relations_board_refresh", {
    steps: () => [
        {
            content: "the deal is on the board; what is asked tells the test so, and a colleague acts",
            trigger: boardRow("Chairs Refresh"),
            run: () =>
                odoo.__WOWL_DEBUG__.root.env.services.orm.call("partner.control.board", "get_board", [], { limit: 7 }),
        },
        {
            content: "it leaves when a colleague gives it away",
            trigger: '.o_control_board:not(:has(.o_board_row:contains("Chairs Refresh")))',
            timeout: 30000,
        },
    ],
});

// A dialog of the board closes late, after its user went on to the plans.
registry.category("web_tour.tours").add("partner_relations_board_left", {
    steps: () => {
        const { action } = odoo.__WOWL_DEBUG__.root.env.services;
        let close;
        return [
            {
                content: "a dialog is asked for",
                trigger: ".o_control_board .o_board_inquiry",
                run: ({ anchor }) => {
                    const { doAction } = action;
                    action.doAction = (_request, { onClose }) => {
                        close = onClose;
                        action.doAction = doAction;
                    };
                    anchor.click();
                },
            },
            ...openPlans("menu_work_plan_list"),
            { content: "the board is left", trigger: ".o_action_manager:not(:has(.o_control_board)) .o_view_controller" },
            { content: "the dialog closes", trigger: "body", run: () => close() },
        ];
    },
});

// More than the board can show: further rows as long as it has room, then the list of the section.
const shown = (count) => `.o_board_row:nth-child(${count}):last-child`;
registry.category("web_tour.tours").add("partner_relations_time_many", {
    steps: () => [
        {
            content: "two are done, the second while the first is being saved",
            trigger: shown(20),
            run: () => [...document.querySelectorAll(".o_board_done")].slice(0, 2).forEach((button) => button.click()),
        },
        { content: "both left", trigger: ".o_board_section_overdue .badge:contains(/^230$/)" },
        { content: "the oldest are there", trigger: shown(20) },
        ...[80, 140, 200].flatMap((count) => [
            { content: `ask for up to ${count}`, trigger: ".o_board_show_more", run: "click" },
            { content: `${count} are there`, trigger: shown(count) },
        ]),
        { content: "the others have no room", trigger: ".o_board_show_more:contains(30)", run: "click" },
        { content: "they are in the list of the section", trigger: ".o_list_view .o_pager_limit:contains(/^230$/)" },
    ],
});
