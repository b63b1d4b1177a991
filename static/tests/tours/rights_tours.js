import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { openContact, openContacts, openMenu, openRelations, openTimeline, switchView, timelineEntry } from "./tour_steps";

const COMPANY = "Bamboo Works Tour";
const OF_SUBORDINATE = "Visit of the subordinate";
const OWN = "Call of my own";

function rowWith(words) {
    return `.o_list_view .o_data_row:contains("${words}")`;
}

registry.category("web_tour.tours").add("partner_relations_supervisor", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_work_plans", "partner_relations.menu_contact_log"),
        { content: "what the subordinate wrote", trigger: rowWith(OF_SUBORDINATE) },
        { content: "the own entry too", trigger: rowWith(OWN) },
        { content: "open the filters", trigger: ".o_searchview_dropdown_toggler", run: "click" },
        {
            content: "my team's",
            trigger: `.o_filter_menu .o_menu_item:contains("My Team's")`,
            run: "click",
        },
        {
            content: "the subordinate's entry is left alone",
            trigger: `.o_list_view:not(:has(.o_data_row:contains("${OWN}"))) .o_data_row:contains("${OF_SUBORDINATE}")`,
        },
    ],
});

registry.category("web_tour.tours").add("partner_relations_colleague", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_work_plans", "partner_relations.menu_contact_log"),
        {
            content: "the own entry alone",
            trigger: `.o_list_view:not(:has(.o_data_row:contains("${OF_SUBORDINATE}"))) .o_data_row:only:contains("${OWN}")`,
        },
        ...openContacts(),
        ...openContact(COMPANY),
        ...openTimeline(),
        { content: "the own entry is in the timeline", trigger: timelineEntry(OWN, false) },
        {
            content: "that of the other is not",
            trigger: `.o_contact_timeline:has(.o_contact_timeline_entry:count(1)):not(:contains("${OF_SUBORDINATE}"))`,
        },
    ],
});

registry.category("web_tour.tours").add("partner_relations_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_work_plans", "partner_relations.menu_contact_log"),
        { content: "what others wrote", trigger: rowWith(OF_SUBORDINATE) },
        ...switchView("kanban", `.o_kanban_group .o_kanban_record:contains("${OF_SUBORDINATE}")`),
        ...switchView("pivot", ".o_pivot_view .o_pivot_cell_value"),
        {
            content: "open the graph",
            trigger: ".o_control_panel .o_switch_view.o_graph",
            run: "click",
        },
        { content: "the graph is drawn", trigger: ".o_graph_view canvas", run: "canvasNotEmpty" },
        ...openMenu("partner_relations.menu_analysis", "partner_relations.menu_contact_analysis"),
        { content: "the analysis shows", trigger: ".o_pivot_view .o_pivot_cell_value" },
        ...openMenu("partner_relations.menu_configuration", "partner_relations.menu_contact_outcomes"),
        { content: "the outcomes show", trigger: ".o_list_view .o_data_row .o_data_cell[name=name]" },
        {
            content: "the settings are the administrator's",
            trigger: "body:not(:has([data-menu-xmlid='partner_relations.menu_settings']))",
        },
    ],
});

registry.category("web_tour.tours").add("partner_relations_settings", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_configuration", "partner_relations.menu_settings"),
        {
            content: "the page of the app shows, and takes a change",
            trigger: ".settings .app_settings_block .o_field_widget[name=relations_auto_close_meetings] input",
            run: "uncheck",
        },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        {
            content: "saved",
            trigger:
                "body:not(:has(.o_form_dirty)) .o_field_widget[name=relations_auto_close_meetings] input:not(:checked)",
        },
    ],
});

/** Starts on the form of a contact. */
registry.category("web_tour.tours").add("partner_relations_employee", {
    steps: () => [
        {
            content: "the contact shows",
            trigger: `.o_form_view .o_field_widget[name=name]:contains("${COMPANY}")`,
        },
        {
            content: "nothing of the log is on it",
            trigger:
                ".o_form_view:not(:has(.o_relations_log_contact)):not(:has(.o_relations_plan_contact))" +
                ":not(:has(button[name=action_open_contact_log])):not(:has(a[name=contact_log]))",
        },
        stepUtils.showAppsMenuItem(),
        {
            content: "the Relations app is not there",
            trigger:
                ".o-dropdown--menu:has(.o_app):not(:has(.o_app[data-menu-xmlid='partner_relations.menu_root']))",
        },
    ],
});
