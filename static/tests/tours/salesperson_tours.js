import { registry } from "@web/core/registry";
import {
    openContact,
    openContacts,
    openMenu,
    openRelations,
    openTimeline,
    switchView,
    timelineEntry,
} from "./tour_steps";

const COMPANY = "Bamboo Works Tour";
const LOGGED = "Asked for a price of 40 chairs";
const PLANNED = "Bring the sample chair";
const AGREED = "Delivery before New Year";

/** A contact is logged, the next one planned with it, found wherever a day is looked at, and done. */
registry.category("web_tour.tours").add("partner_relations_salesperson_day", {
    steps: () => {
        const tomorrow = luxon.DateTime.local().plus({ days: 1 }).toISODate();
        return [
            ...openRelations(),
            ...openContacts(),
            ...openContact(COMPANY),
            ...openTimeline(),
            { content: "nothing is there yet", trigger: ".o_contact_timeline:not(:has(.o_contact_timeline_entry))" },

            // Log what was said and plan the next contact in the same dialog
            { content: "log a contact", trigger: "button.o_relations_log_contact", run: "click" },
            {
                content: "one sentence",
                trigger: ".modal .o_field_widget[name=name] input",
                run: `edit ${LOGGED}`,
            },
            {
                content: "nothing is asked about a next contact that is not planned",
                trigger: ".modal:not(:has(.o_field_widget[name=next_name]))",
            },
            {
                content: "when to contact next",
                trigger: ".modal .o_field_widget[name=next_date] input",
                run: `edit ${tomorrow} 10:00:00 && press Tab`,
            },
            {
                content: "what the next contact is about",
                trigger: ".modal .o_field_widget[name=next_name] input",
                run: `edit ${PLANNED}`,
            },
            { content: "save", trigger: ".modal footer button[special=save]", run: "click" },
            { content: "the dialog is gone", trigger: "body:not(:has(.modal))" },

            // Both are in the timeline at once
            { content: "what was logged is history", trigger: timelineEntry(LOGGED, false) },
            { content: "the next contact is planned", trigger: timelineEntry(PLANNED, true) },
            {
                content: "and nothing else is there",
                trigger: ".o_contact_timeline:has(.o_contact_timeline_entry:count(2))",
            },

            // Write down what was agreed, from the timeline
            {
                content: "open what was logged",
                trigger: `${timelineEntry(LOGGED, false)} .o_contact_timeline_name`,
                run: "click",
            },
            {
                content: "write what was agreed",
                trigger: ".modal .o_field_widget[name=agreement] textarea",
                run: `edit ${AGREED}`,
            },
            { content: "save", trigger: ".modal footer button[special=save]", run: "click" },
            {
                content: "the timeline tells it",
                trigger: `body:not(:has(.modal)) ${timelineEntry(LOGGED, false)}:contains("${AGREED}")`,
            },

            // Planned Contacts, as list and as calendar
            ...openMenu("partner_relations.menu_work_plans", "partner_relations.menu_planned_contacts"),
            {
                content: "the planned contact alone is in the list",
                trigger: `.o_list_view .o_data_row:only:contains("${PLANNED}"):contains("${COMPANY}")`,
            },
            ...switchView("calendar", ".o_calendar_renderer .fc-day[data-date]"),
            {
                content: "go to the week of tomorrow",
                trigger: ".o_calendar_renderer",
                async run({ click, queryFirst }) {
                    if (!queryFirst(`.o_calendar_renderer .fc-day[data-date='${tomorrow}']`)) {
                        await click(".o_calendar_button_next");
                    }
                },
            },
            {
                content: "the planned contact is on its day",
                trigger: `.o_calendar_renderer .fc-day[data-date='${tomorrow}'] .o_event:contains("${PLANNED}")`,
            },

            // The top bar, and from there to the contact
            {
                content: "open the activities of the top bar",
                trigger: ".o_menu_systray button:has(.fa-clock-o)",
                run: "click",
            },
            {
                content: "open those to come on contacts",
                trigger:
                    ".o-mail-ActivityMenu .o-mail-ActivityGroup[data-model_name='res.partner'] span.btn-link:last",
                run: "click",
            },
            {
                content: "the contact alone is there, with the words of the plan",
                trigger: `.o_list_view .o_data_row:only:contains("${COMPANY}"):contains("${PLANNED}")`,
            },
            {
                content: "open the contact",
                trigger: ".o_list_view .o_data_row .o_data_cell[name=complete_name]",
                run: "click",
            },

            // Mark it as done where it is seen
            ...openTimeline(),
            {
                content: "mark the planned contact as done",
                trigger: `${timelineEntry(PLANNED, true)} .o_contact_timeline_done`,
                run: "click",
            },
            { content: "it is history now", trigger: timelineEntry(PLANNED, false) },
            {
                content: "both are, and nothing is planned any more",
                trigger:
                    ".o_contact_timeline:has(.o_contact_timeline_entry:count(2)):not(:has(.o_contact_timeline_done))",
            },
            ...openMenu("partner_relations.menu_work_plans", "partner_relations.menu_planned_contacts"),
            {
                content: "nothing is planned",
                trigger: `.o_list_view:not(:has(.o_data_row:contains("${PLANNED}")))`,
            },
        ];
    },
});

const KNOWN = "Known Person Tour";
const PERSON = "New Person Tour";

/** A contact person is entered at a company: a birthday without year, and an address that is known already. */
registry.category("web_tour.tours").add("partner_relations_contact_person", {
    steps: () => [
        ...openRelations(),
        ...openContacts(),
        ...openContact(COMPANY),
        {
            content: "add a person",
            trigger: ".o_field_widget[name=child_ids] .o-kanban-button-new",
            run: "click",
        },
        { content: "name", trigger: ".modal .o_field_widget[name=name] input", run: `edit ${PERSON}` },
        { content: "no hint yet", trigger: ".modal:not(:has(.o_duplicate_hint))" },
        {
            content: "an address that another contact has, written otherwise",
            trigger: ".modal .o_field_widget[name=email] input",
            run: "edit KNOWN.person@Tour.Example.com && press Tab",
        },
        {
            content: "the hint names the other contact",
            trigger: `.modal .o_duplicate_hint a[target=_blank]:contains("${KNOWN}")`,
        },
        {
            content: "it is somebody else: correct the address",
            trigger: ".modal .o_field_widget[name=email] input",
            run: "edit new.person@tour.example.com && press Tab",
        },
        { content: "the hint is gone", trigger: ".modal:not(:has(.o_duplicate_hint))" },
        {
            content: "the year of birth is not known",
            trigger: ".modal .o_field_widget[name=birth_year_known] input",
            run: "uncheck",
        },
        {
            content: "no whole date is asked for",
            trigger: ".modal .o_field_widget[name=birthdate]:not(:has(.o_datetime_input))",
        },
        {
            content: "half a birthday",
            trigger: ".modal select[name=birth_day]",
            run: "selectByLabel 29",
        },
        { content: "is told", trigger: ".modal .o_field_widget[name=birthdate] .text-danger" },
        {
            content: "the month",
            trigger: ".modal select[name=birth_month]",
            run: "selectByLabel February",
        },
        { content: "which comes next is told", trigger: ".modal .o_partner_birthday_hint:contains(next on)" },
        { content: "save the person", trigger: ".modal footer .o_form_button_save", run: "click" },
        {
            content: "the person is among the company's",
            trigger: `body:not(:has(.modal)) .o_field_widget[name=child_ids] .o_kanban_record:contains("${PERSON}")`,
        },
        { content: "save the company", trigger: ".o_form_view .o_form_button_save", run: "click" },
        { content: "saved", trigger: ".o_form_view .o_form_saved" },
    ],
});

/** Starts on the form of a document of the company: opportunity, sales order, purchase order. */
registry.category("web_tour.tours").add("partner_relations_document", {
    steps: () => [
        { content: "log a contact", trigger: ".o_statusbar_buttons button.o_relations_log_contact", run: "click" },
        {
            content: "the company is filled in",
            trigger: `.modal .o_field_widget[name=partner_id] input:value("${COMPANY}")`,
        },
        {
            content: "one sentence",
            trigger: ".modal .o_field_widget[name=name] input",
            run: `edit ${LOGGED}`,
        },
        { content: "save", trigger: ".modal footer button[special=save]", run: "click" },
        { content: "the document is back", trigger: "body:not(:has(.modal)) .o_form_view .o_relations_log_contact" },
    ],
});

/** On the board: what came of a planned contact, and the next one, in one dialog that marks it as done. */
registry.category("web_tour.tours").add("partner_relations_result", {
    steps: () => [
        { content: "what can be done", trigger: `.o_board_row:contains("${PLANNED}") .o_board_more`, run: "click" },
        {
            content: "what came of it",
            trigger: ".o-dropdown--menu .o-dropdown-item:contains('What Came of It')",
            run: "click",
        },
        {
            content: "write what was agreed",
            trigger: ".modal .o_field_widget[name=agreement] textarea",
            run: `edit ${AGREED}`,
        },
        {
            content: "when to contact next",
            trigger: ".modal .o_field_widget[name=next_date] input",
            run: `edit ${luxon.DateTime.local().plus({ days: 1 }).toISODate()} 10:00:00 && press Tab`,
        },
        {
            content: "what the next contact is about",
            trigger: ".modal .o_field_widget[name=next_name] input",
            run: `edit ${LOGGED}`,
        },
        { content: "done", trigger: ".modal footer button.btn-primary[name=action_done]", run: "click" },
        {
            content: "it is no longer on the board",
            trigger: `body:not(:has(.modal)) .o_control_board:not(:has(.o_board_row:contains("${PLANNED}")))`,
        },
    ],
});
