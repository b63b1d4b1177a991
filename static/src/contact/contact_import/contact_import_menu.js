import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

/** In the menu of the contact list, beside Odoo's own import of records: the address book of a mail program. */
export class ContactImportMenu extends Component {
    static template = "partner_relations.ContactImportMenu";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    openImport() {
        return this.action.doAction("partner_relations.partner_contact_import_action_new");
    }
}

registry.category("cogMenu").add(
    "partner-relations-contact-import-menu",
    {
        Component: ContactImportMenu,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: async ({ config, isSmall, searchModel }) =>
            !isSmall &&
            config.actionType === "ir.actions.act_window" &&
            ["kanban", "list"].includes(config.viewType) &&
            searchModel.resModel === "res.partner" &&
            (await user.hasGroup("base.group_partner_manager")),
    },
    { sequence: 2 },
);
