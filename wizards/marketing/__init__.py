from . import (
    account_move_reversal,
    base_partner_merge_mailing,
    partner_reassign_segment,
    partner_segment_activity,
    partner_segment_add,
)
