import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";

/** A share as a percentage; core's shows 0 % where there is no data, and 1930 % without a separator. */
export function formatShare(value, options = {}) {
    if (value === false || value === null || value === undefined) {
        return "";
    }
    return formatPercentage(value, { thousandsSep: localization.thousandsSep, ...options });
}
formatShare.extractOptions = formatPercentage.extractOptions;

export class ShareField extends PercentageField {
    get formattedValue() {
        return formatShare(this.props.record.data[this.props.name], {
            digits: this.props.digits,
            field: this.props.record.fields[this.props.name],
        });
    }
}

registry.category("formatters").add("relations_share", formatShare);
registry.category("fields").add("relations_share", {
    ...percentageField,
    component: ShareField,
    displayName: _t("Share that may be empty"),
});
