from . import (
    purchase_order_line_chase,
    purchase_order_line_promise,
    res_partner_supplier,
    res_partner_supplier_file,
    res_partner_supplier_file_excel,
    supplier_delivery_open,
    supplier_grade_override,
    supplier_score_criterion,
    supplier_score_policy,
    supplier_scorecard,
    supplier_scorecard_excel,
    supplier_scorecard_line,
)
