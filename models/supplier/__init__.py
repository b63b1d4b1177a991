from . import (
    purchase_order_line_promise,
    purchase_order_rfq,
    res_partner_supplier,
    supplier_delivery_report,
    supplier_grade_override,
    supplier_score_criterion,
    supplier_score_policy,
    supplier_scorecard,
    supplier_scorecard_engine,
    supplier_scorecard_line,
)
