from . import (
    base_partner_merge_manager,
    base_partner_merge_owner,
    manager_bonus_change,
    manager_indicator_document,
    manager_indicator_preview,
    manager_score_preview,
    manager_scorecard_difference,
    manager_scorecard_reopen,
    partner_owner_correct,
)
