import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";
import { PercentageField, percentageField } from "@web/views/fields/percentage/percentage_field";

/** A share as a percentage; core's shows 0 % where there is no data. */
export function formatShare(value, options = {}) {
    return value === false || value === null || value === undefined ? "" : formatPercentage(value, options);
}
formatShare.extractOptions = formatPercentage.extractOptions;

export class ShareField extends PercentageField {
    get formattedValue() {
        return this.props.record.data[this.props.name] === false ? "" : super.formattedValue;
    }
}

registry.category("formatters").add("relations_share", formatShare);
registry.category("fields").add("relations_share", {
    ...percentageField,
    component: ShareField,
    displayName: _t("Share that may be empty"),
});
