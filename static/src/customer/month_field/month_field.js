import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DateTimeField, dateField } from "@web/views/fields/datetime/datetime_field";

/** A month, which is kept as its first day: without the day where it is read. */
export class MonthField extends DateTimeField {
    getFormattedValue(valueIndex) {
        const value = this.values[valueIndex];
        return value ? value.toFormat("LL/yyyy") : "";
    }
}

registry.category("fields").add("relations_month", {
    ...dateField,
    component: MonthField,
    displayName: _t("Month"),
    supportedTypes: ["date"],
});
