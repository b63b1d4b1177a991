import { registry } from "@web/core/registry";
import { openMenu, openRelations } from "./tour_steps";

const MENU = ["partner_relations.menu_correspondence"];

/** A director makes a rule, looks who would get what, and finds the log. */
registry.category("web_tour.tours").add("partner_relations_mail_rule_director", {
    steps: () => [
        ...openRelations(),
        ...openMenu(...MENU, "partner_relations.menu_mail_rule_list"),
        { content: "the rules show", trigger: ".o_list_view .o_data_row:contains('Tour Rule Off')" },
        { content: "a new rule", trigger: ".o_list_button_add", run: "click" },
        {
            content: "its name",
            trigger: ".o_form_view .o_field_widget[name=name] input",
            run: "edit Tour Greetings",
        },
        { content: "when", trigger: ".o_field_widget[name=trigger] input", run: "click" },
        {
            content: "on the birthday",
            trigger: ".o_select_menu_menu .o_select_menu_item:contains('Birthday')",
            run: "click",
        },
        {
            content: "the template",
            trigger: ".o_field_widget[name=template_id] input",
            run: "edit Tour Template",
        },
        {
            content: "choose the template",
            trigger: ".o-autocomplete--dropdown-item a:contains('Tour Template')",
            run: "click",
        },
        { content: "save", trigger: ".o_form_button_save", run: "click" },
        { content: "it is saved", trigger: ".o_form_saved, .o_form_view:not(:has(.o_form_dirty))" },
        { content: "who gets what", trigger: "button[name=action_preview]", run: "click" },
        {
            content: "the person gets it",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Tour Person'):contains('Happy Tour Person')",
            run: "hover",
        },
        {
            content: "why another does not",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Tour Mute') .o_data_cell[name=reason]:contains(/./)",
        },
        {
            content: "look at the mail",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Tour Person') .o_data_cell[name=record_name]",
            run: "click",
        },
        {
            content: "as it would be sent",
            trigger: ".modal .o_field_widget[name=body]:contains('Dear Tour Person')",
        },
        { content: "close", trigger: ".modal .btn-close", run: "click" },
        { content: "closed", trigger: "body:not(:has(.modal))" },
        ...openMenu(...MENU, "partner_relations.menu_mail_rule_log"),
        { content: "the log shows", trigger: ".o_list_view .o_data_row:contains('Tour Logged')" },
    ],
});

/** A salesperson sees the log of the own customers, and no rules. */
registry.category("web_tour.tours").add("partner_relations_mail_rule_log", {
    steps: () => [
        ...openRelations(),
        ...openMenu(...MENU, "partner_relations.menu_mail_rule_log"),
        { content: "of the own customer", trigger: ".o_list_view .o_data_row:contains('Tour Logged')" },
        { content: "of no other", trigger: ".o_list_view:not(:has(.o_data_row:contains('Tour Hidden')))" },
        {
            content: "rules are for directors",
            trigger: "body:not(:has([data-menu-xmlid='partner_relations.menu_mail_rule_list']))",
        },
        {
            content: "open it",
            trigger: ".o_data_row:contains('Tour Logged') .o_data_cell[name=record_name]",
            run: "click",
        },
        { content: "what was sent", trigger: ".o_form_view .o_field_widget[name=subject]:contains('Happy')" },
    ],
});
