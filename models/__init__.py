from . import contact, customer, ir_cron_progress, ir_default, manager, marketing, supplier

# isort: split
# after the rooms whose mixins it uses
from . import correspondence

# isort: split
# after all that extends a table
from . import ir_model_constraint, short_locks
