from . import (
    supplier_chase,
    supplier_chase_line,
    supplier_chase_mail,
)
