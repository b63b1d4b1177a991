from . import base_partner_merge_owner, partner_owner_correct
from . import (
    base_partner_merge_manager,
    manager_bonus_change,
    manager_score_preview,
    manager_scorecard_difference,
    manager_scorecard_reopen,
)
