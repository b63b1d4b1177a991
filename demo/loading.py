"""What the loaders of the demo company share: transfers, postings, payments and backdating."""

from collections import defaultdict
from datetime import datetime, time, timedelta

from odoo import fields
from odoo.fields import Command, Domain
from odoo.tools import SQL

TIMEZONE = "Asia/Ho_Chi_Minh"
# No tracking, followers, invitations or mail: two years of history may not reach anybody's mailbox.
CONTEXT = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "mail_activity_quick_update": True,
    "mail_notify_force_send": False,
    "no_reset_password": True,
    "no_mail_to_attendees": True,
    "dont_notify": True,
    "skip_sms": True,
    "lang": "vi_VN",
    "tz": TIMEZONE,
}


def at(day, hour=9, minute=0):
    """A moment of a day in Vietnam (seven hours ahead, no summer time), in UTC as Odoo stores it."""
    return datetime.combine(day, time(hour, minute)) - timedelta(hours=7)


def past(day, hour):
    """Like ``at``, for what has happened: at the latest now."""
    return min(at(day, hour), fields.Datetime.now())


def backdate(records, days):
    """Set ``create_date`` of records; ``days`` gives one moment for each of them.

    SQL because the ORM does not let ``create_date`` be written; nothing depends on it but reports.
    """
    if not records:
        return
    records.flush_recordset()
    values = SQL(", ").join(
        SQL("(%s, %s)", record.id, day) for record, day in zip(records, days, strict=True)
    )
    records.env.execute_query(
        SQL(
            "UPDATE %s AS record SET create_date = old.day::timestamp FROM (VALUES %s) AS old (id, day)"
            " WHERE record.id = old.id RETURNING record.id",
            SQL.identifier(records._table),
            values,
        )
    )
    records.invalidate_recordset(["create_date"], flush=False)


def transfer(shares):
    """Carry out transfers: ``{picking: (moment, share)}``; a share below 1 leaves a backorder."""
    if not shares:
        return
    pickings = next(iter(shares)).browse([picking.id for picking in shares])
    for picking, (_moment, share) in shares.items():
        if share < 1:
            for move in picking.move_ids:
                move.quantity = int(
                    round(move.sale_line_id.product_uom_qty or move.purchase_line_id.product_qty) * share
                )
    pickings.move_ids.picked = True
    pickings._action_done()
    for picking, (moment, _share) in shares.items():
        picking.date_done = moment


def transfer_in_rounds(pickings_of, rounds):
    """First parts first, then the rest from the backorders.

    :param pickings_of: function giving the open pickings of a document
    :param rounds: ``{document: ((day, cumulative share), ...)}``
    """
    for number in range(max((len(parts) for parts in rounds.values()), default=0)):
        shares = {}
        for document, parts in rounds.items():
            if number < len(parts):
                day, share = parts[number]
                for picking in pickings_of(document):
                    shares[picking] = (past(day, 14), share)
        transfer(shares)


def give_back(picking, share, moment):
    """Send a share of a finished transfer back, taking it off the order."""
    wizard = (
        picking.env["stock.return.picking"]
        .with_context(
            active_id=picking.id,
            active_ids=picking.ids,
            active_model="stock.picking",
        )
        .create({"picking_id": picking.id})
    )
    for line in wizard.product_return_moves:
        line.write({"quantity": int(line.move_id.quantity * share), "to_refund": True})
    wizard.product_return_moves.filtered(lambda line: not line.quantity).unlink()
    returned = wizard._create_return()
    returned.action_assign()
    returned.move_ids.picked = True
    returned._action_done()
    returned.date_done = moment
    return returned


def pay(env, payments):
    """Pay invoices or bills through entries of the bank journal, one entry for ten days, and reconcile.

    One entry for many payments, as from a bank's collective statement, is several times as fast as
    one payment record for each.

    :param payments: list of (invoice, day)
    """
    credited = [(invoice, day) for invoice, day in payments if invoice.reversal_move_ids]
    for invoice, day in credited:
        # beside a credit note, an entry would leave the invoice as reversed: only a payment makes it paid
        if invoice.amount_residual:
            env["account.payment.register"].with_context(
                active_model="account.move",
                active_ids=invoice.ids,
            ).create({"payment_date": day}).action_create_payments()
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    company, by_period = env.company, defaultdict(list)
    for invoice, day in payments:
        if not invoice.reversal_move_ids:
            by_period[day.year, day.month, min(day.day // 10, 2)].append((invoice, day))
    vals_list, groups = [], []
    for _period, group in sorted(by_period.items()):
        day, lines, total = max(day for _invoice, day in group), [], 0
        for invoice, _day in group:
            due = invoice.line_ids.filtered(
                lambda line: line.account_id.account_type in ("asset_receivable", "liability_payable")
            )
            amount = sum(due.mapped("amount_residual_currency"))
            balance = invoice.currency_id._convert(amount, company.currency_id, company, day)
            total += balance
            lines.append(
                Command.create(
                    {
                        "name": invoice.name,
                        "partner_id": invoice.commercial_partner_id.id,
                        "account_id": due[:1].account_id.id,
                        "currency_id": invoice.currency_id.id,
                        "amount_currency": -amount,
                        "balance": -balance,
                    }
                )
            )
        if total:
            lines.append(
                Command.create(
                    {
                        "name": journal.name,
                        "account_id": journal.default_account_id.id,
                        "balance": total,
                    }
                )
            )
        vals_list.append({"journal_id": journal.id, "date": day, "move_type": "entry", "line_ids": lines})
        groups.append([invoice for invoice, _day in group])
    entries = env["account.move"].create(vals_list)
    entries.action_post()
    plan, open_lines = [], Domain("account_id.account_type", "in", ("asset_receivable", "liability_payable"))
    for entry, invoices in zip(entries, groups, strict=True):
        paid = entry.line_ids.filtered_domain(open_lines)
        for line, invoice in zip(paid.sorted("id"), invoices, strict=True):
            plan.append(line + invoice.line_ids.filtered_domain(open_lines))
    env["account.move.line"]._reconcile_plan(plan)
