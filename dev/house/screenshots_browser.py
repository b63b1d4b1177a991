"""Runs in the environment of Odoo: drives the browser for dev/screenshots.

The orders come as JSON on standard input; the names of the pictures that failed go, one a line, to the file that the
orders name.
"""

import io
import json
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, sync_playwright

# Chromium as root, without calls to its maker
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}
WAIT = 30_000  # milliseconds until a screen shows
# The first page of a server waits for all scripts and styles to be put together.
FIRST_WAIT = 5 * WAIT
STILL = 1_200  # milliseconds for charts to come to rest


def take(orders):
    """Take the pictures; returns the names of those that show not what they should."""
    failed = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=orders["browser"], args=FLAGS)
        for language, code in orders["languages"].items():
            for user in dict.fromkeys(screen["user"] for screen in orders["screens"]):
                session = _Session(browser, orders["address"], user, code)
                for screen in orders["screens"]:
                    if screen["user"] != user:
                        continue
                    picture = Path(orders["out"]) / language / f"{screen['name']}.png"
                    try:
                        problem = session.show(screen, orders["width"])
                    except Error as error:
                        problem = str(error).splitlines()[0]
                    session.save(picture, screen.get("part"))
                    print(f"  {language} {screen['name']}{f': {problem}' if problem else ''}")
                    if problem:
                        failed.append(f"{language}/{screen['name']}")
                session.close()
        browser.close()
    return failed


class _Session:
    """Somebody of the demo company, logged in, in one language."""

    def __init__(self, browser, address, user, language):
        self.address = address
        self.context = browser.new_context(
            viewport=DESK, timezone_id="Asia/Ho_Chi_Minh", locale=language.replace("_", "-")
        )
        self.page = self.context.new_page()
        self.page.goto(f"{address}/web/login")
        self.page.fill("input[name=login]", user)
        self.page.fill("input[name=password]", user)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar", timeout=FIRST_WAIT)
        self.former = self._set_language(language)

    def _set_language(self, language):
        """Write the language of the user, as the preferences do; returns the former one."""
        return self.page.evaluate(
            """async (lang) => {
                const call = async (method, args) => {
                    const answer = await fetch(`/web/dataset/call_kw/res.users/${method}`, {
                        method: "POST",
                        headers: {"Content-Type": "application/json"},
                        body: JSON.stringify({
                            jsonrpc: "2.0", method: "call",
                            params: {model: "res.users", method, args, kwargs: {}},
                        }),
                    });
                    return (await answer.json()).result;
                };
                const uid = odoo.info?.uid ?? (await (await fetch("/web/session/get_session_info", {
                    method: "POST", headers: {"Content-Type": "application/json"},
                    body: JSON.stringify({jsonrpc: "2.0", method: "call", params: {}}),
                })).json()).result.uid;
                const [user] = await call("read", [[uid], ["lang"]]);
                if (user.lang !== lang) {
                    await call("write", [[uid], {lang}]);
                }
                return user.lang;
            }""",
            language,
        )

    def show(self, screen, width=None):
        """Open a screen; returns what is wrong with what it shows, if anything."""
        size = PHONE if screen.get("phone") else {**DESK, "height": screen.get("height", DESK["height"])}
        self.page.set_viewport_size({**size, **({"width": width} if width else {})})
        self.page.goto(f"{self.address}/odoo/{screen['path']}")
        self.page.wait_for_selector(screen["shows"], timeout=WAIT)
        for step in screen.get("steps", ()):
            selector, _, text = step.partition(" := ")
            target = self.page.locator(selector).first
            if text:
                target.fill(text)
                target.press("Enter")
            else:
                target.click(timeout=WAIT)
            self.page.wait_for_timeout(STILL)
        if screen.get("then"):
            self.page.wait_for_selector(screen["then"], timeout=WAIT)
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(STILL)
        if self.page.locator(".o_error_dialog").count():
            return "an error shows"
        return ""

    def save(self, picture, part=None):
        picture.parent.mkdir(parents=True, exist_ok=True)
        source = self.page.locator(part).first if part else self.page
        image = Image.open(io.BytesIO(source.screenshot()))
        image.convert("RGB").quantize(192, dither=Image.Dither.NONE).save(picture, optimize=True)

    def close(self):
        self._set_language(self.former)
        self.context.close()


if __name__ == "__main__":
    orders = json.load(sys.stdin)
    Path(orders["failures"]).write_text("\n".join(take(orders)))
