import { onWillDestroy, reactive, toRaw, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { serializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";

const DELAY = 300;

// One state per form, shared by the parts of the form that show something of it.
const states = new WeakMap();

function stateOf(record) {
    const model = toRaw(record.model);
    if (!states.has(model)) {
        states.set(model, reactive({ hints: {} }));
    }
    return states.get(model);
}

/** What is known of the supplier and the prices of the order in the form. */
export function useSupplierHints(record) {
    return useState(stateOf(record));
}

/** What a line is called in the question and in the answer: its number, or that of the form if it is new. */
export function lineKey(line) {
    return String(line.resId || line.id);
}

function idOf(value) {
    return value ? value.id : false;
}

/** What the answer depends on, as it stands in the form. */
function read({ data }) {
    const lines = (data.order_line?.records || [])
        .filter((line) => !line.data.display_type && line.data.product_id)
        .map((line) => ({
            key: lineKey(line),
            id: line.resId,
            product_id: idOf(line.data.product_id),
            product_qty: line.data.product_qty,
            product_uom_id: idOf(line.data.product_uom_id),
            price_unit: line.data.price_unit,
            discount: line.data.discount,
            tax_ids: line.data.tax_ids?.currentIds || [],
        }));
    return {
        partner_id: idOf(data.partner_id),
        company_id: idOf(data.company_id),
        currency_id: idOf(data.currency_id),
        date_order: data.date_order ? serializeDateTime(data.date_order) : false,
        requisition_id: idOf(data.requisition_id),
        state: data.state,
        lines,
    };
}

/**
 * Ask for the hints once the form stands and whenever something changed that they depend on. Returns a function that
 * asks again.
 */
export function useAskSupplierHints(record) {
    const orm = useService("orm");
    const state = stateOf(record);
    // the form gets another record with the pager, and after each dialog
    let current = record;
    let asked = "";
    let timer;

    async function ask(question, resId, values) {
        // without an answer, too: what shows is of another supplier, or of other prices
        let hints = {};
        try {
            hints = await orm.silent.call("purchase.order", "get_supplier_hints", [resId || false, values]);
        } finally {
            // an answer to what has been changed since is of no use
            if (question === asked) {
                state.hints = hints;
            }
        }
    }

    useRecordObserver((observed) => {
        if (observed.resId !== current.resId) {
            // what is known of one order does not stand on the next until that is known
            state.hints = {};
        }
        current = observed;
        const values = read(observed);
        const typed = observed.dirty || !observed.resId;
        const question = JSON.stringify([observed.resId, typed, values]);
        if (question === asked) {
            return;
        }
        asked = question;
        browser.clearTimeout(timer);
        if (!values.partner_id) {
            state.hints = {};
            return;
        }
        const { resId } = observed;
        timer = browser.setTimeout(() => ask(question, resId, typed ? values : null), typed ? DELAY : 0);
    });
    onWillDestroy(() => {
        browser.clearTimeout(timer);
        asked = "";
    });
    return () => ask(asked, current.resId, current.dirty ? read(current) : null);
}
