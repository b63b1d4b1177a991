import { registry } from "@web/core/registry";
import { openMenu, openRelations } from "./tour_steps";

function row(words) {
    return `.o_list_view .o_data_row:contains("${words}")`;
}

const CHASE = ".modal .o_form_view:has(.o_field_widget[name=mail_ids])";

/** A buyer asks two suppliers for what is open, one of them without an e-mail address. */
registry.category("web_tour.tours").add("partner_relations_chase", {
    steps: () => [
        ...openRelations(),
        ...openMenu("partner_relations.menu_suppliers", "partner_relations.menu_supplier_delivery_open"),
        {
            content: "overdue longest stands first, and what is not due last",
            trigger:
                ".o_list_view:has(.o_data_row:eq(0):contains('Oak Board'))" +
                ":has(.o_data_row:eq(1):contains('Silent Screws')):has(.o_data_row:eq(2):contains('Oak Timber'))",
        },
        { content: "days in red", trigger: ".o_data_row:eq(0) .o_data_cell[name=days_overdue].text-danger:contains(12)" },
        { content: "none for what is not due", trigger: ".o_data_row:eq(2) .o_data_cell[name=days_overdue]:not(.text-danger)" },
        { content: "select all", trigger: ".o_list_view thead .o_list_record_selector input", run: "click" },
        {
            content: "chase them",
            trigger: ".o_control_panel button[name=action_chase]",
            run: "click",
        },
        { content: "one mail is ready", trigger: `${CHASE} ${row("Oak Timber")} .text-bg-info` },
        { content: "the other has no address, and says what to do", trigger: `${CHASE} .o_data_row:contains("Silent Screws"):contains("e-mail address")` },
        { content: "look at the mail", trigger: `${CHASE} .o_data_row:contains("Oak Timber") .o_data_cell[name=partner_id]`, run: "click" },
        {
            content: "it shows what is open",
            trigger: ".modal .o_field_widget[name=body]:contains('OB-77'):contains('6.00')",
        },
        { content: "close it", trigger: ".modal:has(.o_field_widget[name=body]) .o_form_button_cancel, .modal:has(.o_field_widget[name=body]) .btn-close", run: "click" },
        { content: "send", trigger: `.modal:not(:has(.o_field_widget[name=body])) button[name=action_send]`, run: "click" },
        { content: "sent", trigger: `${CHASE} .o_data_row:contains("Oak Timber") .text-bg-success` },
        { content: "the other is left", trigger: `${CHASE} .o_data_row:contains("Silent Screws") .text-bg-warning` },
        { content: "close", trigger: ".modal .modal-footer .btn[special=cancel], .modal footer button:contains(Close)", run: "click" },
        { content: "the wizard is gone", trigger: "body:not(:has(.modal))" },
    ],
});

/** Starts on the coming deliveries, after they were chased. */
registry.category("web_tour.tours").add("partner_relations_chase_again", {
    steps: () => [
        { content: "it shows when they were chased", trigger: ".o_data_row:eq(0) .o_data_cell[name=supplier_chase_date]:not(:empty)" },
        { content: "select one", trigger: ".o_data_row:eq(0) .o_list_record_selector input", run: "click" },
        { content: "chase again", trigger: ".o_control_panel button[name=action_chase]", run: "click" },
        { content: "the warning", trigger: `${CHASE} .alert-warning button[name=action_include_chased]` },
        { content: "nothing to send", trigger: `.modal:not(:has(button[name=action_send]:visible))` },
        { content: "ask again all the same", trigger: `${CHASE} button[name=action_include_chased]`, run: "click" },
        { content: "send", trigger: ".modal button[name=action_send]", run: "click" },
        { content: "told", trigger: ".o_notification:contains('1')" },
        { content: "the wizard is gone", trigger: "body:not(:has(.modal))" },
        { content: "the calendar", trigger: ".o_control_panel .o_switch_view.o_calendar", run: "click" },
        { content: "shows what is expected", trigger: ".o_calendar_view .fc-event:contains('Oak')" },
    ],
});
