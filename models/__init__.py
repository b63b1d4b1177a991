from . import contact, customer, manager, marketing, supplier

# isort: split
# after the rooms whose mixins it uses
from . import correspondence
