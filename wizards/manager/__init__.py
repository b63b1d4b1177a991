from . import (
    manager_score_preview,
    manager_scorecard_difference,
    manager_scorecard_reopen,
)
