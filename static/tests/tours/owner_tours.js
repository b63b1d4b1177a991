import { registry } from "@web/core/registry";
import { openContact, openContacts, openMenu, openRelations } from "./tour_steps";

const OWNERS = ["partner_relations.menu_managers", "partner_relations.menu_owners"];
const MINE = "Owner Tour Mine";
const OTHER = "Owner Tour Other";

function row(name) {
    return `.o_data_row:has(.o_data_cell[name=partner_id]:contains("${name}"))`;
}

const everything = [
    { content: "only who is responsible now", trigger: ".o_searchview_facet", run: "hover" },
    { content: "the former ones too", trigger: ".o_searchview_facet .o_facet_remove", run: "click" },
    { content: "the search is off", trigger: ".o_control_panel:not(:has(.o_searchview_facet))" },
];

/** A manager sees on the contact since when it has been in the own care, and who was before. */
registry.category("web_tour.tours").add("partner_relations_owner_manager", {
    steps: () => [
        ...openRelations(),
        ...openContacts(),
        ...openContact(MINE),
        {
            content: "responsible since",
            trigger: "button[name=action_open_owners]:contains('3')",
            run: "click",
        },
        { content: "the own time, and that before", trigger: `${row(MINE)}:count(3)` },
        { content: "correcting is for directors", trigger: ".o_list_view:not(:has(button[name=action_correct]))" },
    ],
});

/** A supervisor sees the customers of the team, no others. */
registry.category("web_tour.tours").add("partner_relations_owner_supervisor", {
    steps: () => [
        ...openRelations(),
        ...openMenu(...OWNERS),
        { content: "of the team", trigger: `${row(MINE)}:count(1)` },
        { content: "not of others", trigger: `.o_list_view:not(:has(${row(OTHER)}))` },
        ...everything,
        { content: "the former ones", trigger: `${row(MINE)}:count(3)` },
    ],
});

/** A director corrects what was estimated, with a reason, and finds the trace. */
registry.category("web_tour.tours").add("partner_relations_owner_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu(...OWNERS),
        ...everything,
        {
            content: "correct what was estimated; what is known has no button",
            trigger: `${row(OTHER)}:has(button[name=action_correct]:visible):count(1) button[name=action_correct]`,
            run: "click",
        },
        {
            content: "why",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit As the minutes say && press Tab",
        },
        { content: "correct", trigger: ".modal footer button[name=action_apply]", run: "click" },
        { content: "the reason shows", trigger: `${row(OTHER)} [name=reason]:contains('As the minutes say')` },
        ...openMenu("partner_relations.menu_managers", "partner_relations.menu_owner_corrections"),
        { content: "the trace", trigger: ".o_data_row [name=reason]:contains('As the minutes say')" },
    ],
});
