from . import (
    purchase_order_line_promise,
    res_company_score_policy,
    res_partner_supplier,
    supplier_grade_override,
    supplier_score_criterion,
    supplier_score_policy,
    supplier_scorecard,
    supplier_scorecard_evidence,
    supplier_scorecard_line,
    supplier_scorecard_scoring,
    supplier_scorecard_words,
)
