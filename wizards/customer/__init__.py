from . import (
    base_partner_merge_classification,
    base_partner_merge_wage,
    partner_classification_override_wizard,
    partner_classification_preview,
    partner_inquiry_new,
    partner_order_failure_dialog,
    partner_sales_plan_copy,
    partner_wage_deduction_answer,
    partner_wage_deduction_choice,
    partner_wage_deduction_payment,
    partner_wage_deduction_stop,
    sale_mass_cancel_orders,
)
