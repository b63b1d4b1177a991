"""Loads the demo company: a Vietnamese furniture maker with two years of invented history.

To be called in Odoo's shell on a fresh database, with sales, purchase, stock, margins and the
Vietnamese chart of accounts installed and the languages English and Vietnamese active:

    from odoo.addons.partner_relations.demo import furniture
    furniture.load(env)

The people log in with their login as password: director ``giamdoc``, head of sales ``lan``,
salespeople ``minh``, ``thao`` and ``hung``, buyer ``quang``, marketing ``mai``, clerk ``ngoc``, accountant ``hoa``.
"""

import logging
import time

from odoo import fields
from odoo.exceptions import UserError

from .load_analysis import load_classifications, load_markets, load_sales_plans
from .load_base import load_company, load_partners, load_products, load_staff
from .load_campaigns import load_campaigns
from .load_card import load_card
from .load_correspondence import load_correspondence
from .load_failures import load_causes, load_failures, load_transfers
from .load_inquiries import load_inquiries
from .load_mail_rules import load_mail_rules
from .load_managers import load_scorecards
from .load_office import load_office
from .load_owners import load_owners
from .load_payments import load_payment_reminders
from .load_relations import load_activities, load_letters, load_log, load_meetings
from .load_reliability import load_ratings
from .load_sales import load_invoices, load_leads, load_marketing, load_orders
from .load_segments import load_segments
from .load_supply import load_purchases
from .load_terms import load_terms
from .load_wage import load_wage_deduction
from .load_waiting import load_mailing, load_waiting
from .load_work_plans import load_work_plans
from .loading import CONTEXT
from .plan import build_plan

_logger = logging.getLogger(__name__)

MARKER = "partner_relations.demo_company"
MODULES = (
    "partner_relations",
    "sale_management",
    "sale_stock",
    "sale_margin",
    "purchase_stock",
    "l10n_vn",
    "hr_org_chart",
)


def load(env, commit=True):
    """Load the demo company once; a second call does nothing. All of it is committed, or nothing.

    :param bool commit: leave the commit to the caller if false
    :return: whether anything was loaded
    """
    # sudo: the whole company is made up here, on purpose and by an administrator in a shell
    env = env(context={**env.context, **CONTEXT}, su=True)
    parameters = env["ir.config_parameter"]
    if parameters.get_param(MARKER):
        _logger.info("Demo company: already loaded on %s", parameters.get_param(MARKER))
        return False
    _check(env)
    started = time.monotonic()

    def progress(text, *args):
        env.flush_all()
        _logger.info("Demo company: %3.0f s, " + text, time.monotonic() - started, *args)

    today = fields.Date.context_today(env.user)
    plan = build_plan(today)
    queues = {model: env[model].search_count([]) for model in ("mail.mail", "sms.sms")}
    currencies = load_company(env, today)
    users = load_staff(env)
    progress("company, %s users, currencies", len(users))
    furniture, materials, discount = load_products(env, plan, today)
    customers, suppliers, persons, pricelists = load_partners(env, plan, users, currencies)
    progress(
        "%s products, %s customers, %s suppliers", len(furniture + materials), len(customers), len(suppliers)
    )
    campaigns, sources = load_marketing(env, users, today)
    leads = load_leads(env, plan, users, customers, persons, campaigns, sources)
    pairs = load_orders(env, plan, users, customers, pricelists, furniture, leads)
    progress("%s sales orders with deliveries", len(pairs))
    invoices = load_invoices(env, plan, pairs, discount)
    progress("%s invoices with credit notes and payments", len(invoices))
    count = load_inquiries(env, plan, today, leads, users, sources, furniture)
    progress("%s inquiries", count)
    count = load_campaigns(env, today, campaigns, sources, furniture)
    progress("%s costs of campaigns", count)
    failures = load_failures(env, today, pairs)
    load_causes(env)
    load_transfers(env, today, furniture, users["quang"])
    progress("%s failed orders", len(failures))
    load_terms(env, today, users["quang"], suppliers, materials)
    purchases = load_purchases(env, today, users["quang"], suppliers, materials)
    progress("%s purchase orders with receipts and bills", len(purchases))
    orders = env["sale.order"].concat(*(order for _sale, order in pairs))
    load_letters(env, today, customers + suppliers, persons, orders)
    load_meetings(env, today, customers, persons)
    load_activities(env, today, customers, leads)
    load_log(env, today, customers, suppliers, persons)
    progress("letters, meetings, activities and contacts")
    count = load_card(env, today, customers, persons, furniture)
    progress("%s needs of customers", count)
    count = len(load_correspondence(env, today, users, customers, persons))
    progress("two mailboxes with %s letters", count)
    load_markets(env)
    load_classifications(env, today)
    load_sales_plans(env, today)
    progress("markets and classifications of the past months")
    load_segments(env, users, persons)
    load_mail_rules(env, today, orders)
    count = load_ratings(env, suppliers, today, users["giamdoc"])
    progress("%s supplier scorecards", count)
    count = load_owners(env, today, users, customers)
    progress("%s customers handed over", count)
    count = load_scorecards(env, today, users["giamdoc"])
    progress("%s scorecards of sales managers", count)
    count = load_payment_reminders(env, today)
    progress("%s payment reminders", count)
    count = load_wage_deduction(env, today, customers, users, furniture)
    progress("%s wage deduction lists", count)
    load_waiting(env, today, users, persons, furniture)
    office = load_office(env, users)
    load_mailing(env, office["mai"])
    load_work_plans(env, today, users)
    if any(env[model].search_count([]) != count for model, count in queues.items()):
        raise UserError(
            env._("The demo company left mail to be sent. Nothing was loaded; please report this.")
        )
    parameters.set_param(MARKER, fields.Date.to_string(today))
    env.flush_all()
    if commit:
        # the shell that calls this commits nothing by itself, and half a company is worth nothing
        env.cr.commit()  # pylint: disable=invalid-commit
    progress("done")
    return True


def _check(env):
    """Say what is missing before anything is written."""
    installed = set(env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))
    missing = [module for module in MODULES if module not in installed]
    if missing:
        raise UserError(env._("The demo company needs these modules installed first: %s", ", ".join(missing)))
    if not env["res.lang"].search_count([("code", "=", "vi_VN")]):
        raise UserError(env._("The demo company needs the Vietnamese language active."))
