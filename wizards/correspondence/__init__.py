from . import partner_letter_assign, partner_letter_write, partner_reassign_letter
