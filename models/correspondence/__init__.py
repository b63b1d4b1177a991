from . import letter_document_mixin  # the documents below inherit it

# isort: split
from . import (
    account_move_letter,
    crm_lead_letter,
    fetchmail_server_mailbox,
    ir_mail_server_mailbox,
    mail_activity_letter,
    mail_mail_letter,
    mail_thread_letter,
    partner_contact_log_letter,
    partner_letter,
    partner_letter_documents,
    partner_letter_gateway,
    partner_letter_reply,
    partner_letter_work,
    partner_mailbox,
    partner_mailbox_access,
    partner_mailbox_distribution,
    partner_mailbox_keyword,
    partner_mailbox_server,
    purchase_order_letter,
    res_partner_letter,
    res_users_mailbox,
    sale_order_letter,
)
