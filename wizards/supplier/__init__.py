from . import purchase_promise_move
