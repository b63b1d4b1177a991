from . import contact, customer, supplier
