/* Runs in the browser after tests/screens.js, for tests/test_screens_keyboard.py: walks through the addon's own
 * components with the keyboard alone. Keys are pressed by the browser itself; see PressingBrowser.
 */
const STOPS = "button, a[href], select, input, summary, [tabindex='0']";

/** Press a key as a keyboard does, and wait until the page has seen it. */
async function press(key, times = 1) {
    for (let time = 0; time < times; time++) {
        const seen = new Promise((resolve) => window.addEventListener("keyup", resolve, { capture: true, once: true }));
        console.log(`press:${key}`);
        await Promise.race([seen, pause(2000)]);
    }
    await pause(30);
    await settle();
}

function describe(element) {
    return element ? element.outerHTML.replace(/\s+/g, " ").slice(0, 140) : "nothing";
}

function isSeen(element) {
    return element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length;
}

function look(element) {
    const { outlineStyle, outlineWidth, boxShadow, textDecorationLine, backgroundColor, borderColor, color } =
        getComputedStyle(element);
    return [outlineStyle === "none" ? "" : outlineWidth, boxShadow, textDecorationLine, backgroundColor, borderColor, color];
}

async function waitFor(find, what) {
    for (let turn = 0; turn < 100; turn++) {
        const found = find();
        if (found) {
            return found;
        }
        await pause(100);
    }
    throw new Error(`${what}; the focus is on ${describe(document.activeElement)}`);
}

const select = (selector) => document.querySelector(selector);
const focused = (selector) => document.activeElement?.closest(selector);

/** Press Tab until the focus is on what the selector finds. */
async function tabTo(selector, limit = 150) {
    for (let time = 0; time < limit; time++) {
        if (focused(selector)) {
            return document.activeElement;
        }
        await pressFast("Tab");
    }
    throw new Error(`Tab does not reach ${selector}; the focus is on ${describe(document.activeElement)}`);
}

/** Tab opens nothing and asks nothing: there is nothing to wait for but the key. */
async function pressFast(key) {
    const seen = new Promise((resolve) => window.addEventListener("keyup", resolve, { capture: true, once: true }));
    console.log(`press:${key}`);
    await Promise.race([seen, pause(2000)]);
}

/** Everything that the mouse can press is a stop of the Tab key, and one sees where one is. */
async function walk(label, part) {
    const found = [];
    const root = select(part);
    const wanted = [...root.querySelectorAll(STOPS)].filter(
        (element) => isSeen(element) && !element.disabled && element.tabIndex >= 0
    );
    const before = new Map(wanted.map((element) => [element, look(element)]));
    // what shows a hand and is nothing that the keyboard reaches, nor within or around such a thing
    for (const element of root.querySelectorAll("*")) {
        const isOwn = getComputedStyle(element).cursor === "pointer" && isSeen(element) && element.tagName !== "OPTION";
        if (isOwn && !element.closest(`${STOPS}, label, [tabindex='-1']`) && !element.querySelector(STOPS)) {
            found.push(`${label}: only the mouse reaches ${describe(element)}`);
        }
    }
    const reached = new Set();
    wanted[0]?.focus({ preventScroll: true });
    wanted[0]?.blur();
    root.setAttribute("tabindex", "-1");
    root.focus({ preventScroll: true });
    root.removeAttribute("tabindex");
    for (let time = 0; time < wanted.length + 5; time++) {
        await pressFast("Tab");
        const active = document.activeElement;
        if (!root.contains(active)) {
            break;
        }
        reached.add(active);
        const was = before.get(active);
        if (was && look(active).join() === was.join()) {
            found.push(`${label}: the focus is not to be seen on ${describe(active)}`);
        }
    }
    for (const element of wanted) {
        if (!reached.has(element) && element.type !== "radio") {
            found.push(`${label}: Tab does not reach ${describe(element)}`);
        }
    }
    if (!wanted.length) {
        found.push(`${label}: there is nothing to reach`);
    }
    return found;
}

/** A key opens a dialog, which takes the focus; Escape closes it, and the focus is back where it was. */
async function opensDialog(selector) {
    const opener = await tabTo(selector);
    await press("Enter");
    await waitFor(() => focused(".modal"), `${selector} opens a dialog that has the focus`);
    await press("Escape");
    await waitFor(() => !select(".modal"), "Escape closes the dialog");
    await waitFor(() => document.activeElement === opener, `the focus is back on ${selector}`);
}

/** A key opens a menu; the arrows move in it, and after Escape the focus is where it was. */
async function opensMenu(selector) {
    const opener = await tabTo(selector);
    await press("Enter");
    await waitFor(() => select(".o-dropdown--menu"), `${selector} opens a menu`);
    await press("ArrowDown");
    await waitFor(() => focused(".o-dropdown--menu") || select(".o-dropdown--menu .focus"), "an arrow moves in the menu");
    await press("Escape");
    await waitFor(() => !select(".o-dropdown--menu"), "Escape closes the menu");
    await waitFor(() => document.activeElement === opener, `the focus is back on ${selector}`);
}

/** After Enter something goes from the page; the focus stays in the component. */
async function staysAfter(selector, part, isGone) {
    const pressed = await tabTo(selector);
    await press("Enter");
    await waitFor(() => isGone(pressed), `${selector} does what it is for`);
    await waitFor(() => focused(part), `the focus stays in ${part} after ${selector}`);
}

async function walkAll(stations) {
    watchRequests();
    const found = [];
    for (const { label, screen, part, before, then } of stations) {
        try {
            await open(screen);
            before?.();
            await waitFor(() => select(part), `${part} shows`);
            found.push(...(await walk(label, part)));
            select(part).setAttribute("tabindex", "-1");
            select(part).focus({ preventScroll: true });
            select(part).removeAttribute("tabindex");
            await then?.();
        } catch (error) {
            found.push(`${label}: ${error.message}`);
        }
    }
    return found;
}
