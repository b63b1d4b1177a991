import { status } from "@odoo/owl";

/**
 * What a dialog calls when it closes. Who goes elsewhere from within the dialog has left the component that opened it,
 * which asks the server for nothing then: its services would answer with an error.
 */
export function whileShown(component, work) {
    return () => (status(component) === "destroyed" ? undefined : work());
}
