import { serializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { CalendarModel } from "@web/views/calendar/calendar_model";
import { calendarView } from "@web/views/calendar/calendar_view";

/**
 * A calendar of records with a start and a length. Odoo's asks for all that ever began before the last day it shows,
 * as it does not know when they end: this one asks for those that end on its days, by the field `date_stop`.
 */
export class SpanCalendarModel extends CalendarModel {
    computeRangeDomain(data) {
        // what has no hour stands at some moment of its day, whatever the time zone
        const start = data.range.start.minus({ days: 1 });
        return [...super.computeRangeDomain(data), ["date_stop", ">=", serializeDateTime(start)]];
    }
}

registry.category("views").add("relations_span_calendar", { ...calendarView, Model: SpanCalendarModel });
