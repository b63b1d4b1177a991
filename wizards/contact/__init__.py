from . import (
    base_partner_merge,
    partner_reassign,
    partner_work_plan_return,
)
