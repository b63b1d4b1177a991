from . import test_demo, test_i18n, test_tours
from .contact import (
    test_birthdays,
    test_contact_base,
    test_contact_log,
    test_contact_log_feed,
    test_contact_log_gateway,
    test_contact_log_history,
    test_contact_log_partner,
    test_contact_log_rights,
    test_contact_log_timeline,
    test_duplicates,
)
from .customer import (
    test_classification,
    test_classification_runs,
    test_classification_summary,
    test_customer_tours,
    test_effort,
    test_export,
    test_frozen_cost,
    test_frozen_quantity,
    test_load_sales,
    test_market,
    test_matrix,
    test_partner_classes,
    test_turnover_report,
    test_workbook,
)
