import { Component, useState } from "@odoo/owl";
import { toLocaleDateString, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { DateTimeField, dateTimeField } from "@web/views/fields/datetime/datetime_field";

const { DateTime, Info } = luxon;

// As the server: a leap year, so that 29 February fits.
const NO_YEAR = 1904;

/** The day on which a birthday is celebrated in a year: of 29 February the 28th where there is none. */
function birthdayIn(birthdate, year) {
    return birthdate.set({ year });
}

/**
 * A day of birth, with its age and next birthday; without the year, a day and a month to choose. All of it is told by
 * the day alone, so that the form of a contact asks the server for no other field. The view holds `birth_year_known`.
 */
export class BirthdayField extends Component {
    static template = "partner_relations.BirthdayField";
    static components = { DateTimeField };
    static props = DateTimeField.props;

    setup() {
        this.months = Info.months("long").map((name, index) => ({ value: index + 1, name }));
        this.days = Array.from({ length: 31 }, (_, index) => index + 1);
        this.state = useState({ day: 0, month: 0 });
        useRecordObserver((record) => {
            const birthdate = record.data[this.props.name];
            const key = `${record.resId}:${birthdate ? birthdate.toISODate() : ""}`;
            if (key !== this.shown) {
                this.shown = key;
                Object.assign(this.state, { day: birthdate ? birthdate.day : 0, month: birthdate ? birthdate.month : 0 });
            }
        });
    }

    get birthdate() {
        return this.props.record.data[this.props.name];
    }

    get isYearKnown() {
        return this.props.record.data.birth_year_known;
    }

    /** Day and month in the order of the language, without the year that is not known. */
    get dayText() {
        return this.birthdate ? this.birthdate.toLocaleString({ day: "numeric", month: "long" }) : "";
    }

    get hint() {
        const { birthdate } = this;
        const now = today();
        if (!birthdate || (this.isYearKnown && birthdate > now)) {
            return "";
        }
        const thisYear = birthdayIn(birthdate, now.year);
        const next = thisYear >= now ? thisYear : birthdayIn(birthdate, now.year + 1);
        const day = toLocaleDateString(next);
        if (!this.isYearKnown || birthdate.year <= NO_YEAR) {
            return _t("next on %s", day);
        }
        const age = now.year - birthdate.year - (thisYear > now ? 1 : 0);
        return _t("%(age)s years, next birthday on %(day)s", { age, day });
    }

    async onChange(name, event) {
        this.state[name] = Number(event.target.value);
        const { day, month } = this.state;
        const { name: field, record } = this.props;
        const birthdate = day && month ? DateTime.fromObject({ year: NO_YEAR, month, day }) : false;
        if (birthdate ? !birthdate.isValid : day || month) {
            // half a birthday, or 30 February: the form is not saved until it is mended
            await record.setInvalidField(field);
            return;
        }
        record.resetFieldValidity(field);
        await record.update({ [field]: birthdate });
    }
}

registry.category("fields").add("partner_birthday", {
    ...dateTimeField,
    component: BirthdayField,
    displayName: _t("Birthday"),
    supportedTypes: ["date"],
    fieldDependencies: [{ name: "birth_year_known", type: "boolean" }],
});
