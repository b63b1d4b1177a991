import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FloatField, floatField } from "@web/views/fields/float/float_field";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { parseMonetary, parsePercentage } from "@web/views/fields/parsers";
import { formatShare } from "../../supplier/share_field/share_field";

/** A number in the unit of its row: an amount, a percentage, hours, days or a plain number; empty without data. */
export function formatUnit(value, unit, currencyId) {
    if (value === false || value === null || value === undefined) {
        return "";
    }
    const digits = [16, Number.isInteger(value) ? 0 : 1];
    switch (unit) {
        case "money":
            return formatMonetary(value, { currencyId });
        case "percent":
            return formatShare(value, { digits: [16, 1] });
        case "hours":
            return _t("%s h", formatFloat(value, { digits }));
        case "days":
            return _t("%s days", formatFloat(value, { digits }));
        default:
            return formatFloat(value, { digits: [16, Number.isInteger(value) ? 0 : 2] });
    }
}

/** With the option `action`, the value is a link that calls that method of its record. */
export class UnitValueField extends FloatField {
    static template = "partner_relations.UnitValueField";
    static props = {
        ...FloatField.props,
        action: { type: String, optional: true },
        unitField: { type: String, optional: true },
        fixedUnit: { type: String, optional: true },
    };

    setup() {
        super.setup();
        this.action = useService("action");
    }

    get unit() {
        return this.props.fixedUnit || this.props.record.data[this.props.unitField];
    }

    get formattedValue() {
        const currency = this.props.record.data.currency_id;
        // where it is typed, hours and days are a number alone: with their word it could not be read again
        const isTyped = !this.props.readonly && ["hours", "days"].includes(this.unit);
        return formatUnit(this.value, isTyped ? "count" : this.unit, currency && (currency.id ?? currency));
    }

    parse(value) {
        if (this.unit === "percent") {
            return parsePercentage(value);
        }
        return this.unit === "money" ? parseMonetary(value) : super.parse(value);
    }

    openDocuments() {
        const { record } = this.props;
        return this.action.doActionButton({
            type: "object",
            name: this.props.action,
            resModel: record.resModel,
            resId: record.resId,
            context: record.context,
        });
    }
}

registry.category("fields").add("relations_unit", {
    ...floatField,
    component: UnitValueField,
    displayName: _t("Number in the unit of its row"),
    supportedTypes: ["float"],
    fieldDependencies: ({ options }) =>
        options.unit ? [] : [{ name: options.unit_field || "unit", type: "selection" }],
    extractProps: (staticInfo, dynamicInfo) => ({
        ...floatField.extractProps(staticInfo, dynamicInfo),
        action: staticInfo.options.action,
        unitField: staticInfo.options.unit_field || "unit",
        fixedUnit: staticInfo.options.unit,
    }),
});
