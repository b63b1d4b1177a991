import { stepUtils } from "@web_tour/tour_utils";

/**
 * Steps that several tours share. They find things by class, name and menu, never by a word of the interface, so
 * that a tour runs in any language.
 */

/**
 * Open an entry of the menu of an app: `menus` are its xml ids, outermost first. Sections that the bar has no room for
 * stand in its last dropdown, where Odoo shows their entries at once.
 */
export function openMenu(...menus) {
    return menus.map((menu, number) => {
        const entry = `[data-menu-xmlid='${menu}']`;
        if (number || menus.length === 1) {
            return {
                content: `open the menu ${menu}`,
                trigger: `.o_menu_sections ${entry}, .o-dropdown--menu ${entry}`,
                run: "click",
            };
        }
        return {
            content: `open the menu ${menu}`,
            trigger: `.o_main_navbar:has(.o_menu_sections ${entry})`,
            run: () => {
                const section = document.querySelector(`.o_menu_sections ${entry}`);
                const shown = section.getClientRects().length > 0;
                (shown ? section : document.querySelector(".o_menu_sections_more button")).click();
            },
        };
    });
}

export function openRelations() {
    return stepUtils.goToAppSteps("partner_relations.menu_root", "open the Relations app");
}

export function openContacts() {
    return [
        ...openMenu("partner_relations.menu_contacts", "partner_relations.menu_partners"),
        { content: "the contacts show", trigger: ".o_list_view .o_data_row .o_data_cell[name=complete_name]" },
    ];
}

/** From the list of contacts to the form of one of them. */
export function openContact(name) {
    return [
        { content: "look for the contact", trigger: ".o_searchview_input", run: `edit ${name}` },
        { content: "the search offers what to look in", trigger: ".o_searchview_autocomplete" },
        { content: "search", trigger: ".o_searchview_input", run: "press Enter" },
        { content: "the search is on", trigger: ".o_searchview_facet" },
        {
            content: "open the contact",
            trigger: `.o_data_row .o_data_cell[name=complete_name]:contains("${name}")`,
            run: "click",
        },
        { content: "the form shows", trigger: `.o_form_view .o_field_widget[name=name]:has(:value("${name}"))` },
    ];
}

export function openTimeline() {
    return [
        { content: "open the tab with the log", trigger: ".o_notebook a[name=contact_log]", run: "click" },
        { content: "the timeline shows", trigger: ".o_contact_timeline" },
    ];
}

/** The entry with these words in the timeline: planned ones can be marked as done. */
export function timelineEntry(words, planned) {
    const button = planned ? ":has(.o_contact_timeline_done)" : ":not(:has(.o_contact_timeline_done))";
    return `.o_contact_timeline_entry${button}:has(.o_contact_timeline_name:contains("${words}"))`;
}

export function switchView(type, shown) {
    return [
        { content: `switch to the view ${type}`, trigger: `.o_control_panel .o_switch_view.o_${type}`, run: "click" },
        { content: `the view ${type} shows`, trigger: shown },
    ];
}

/** Let requests of these methods end as they do where the connection is lost; returns what mends it. */
export function cutConnection(...methods) {
    const { open, send } = XMLHttpRequest.prototype;
    const cut = new WeakSet();
    XMLHttpRequest.prototype.open = function (verb, url, ...rest) {
        if (methods.some((method) => String(url).endsWith(`/${method}`))) {
            cut.add(this);
        }
        return open.call(this, verb, url, ...rest);
    };
    XMLHttpRequest.prototype.send = function (...args) {
        return cut.has(this) ? this.dispatchEvent(new ProgressEvent("error")) : send.apply(this, args);
    };
    // Odoo writes it down beside telling the user, and what is written down fails a tour
    const { error } = console;
    console.error = (...words) => String(words[0]).includes("ConnectionLostError") || error.apply(console, words);
    return () => {
        Object.assign(XMLHttpRequest.prototype, { open, send });
    };
}
