from . import (
    manager_score_band,
    manager_score_scheme,
    manager_score_scheme_line,
    manager_scorecard,
    manager_scorecard_closing,
    manager_scorecard_cron,
    manager_scorecard_evidence,
    manager_scorecard_line,
    manager_scorecard_line_documents,
    manager_scorecard_line_words,
    manager_scorecard_scoring,
    manager_scorecard_words,
)
