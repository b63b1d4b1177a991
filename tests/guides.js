/* Runs in the browser, for tests/test_guides_clicked.py, after screens.js: follows a guide, and says which of its words are
 * not on the screen that the guide has led to.
 */

const patience = 12000;

async function until(what, text, limit = patience) {
    for (let waited = 0; ; waited += 70) {
        const found = what();
        if (found) {
            return found;
        }
        if (waited > limit) {
            throw new Error(text);
        }
        await pause(70);
    }
}

/** What a click has opened, as soon as it is there; after a while it is certain that it opened nothing. */
async function opened(what, limit = 1000) {
    for (let waited = 0; waited < limit && !what(); waited += 30) {
        await pause(30);
    }
    await pause(90);
}

function isShown(element) {
    return element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
}

function plain(text) {
    return (text || "").replace(/\s+/g, " ").replace(/[:…*?]+$/, "").trim();
}

/** The dialog, else the page; an open menu is on top of both. */
function layers() {
    const modals = [...document.querySelectorAll(".modal:not(.o_inactive_modal) .modal-content")];
    const menus = [...document.querySelectorAll(".o-overlay-container .o-dropdown--menu, .o-overlay-container .popover")];
    return [...menus.reverse(), ...modals.reverse(), ...(modals.length ? [] : [document.querySelector(".o_action_manager"), document.querySelector(".o_main_navbar")])].filter(Boolean);
}

function ownText(element) {
    return [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent).join(" ");
}

/** The visible element that has the word: as all of its text, or as its title. Buttons before others. */
function find(word, parts = layers()) {
    const wanted = plain(word);
    for (const part of parts) {
        const hits = [];
        for (const element of part.querySelectorAll("*")) {
            const texts = [
                ...(element.childElementCount < 4 ? [element.textContent] : []),
                ownText(element),
                ...["title", "aria-label", "placeholder", "data-tooltip"].map((name) => element.getAttribute(name)),
            ];
            if (texts.some((text) => plain(text) === wanted) && isShown(element.closest("select") || element)) {
                hits.push(element);
            }
        }
        if (hits.length) {
            const clickable = "button, a, .dropdown-item, .nav-link, [role=tab], [role=menuitem]";
            return hits.find((hit) => hit.closest(clickable)) || hits.at(-1);
        }
    }
    return null;
}

async function press(element) {
    (element.closest("button, a, .dropdown-item, .nav-link, input, label") || element).click();
    await settle();
}

/** In what is not open yet: the menus of the search, of the gear and of further buttons, and the tabs of a form. */
const FOLDED = [
    ".o_searchview_dropdown_toggler",
    ".o_cp_action_menus button.dropdown-toggle",
    ".o_statusbar_buttons button.dropdown-toggle",
    ".o_board_more",
];

/** A choice of a field: those that are open for it. */
async function choice(word) {
    const openers = [...shown().querySelectorAll(".o_form_view .o_select_menu input, .o_form_view .o_select_menu_toggler")];
    for (const opener of openers.filter(isShown).slice(0, 40)) {
        opener.focus();
        opener.click();
        const menus = () => document.querySelectorAll(".o_select_menu_menu");
        await opened(() => menus().length);
        const inside = find(word, [...menus()]);
        if (inside) {
            return inside;
        }
        await closeMenus();
    }
    return null;
}

async function look(word) {
    for (let turn = 0; turn < 2; turn++) {
        const there = find(word) || (turn && (await choice(word)));
        if (there) {
            return there;
        }
        const tabs = [...shown().querySelectorAll(".o_notebook_headers .nav-link:not(.active)")];
        for (const tab of tabs) {
            tab.click();
            await settle(4000);
            const inside = find(word) || (turn && (await choice(word)));
            if (inside) {
                return inside;
            }
        }
        for (const selector of FOLDED) {
            const toggler = [...document.querySelectorAll(selector)].find(isShown);
            if (toggler && !document.querySelector(".modal:not(.o_inactive_modal)")) {
                toggler.click();
                const menus = () => layers().filter((layer) => layer.matches(".o-dropdown--menu"));
                await opened(() => menus().length);
                let inside = find(word, menus());
                for (const further of inside ? [] : menus().flatMap((menu) => [...menu.querySelectorAll(".dropdown-toggle")])) {
                    further.dispatchEvent(new MouseEvent("mouseenter"));
                    further.click();
                    await pause(150);
                    inside = inside || find(word, menus());
                }
                if (inside) {
                    return inside;
                }
                await closeMenus();
            }
        }
        await pause(400);
    }
    return null;
}

async function closeMenus() {
    if (document.querySelector(".o-overlay-container .o-dropdown--menu")) {
        document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
        await pause(120);
    }
}

function walk(menu, names) {
    if (!names.length) {
        return menu;
    }
    for (const child of menu.childrenTree) {
        if (child.name === names[0]) {
            const found = walk(child, names.slice(1));
            if (found) {
                return found;
            }
        }
    }
    return null;
}

async function clear() {
    const { services } = odoo.__WOWL_DEBUG__.root.env;
    await closeMenus();
    services.dialog.closeAll();
    await pause(50);
}

/** The first group of a grouped list. */
async function unfold() {
    const header = shown().querySelector(".o_list_renderer .o_group_header");
    if (header && !shown().querySelector(".o_data_row")) {
        header.querySelector(".o_group_name").click();
        await settle();
    }
}

function field(name) {
    return layers().map((layer) => layer.querySelector(`.o_selected_row .o_field_widget[name="${name}"]`) || layer.querySelector(`.o_field_widget[name="${name}"]`)).find(Boolean);
}

function type(input, text) {
    input.focus();
    input.value = text;
    input.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

const OPS = {
    /** As a click on the menu: those that the user has are known to the page, by their names in the user's language. */
    async menu(names) {
        await clear();
        const { menu } = odoo.__WOWL_DEBUG__.root.env.services;
        const search = () => walk({ childrenTree: menu.getMenuAsTree("root").childrenTree }, names);
        let found = search();
        // what the page asked for when it began may come last, with the menus from before developer mode
        for (let turn = 0; turn < 4 && !found; turn++) {
            await pause(300);
            await menu.reload();
            found = search();
        }
        if (!found) {
            throw new Error("there is no such menu");
        }
        await menu.selectMenu(found);
        await settle();
        await until(() => shown() && !silent(shown()).length, "the screen stays empty");
    },
    /** A record's form, as a click on its row would open it. */
    async record(model, id, view) {
        await clear();
        const { services } = odoo.__WOWL_DEBUG__.root.env;
        const action = { type: "ir.actions.act_window", res_model: model, res_id: id, views: [[view || false, "form"]] };
        await services.action.doAction(action);
        await settle();
    },
    /** An empty form. */
    async form(model) {
        await OPS.record(model, false);
    },
    /** The first row of a list, or the first card. */
    async row(selector = ".o_data_row .o_data_cell:not(.o_list_button, .o_handle_cell), .o_kanban_record:not(.o_kanban_ghost)") {
        await unfold();
        // what an empty screen has behind its help is not there
        const real = () => [...shown().querySelectorAll(selector)].find((one) => !one.closest(".o_view_sample_data"));
        (await until(real, "the list is empty")).click();
        await settle();
        await until(() => shown().querySelector(".o_form_view"), "no form opens", 5000);
    },
    async tick(count = 1) {
        await unfold();
        const boxes = await until(() => {
            const found = [...shown().querySelectorAll(".o_data_row .o_list_record_selector input")];
            return found.length >= count && found;
        }, `the list has no ${count} rows`);
        for (const box of boxes.slice(0, count)) {
            box.click();
        }
        await settle();
    },
    async click(selector) {
        const target = await until(() => layers().map((layer) => layer.querySelector(selector)).find(Boolean), `there is no ${selector}`);
        target.click();
        await settle();
    },
    /** What is asked of some records only. */
    async maybe(selector) {
        await pause(200);
        const target = layers().map((layer) => layer.querySelector(selector)).find(Boolean);
        if (target) {
            target.click();
            await settle();
        }
    },
    async set(name, text) {
        const widget = await until(() => field(name), `there is no field ${name}`);
        const input = widget.querySelector("input, textarea, select") || widget;
        if (input.matches("select")) {
            input.value = [...input.options].find((option) => option.value.includes(text)).value;
            input.dispatchEvent(new Event("change", { bubbles: true }));
        } else {
            type(input, text);
            input.dispatchEvent(new Event("change", { bubbles: true }));
            input.blur();
        }
        await settle();
    },
    /** A record of a many2one, the first that is offered for the text. */
    async choose(name, text) {
        const widget = await until(() => field(name), `there is no field ${name}`);
        const input = widget.querySelector("input");
        input.focus();
        input.click();
        type(input, text);
        const item = await until(
            () => [...document.querySelectorAll(".o-autocomplete--dropdown-menu .o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option, :has(.o_loading))")].find((one) => one.textContent.includes(text)),
            `nothing is offered for ${text} in ${name}`
        );
        (item.querySelector("a") || item).click();
        await settle();
    },
    async upload(name, filename, base64) {
        const input = await until(() => field(name)?.querySelector("input[type=file]"), `there is no file in ${name}`);
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const transfer = new DataTransfer();
        transfer.items.add(new File([bytes], filename));
        input.files = transfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
        await settle();
        await pause(200);
    },
    async shows(selector) {
        await until(() => layers().some((layer) => layer.querySelector(selector)), `${selector} does not show`);
    },
    async gone(selector) {
        await until(() => !document.querySelector(selector), `${selector} still shows`);
    },
    async hidden(selector) {
        if ([...document.querySelectorAll(selector)].some(isShown)) {
            throw new Error(`${selector} shows`);
        }
    },
    async pause(milliseconds) {
        await pause(milliseconds);
    },
};

function error() {
    const dialog = document.querySelector(".o_error_dialog, .modal .o_dialog_warning, .o_notification:has(.o_notification_bar.bg-danger)");
    return dialog && dialog.textContent.replace(/\s+/g, " ").slice(0, 300);
}

/** One thing that the guide names in bold. Returns what is wrong. */
async function follow({ word, names, ops }) {
    if (names) {
        await OPS.menu(names);
    }
    let element = null;
    for (const [op, ...args] of ops) {
        if (op === "look") {
            element = await look(word);
            if (!element) {
                return `is not on the screen: ${shown().innerText.replace(/\s+/g, " ").slice(0, 200)}`;
            }
        } else if (op === "press") {
            await press(element);
        } else {
            await OPS[op](...args);
        }
        const wrong = error();
        if (wrong) {
            return wrong;
        }
    }
    return "";
}

async function followAll(steps, developer) {
    watchRequests();
    if (developer) {
        // as Settings does; a page that is loaded so would complain of the tests' own scripts
        await fetch("/odoo?debug=1");
        await odoo.__WOWL_DEBUG__.root.env.services.menu.reload();
    }
    const found = [];
    for (const step of steps) {
        let wrong = "";
        try {
            wrong = await follow(step);
        } catch (problem) {
            wrong = problem.cause?.data?.message || problem.data?.message || problem.message;
        }
        if (wrong) {
            found.push(`${step.where}: “${step.word}”: ${wrong}`);
            await clear();
        }
    }
    return found;
}
