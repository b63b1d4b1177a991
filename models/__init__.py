from . import contact, customer
