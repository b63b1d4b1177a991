{
    "name": "Customer & Supplier Relations",
    "summary": "One log of every contact, with the contact base and planned contacts it rests on",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Customer & Supplier Relations contributors",
    "license": "LGPL-3",
    "application": True,
    # contacts: the app whose forms are extended; hr: who is whose superior;
    # purchase, sale_crm: the documents a contact is logged from; sale_margin: the cost of a sale;
    # sms: a channel of the log
    "depends": ["contacts", "hr", "purchase", "sale_crm", "sale_margin", "sms"],
    "data": [
        "security/partner_relations_groups.xml",
        "security/ir.model.access.csv",
        "security/partner_relations_rules.xml",
        "data/partner_contact_role.xml",
        "data/partner_completeness_item.xml",
        "data/partner_contact_outcome.xml",
        "data/ir_cron.xml",
        "views/contact/partner_contact_role_views.xml",
        "views/contact/partner_completeness_item_views.xml",
        "views/contact/partner_contact_outcome_views.xml",
        "views/contact/partner_contact_log_views.xml",
        "views/contact/mail_activity_type_views.xml",
        "views/contact/res_partner_base_views.xml",
        "views/contact/res_partner_log_views.xml",
        "views/contact/res_partner_birthday_views.xml",
        "views/contact/document_views.xml",
        "views/contact/res_config_settings_views.xml",
        "wizards/customer/partner_classification_override_wizard_views.xml",
        "wizards/customer/partner_classification_preview_views.xml",
        "views/customer/partner_classification_line_views.xml",
        "views/customer/partner_classification_views.xml",
        "views/customer/partner_classification_policy_views.xml",
        "views/customer/partner_classification_override_views.xml",
        "views/menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "partner_relations/static/src/**/*",
        ],
        "web.assets_tests": [
            "partner_relations/static/tests/tours/**/*",
        ],
    },
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
