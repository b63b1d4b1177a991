import { registry } from "@web/core/registry";
import { capitalize } from "@web/core/utils/strings";
import { RemainingDaysField, remainingDaysField } from "@web/views/fields/remaining_days/remaining_days_field";

/** The remaining days as days: Odoo's says “next month” of the day after tomorrow when that is the first. */
export class DaysField extends RemainingDaysField {
    get diffString() {
        const days = this.diffDays;
        if (days === null || Math.abs(days) > 99) {
            return super.diffString;
        }
        return capitalize(this.props.record.data[this.props.name].toRelativeCalendar({ unit: "days" }));
    }
}

registry.category("fields").add("relations_days", {
    ...remainingDaysField,
    component: DaysField,
});
