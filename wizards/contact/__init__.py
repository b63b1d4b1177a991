from . import (
    base_partner_merge,
    base_partner_merge_customer_terms,
    base_partner_merge_requirement,
    partner_privacy,
    partner_privacy_addresses,
    partner_privacy_copies,
    partner_privacy_erase,
    partner_privacy_line,
    partner_privacy_names,
    partner_reassign,
    partner_reassign_requirement,
    partner_work_plan_return,
)
