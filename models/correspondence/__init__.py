from . import (
    crm_lead_mail_rule,
    mail_mail_rule,
    partner_mail_rule,
    partner_mail_rule_due,
    partner_mail_rule_log,
    partner_mail_rule_run,
    res_company_mail_rule,
    res_config_settings_mail_rule,
    sale_order_mail_rule,
    stock_picking_mail_rule,
)
