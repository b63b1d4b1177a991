from . import (
    partner_owner_correction,
    partner_owner_history,
    partner_owner_period,
    partner_owner_period_changes,
    res_partner_owner,
    res_users_owner,
)
