from . import partner_letter_assign, partner_letter_write
