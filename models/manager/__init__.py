from . import (
    partner_owner_history,
    partner_owner_period,
    res_partner_owner,
    res_users_owner,
)
