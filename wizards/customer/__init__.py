from . import (
    base_partner_merge_classification,
    partner_classification_override_wizard,
    partner_classification_preview,
    partner_inquiry_new,
    partner_sales_plan_copy,
)
