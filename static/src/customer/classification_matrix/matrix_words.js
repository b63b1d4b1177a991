import { getCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { formatInteger, formatMonetary, formatPercentage } from "@web/views/fields/formatters";

/** Classes and stages in the order they are shown; `false` is "no class". */
export const CLASSES = {
    abc_class: ["a", "b", "c", false],
    xyz_class: ["x", "y", "z", false],
    stage: ["regular", "one_time", "potential", "lost", false],
};
export const TOTAL = "total";

export function classLabel(dimension, value) {
    switch (value) {
        case "potential":
            return _t("Potential");
        case "one_time":
            return _t("One-time");
        case "regular":
            return _t("Regular");
        case "lost":
            return _t("Lost");
        case "new":
            return _t("New");
        case "gone":
            return _t("No longer there");
        case false:
            return { abc_class: _t("No ABC"), xyz_class: _t("No XYZ"), stage: _t("No stage") }[dimension];
        default:
            return value.toUpperCase();
    }
}

/** The whole amount, with its currency; nothing where there is none. */
export function fullMoney(amount, currencyId) {
    return amount === false ? "" : formatMonetary(amount, { currencyId });
}

/** An amount short enough for a cell, such as 1.2B: in the words for thousand, million… of the user's language. */
export function shortMoney(amount, currencyId) {
    if (amount === false) {
        return "";
    }
    const number = new Intl.NumberFormat(user.lang || "en-US", {
        notation: "compact",
        maximumSignificantDigits: 3,
    }).format(amount);
    const currency = getCurrency(currencyId);
    const parts = [currency?.symbol ?? "", number];
    return (currency?.position === "after" ? parts.reverse() : parts).join("\u00a0").trim();
}

export function percent(share) {
    return share === false ? "" : formatPercentage(share / 100, { digits: [0, 1], trailingZeros: true });
}

/** A limit of a policy, with as many decimals as it has. */
export function plainPercent(value) {
    return formatPercentage(value / 100, { digits: [0, 2] });
}

export function customerCount(count) {
    return count === 1 ? _t("1 customer") : _t("%s customers", formatInteger(count));
}
