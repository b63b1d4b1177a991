from . import (
    base_partner_merge_mail_rule,
    base_partner_merge_payment_reminder,
    partner_letter_assign,
    partner_letter_write,
    partner_mail_rule_preview,
    partner_mail_rule_preview_line,
    partner_reassign_letter,
)
