from . import contact, correspondence, customer, manager, marketing, supplier
