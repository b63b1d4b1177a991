from . import (
    partner_reassign_segment,
    partner_segment_activity,
    partner_segment_add,
)
