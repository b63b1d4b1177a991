from . import base_partner_merge_owner, partner_owner_correct
