from . import base_partner_merge_terms, purchase_requisition_create_alternative_terms
from . import base_partner_merge_supplier, supplier_grade_wizard, supplier_score_preview
from . import (
    base_partner_merge_supplier,
    base_partner_merge_terms,
    purchase_promise_move,
    purchase_requisition_create_alternative_terms,
    supplier_chase,
    supplier_chase_line,
    supplier_chase_mail,
    supplier_grade_wizard,
    supplier_score_preview,
from . import (
    purchase_promise_move,
    supplier_block_override_wizard,
    supplier_choice,
    supplier_choice_line,
    supplier_choice_offer,
    supplier_choice_search,
)
