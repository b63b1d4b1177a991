import { registry } from "@web/core/registry";
import { cutConnection } from "./tour_steps";

const CARD = ".o_relationship_card[aria-busy=false]";

function onScreen(selector) {
    const element = document.querySelector(`${CARD} ${selector}`);
    const { top, bottom } = element.getBoundingClientRect();
    if (top < 0 || bottom > window.innerHeight) {
        throw new Error(`${selector} is not on the screen: from ${top} to ${bottom} of ${window.innerHeight}`);
    }
}

function notTooWide() {
    const { scrollWidth, clientWidth } = document.querySelector(CARD);
    if (scrollWidth > clientWidth) {
        throw new Error(`the card is ${scrollWidth} wide, of ${clientWidth}`);
    }
}

const ESSENTIALS = [
    ".o_card_who",
    ".o_card_need",
    ".o_card_contacts .o_card_done",
    ".o_card_deal_value",
    ".o_card_overdue",
    ".o_card_letter",
    ".o_card_role",
    ".o_card_discount",
    ".o_card_complaint",
];

// A salesperson opens a customer: who it is, what it needs, what is next, and acts on it without leaving the card.
registry.category("web_tour.tours").add("partner_relations_card_salesperson", {
    steps: () => [
        { content: "open the card", trigger: ".o_form_view button.o_relations_card", run: "click" },
        {
            content: "everything is on the screen",
            trigger: `${CARD} .o_card_who`,
            run: () => {
                ESSENTIALS.forEach(onScreen);
                notTooWide();
            },
        },
        { content: "the need", trigger: `${CARD} .o_card_need:contains("Chairs that stack"):contains("overdue")` },
        { content: "who is for us", trigger: `${CARD} .o_card_person:contains("Mai Tran"):contains("For Us")` },
        { content: "a need was named", trigger: `${CARD} .o_card_new_need`, run: "click" },
        { content: "write it down", trigger: ".modal .o_field_widget[name=name] input, .modal .o_field_widget[name=name] textarea", run: "edit Oak only" },
        { content: "it is of the customer", trigger: ".modal .o_field_widget[name=partner_id] input:value('Big Customer')" },
        { content: "save", trigger: ".modal .o_form_button_save", run: "click" },
        { content: "it stands on the card", trigger: `${CARD}:not(:has(.modal)) .o_card_needs:contains("Oak only")` },
        { content: "the planned visit took place", trigger: `${CARD} .o_card_contacts .o_card_done`, run: "click" },
        { content: "nothing is planned now", trigger: `${CARD} .o_card_no_step` },
        { content: "and it is the last contact", trigger: `${CARD} .o_card_timeline li:first-child:contains("Visit")` },
        { content: "documents stand among the contacts", trigger: `${CARD} .o_card_timeline li:contains("Quotation"):contains("200")` },
        { content: "where the debts come from", trigger: `${CARD} .o_card_business h3 button:contains("Debts")`, run: "click" },
        { content: "the open items", trigger: ".o_list_view .o_data_row" },
        { content: "back to the card", trigger: ".o_breadcrumb a:contains('Relationship')", run: "click" },
        { content: "the card again", trigger: `${CARD} .o_card_who` },
        { content: "back to the contact", trigger: `${CARD} .o_card_name button:first`, run: "click" },
        { content: "the tab", trigger: ".o_form_view .o_notebook a[name=relationship]", run: "click" },
        { content: "has the card too", trigger: `.o_form_view ${CARD} .o_card_needs:contains("Oak only")` },
    ],
});

// The same on a phone, in front of the customer's door.
registry.category("web_tour.tours").add("partner_relations_card_phone", {
    steps: () => [
        { content: "the card", trigger: `${CARD} .o_card_who`, run: notTooWide },
        { content: "the need", trigger: `${CARD} .o_card_need:contains("Chairs that stack")` },
        { content: "call", trigger: `${CARD} .o_card_who a[href^='tel:']` },
        { content: "plan the next step", trigger: `${CARD} .o_card_plan`, run: "click" },
        { content: "the dialog is of the customer", trigger: ".modal .o_field_widget[name=partner_id]" },
        { content: "not now", trigger: ".modal .o_form_button_cancel, .modal .btn-close, .modal .oi-arrow-left", run: "click" },
        { content: "still the card", trigger: `body:not(:has(.modal)) ${CARD}` },
        { content: "mark as done", trigger: `${CARD} .o_card_contacts .o_card_done`, run: "click" },
        { content: "done", trigger: `${CARD} .o_card_no_step` },
    ],
});

// A colleague who looks after other customers is told that only his own shows.
registry.category("web_tour.tours").add("partner_relations_card_other", {
    steps: () => [
        { content: "it says so", trigger: `${CARD} .o_card_limited` },
        { content: "no need shows", trigger: `${CARD}:not(:has(.o_card_need)):not(:has(.o_card_overdue)):not(:has(.o_card_discount))` },
    ],
});

// The connection is lost while the card is read: it can be read again without leaving it.
registry.category("web_tour.tours").add("partner_relations_card_again", {
    steps: () => {
        let mend;
        return [
            {
                content: "no card can be read",
                trigger: ".o_form_view button.o_relations_card",
                run: () => {
                    mend = cutConnection("get_card");
                },
            },
            { content: "open the card", trigger: ".o_form_view button.o_relations_card", run: "click" },
            { content: "the connection is there again", trigger: `${CARD} .o_read_again`, run: () => mend() },
            { content: "read it again", trigger: `${CARD} .o_read_again`, run: "click" },
            { content: "the customer", trigger: `${CARD} .o_card_who:contains("Big Customer")` },
        ];
    },
});
