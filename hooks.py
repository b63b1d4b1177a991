"""What installation and removal do beyond the records of the manifest."""

import logging
import time

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .models.short_locks import ADDON, get_extended_models

_logger = logging.getLogger(__name__)

# Core's activity types whose category does not tell that they are contacts.
ACTIVITY_CHANNELS = {
    "mail.mail_activity_data_email": "email",
    "mail.mail_activity_data_todo": "other",
}


# How often a piece of work begins anew when somebody changes the same records at the same moment.
ATTEMPTS = 10


def post_init_hook(env):
    """Read the database's history: at once if it is small, else by the scheduler.

    The contact log, the cost of the sales so far, and what suppliers promised. Each piece is committed by itself: users
    are at work, so whoever edits one of the records neither waits for all of it nor makes the installation fail.
    """
    for work in (
        fill_defaults,
        tell_channels,
        lambda env: env["partner.contact.history"]._restart(),
        lambda env: env["account.move"]._restart_sale_costs(),
        lambda env: env["purchase.order.line"]._restart_promises(),
        start_analysis,
        start_scorecards,
        fill_inquiries,
        keep_owners,
        start_payment_reminders,
        take_over_birthdays,
    ):
        _do(env, work)


def _do(env, work):
    """Do a piece of work in a transaction of its own, and anew when it met a change of somebody else."""
    env.cr.commit()  # pylint: disable=invalid-commit
    for attempt in range(ATTEMPTS):
        try:
            work(env)
            env.cr.commit()  # pylint: disable=invalid-commit
            return
        except (SerializationFailure, DeadlockDetected):
            env.cr.rollback()
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.1 * attempt)


def fill_defaults(env):
    """Give records that were made between an installation that failed and this one what new ones have by default.

    The columns were there already, so Odoo did not fill them.
    """
    for name in get_extended_models():
        model = env[name]
        fields = [field for field in model._fields.values() if field._module == ADDON and field.default]
        for field in fields:
            if not field.store or not field.column_type or field.company_dependent:
                continue
            value = field.convert_to_cache(field.default(model), model)
            # SQL: only records without a value, of which there are none but after a failure
            env.cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(column)s = %(value)s WHERE %(column)s IS NULL",
                    table=SQL.identifier(model._table),
                    column=SQL.identifier(field.name),
                    value=field.convert_to_column_insert(value, model),
                )
            )
        model.invalidate_model([field.name for field in fields])


def tell_channels(env):
    """Tell which of Odoo's activity types are contacts."""
    for xmlid, channel in ACTIVITY_CHANNELS.items():
        activity_type = env.ref(xmlid, raise_if_not_found=False)
        if activity_type and not activity_type.contact_channel:
            activity_type.contact_channel = channel


def start_analysis(env):
    """Give each company its policies, and have the customers classified soon rather than next night."""
    for company in env["res.company"].search([]):
        for kind in ("customer", "supplier"):
            env["partner.classification.policy"]._get_for(company, kind)
        env["partner.effort.policy"]._get_for(company)
        env["supplier.score.policy"]._get_for(company)
    env.ref("partner_relations.ir_cron_classify")._trigger()
    env.ref("partner_relations.ir_cron_score_suppliers")._trigger()


def start_scorecards(env):
    """Give each company a score scheme, and have its sales managers' scorecards computed soon."""
    for company in env["res.company"].search([]):
        env["manager.score.scheme"]._ensure_for(company)
    env.ref("partner_relations.ir_cron_score_managers")._trigger()


def fill_inquiries(env):
    """Tell which of the leads so far are inquiries, and at which stage their customers were."""
    env["crm.lead"]._restart_inquiries()


def keep_owners(env):
    """Keep who is responsible for a customer from now on, and reconstruct who was before."""
    env["partner.owner.history"]._start()


def start_payment_reminders(env):
    """Give each company a starter set of levels; nothing is sent until somebody switches it on."""
    env["res.company"].search([])._ensure_payment_reminder_levels()


def take_over_birthdays(env):
    """Fill the birthday from that of the community's `partner_contact_birthdate`, where a company has entered it there.

    Once, at installation: from then on reminders, lists and segments go by the addon's own field.
    """
    field = env["res.partner"]._fields.get("birthdate_date")
    if field is None or not field.store or field.type != "date":
        return
    env["res.partner"].flush_model(["birthdate", "birthdate_date"])
    # SQL: only the contacts with a birthday are touched, without a query for each and without telling them a change
    env.cr.execute(
        SQL(
            "UPDATE res_partner SET birthdate = birthdate_date"
            " WHERE birthdate IS NULL AND birthdate_date IS NOT NULL"
        )
    )
    env["res.partner"].invalidate_model(["birthdate"])


def fill_letter_answers(env):
    """Find when letters were first answered, of those answered before that was kept."""
    env["partner.letter"]._fill_answers()


def mark_complaints(env):
    """Tell the outcome that the addon brought for complaints as one, in databases that had it before."""
    outcome = env.ref("partner_relations.outcome_complaint", raise_if_not_found=False)
    if outcome:
        outcome.is_complaint = True


def rest_mailbox_servers(env):
    """Let the mail servers of mailboxes rest when there are no mailboxes any more.

    Odoo would go on fetching letters that it has no place for, which marks them as read or takes them from the server;
    and anybody could send by the outgoing server of a personal mailbox.
    """
    mailboxes = env["partner.mailbox"].with_context(active_test=False).search([])
    mailboxes.fetchmail_server_id.filtered("active").active = False
    for server in mailboxes.mail_server_id.filtered("active"):
        try:
            with env.cr.savepoint():
                server.active = False
        except UserError as error:
            # a template or mailing names the server itself: that is for its administrator to say
            _logger.warning("The outgoing server “%s” of a mailbox stays in use: %s", server.name, error)


def take_activity_types(env, type_ids):
    """Give Odoo's own type to what keeps one from being removed: activities, and plans, actions and types of users."""
    todo = env.ref("mail.mail_activity_data_todo")
    env.flush_all()
    for model in map(env.__getitem__, env.registry):
        for field in model._fields.values():
            if field.type != "many2one" or field.comodel_name != todo._name or field.ondelete != "restrict":
                continue
            if not (field.store and model._auto) or field.inherited:
                continue
            # SQL: what is to be done stays to be done, without telling anybody of a change
            env.cr.execute(
                SQL(
                    "UPDATE %(table)s SET %(column)s = %(todo)s WHERE %(column)s = ANY(%(types)s)",
                    table=SQL.identifier(model._table),
                    column=SQL.identifier(field.name),
                    todo=todo.id,
                    types=type_ids,
                )
            )
    env.invalidate_all(flush=False)


def uninstall_hook(env):
    """Remove what the registry does not know to be ours.

    The settings; and records that core keeps in the name of its own modules for the mixins of the addon's models, or
    forgets with the columns they described. Mail servers of mailboxes stay, and rest.
    """
    rest_mailbox_servers(env)
    env["ir.config_parameter"].search([("key", "=like", r"partner\_relations.%")]).unlink()
    models = env["ir.model.data"].search([("module", "=", "partner_relations"), ("model", "=", "ir.model")])
    names = env["ir.model"].browse(models.mapped("res_id")).mapped("model")
    names = [name for name in names if name in env and env[name]._original_module == "partner_relations"]
    env["mail.compose.message"].search([("model", "in", names)]).unlink()
    # what users have kept of the addon's lists: favourites, and columns of exports
    for name, field in (("ir.filters", "model_id"), ("ir.exports", "resource")):
        env[name].with_context(active_test=False).search([(field, "in", names)]).unlink()
    known = env["ir.model.data"].search(
        [("module", "=", "partner_relations"), ("model", "=", "mail.activity.type")]
    )
    take_activity_types(env, known.mapped("res_id"))
    patterns = [name.replace(".", "_").replace("_", r"\_") for name in names]
    env["ir.model.data"].search(
        Domain("module", "!=", "partner_relations")
        & Domain("model", "in", ("ir.model.inherit", "ir.model.fields.selection", "ir.model.fields"))
        & Domain.OR(Domain("name", "=like", rf"%\_\_{pattern}\_\_%") for pattern in patterns)
    ).unlink()
    env["ir.model.constraint"].search(
        [("module.name", "=", "partner_relations"), ("type", "=", "f")]
    ).unlink()
