import { onMounted, onPatched, onWillPatch, onWillUnmount, useRef } from "@odoo/owl";
import { useBus, useService } from "@web/core/utils/hooks";

const REACHABLE = "button:not([disabled]), a[href], select:not([disabled]), input:not([disabled]), summary, [tabindex='0']";

/** What an element is, whichever row it stands in. */
function kind(element) {
    return `${element.tagName} ${element.className}`;
}

function isLost() {
    return !document.activeElement || document.activeElement === document.body;
}

/**
 * Keep the keyboard's place in a component; without this it would start again at the top of the page.
 *
 * - Where the element that had the focus goes away, as the button "Done" does with its row, the focus goes on to the
 *   element of the same kind that has come to that place, else to the nearest one.
 * - After a dialog it is back on what opened it: a form in a dialog takes the focus before Odoo has noted where it was.
 *
 * The root element of the component has `t-ref="root"`.
 */
export function useKeptFocus() {
    const root = useRef("root");
    const ui = useService("ui");
    let last = null;
    let place = null;

    function reachable() {
        return [...root.el.querySelectorAll(REACHABLE)].filter((element) => element.checkVisibility());
    }

    function restore() {
        if (!root.el || !last || !isLost() || ui.activeElement !== document) {
            return;
        }
        if (last.isConnected) {
            last.focus();
        } else if (place) {
            const all = reachable();
            const alike = all.filter((element) => kind(element) === place.kind);
            const next =
                alike[Math.min(place.ordinal, alike.length - 1)] || all[Math.min(place.index, all.length - 1)];
            last = null;
            next?.focus();
        }
    }

    const onFocus = (ev) => {
        // a dialog or menu over the component gives the focus back
        if (root.el?.contains(ev.target)) {
            last = ev.target;
        }
    };
    // who points beside everything has left the place
    const onPointer = (ev) => {
        if (root.el?.contains(ev.target) && !ev.target.closest(REACHABLE)) {
            last = null;
        }
    };

    useBus(ui.bus, "active-element-changed", () => setTimeout(restore));
    onMounted(() => {
        document.addEventListener("focusin", onFocus);
        document.addEventListener("pointerdown", onPointer);
    });
    onWillPatch(() => {
        if (last && root.el?.contains(last)) {
            const all = reachable();
            const alike = all.filter((element) => kind(element) === kind(last));
            place = { kind: kind(last), index: all.indexOf(last), ordinal: alike.indexOf(last) };
        }
    });
    onPatched(restore);
    onWillUnmount(() => {
        document.removeEventListener("focusin", onFocus);
        document.removeEventListener("pointerdown", onPointer);
    });
}
