/* Runs in the browser after tests/screens.js, for tests/test_attacks_screens.py: whether a text of a record became part
 * of the page. Each hostile text sets `__xss` of the window, in which all frames of a page are, when it runs.
 */
const MARK = "__xss";
const RUNS = /^[\s\x00-\x1f]*(javascript|vbscript|data:text)/i;

/** The documents of the page and of its frames, as far as they let us in. */
function documents() {
    const frames = [...document.querySelectorAll("iframe")].map((frame) => frame.contentDocument);
    return [document, ...frames.filter(Boolean)];
}

/** Elements that a browser would run a hostile text of, whether it did so yet or not. */
function* armed() {
    for (const { body } of documents()) {
        for (const element of body?.querySelectorAll("*") || []) {
            if (element.matches("script") && element.textContent.includes(MARK)) {
                yield element;
            }
            for (const { name, value } of element.attributes) {
                const runs = name.startsWith("on") || name === "srcdoc" || RUNS.test(value);
                if (runs && value.includes(MARK)) {
                    yield element;
                }
            }
        }
    }
}

/** Whether a hostile text is there to be read, in a part of the page or in what is entered there. */
function isTold(part) {
    const frames = [...part.querySelectorAll("iframe")].map((frame) => frame.contentDocument?.body).filter(Boolean);
    return [part, ...frames].some(
        (one) =>
            one.textContent.includes(MARK) ||
            [...one.querySelectorAll("input, textarea")].some(({ value }) => value.includes(MARK))
    );
}

async function intruders(part, screen) {
    const found = [...armed()].slice(0, 3).map((element) => `is part of the page: ${element.outerHTML.slice(0, 300)}`);
    // what was put into the page runs a moment later
    await pause(20);
    if (window[MARK]) {
        found.push(`a script ran: ${window[MARK]}`);
        delete window[MARK];
    }
    if (screen.told && !isTold(part)) {
        found.push(`${screen.name} shows no hostile text: ${part.textContent.slice(0, 200)}`);
    }
    return found;
}

/** What of these addresses, opened in a frame, runs. */
async function judgePages(addresses) {
    const found = [];
    for (const address of addresses) {
        const frame = document.createElement("iframe");
        const isThere = new Promise((resolve) => frame.addEventListener("load", resolve));
        frame.src = address;
        document.body.append(frame);
        await isThere;
        const lines = await intruders(frame.contentDocument.body, { name: address, told: true });
        found.push(...lines.map((line) => `${address}: ${line}`));
        frame.remove();
    }
    return found;
}

/** The judge itself: a text that is put into the page, or into a frame, is found, and one that is shown is not. */
async function control(text) {
    const found = [];
    const ways = {
        plain: (element) => (element.textContent = text),
        put: (element) => (element.innerHTML = text),
        framed: (element) => (element.appendChild(document.createElement("iframe")).srcdoc = text),
        linked: (element) => (element.innerHTML = `<a href=" JavaScript:top.${MARK}=6">x</a>`),
    };
    for (const [name, put] of Object.entries(ways)) {
        const element = document.createElement("div");
        document.body.append(element);
        put(element);
        await pause(300);
        const lines = await intruders(element, { name, told: name === "plain" });
        element.remove();
        const ran = lines.some((line) => line.startsWith("a script ran"));
        if (name === "plain" ? lines.length : !lines.length || ran !== (name !== "linked")) {
            found.push(`the judge is wrong about what is ${name}: ${lines.join()}`);
        }
    }
    return found;
}
