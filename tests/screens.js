/* Runs in the browser, for tests/test_screens.py: opens the screens that it is told one after the other, and says what is
 * wrong with each: faults that axe calls serious or critical, what is wider than the window, and words that are cut off.
 *
 * What is judged is the addon's own part of the page. These parts are Odoo's, the same on each of its screens, and cannot
 * be mended from here:
 */
const CORES_OWN = [
    ".o_control_panel", // breadcrumbs, search bar, pager, switcher of views
    ".o_searchview",
    ".o_search_panel",
    ".o-mail-Form-chatter", // messages and activities under a form
    ".o-mail-Chatter",
    ".o_calendar_sidebar_container", // the small calendar beside a calendar
    ".fc", // FullCalendar's grid
    ".ace_editor", // the editor of code
    ".note-editor, .odoo-editor-editable", // the editor of formatted text
    ".o_notification_manager",
];
/* Faults of Odoo's widgets, renderers and theme, which any view has that uses them: the rule, and what it is about. */
const CORES_FAULTS = [
    // The theme's muted grey (4.2 : 1) on forms and lists, and the white on its green and blue: badges, ribbons. In the
    // addon's own components and cards the grey is darker (readable.scss), so it is judged there.
    ["color-contrast", ".o_form_renderer .text-muted, .o_list_renderer .text-muted, .o_list_view .text-muted"],
    ["color-contrast", ".badge, .ribbon, .o_activity_view, .o_pivot, .o_tree_editor"],
    // what is empty or in sample data behind the help of an empty screen
    ["color-contrast", ".o_view_sample_data, .o_view_nocontent"],
    // the boxes of lists that select rows or show a yes
    ["label", ".o_list_renderer .form-check-input"],
    ["label", ".o_field_binary"], // the name of a file
    ["image-alt", ".o_avatar, .o_m2o_avatar"],
    ["button-name", ".o_optional_columns_dropdown, .o_calendar_renderer, .oi-panel-right"],
    ["role-img-alt", ".o-mail-ActivityButton"],
    ["aria-prohibited-attr", ".o_tag"],
    ["aria-allowed-attr", ".o_tag, .o-dropdown, .o_progress, .o-autocomplete--input"],
    ["aria-required-parent", ".o_notebook_headers, .o_colorlist, .o-dropdown-item, .dropdown-item"],
    ["autocomplete-valid", ".o_select_menu_input"],
    ["select-name", ".o_tree_editor"],
];

const pending = new Set();

function modules(name) {
    return odoo.loader.modules.get(name);
}

function watchRequests() {
    const { rpcBus } = modules("@web/core/network/rpc");
    rpcBus.addEventListener("RPC:REQUEST", (event) => !event.detail.settings.silent && pending.add(event.detail.data.id));
    rpcBus.addEventListener("RPC:RESPONSE", (event) => pending.delete(event.detail.data.id));
    const style = document.createElement("style");
    style.textContent = "*, *::before, *::after { transition: none !important; animation: none !important; }";
    document.head.append(style);
}

function pause(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Until nothing has been asked of the server for a moment. */
async function settle(patience = 15000) {
    const start = Date.now();
    let quiet = 0;
    while (quiet < 3 && Date.now() - start < patience) {
        await pause(70);
        quiet = pending.size || document.querySelector(".o_blockUI") ? 0 : quiet + 1;
    }
}

function shown() {
    return document.querySelector(".modal:not(.o_inactive_modal) .modal-content") || document.querySelector(".o_action_manager");
}

async function open(screen) {
    const { services } = odoo.__WOWL_DEBUG__.root.env;
    services.dialog.closeAll();
    document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true })); // an open calendar closes
    const options = { clearBreadcrumbs: true, additionalContext: screen.context };
    if (screen.view) {
        options.viewType = screen.view;
    }
    if (screen.record) {
        options.props = { resId: screen.record };
    }
    await services.action.doAction(screen.action, options);
    await settle();
    // charts and editors come with a script of their own, which is no request of the client
    for (let turn = 0; turn < 100 && (!shown() || silent(shown()).length); turn++) {
        await pause(100);
    }
    for (const selector of screen.clicks || []) {
        const target = document.querySelector(selector);
        if (!target) {
            throw new Error(`there is no ${selector}`);
        }
        target.click();
        await settle();
    }
}

async function faults(part) {
    const { violations } = await axe.run(
        { include: [part], exclude: CORES_OWN.map((selector) => [selector]) },
        { resultTypes: ["violations"], rules: { region: { enabled: false } } }
    );
    const found = [];
    for (const { id, impact, nodes } of violations) {
        if (!["serious", "critical"].includes(impact)) {
            continue;
        }
        const own = nodes.filter(({ target }) => {
            const element = document.querySelector(target[0]);
            return !CORES_FAULTS.some(([rule, selector]) => rule === id && element?.closest(selector));
        });
        for (const { html, any, all, none } of own.slice(0, 2)) {
            const why = [...any, ...all, ...none].map(({ message }) => message).join("; ");
            found.push(`${id} (${own.length}): ${html.slice(0, 250)}: ${why.slice(0, 160)}`);
        }
    }
    return found;
}

function scrolls(element) {
    const { overflowX } = getComputedStyle(element);
    return ["auto", "scroll", "hidden", "clip"].includes(overflowX);
}

/** What reaches beyond the window and cannot be scrolled to within a part of the page. */
function tooWide(part) {
    const limit = document.documentElement.clientWidth + 1;
    const found = [];
    if (document.scrollingElement.scrollWidth > limit) {
        found.push(`the page is ${document.scrollingElement.scrollWidth} px wide`);
    }
    const content = document.querySelector(".modal:not(.o_inactive_modal) .modal-body, .o_action_manager .o_content");
    if (content && content.scrollWidth > content.clientWidth + 1 && !content.querySelector(".o_list_renderer, .o_pivot, .o_kanban_grouped, .o_calendar_renderer, .o_graph_renderer")) {
        found.push(`the content is ${content.scrollWidth} px wide`);
    }
    for (const element of part.querySelectorAll("button, a, input, select, td, th, span, p, h1, h2, h3, label, img")) {
        const { right, left, width, height } = element.getBoundingClientRect();
        if (!width || !height || (right <= limit && left >= -1)) {
            continue;
        }
        let parent = element.parentElement;
        while (parent && parent !== content && parent !== part && !scrolls(parent)) {
            parent = parent.parentElement;
        }
        if (!parent || parent === content || parent === part) {
            if (!element.closest(".o_list_renderer, .visually-hidden, .o_kanban_grouped")) {
                found.push(`${Math.round(left)}–${Math.round(right)} px: ${element.outerHTML.slice(0, 120)}`);
            }
        }
    }
    return found.slice(0, 4);
}

const SHOWN = [
    ".o_data_row, .o_group_header, .o_kanban_record:not(.o_kanban_ghost), .o_pivot table, canvas, .o_form_renderer",
    ".o_calendar_renderer, .o_activity_view, .o_setting_container, tbody tr",
].join();

/** A screen that has nothing to show says so, and what to do. */
function silent(part) {
    const help = part.querySelector(".o_view_nocontent");
    const text = (help || part).innerText.trim();
    if (help ? text.length > 30 : text.length > 30 || part.querySelector(SHOWN)) {
        return [];
    }
    return [`is empty and says only: "${text}"`];
}

const CANVAS = document.createElement("canvas").getContext("2d");

function textWidth(element, text) {
    const { fontWeight, fontSize, fontFamily } = getComputedStyle(element);
    CANVAS.font = `${fontWeight} ${fontSize} ${fontFamily}`;
    return CANVAS.measureText(text).width;
}

/** The part of the page that shows only some of an element's text: with three dots, or after so many lines. */
function cutter(element, part) {
    let parent = element;
    for (let level = 0; parent && parent !== part && level < 4; level++, parent = parent.parentElement) {
        const { overflowX, textOverflow, webkitLineClamp } = getComputedStyle(parent);
        if (webkitLineClamp !== "none" && parent.scrollHeight > parent.clientHeight + 2) {
            return parent;
        }
        if (textOverflow === "ellipsis" && overflowX !== "visible" && parent.scrollWidth > parent.clientWidth + 1) {
            return parent;
        }
    }
    return null;
}

/** Whether it is a part of the interface, or a figure: what was entered may be longer than its column. */
function isWords(element, text, known) {
    if (element.closest(".o-mail-ActivityButton")) {
        return false;
    }
    const cell = element.closest("td");
    if (cell) {
        return cell.matches(".o_list_number") || (known.has(text) && !cell.matches(".o_list_many2one, .o_list_char, .o_list_text"));
    }
    // a title shows all of it
    return known.has(text) || (element.closest("th, label, button") && !element.closest("[title]"));
}

/**
 * Words and figures that are cut off, as those of a long language are. `words` are the addon's own, so that what was
 * entered and is too long (a name, an address) is not meant.
 */
function cutOff(words) {
    const known = new Set(words);
    return (part) => {
        const found = [];
        for (const element of part.querySelectorAll("*")) {
            const { width, height } = element.getBoundingClientRect();
            if (!width || !height || element.closest(".o_control_panel, .o-mail-Chatter, .o_view_sample_data")) {
                continue;
            }
            const text = [...element.childNodes]
                .filter((node) => node.nodeType === Node.TEXT_NODE)
                .map((node) => node.textContent)
                .join(" ")
                .trim();
            if (text && isWords(element, text, known)) {
                const by = cutter(element, part);
                if (by) {
                    found.push(`cut off: "${text}" (${by.scrollWidth} of ${by.clientWidth} px): ${by.outerHTML.slice(0, 90)}`);
                }
            }
        }
        return [...found, ...cutInFields(part)];
    };
}

/** What an empty field asks for, and what a choice shows, where the field is too narrow for it. */
function cutInFields(part) {
    const found = [];
    for (const element of part.querySelectorAll("input, textarea, select")) {
        const { width, height } = element.getBoundingClientRect();
        if (!width || !height || element.closest(".o_control_panel, .o-mail-Chatter, .o_view_sample_data")) {
            continue;
        }
        const { placeholder, clientWidth } = element;
        // the lines of a larger field are broken
        const isLine = element.matches("input");
        if (isLine && placeholder && !element.value && textWidth(element, placeholder) > clientWidth + 1) {
            found.push(`cut off: "${placeholder}" in an empty field of ${clientWidth} px`);
        }
        if (element.matches(".o_select_menu_input") && textWidth(element, element.value) > clientWidth) {
            found.push(`cut off: "${element.value}" in a choice of ${clientWidth} px`);
        }
        if (element.matches("select:not(.o_tree_editor *)") && element.selectedOptions.length) {
            const shows = element.selectedOptions[0].textContent.trim();
            if (textWidth(element, shows) > clientWidth - 12) {
                found.push(`cut off: "${shows}" in a choice`);
            }
        }
    }
    return found;
}

/** Words of a badge that take more than one line: their column is too narrow for them. */
function brokenBadges(part) {
    const found = [];
    // but for tags: they are called as users like
    for (const badge of part.querySelectorAll(".o_list_renderer .o_data_cell .badge:not(.o_tag, .o_tag *)")) {
        const words = document.createRange();
        words.selectNodeContents(badge);
        const lines = new Set([...words.getClientRects()].map(({ top }) => Math.round(top)));
        if (lines.size > 1) {
            found.push(`on ${lines.size} lines: "${badge.textContent.trim()}"`);
        }
    }
    return found.slice(0, 2);
}

/**
 * Whom lists of the addon are about, as far as three lines do not tell it; and what a long title takes from the buttons
 * beside it, or they from it.
 */
function cutNames(part) {
    const found = [];
    const main = document.querySelector(".o_control_panel_main");
    for (const element of main.querySelectorAll(".o_control_panel_main_buttons .btn")) {
        const lines = document.createRange();
        lines.selectNodeContents(element);
        if (lines.getBoundingClientRect().height > 30) {
            found.push(`on two lines: "${element.textContent.trim()}"`);
        }
    }
    const title = main.querySelector(".o_last_breadcrumb_item span");
    if (title.scrollWidth > title.clientWidth + 1) {
        found.push(`cut off: "${title.textContent.trim()}" of the title`);
    }
    const limit = document.documentElement.clientWidth;
    for (const head of part.querySelectorAll("th[data-name]")) {
        if (head.getBoundingClientRect().right > limit + 1) {
            found.push(`outside of the window: the column ${head.dataset.name}`);
        }
    }
    const names = [...part.querySelectorAll(".o_data_row td[name=partner_id]")];
    if (part.querySelector("th[data-name=partner_id]") && !names.length) {
        found.push("there is nobody in the list");
    }
    if (names.length && !names.some((cell) => cell.textContent.trim())) {
        found.push("nobody is named");
    }
    for (const cell of names) {
        const shown = cell.querySelector(".o_relations_name") || cell;
        if (shown.scrollWidth > shown.clientWidth + 1 || shown.scrollHeight > shown.clientHeight + 2) {
            found.push(`cut off: "${cell.textContent.trim()}"`);
        }
    }
    return found.slice(0, 4);
}

function allOf(...judges) {
    return async (part) => {
        const found = [];
        for (const how of judges) {
            found.push(...(await how(part)));
        }
        return found;
    };
}

async function judge(screen, how) {
    const found = [];
    const label = screen.name;
    const add = (where, lines) => found.push(...lines.map((line) => `${where}: ${line}`));
    try {
        await open(screen);
    } catch (error) {
        return [`${label}: does not open: ${error.cause?.data?.message || error.data?.message || error.message}`];
    }
    if (document.querySelector(".o_error_dialog")) {
        return [`${label}: an error shows: ${document.querySelector(".o_error_dialog").textContent.slice(0, 300)}`];
    }
    if (!screen.tabs) {
        add(label, await how(screen.part ? shown().querySelector(screen.part) : shown(), screen));
    }
    const tabs = [...shown().querySelectorAll(".o_notebook_headers .nav-link:not(.active)")].map((tab) => tab.name);
    for (const name of tabs) {
        const tab = shown().querySelector(`.o_notebook_headers .nav-link[name="${name}"]`);
        if (tab && (!screen.tabs || screen.tabs.includes(name))) {
            tab.click();
            await settle();
            add(`${label} / ${name}`, await how(screen.tabs ? shown().querySelector(".tab-pane.active") : shown(), screen));
        }
    }
    return found;
}

async function judgeAll(screens, how) {
    watchRequests();
    const found = [];
    const seen = new Set();
    for (const screen of screens) {
        for (const line of await judge(screen, how)) {
            const [, ...words] = line.split(": ");
            if (!seen.has(words.join())) {
                seen.add(words.join());
                found.push(line);
            }
        }
    }
    return found;
}
