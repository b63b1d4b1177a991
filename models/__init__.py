from . import contact, customer, manager, marketing, supplier
