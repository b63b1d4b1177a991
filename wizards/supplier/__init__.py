from . import (
    purchase_promise_move,
    supplier_block_override_wizard,
    supplier_choice,
    supplier_choice_line,
    supplier_choice_offer,
    supplier_choice_search,
)
