import { registry } from "@web/core/registry";
import { openContacts, openRelations } from "./tour_steps";

const FILE = [
    "First Name,Last Name,E-mail Address,Company,Birthday",
    "Tour,Known,known@import-tour.example,Tour Import Company,1980-01-15",
    "Tour,New,new@import-tour.example,Tour Import Company,soon",
    ",,,,1970-01-01",
].join("\n");

/** The file lies on the user's machine: it is handed to the input as the browser would. */
function upload() {
    const input = document.querySelector(".o_field_widget[name=file] input[type=file]");
    const transfer = new DataTransfer();
    transfer.items.add(new File([FILE], "outlook.csv", { type: "text/csv" }));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

function row(name) {
    return `.o_field_widget[name=line_ids] .o_data_row:has(.o_data_cell[name=name]:contains("${name}"))`;
}

/** A salesperson imports the address book of a mail program from the list of contacts. */
registry.category("web_tour.tours").add("partner_relations_contact_import", {
    steps: () => [
        ...openRelations(),
        ...openContacts(),
        { content: "the menu of the list", trigger: ".o_cp_action_menus button", run: "click" },
        { content: "import", trigger: ".o_contact_import_menu", run: "click" },
        { content: "choose the file", trigger: ".o_field_widget[name=file]", run: upload },
        {
            content: "it is there",
            trigger: ".o_field_widget[name=file]:has(:value('outlook.csv'))",
        },
        { content: "preview", trigger: "button[name=action_preview]:visible", run: "click" },
        { content: "the known one", trigger: `${row("Tour Known")}:has([name=duplicate_id]:contains("Tour Known"))` },
        { content: "the doubtful one", trigger: `${row("Tour New")}:has([name=message]:contains("soon"))` },
        { content: "the rejected one", trigger: ".o_field_widget[name=line_ids] .o_data_row.text-danger" },
        { content: "import", trigger: "button[name=action_import]:visible", run: "click" },
        {
            content: "one created",
            trigger: ".oe_stat_button:has([name=created_count]) .o_stat_value:contains('1')",
        },
        { content: "the rejected ones can be had", trigger: "button[name=action_download_rejected]:visible" },
        { content: "show them", trigger: "button[name=action_open_contacts]", run: "click" },
        { content: "both", trigger: ".o_list_view .o_data_row:contains('Tour New')" },
    ],
});
