import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import { cutConnection } from "./tour_steps";

const COUNT = ".o_form_view .o_relations_segment_count";

function addCriterion(group, criterion) {
    return [
        {
            content: "ready-made criteria",
            trigger: `.o_relations_segment_rule .o_relations_criteria:eq(${group})`,
            run: "click",
        },
        {
            content: "one of them",
            trigger: `.o-dropdown--menu .o-dropdown-item:eq(${criterion})`,
            run: "click",
        },
    ];
}

/** Somebody in marketing makes a segment, sees who is in it, and makes a mailing of it. */
registry.category("web_tour.tours").add("partner_relations_segment", {
    steps: () => [
        { content: "a new segment", trigger: ".o_list_button_add", run: "click" },
        { content: "its name", trigger: ".o_field_widget[name=name] input", run: "edit Wood industry" },
        { content: "nobody is in it", trigger: `${COUNT}:contains('0')` },
        ...addCriterion(1, 2),
        {
            content: "the rule waits for an industry",
            trigger: ".o_relations_segment_rule .o_tree_editor_condition .o-autocomplete--input",
            run: "edit Tour Wood",
        },
        {
            content: "choose it",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Tour Wood')",
            run: "click",
        },
        { content: "counted at once, before saving", trigger: `${COUNT}:contains('4')` },
        { content: "the first ten", trigger: ".o_notebook a[name=sample]", run: "click" },
        { content: "by name", trigger: ".o_field_widget[name=sample_ids] .o_data_row:count(4)" },
        { content: "by hand", trigger: ".o_notebook a[name=by_hand]", run: "click" },
        {
            content: "leave one out",
            trigger: ".o_field_widget[name=exclude_ids] input",
            run: "edit Tour Person 1",
        },
        {
            content: "this one",
            trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains('Tour Person 1')",
            run: "click",
        },
        { content: "one less", trigger: `${COUNT}:contains('3')` },
        ...stepUtils.saveForm(),
        { content: "a mailing of it", trigger: "button[name=action_new_mailing]", run: "click" },
        {
            content: "it goes to the segment",
            trigger: ".o_mass_mailing_mailing_form .o_field_widget[name=segment_id] input:value('Wood industry')",
        },
        {
            content: "to so many addresses",
            trigger: ".o_field_widget[name=segment_address_count]:contains('3')",
        },
        { content: "its subject", trigger: ".o_field_widget[name=subject] input", run: "edit Spring catalogue" },
        { content: "answers", trigger: ".o_notebook a[name=settings]", run: "click" },
        {
            content: "become inquiries",
            trigger: ".o_field_widget[name=answer_mode] select:value('inquiry'), .o_field_widget[name=answer_mode] input:value('Inquiries')",
        },
        ...stepUtils.saveForm(),
    ],
});

/** From a segment of somebody else to one's own by the pager: there are the criteria to change it with. */
registry.category("web_tour.tours").add("partner_relations_segment_next", {
    steps: () => [
        { content: "of a colleague", trigger: ".o_data_row .o_data_cell:contains(Tour Segment 1)", run: "click" },
        { content: "it shows", trigger: ".o_form_view .o_field_widget[name=name]:contains(Tour Segment 1)" },
        {
            content: "and is not to be changed",
            trigger: ".o_relations_segment_rule:not(:has(.o_relations_criteria))",
        },
        { content: "the next one", trigger: ".o_form_view .o_pager_next", run: "click" },
        {
            content: "one's own",
            trigger: ".o_form_view .o_field_widget[name=name] input:value('Tour Segment 2')",
        },
        { content: "has criteria", trigger: ".o_relations_segment_rule .o_relations_criteria" },
    ],
});

// The connection is lost while the ready-made criteria are read: the segment opens, and has them the next time.
registry.category("web_tour.tours").add("partner_relations_segment_again", {
    steps: () => {
        let mend;
        const row = ".o_data_row .o_data_cell:contains(Tour Segment)";
        const form = ".o_form_view .o_relations_segment_rule";
        return [
            {
                content: "no criteria can be read",
                trigger: row,
                run: () => {
                    mend = cutConnection("get_criteria");
                },
            },
            { content: "open it", trigger: row, run: "click" },
            { content: "its rule shows", trigger: `${form}:not(:has(.o_relations_criteria))`, run: () => mend() },
            { content: "back", trigger: ".o_breadcrumb .o_back_button a, .breadcrumb-item.o_back_button a", run: "click" },
            { content: "open it again", trigger: row, run: "click" },
            { content: "with the criteria", trigger: `${form} .o_relations_criteria` },
        ];
    },
});
