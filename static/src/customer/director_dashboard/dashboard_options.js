import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";

const STORAGE = "partner_relations.dashboard";
// the option, and what it is called in the address
const KEYS = {
    period: "period",
    date_from: "from",
    date_to: "to",
    company_id: "company",
    team_id: "team",
};

export const PERIODS = [
    ["month", _t("This Month")],
    ["quarter", _t("This Quarter")],
    ["year", _t("This Year")],
    ["last_month", _t("Last Month")],
    ["last_quarter", _t("Last Quarter")],
    ["last_year", _t("Last Year")],
    ["last_12", _t("Last 12 Months")],
    ["custom", _t("Chosen Days")],
];

/** What the address says; else what was chosen last on this device. */
export function readOptions() {
    const options = {};
    for (const [option, key] of Object.entries(KEYS)) {
        const value = router.current[key];
        if (value) {
            options[option] = option.endsWith("_id") ? Number(value) : String(value);
        }
    }
    if (Object.keys(options).length) {
        return options;
    }
    try {
        return JSON.parse(browser.localStorage.getItem(STORAGE)) || {};
    } catch {
        return {};
    }
}

/** Keep the options on this device, and return them as the address has them. */
export function keepOptions(options) {
    const { period, date_from, date_to, company_id, team_id } = options;
    const kept = { period, company_id, team_id };
    if (period === "custom") {
        Object.assign(kept, { date_from, date_to });
    }
    browser.localStorage.setItem(STORAGE, JSON.stringify(kept));
    return Object.fromEntries(Object.entries(KEYS).map(([option, key]) => [key, kept[option] || undefined]));
}
