from . import (
    account_move,
    account_move_line,
    account_move_sales_index,
    partner_classification,
    partner_classification_engine,
    partner_classification_line,
    partner_classification_matrix,
    partner_classification_migration,
    partner_classification_override,
    partner_classification_policy,
    partner_classification_reason,
    res_partner_classification,
)
