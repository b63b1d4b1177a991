from .contact import test_birthdays
from .contact import test_contact_base
from .contact import test_contact_log
from .contact import test_contact_log_feed
from .contact import test_contact_log_gateway
from .contact import test_contact_log_history
from .contact import test_contact_log_partner
from .contact import test_contact_log_rights
from .contact import test_duplicates
from . import test_demo, test_tours
