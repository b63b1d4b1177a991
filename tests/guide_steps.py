"""How the words of the guides are followed on the screen; see test_guides_clicked.py.

``STEPS[guide, section][word]`` is what is done when the guide comes to the word, as operations of guides.js: ``look``
looks for the word, ``press`` presses it, ``menu`` opens a menu by its English path. A word without an entry is looked
for on the screen as it is. A word that comes again in a section is ``(word, 2)``.
"""

import base64

LOOK, PRESS = ("look",), ("press",)
CLOSE = ("click", ".modal .btn-close, .modal [special=cancel], .modal .o_form_button_cancel")
SAVE = ("click", ".modal footer [special=save], .modal .o_form_button_save")
CONFIRM = ("click", ".modal footer .btn-primary")
NO_DIALOG = ("gone", ".modal:not(.o_inactive_modal)")
DIALOG = ("shows", ".o_form_view")
CARDS = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Reader Guide\r\nEMAIL:reader@guide.example.com\r\nEND:VCARD\r\n"
VCARD = ("upload", "file", "danh-ba.vcf", base64.b64encode(CARDS.encode()).decode())


def customer_of(login):
    return (
        "record",
        "res.partner",
        [("user_id.login", "=", login), ("is_company", "=", True), ("customer_rank", ">", 0)],
    )


def state_is(state):
    return ("shows", f".o_statusbar_status [data-value={state}].o_arrow_button_current")


# who does it, where it is not the person of the guide: by section, or by word
LOGINS = {
    ("buyer", 4, "Set Grade"): "giamdoc",
    ("buyer", 4, "Relations / Suppliers / Configuration / Rating Policy"): "giamdoc",
    ("buyer", 4, "What Would Change"): "giamdoc",
    ("accountant", 1, "Relations / Letters / Payments / Reminders to Review"): "giamdoc",
    ("accountant", 1, "Fully Automatic"): "admin",
    ("accountant", 3): "giamdoc",
}

STEPS = {
    ("salesperson", 0): {
        "Relations": [("click", ".o_navbar_apps_menu button"), LOOK, PRESS],
        "Also Responsible": [customer_of("minh"), LOOK],
    },
    ("salesperson", 2): {
        "Log Contact": [customer_of("minh"), LOOK, PRESS, ("set", "name", "Báo giá mới")],
        "Next contact": [LOOK, SAVE, NO_DIALOG],
        "Will Not Take Place": [("row",), LOOK, PRESS],
    },
    ("salesperson", 3): {
        # the page: a button of the contact has the same name
        "Contact Log": [
            customer_of("minh"),
            LOOK,
            ("click", ".o_notebook_headers .nav-link[name=contact_log]"),
        ],
        "Analysis": [LOOK, PRESS],
        "Year Known": [
            (
                "record",
                "res.partner",
                [("is_company", "=", False), ("parent_id.user_id.login", "=", "minh")],
            ),
            LOOK,
        ],
    },
    ("salesperson", 4): {
        "Submit": [LOOK, PRESS, state_is("submitted")],
        "Close the Rest": [
            (
                "record",
                "sale.order",
                [
                    ("user_id.login", "=", "minh"),
                    ("state", "=", "sale"),
                    ("delivery_status", "in", ("partial", "started")),
                ],
            ),
            LOOK,
            PRESS,
            ("choose", "reason_id", ""),
            ("click", ".modal footer button[name=action_apply]"),
            NO_DIALOG,
            ("shows", "button[name=action_reopen_rest]"),
        ],
        "Relations / Marketing / New Inquiry": [
            ("set", "partner_name", "Guide Stranger"),
            ("click", ".modal footer button[name=action_register]"),
            NO_DIALOG,
        ],
    },
    ("salesperson", 5): {
        "Reply": [("row",), LOOK, PRESS, ("shows", ".o_mail_send"), CLOSE],
        "Done": [LOOK, PRESS, state_is("done")],
        "Take": [
            (
                "record",
                "partner.letter",
                [("user_id", "=", False), ("state", "=", "new"), ("kind", "=", "letter")],
            ),
            LOOK,
            PRESS,
            state_is("assigned"),
        ],
    },
    ("salesperson", 7): {
        "Preview": [("click", ".o_list_button_add"), VCARD, LOOK, PRESS, state_is("ready")],
        "Import": [LOOK, PRESS, state_is("done")],
        "Undo Import": [
            LOOK,
            PRESS,
            CONFIRM,
            NO_DIALOG,
            state_is("undone"),
            # the one of the demo company
            (
                "record",
                "partner.contact.import",
                [("state", "=", "done"), ("filename", "=", "danh-ba-hoi-cho.vcf")],
            ),
            LOOK,
            PRESS,
            CONFIRM,
            NO_DIALOG,
            state_is("undone"),
        ],
    },
    ("salesperson", 8): {
        "Relationship": [customer_of("minh"), LOOK, PRESS],
        "New Need": [LOOK, PRESS, ("set", "name", "Bàn tròn"), SAVE, NO_DIALOG],
    },
    ("supervisor", 1): {
        "My Team": [LOOK, PRESS],
    },
    ("supervisor", 2): {
        "Approve": [
            ("record", "partner.work.plan", [("state", "=", "submitted"), ("user_id.login", "=", "hung")]),
            LOOK,
            PRESS,
            state_is("approved"),
        ],
        "Return": [
            ("record", "partner.work.plan", [("state", "=", "submitted"), ("user_id.login", "=", "thao")]),
            LOOK,
            PRESS,
            ("set", "remark", "Thêm lịch thăm khách hàng"),
            ("click", ".modal footer button[name=action_return]"),
            NO_DIALOG,
            state_is("draft"),
        ],
    },
    ("supervisor", 3): {
        "Reassign": [
            ("menu", "Relations / My Work / Team Board"),
            LOOK,
            ("click", "tr[data-user*='Minh'] .o_team_board_reassign"),
            ("choose", "user_to_id", "Phạm Phương Thảo"),
            ("set", "reason", "Nghỉ ốm"),
            ("click", ".modal button[name=action_reassign]"),
            NO_DIALOG,
            ("shows", "button[name=action_give_back]"),
        ],
        "Give Back": [
            ("row",),
            LOOK,
            PRESS,
            CONFIRM,
            ("gone", "button[name=action_give_back]"),
            ("record", "partner.reassignment", [("user_from_id.login", "=", "thao")]),
            LOOK,
            PRESS,
            CONFIRM,
            ("gone", "button[name=action_give_back]"),
        ],
    },
    ("supervisor", 4): {
        "Individual Terms": [customer_of("minh"), ("click", ".o_relations_card"), LOOK, PRESS],
    },
    ("supervisor", 6): {"Scorecard for the Talk": [("row",), LOOK]},
    ("supervisor", 5): {
        "Assign": [
            ("tick", 2),
            LOOK,
            PRESS,
            ("choose", "user_id", "Lê Quang Minh"),
            ("click", ".modal footer button[name=action_assign]"),
            NO_DIALOG,
        ],
    },
    ("director", 1): {
        "Migrations": [LOOK, PRESS],
        "What Would Change": [("row",), LOOK, PRESS, CLOSE],
    },
    ("director", 2): {"Against Last Year": [LOOK, PRESS]},
    ("director", 3): {"Everybody": [LOOK, PRESS]},
    ("buyer", 1): {
        "Chase by E-mail": [("tick", 2), LOOK, PRESS, CONFIRM, NO_DIALOG],
    },
    ("buyer", 2): {"Renew": [("row",), LOOK, PRESS, ("maybe", ".modal footer .btn-primary"), NO_DIALOG]},
    ("buyer", 3): {
        "Move": [
            ("record", "purchase.order", [("state", "=", "purchase"), ("receipt_status", "=", "pending")]),
            LOOK,
            PRESS,
            ("set", "reason", "Nhà cung cấp chờ gỗ"),
            ("click", ".modal footer button[name=action_move]"),
            NO_DIALOG,
        ],
    },
    ("buyer", 4): {
        "Supplier Files": [("row",), LOOK],
        "Set Grade": [
            ("menu", "Relations / Suppliers / Scorecards"),
            ("row",),
            LOOK,
            PRESS,
            ("click", ".modal .o_field_widget[name=grade] input[data-value=low]"),
            ("click", ".modal .o_field_widget[name=date_until] input"),
            # today is another day where the person of the guide is
            ("click", ".o_datetime_picker .o_next"),
            ("click", ".o_datetime_picker .o_date_item_cell:not(.o_out_of_range)"),
            ("set", "reason", "Đình công"),
            ("click", ".modal button[name=action_apply]"),
            NO_DIALOG,
        ],
        "What Would Change": [("row",), LOOK, PRESS, CLOSE],
    },
    ("buyer", 5): {
        "Compare Suppliers": [
            ("record", "purchase.order", [("state", "in", ("draft", "sent"))]),
            LOOK,
            PRESS,
        ],
        "Take This One": [LOOK, PRESS, NO_DIALOG],
        "Make Alternatives": [("click", "button.o_compare_suppliers"), LOOK],
    },
    ("clerk", 0): {"Access": [("menu", "Relations / Letters / Mailboxes"), ("row",), LOOK]},
    ("clerk", 1): {
        "Assign": [
            ("tick", 2),
            LOOK,
            PRESS,
            ("choose", "user_id", "Lê Quang Minh"),
            ("set", "note", "Trả lời hôm nay"),
            ("click", ".modal footer button[name=action_assign]"),
            NO_DIALOG,
        ],
    },
    ("clerk", 3): {
        "Reply": [
            ("record", "partner.letter", [("state", "=", "assigned"), ("direction", "=", "in")]),
            LOOK,
            PRESS,
            ("click", ".modal button.o_mail_send:not([disabled])"),
            NO_DIALOG,
            state_is("done"),
        ],
        "Done": [("menu", "Relations / Letters / To Assign"), ("row",), LOOK],
        "Take": [LOOK, PRESS, state_is("assigned")],
        "Relations / Letters / Write Letter": [DIALOG],
        "Letters": [
            ("record", "res.partner", [("is_company", "=", True), ("customer_rank", ">", 0)]),
            LOOK,
        ],
    },
    ("clerk", 4): {
        "Distribution": [("row",), LOOK],
    },
    ("accountant", 1): {
        "Find Due Reminders": [LOOK, PRESS],
        "Letter": [("row",), LOOK, PRESS],
        "Leave Out": [("set", "note", "Xin cảm ơn"), LOOK, PRESS],
        "Approve and Send": [
            ("menu", "Invoicing / Customers / Reminders to Review"),
            ("tick", 2),
            LOOK,
            PRESS,
        ],
        "No Payment Reminders": [
            ("record", "res.partner", [("is_company", "=", True), ("customer_rank", ">", 0)]),
            LOOK,
        ],
        "Fully Automatic": [("menu", "Relations / Configuration / Settings"), LOOK],
    },
    ("accountant", 4): {
        "Excel": [("menu", "Invoicing / Customers / Receivables by Age"), LOOK],
    },
    ("accountant", 5): {
        "Activate": [("click", ".o_list_button_add"), LOOK],
        ("Activate", 2): [("form", "partner.wage.deduction.member"), LOOK],
        "Pay by Wage Deduction": [
            (
                "record",
                "account.move",
                [
                    ("state", "=", "draft"),
                    ("move_type", "=", "out_invoice"),
                    ("partner_id.name", "=", "Tô Minh Khôi"),
                ],
            ),
            LOOK,
            PRESS,
            ("click", ".modal button[name=action_choose]"),
            NO_DIALOG,
        ],
        "Send to Employer": [
            ("record", "partner.wage.deduction.list", [("state", "=", "draft")]),
            LOOK,
            PRESS,
            ("click", ".modal button[name=action_send_mail]:not([disabled]):not(.d-none)"),
            NO_DIALOG,
            state_is("sent"),
        ],
        "Read Excel": [LOOK, PRESS, ("answer",), ("click", ".modal button[name=action_read]"), NO_DIALOG],
        "Register Payment": [
            LOOK,
            PRESS,
            ("set", "reason", "Nghỉ ốm"),
            ("click", ".modal button[name=action_register]"),
            NO_DIALOG,
        ],
        "Stop": [
            ("record", "partner.wage.deduction.member", [("state", "=", "active")]),
            LOOK,
            PRESS,
            ("set", "reason", "Nghỉ việc"),
            ("click", ".modal button[name=action_stop]"),
            NO_DIALOG,
        ],
    },
    ("marketing", 1): {
        "Relations / Marketing / New Inquiry": [
            ("set", "partner_name", "Guide Stranger"),
            ("click", ".modal footer button[name=action_register]"),
            NO_DIALOG,
        ],
    },
    ("marketing", 2): {
        # one number says who is in it; Odoo's editor counts what the rule matches, which is something else
        "Living": [
            LOOK,
            ("row",),
            ("shows", ".o_relations_segment_rule .o_tree_editor"),
            ("shows", ".o_relations_segment_count"),
            ("hidden", ".o_domain_show_selection_button"),
        ],
    },
    ("marketing", 3): {
        "New Mailing": [("menu", "Relations / Marketing / Segments"), ("row",), LOOK, PRESS],
        "Answers Become": [("row",), LOOK],
    },
    ("administrator", 2): {
        "User": [("row", ".o_data_row .o_data_cell[name=name]"), LOOK],
        "Also Responsible": [customer_of("minh"), LOOK],
    },
    ("administrator", 6): {
        "Personal Data": [("record", "res.partner", [("parent_id.user_id.login", "=", "minh")]), LOOK, PRESS],
        "Export": [("shows", ".modal .o_form_view"), LOOK],
        "Erase": [
            LOOK,
            PRESS,
            # it asks first
            ("click", ".modal:not(.o_inactive_modal) footer .btn-primary"),
            ("shows", ".modal .alert-success"),
        ],
    },
    ("administrator", 3): {"Read Again": [LOOK, PRESS]},
    ("administrator", 5): {
        "Access": [("row",), LOOK],
        "Stop All": [LOOK, PRESS, CONFIRM, NO_DIALOG],
    },
}
