from datetime import date, timedelta
from functools import partial

from odoo import api, models
from odoo.tools import format_date

# Periods back that a run looks for some that were not handed over yet, e.g. after the server stood still.
LOOK_BACK = 12
# How long after its end a closed period is compared with its documents every night.
COMPARED_DAYS = 366


class ManagerScorecard(models.Model):
    """Computing every night."""

    _inherit = "manager.scorecard"

    @api.model
    def _cron_score(self):
        """Compute the running period of each company, and the ones that are over.

        A period that is over follows its documents for the days for late entries of the scheme; then it is
        computed a last time, and the director gets a to-do to close it. Closed ones are compared with their documents.
        One company and period after the other,
        each committed, so a run that is cut off goes on with the next. What another worker is at is left to it.
        What fails is undone and logged, and does not keep the others from being computed.
        """
        companies = self.env["res.company"].search([], order="id")  # pylint: disable=no-search-all
        tasks = [
            ([self._get_turn(*task)], self._name_task(task[1], task[2:]), partial(self._do_task, *task))
            for company in companies
            for task in self._get_tasks(company)
        ]
        self.env["ir.cron.progress"]._take_turns(tasks)

    @api.model
    def _do_task(self, method, company, *arguments):
        schemes = self.env["manager.score.scheme"].search([("company_id", "=", company.id)])
        if len(schemes.try_lock_for_update(allow_referencing=True)) == len(schemes):
            method(company, *arguments)

    @api.model
    def _name_task(self, company, arguments):
        """Which company and day a task of the night is about, for the log."""
        day = next(each for each in arguments if isinstance(each, date))
        return f"Scorecards of {company.name}, {format_date(self.env, day)}"

    @api.model
    def _get_turn(self, method, company, *arguments):
        """By what the job knows that a task had its turn tonight."""
        return " ".join(map(str, (self._get_today(company), company.id, method.__name__, *arguments)))

    @api.model
    def _score_night(self, company, period, day, last_schemes):
        """Compute a period; hand it to the director for the schemes for which it is the last time."""
        cards = self._compute_period(company, day, period)
        for scheme in last_schemes.exists():
            last = scheme._get_bounds(day)[1]
            # where an earlier one failed, or comes later tonight, a later run goes on with that one
            if last != min(self._get_unhanded(scheme, self._get_today(company)), default=None):
                continue
            its = cards.filtered(
                lambda card, scheme=scheme: card.scheme_id == scheme and card.state == "open"
            )
            scheme._ask_to_close(last, len(its))
            scheme._guard_off().date_done = last

    @api.model
    def _get_unhanded(self, scheme, today):
        """The last days of the periods that are over and were not handed over for a scheme yet, the latest first.

        A scheme for which none was handed over begins with the first that is due since the running period began:
        there may be several, as the days for late entries may be more than a period has.
        """
        running = scheme._get_bounds(today)[0]
        found, last = [], running - timedelta(days=1)
        for _number in range(LOOK_BACK):
            first = scheme._get_bounds(last)[0]
            due = last + timedelta(days=scheme.grace_days + 1)
            is_handed = last <= scheme.date_done if scheme.date_done else due < running
            if is_handed:
                break
            if scheme._is_valid_on(first):
                found.append(last)
            last = first - timedelta(days=1)
        return found

    @api.model
    def _compare_night(self, company, first, last):
        """Count what differs of the closed scorecards of a period."""
        domain = [("company_id", "=", company.id), ("date_from", "=", first), ("date_to", "=", last)]
        self.search([*domain, ("state", "=", "closed")])._refresh_differences()

    @api.model
    def _get_tasks(self, company):
        """What is to be done tonight: methods with the company and their other arguments.

        The periods that are over come first, as the running one is compared with them; then what became of the
        closed ones.
        """
        today = self._get_today(company)
        schemes = self.env["manager.score.scheme"].search([("company_id", "=", company.id)])
        tasks = []
        for period, alike in schemes.grouped("period").items():
            bounds, over = alike._get_period, {}
            for scheme in alike:
                for last in self._get_unhanded(scheme, today):
                    is_last = today > last + timedelta(days=scheme.grace_days)
                    handed = over.setdefault(last, schemes.browse())
                    over[last] = handed | scheme if is_last else handed
            tasks += [(self._score_night, company, period, last, over[last]) for last in sorted(over)]
            if any(scheme._is_valid_on(bounds(today, period)[0]) for scheme in alike):
                tasks.append((self._score_night, company, period, today, schemes.browse()))
        since = today - timedelta(days=COMPARED_DAYS)
        windows = self._get_closed_windows(company, since)
        return tasks + [(self._compare_night, company, *window) for window in windows]
