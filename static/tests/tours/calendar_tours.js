import { registry } from "@web/core/registry";

// The calendar of contacts is opened by its address: what it shows, and what it does not ask for, tells the test.
registry.category("web_tour.tours").add("partner_relations_span_calendar", {
    steps: () => [
        { content: "what is today", trigger: '.o_calendar_view .fc-event:contains("Span Now")' },
        { content: "what began long ago and goes on", trigger: '.o_calendar_view .fc-event:contains("Span Long")' },
        {
            content: "and nothing that is over",
            trigger: '.o_calendar_view:not(:has(.fc-event:contains("Span Past")))',
        },
    ],
});
