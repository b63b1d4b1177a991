import json
from datetime import datetime, time, timedelta
from functools import partial

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ...tools.notification import notify
from ...tools.periods import add_months

# Closed months that the first run keeps as history, at most.
HISTORY_MONTHS = 24
# What a scorecard is created with; its figures are computed from them.
KEYS = {"partner_id", "company_id", "period", "date_from", "date_to", "is_current"}


class SupplierScorecard(models.Model):
    """When scorecards are computed: at once for one, by a button for a company, every night and every month."""

    _inherit = "supplier.scorecard"

    @api.model_create_multi
    def create(self, vals_list):
        """Compute a scorecard that is created without figures, for its supplier and days.

        A person gets the scorecard of its company, which is the supplier. One without any data is empty. Where
        there is one for the same days, it is computed again. The supplier's current rating follows.

        :raises AccessError: for figures that somebody enters: they are only computed
        """
        if not self.env.su and any(vals.keys() - KEYS for vals in vals_list):
            raise AccessError(
                self.env._("The figures of a scorecard are computed. Create it with supplier and days alone.")
            )
        model = self._without_figure_defaults()
        cards, to_create = {}, []
        for number, vals in enumerate(vals_list):
            card, vals = (self.browse(), vals) if vals.keys() - KEYS else model._compute_wanted(vals)
            if card:
                cards[number] = card
            else:
                to_create.append((number, vals))
        created = super(SupplierScorecard, model).create([vals for _number, vals in to_create])
        cards.update((number, card) for (number, _vals), card in zip(to_create, created, strict=True))
        return self.browse(cards[number].id for number in range(len(vals_list)))

    @api.model
    def _takes_default(self, name, value):
        """Whether a default that a user has set counts: see ``ir.default``."""
        return name in KEYS

    @api.model
    def _without_figure_defaults(self):
        """Return the model without defaults of a client's context for what is computed."""
        context = {
            key: value
            for key, value in self.env.context.items()
            if not key.startswith("default_") or key.removeprefix("default_") in KEYS
        }
        if self.env.su or len(context) == len(self.env.context):
            return self
        return self.with_context(context)  # pylint: disable=context-overridden

    @api.model
    def _compute_wanted(self, vals):
        """Compute the scorecard that these values ask for. Without a period, it is that of the days.

        The current one is the running year up to today, whatever days are asked for: it is the supplier's rating.

        :return: the scorecard; an empty one if there is nothing to compute, with the values to create it from
        :rtype: tuple
        """
        wanted = self.new(vals)
        if "period" not in vals and wanted.date_from and wanted.date_to:
            wanted.period = self._get_period(wanted.date_from, wanted.date_to)
        partner = wanted.partner_id.commercial_partner_id._origin
        company = wanted.company_id._origin
        self.check_access("create")
        has_days = wanted.date_from and wanted.date_to and wanted.date_from <= wanted.date_to
        if not (partner and company and (has_days or wanted.is_current)):
            return self.browse(), vals  # creating it says what is wrong
        if not self.env.su and company not in self.env.companies:
            raise AccessError(
                self.env._("Switch to %s to rate its suppliers.", company.sudo().name)  # sudo: its name alone
            )
        policy = self._get_policy(company).sudo()  # sudo: days and limits, for who may compute
        values = {**vals, "partner_id": partner.id, "parameters": policy._get_parameters()}
        domain = [
            ("company_id", "=", company.id),
            ("partner_id", "=", partner.id),
            ("is_current", "=", wanted.is_current),
        ]
        if wanted.is_current:
            wanted.period = "year"
            wanted.date_from, wanted.date_to = self._get_window(policy, self._get_today(company))
            values.update(period="year", date_from=wanted.date_from, date_to=wanted.date_to)
        else:
            domain += [
                ("period", "=", wanted.period),
                ("date_from", "=", wanted.date_from),
                ("date_to", "=", wanted.date_to),
            ]
        key = (policy, wanted.date_from, wanted.date_to, wanted.period, wanted.is_current)
        self._score_asked({key: partner})
        return self.search(domain, limit=1), values

    @api.model
    def _get_period(self, first, last):
        """The period that these days are: a calendar month, or just days."""
        is_month = first.day == 1 and last == add_months(first, 1) - timedelta(days=1)
        return "month" if is_month else "days"

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for card in self:
            if card.date_from > card.date_to:
                raise ValidationError(
                    self.env._(
                        "The scorecard of %(supplier)s ends on %(last)s, before it begins on %(first)s. "
                        "Enter a later last day.",
                        supplier=card.partner_id.display_name,
                        first=format_date(self.env, card.date_from),
                        last=format_date(self.env, card.date_to),
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------
    def action_compute(self):
        """Compute these scorecards again: the same suppliers and days, by the policy as it is now.

        The current one is moved on to today, and so is the current rating of the suppliers. One without any data
        is empty; as a current one it goes away.

        :raises AccessError: for who neither manages purchases nor is a director
        """
        self._check_may_compute()
        self._score_cards()
        if len(self) == 1 and not self.exists():
            # nothing of the supplier is due any more
            return self.env["ir.actions.act_window"]._for_xml_id(
                "partner_relations.supplier_scorecard_action"
            )
        return True

    def action_compute_now(self):
        """Rate all suppliers of the current company as of today.

        :raises AccessError: for who neither manages purchases nor is a director
        :raises UserError: while somebody else does it, or where the company does not rate its suppliers
        """
        self._check_may_compute()
        company = self.env.company
        policy = self._get_policy(company)
        try:
            policy.sudo().lock_for_update(allow_referencing=True)  # sudo: the lock alone, for who may compute
        except LockError as error:
            raise UserError(
                self.env._(
                    "The suppliers of %s are being rated right now. Look again in a minute.", company.name
                )
            ) from error
        self._score_current(policy)
        count = self.search_count([("company_id", "=", company.id), ("is_current", "=", True)])
        text = self.env._("%(count)s suppliers of %(company)s rated.", count=count, company=company.name)
        return notify(text, then="reload")

    @api.model
    def _check_may_compute(self):
        user = self.env.user
        if not (
            self.env.su
            or user.has_group("purchase.group_purchase_manager")
            or user.has_group("partner_relations.group_director")
        ):
            raise AccessError(self.env._("Only purchase managers and directors may compute scorecards."))

    @api.model
    def _get_policy(self, company):
        """The policy of a company that rates its suppliers.

        :raises UserError: when it does not
        """
        policy = self.env["supplier.score.policy"]._get_for(company)
        if not policy:
            raise UserError(
                self.env._(
                    "%s does not rate its suppliers: its rating policy is archived. Restore it first.",
                    company.name,
                )
            )
        return policy

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------
    @api.model
    def _get_tz(self, company):
        """The time zone in which the company's orders have their day."""
        return pytz.timezone(company._get_zone())

    @api.model
    def _get_today(self, company):
        """The day that it is in the company's time zone."""
        return company._get_day()

    @api.model
    def _get_window(self, policy, date_to):
        """The first and last day of the running year that ends on ``date_to``."""
        return date_to - timedelta(days=policy.window_days - 1), date_to

    @api.model
    def _get_utc_bounds(self, company, first, last):
        """The moments between which the company's days from ``first`` to ``last`` lie, in UTC."""
        tz = self._get_tz(company)
        return tuple(
            tz.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (first, last + timedelta(days=1))
        )

    # ------------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------------
    def _score_cards(self):
        """Compute these scorecards, those of the same company and days together."""
        windows = {}
        for card in self:
            policy = self._get_policy(card.company_id).sudo()  # sudo: days and limits, for who may compute
            first, last = card.date_from, card.date_to
            if card.is_current:
                first, last = self._get_window(policy, self._get_today(card.company_id))
            key = (policy, first, last, card.period, card.is_current)
            windows[key] = windows.get(key, self.env["res.partner"]) | card.partner_id
        self._score_asked(windows)

    @api.model
    def _move_to_partner(self, sources, target):
        """Give the scorecards of ``sources`` to the supplier ``target``, one of each company and window.

        :param sources: suppliers that become, or belong to, another one
        :param target: the supplier (a commercial partner) that gets them
        :return: those that are to be computed anew, with all rights
        """
        # sudo: what is kept of the rating, for all companies, whoever changes the contacts
        cards = self.sudo().search([("partner_id", "in", (sources | target).ids)])
        moved = cards.filtered(lambda card: card.partner_id != target)
        # without one of another supplier, those of this one are right as they are
        if not moved:
            return moved
        kept, dropped = {}, cards.browse()
        for card in cards.sorted(lambda card: (card.partner_id != target, card.id)):
            days = (card.date_from, card.date_to) if card.period == "days" else card.date_to
            key = (card.company_id, card.period, "current" if card.is_current else days)
            if key in kept:
                dropped |= card
            else:
                kept[key] = card
        moved -= dropped
        dropped.unlink()
        if moved:
            moved.flush_recordset()
            # SQL: the company of a contact is not asked, as in core's merge
            self.env.execute_query(
                SQL(
                    "UPDATE supplier_scorecard SET partner_id = %s WHERE id IN %s RETURNING id",
                    target.id,
                    tuple(moved.ids),
                )
            )
            moved.invalidate_recordset(["partner_id"], flush=False)
        return cards - dropped

    def _score_moved(self):
        """Compute the scorecards that :meth:`_move_to_partner` returned, in companies that rate suppliers."""
        if not self:
            return
        self.invalidate_model()
        policies = self.env["supplier.score.policy"]
        self.filtered(lambda card: policies._get_for(card.company_id))._score_cards()

    @api.model
    def _score_asked(self, windows):
        """Compute scorecards that somebody asks for by supplier, and bring the rating of these up to date.

        A rating that lags behind the scorecard just computed would be trusted by nobody.

        :param dict windows: suppliers, by policy, first and last day, period and whether it is the current one
        """
        lagging = {}
        for (policy, first, last, period, is_current), partners in windows.items():
            self._score(policy, first, last, period, is_current, partners, keep_empty=not is_current)
            if not is_current:
                lagging[policy] = lagging.get(policy, self.env["res.partner"]) | partners
        for policy, partners in lagging.items():
            window = self._get_window(policy, self._get_today(policy.company_id))
            self._score(policy, *window, "year", True, partners)

    @api.model
    def _score(self, policy, date_from, date_to, period, is_current=False, partners=None, keep_empty=False):
        """Compute the scorecards of a company, or of some of its suppliers, and keep the parameters with them."""
        company = policy.company_id
        # sudo: scorecards hold the figures of a whole company, whoever has them computed; the caller was checked
        cards = self.sudo().with_company(company)
        cards._compute_figures(
            company,
            date_from,
            date_to,
            partners=partners,
            period=period,
            is_current=is_current,
            keep_empty=keep_empty,
        )
        self._keep_parameters(policy, date_from, date_to, period, is_current, partners)
        self._forget_ratings()

    @api.model
    def _keep_parameters(self, policy, date_from, date_to, period, is_current, partners):
        """Write what the policy said onto the scorecards that have it not yet.

        SQL: one statement for all suppliers of a company that touches only the rows that differ.
        """
        self.flush_model()
        self.env.execute_query(
            SQL(
                """
                UPDATE supplier_scorecard
                   SET parameters = %(parameters)s::jsonb
                 WHERE company_id = %(company)s AND period = %(period)s
                   AND COALESCE(is_current, FALSE) = %(is_current)s
                   AND (%(is_current)s OR (date_from = %(date_from)s AND date_to = %(date_to)s))
                   AND (%(all)s OR partner_id = ANY(%(partners)s))
                   AND parameters IS DISTINCT FROM %(parameters)s::jsonb
             RETURNING id""",
                parameters=json.dumps(policy.sudo()._get_parameters()),  # sudo: the limits, as above
                company=policy.company_id.id,
                period=period,
                is_current=is_current,
                date_from=date_from,
                date_to=date_to,
                all=partners is None,
                partners=list(partners.ids) if partners is not None else [],
            )
        )
        self.invalidate_model(["parameters"], flush=False)

    @api.model
    def _forget_ratings(self):
        """Let the ratings of contacts be read anew."""
        self.env["res.partner"].invalidate_model(
            ["supplier_score", "supplier_grade", "supplier_grade_reason"], flush=False
        )
        self.invalidate_model(["applied_grade", "override_id", "reason"], flush=False)

    @api.model
    def _score_current(self, policy):
        """Rate all suppliers of a company as of today: their current scorecards."""
        policy = policy.sudo()  # sudo: days and limits; and when it was done
        first, last = self._get_window(policy, self._get_today(policy.company_id))
        # Another worker that read before this write fails and starts anew, instead of adding the same rows.
        policy.with_context(tracking_disable=True).date_scored = fields.Datetime.now()
        self._score(policy, first, last, "year", is_current=True)

    @api.model
    def _score_month(self, policy, month):
        """Keep a closed month as history: its own scorecards, and the running year as of its last day."""
        last = add_months(month, 1) - timedelta(days=1)
        self._score(policy, month, last, "month")
        self._score(policy, *self._get_window(policy, last), "year")
        policy._guard_off().with_context(tracking_disable=True).date_history = last

    # ------------------------------------------------------------------
    # Scheduled
    # ------------------------------------------------------------------
    @api.model
    def _cron_score(self):
        """Rate the suppliers of each company as of today, and keep the months that are over as history.

        One company and then one month after the other, each committed, so a run that is cut off goes on with the
        next: first all current ratings, those that wait longest before the others, then the history of each. A month
        that breaks the job off is tried again after the other companies, and those that follow it come after it. What
        fails is logged and left to the next night. A company that another worker is at is left to it. Months that were
        missed follow, as far as they have data and up to two years back.
        """
        policies = self.env["supplier.score.policy"]
        for company in self.env["res.company"].search([], order="id"):  # pylint: disable=no-search-all
            policies |= policies._get_for(company)
        current, history = [], []
        for policy in policies.sorted(lambda each: (each.date_scored or datetime.min, each.id)):
            company = policy.company_id
            today = self._get_today(company)
            name = f"Scorecards of the suppliers of {company.name}"
            current.append(([f"{today} {policy.id}"], name, partial(self._score_night, policy)))
            if month := next(iter(self._get_missing_months(policy)), None):
                history.append(
                    (
                        [f"{today} {policy.id} history"],
                        f"{name}, history from {month}",
                        partial(self._keep_night, policy),
                    )
                )
        self.env["ir.cron.progress"]._take_turns(current + history)

    @api.model
    def _score_night(self, policy):
        if policy.try_lock_for_update(allow_referencing=True):
            self._score_current(policy)

    @api.model
    def _keep_night(self, policy):
        """Keep the oldest month that is missing as history; return whether another one is.

        None is left out, as those before the last one kept count as kept.
        """
        if not policy.try_lock_for_update(allow_referencing=True):
            return False
        month, *following = self._get_missing_months(policy) or [None]
        if month:
            self._score_month(policy, month)
        return bool(following)

    @api.model
    def _get_missing_months(self, policy):
        """The first days of the closed months that are not kept as history yet, oldest first."""
        company = policy.company_id
        this_month = self._get_today(company).replace(day=1)
        start = add_months(this_month, -HISTORY_MONTHS)
        if policy.date_history:
            start = max(start, add_months(policy.date_history, 1))
        if start >= this_month:
            return []
        # the first promise of all, so that months before it are not computed in vain
        [(first_promise,)] = self.env["purchase.order.line"]._read_group(
            [
                ("company_id", "=", company.id),
                ("order_id.state", "=", "purchase"),
                ("promised_date", "!=", False),
            ],
            [],
            ["promised_date:min"],
        )
        if not first_promise:
            return []
        # a day earlier: its day in the company's time zone may be in the month before
        start = max(start, (first_promise - timedelta(days=1)).date().replace(day=1))
        # history stays as it was computed, also under another policy; a month alone may be that of one supplier,
        # computed by hand
        kept = {
            last.replace(day=1)
            for (last,) in self._read_group(
                [
                    ("company_id", "=", company.id),
                    ("period", "=", "year"),
                    ("is_current", "=", False),
                    ("date_to", ">=", start),
                ],
                ["date_to:day"],
            )
        }
        months = []
        while start < this_month:
            if start not in kept:
                months.append(start)
            start = add_months(start, 1)
        return months
