from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ...tools.batches import write_each
from ...tools.payment_levels import Level, next_level

# Customers whose letters are made in one go.
BATCH_SIZE = 200


class PartnerPaymentReminder(models.Model):
    """Who is to be reminded of what, today.

    Of each customer all open items on receivable accounts are read. An instalment is *told* at the next level that it
    has reached; the letter has the highest of these. No letter goes to who owes less than the company's minimum after
    unmatched payments and credit notes, who had one less than so many days ago, is paused or excluded. Disputed and
    paused invoices, those whose payment Odoo blocks, and items that Odoo excludes from follow-up, are left out and are
    not counted.
    """

    _inherit = "partner.payment.reminder"

    @api.model
    def _get_today(self, company):
        """The day in the company's time zone."""
        return company._get_day()

    @api.model
    def _get_levels(self, company):
        levels = self.env["partner.payment.reminder.level"].sudo().search([("company_id", "=", company.id)])
        return [Level(level.id, level.days) for level in levels.sorted("days")]

    @api.model
    def _read_open_items(self, company, partner_ids=None, but=()):
        """Open items of customers, with the level that each was told last.

        Payments of invoices that have no journal entry yet are deducted, from the instalment that was due first on.

        :param but: ids of letters that do not count as told
        :return: by id of the customer a list of dictionaries
        """
        for model, names in (
            (
                "account.move",
                [
                    "amount_residual", "amount_residual_signed", "amount_total_signed", "company_id", "currency_id",
                    "move_type", "name", "payment_state", "reminder_dispute", "reminder_pause_until", "state",
                ],
            ),
            (
                "account.move.line",
                [
                    "account_id", "amount_residual", "amount_residual_currency", "company_id", "currency_id", "date",
                    "date_maturity", "no_followup", "parent_state", "partner_id", "reconciled",
                ],
            ),
            ("account.account", ["account_type", "non_trade"]),
            (
                "account.payment",
                ["amount", "amount_company_currency_signed", "currency_id", "invoice_ids", "move_id", "state"],
            ),
            ("res.partner", ["active", "commercial_partner_id"]),
        ):  # fmt: skip
            self.env[model].flush_model(names)
        self.flush_model(["state"])
        self.env["partner.payment.reminder.line"].flush_model()
        self.env["partner.payment.reminder.level"].flush_model(["days"])
        where = SQL()
        if partner_ids is not None:
            where = SQL("AND partner.commercial_partner_id = ANY(%s)", list(partner_ids))
        # SQL: every open item of the company at once; the index of core on unreconciled items has them. A level
        # that was told is not told again when its days are changed.
        rows = self.env.execute_query(
            SQL(
                """
    SELECT line.id, line.move_id, move.name, partner.commercial_partner_id, line.date,
           COALESCE(line.date_maturity, line.date), line.currency_id, line.amount_residual_currency,
           line.amount_residual, told.days, paying.ratio * ABS(move.amount_residual_signed)
      FROM account_move_line AS line
      JOIN account_account AS account ON account.id = line.account_id
       AND account.account_type = 'asset_receivable' AND account.non_trade IS NOT TRUE
      JOIN account_move AS move ON move.id = line.move_id
      JOIN res_partner AS partner ON partner.id = line.partner_id
 LEFT JOIN (SELECT told_line.move_line_id, MAX(GREATEST(told_line.level_days, level.days)) AS days
              FROM partner_payment_reminder_line AS told_line
              JOIN partner_payment_reminder AS reminder ON reminder.id = told_line.reminder_id
              JOIN partner_payment_reminder_level AS level ON level.id = told_line.level_id
             WHERE reminder.state IN ('queued', 'sent') AND reminder.company_id = %(company)s
               AND reminder.id <> ALL(%(but)s::int[])
          GROUP BY told_line.move_line_id) AS told ON told.move_line_id = line.id
 LEFT JOIN (%(payments)s) AS paying ON paying.invoice_id = line.move_id
     WHERE line.reconciled IS NOT TRUE AND line.parent_state = 'posted' AND line.company_id = %(company)s
       AND line.amount_residual <> 0
       AND (line.amount_residual < 0
            OR (line.no_followup IS NOT TRUE AND move.payment_state IS DISTINCT FROM 'blocked'
                AND COALESCE(move.reminder_dispute, '') = ''
                AND (move.reminder_pause_until IS NULL OR move.reminder_pause_until < %(today)s)))
       %(where)s
  ORDER BY 6, 1""",
                company=company.id,
                today=self._get_today(company),
                but=list(but),
                where=where,
                # as the list of deals has them
                payments=self.env["partner.deal.report"]
                .with_context(allowed_company_ids=company.ids)
                ._get_payments_sql(None),
            )
        )
        names = (
            "move_line_id", "move_id", "name", "partner_id", "date", "date_due", "currency_id", "amount",
            "amount_company", "told",
        )  # fmt: skip
        items, under_way = defaultdict(list), {}
        for *row, payment in rows:
            item = dict(zip(names, row, strict=True))
            if payment:
                left = under_way.get(item["move_id"], payment)
                under_way[item["move_id"]] = left - self._deduct_payment(company, item, left)
            if item["amount_company"]:
                items[item["partner_id"]].append(item)
        return self._leave_out_withheld(company, items)

    @api.model
    def _leave_out_withheld(self, company, items):
        """Take off what an employer was told to withhold: it is asked of nobody else, also after a member's stop."""
        if not items:
            return items
        move_lines = self.env["account.move.line"].browse(
            item["move_line_id"] for rows in items.values() for item in rows if item["amount_company"] > 0
        )
        withheld = self.env["partner.wage.deduction.list.item"]._get_withheld(move_lines)
        withheld = {move_line.id: amount for move_line, amount in withheld.items()}
        if not withheld:
            return items
        for partner_id, rows in items.items():
            for item in rows:
                amount = float(item["amount"])
                rest = amount - withheld.get(item["move_line_id"], 0.0)
                if rest == amount:
                    continue
                rest = self.env["res.currency"].browse(item["currency_id"]).round(max(rest, 0.0))
                item["amount_company"] = company.currency_id.round(
                    float(item["amount_company"]) * rest / amount
                )
                item["amount"] = rest
            items[partner_id] = [item for item in rows if item["amount"]]
        return items

    @api.model
    def _deduct_payment(self, company, item, payment):
        """Deduct a payment from an open item.

        :return: how much of the payment it takes, in company currency
        """
        before = abs(item["amount_company"])
        taken = min(before, payment)
        currency = self.env["res.currency"].browse(item["currency_id"])
        item["amount"] = currency.round(float(item["amount"] * (before - taken) / before))
        item["amount_company"] = company.currency_id.round(
            float(item["amount_company"] * (before - taken) / before)
        )
        return taken

    @api.model
    def _get_letter_vals(self, company, items, levels, today):
        """What is to be told of these open items of a customer; None if nothing is.

        :return: values of the reminder, with its lines
        """
        currency = company.currency_id
        lines, letter, owed, overdue, total, oldest = [], None, 0, 0, 0, 0
        for item in items:
            days = (today - item["date_due"]).days
            is_debt = item["amount_company"] > 0
            level = next_level(levels, item["told"], days) if is_debt else None
            if level and (letter is None or level.days > letter.days):
                letter = level
            amount = float(item["amount_company"])
            total += amount
            if not is_debt or level or days > 0:
                owed += amount
            if is_debt and days > 0:
                overdue += amount
                oldest = max(oldest, days)
            lines.append(
                {
                    **{key: item[key] for key in ("move_line_id", "move_id", "name", "date", "date_due")},
                    "currency_id": item["currency_id"],
                    "amount": float(item["amount"]),
                    "amount_company": amount,
                    "days_overdue": days,
                    "level_id": level.id if level else False,
                    "level_days": level.days if level else 0,
                }
            )
        minimum = company.payment_reminder_minimum
        if (
            letter is None
            or currency.compare_amounts(owed, 0) <= 0
            or currency.compare_amounts(owed, minimum) < 0
        ):
            return None
        return {
            "level_id": letter.id,
            "amount_open": total,
            "amount_overdue": overdue,
            "days_overdue": oldest,
            "lines": lines,
        }

    @api.model
    def _find_due(self, company, partner_ids=None, today=None):
        """Who is to be reminded today.

        :return: values of reminders by id of the customer
        :rtype: dict
        """
        today = today or self._get_today(company)
        levels = self._get_levels(company)
        if not levels:
            return {}
        letters = {}
        for partner_id, items in self._read_open_items(company, partner_ids).items():
            vals = self._get_letter_vals(company, items, levels, today)
            if vals:
                letters[partner_id] = vals
        for partner_id in self._get_left_alone(company, list(letters), today):
            letters.pop(partner_id, None)
        return letters

    @api.model
    def _get_excluded(self, company, partner_ids, today):
        """Ids of customers who get no letters now: archived, excluded or paused."""
        partners = self.env["res.partner"].sudo().with_company(company).with_context(active_test=False)
        return set(
            partners.search(
                Domain("id", "in", partner_ids)
                & (
                    Domain("active", "=", False)
                    | Domain("payment_reminder_excluded", "=", True)
                    | Domain("payment_reminder_pause_until", ">=", today)
                )
            ).ids
        )

    @api.model
    def _get_left_alone(self, company, partner_ids, today):
        """Ids of customers who get no letter today, whatever they owe."""
        alone = self._get_excluded(company, partner_ids, today)
        # one letter in so many days, and none beside one that waits
        found = self.sudo().search_fetch(
            Domain("company_id", "=", company.id)
            & Domain("partner_id", "in", partner_ids)
            & (
                Domain("state", "in", ("draft", "failed"))
                | (Domain("state", "in", ("queued", "sent")) & self._get_recent_domain(company, today))
                | Domain("date", "=", today)
            ),
            ["partner_id"],
        )
        return alone | {reminder.partner_id.id for reminder in found}

    @api.model
    def _get_recent_domain(self, company, today):
        """Letters so recent that their customer gets none today."""
        days = max(company.payment_reminder_interval, 1) - 1
        return Domain("date", ">=", fields.Date.subtract(today, days=days))

    # ------------------------------------------------------------------
    # Making the letters
    # ------------------------------------------------------------------
    @api.model
    def _make_due(self, company, batch_size=BATCH_SIZE):
        """Write the reminders that are due today; return them."""
        today = self._get_today(company)
        made = self.browse()
        due = sorted(self._find_due(company, today=today).items())
        for batch in split_every(batch_size, due, list):
            made |= self._make(company, dict(batch), today)
        return made

    @api.model
    def _make(self, company, letters, today):
        partners = self.env["res.partner"].sudo().browse(letters)
        recipients = self._get_recipients(company, partners)
        claimed = self._claim(company, letters, today)
        reminders = self.browse(claimed.values())
        lines, letters_of, problems = [], {}, {}
        for partner in partners:
            if partner.id not in claimed:
                continue
            reminder, vals = self.browse(claimed[partner.id]), dict(letters[partner.id])
            lines += [{**line, "reminder_id": reminder.id} for line in vals.pop("lines")]
            recipient = recipients.get(partner.id)
            letters_of[reminder._internal()] = {
                **vals,
                "recipient_id": recipient and recipient.id,
                "user_id": partner.user_id.id,
            }
            if not recipient:
                problems[reminder] = self._get_no_address_words(partner)
        write_each(letters_of)
        self.env["partner.payment.reminder.line"].create(lines)
        self._mark_failed(problems)
        return reminders

    def _get_no_address_words(self, partner):
        return self.env._(
            "%s has no e-mail address. Enter one on the customer or on its invoice address.",
            partner.display_name,
        )

    @api.model
    def _claim(self, company, letters, today):
        """Write the rows that no other worker has written; a second one waits for the first and leaves them out.

        :return: id of the reminder by id of the customer
        """
        if not letters:
            return {}
        self.flush_model()
        now = fields.Datetime.now()
        # SQL: what another worker has claimed is left out instead of being an error
        rows = self.env.execute_query(
            SQL(
                """
    INSERT INTO partner_payment_reminder
           (company_id, partner_id, date, level_id, state, create_uid, create_date, write_uid, write_date)
    VALUES %s
        ON CONFLICT (company_id, partner_id, date) WHERE state <> 'cancelled' DO NOTHING
 RETURNING partner_id, id""",
                SQL(", ").join(
                    SQL(
                        "(%s, %s, %s, %s, 'draft', %s, %s, %s, %s)",
                        company.id,
                        partner_id,
                        today,
                        vals["level_id"],
                        *(self.env.uid, now, self.env.uid, now),
                    )
                    for partner_id, vals in sorted(letters.items())
                ),
            )
        )
        self.invalidate_model(flush=False)
        return dict(rows)

    @api.model
    def _get_recipients(self, company, partners):
        """The invoice address with an e-mail of each customer, else the customer itself if it has one.

        :return: by id of the customer; who has no address is not in it
        """
        addresses = self.env["res.partner"].sudo()
        # an address that another company has entered for itself is not told what is owed here
        addresses = addresses.search(
            Domain(addresses._check_company_domain(company))
            & Domain("commercial_partner_id", "in", partners.ids)
            & Domain("type", "=", "invoice")
            & Domain("email_normalized", "!=", False),
            order="id desc",
        )
        found = {partner.id: partner for partner in partners if partner.email_normalized}
        found.update({address.commercial_partner_id.id: address for address in addresses})
        return found
