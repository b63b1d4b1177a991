"""Which texts of a record say something about the person it is linked with: what an erasure empties.

Texts of a model are emptied where the record is linked with the person by one of its fields. Amounts, dates, classes
and the link itself stay, so that every sum stays what it was.
"""

ERASED = "(erased)"

# model: (fields that link the person, texts to empty)
PERSONAL = {
    "partner.classification.override": (("partner_id",), ("reason",)),
    "partner.contact.import.line": (
        ("partner_id", "duplicate_id"),
        (
            "name",
            "email",
            "phone",
            "company_name",
            "function",
            "birthday",
            "data",
            "photo",
            "message",
            "undo",
            "terms",
            "old_photo",
        ),
    ),
    "partner.contact.log": (("partner_id",), ("title", "agreement")),
    "partner.customer.terms": (("partner_id",), ("note",)),
    "partner.letter": (
        ("partner_id",),
        (
            "name",
            "email",
            "email_normalized",
            "email_from",
            "email_to",
            "email_cc",
            "note",
            "bounce_reason",
            "subject_key",
        ),
    ),
    "partner.mail.rule.log": (("partner_id", "customer_id"), ("record_name", "detail", "email", "subject")),
    "partner.mailing.answer": (("partner_id",), ("email_from", "subject")),
    "partner.order.failure": (("partner_id",), ("note",)),
    "partner.owner.correction": (("partner_id",), ("reason", "before")),
    "partner.payment.reminder": (("partner_id", "recipient_id"), ("problem", "note")),
    "partner.requirement": (("partner_id", "contact_id"), ("name", "description", "answer")),
    "partner.wage.deduction.list.line": (
        ("partner_id",),
        ("employee_name", "employee_number", "carry_reason", "note"),
    ),
    "partner.wage.deduction.member": (
        ("partner_id",),
        ("employee_number", "consent_file", "consent_filename", "stop_reason"),
    ),
    "partner.work.plan.line": (("partner_id",), ("name",)),
    "purchase.promise.change": (("partner_id",), ("reason",)),
    "supplier.grade.override": (("partner_id",), ("reason",)),
    "supplier.terms": (("partner_id",), ("return_conditions", "note")),
    # of Odoo
    "crm.lead": (
        ("partner_id",),
        (
            "name",
            "contact_name",
            "partner_name",
            "email_cc",
            "email_from",
            "email_normalized",
            "email_domain_criterion",
            "phone",
            "phone_sanitized",
            "function",
            "street",
            "street2",
            "city",
            "zip",
            "website",
            "description",
            "referred",
            "lead_properties",
        ),
    ),
    # where a link of a mailing was opened from
    "link.tracker.click": ((), ("ip",)),
    # who came to a call or a chat by an invitation to an address
    "mail.guest": (
        (),
        ("name", "email", "image_1920", "image_1024", "image_512", "image_256", "image_128"),
    ),
    "mailing.trace": (("res_id",), ("email", "failure_reason")),
    # a card that was kept for further payments: nothing can be charged to it any more
    "payment.token": (("partner_id",), ("payment_details", "provider_ref")),
    # of a payment its amount and references stay: the provider's is needed to find it in its statement
    "payment.transaction": (
        ("partner_id",),
        (
            "partner_name",
            "partner_email",
            "partner_phone",
            "partner_address",
            "partner_zip",
            "partner_city",
            "state_message",
        ),
    ),
    # the number stays with its payments; a proxy is a telephone number, an address or an identity card
    "res.partner.bank": (("partner_id",), ("acc_holder_name", "note", "proxy_value")),
    "sms.sms": (("partner_id",), ("number", "body")),
    "snailmail.letter": (("partner_id",), ("street", "street2", "zip", "city")),
}

# What is about a lead whose customer was no contact yet, and the field, if any, that says otherwise whom it is about.
ABOUT_LEADS = {
    "calendar.event": None,
    "mailing.trace": None,
    "partner.mail.rule.log": "customer_id",
    "partner.work.plan.line": "partner_id",
}

# What is about the person by a record that is.
THROUGH = {"link.tracker.click": "mailing_trace_id"}

# What says nothing but that somebody is reached there, or is not to be: it goes.
DELETED = ("mail.blacklist", "mail.gateway.allowed", "mail.push.device", "mailing.contact", "phone.blacklist")

# What a meeting says, if nobody from outside but the person takes part.
MEETING = ("name", "description", "notes", "location", "videocall_location")

# What a message says, and who wrote it to whom.
MESSAGE = (
    "subject",
    "body",
    "email_from",
    "reply_to",
    "incoming_email_to",
    "incoming_email_cc",
    "outgoing_email_to",
)

# What an activity says.
ACTIVITY = ("summary", "note", "feedback", "res_name")

# Models of the addon that are linked with contacts and hold no text about them, or about others only.
WITHOUT_TEXT = {
    "manager.scorecard.evidence": "ids and figures",
    "partner.classification.line": "figures",
    "partner.effort.reminder": "links",
    "partner.owner.period": "owners and dates",
    "partner.segment": "members, whom the name of a segment does not tell",
    "partner.segment.schedule": "what is to be done with all members",
    "partner.wage.deduction": "the agreement with the employer",
    "partner.wage.deduction.list": "the list for the employer",
    "supplier.scorecard": "figures",
}

# What is emptied of the contact itself; country, state and industry stay for the sums by region and line of business.
CONTACT = (
    "email",
    "phone",
    "street",
    "street2",
    "zip",
    "city",
    "vat",
    "ref",
    "barcode",
    "website",
    "function",
    "comment",
    "company_name",
    "company_registry",
    # of Odoo's electronic invoices, where they are installed
    "peppol_endpoint",
    "global_location_number",
    "birthdate",
    "contact_role_id",
    "contact_role_more_ids",
    "decision_attitude",
    "partner_latitude",
    "partner_longitude",
    "picking_warn_msg",
    "purchase_warn_msg",
    "sale_warn_msg",
    "preferred_channel",
    "responsible_user_ids",
    "category_id",
    "image_1920",
    "payment_reminder_pause_reason",
)
# Never in an export: secrets, and what only computers read.
UNTOLD = ("password", "token", "access_token", "signup_type", "api_key")
# By these one comes into a chat or a call.
UNTOLD_FIELDS = ("discuss.channel.uuid", "discuss.channel.sfu_channel_uuid", "discuss.channel.sfu_server_url")
