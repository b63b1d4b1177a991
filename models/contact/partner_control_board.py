from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.arguments import as_id, as_number

SECTIONS = ("overdue", "today", "coming", "no_next_step")
SCOPES = ("mine", "team", "all")
COMING_DAYS = 7
PAGE = 20
MAX_PAGE = 200
MAX_DAYS = 3660
NOTICE = "partner_relations.board"


class PartnerControlBoard(models.AbstractModel):
    """What is due, overdue and without next step: mine, my team's, or everybody's for a director.

    Rows are planned contacts (``partner.contact.log``) and unfinished deals (``partner.deal.report``), read with
    the rights of whoever looks. What is done to a row goes through their own methods.
    """

    _name = "partner.control.board"
    _description = "Control Board"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------
    @api.model
    @api.readonly
    def get_board(self, scope="mine", section=False, limit=PAGE):
        """Return the counts of all sections and the first rows of one.

        :param scope: ``mine``, ``team`` (supervisors: subordinates at any depth), ``all`` (directors); False: mine,
            or everybody's for a director of whom no contact is planned
        :param section: ``overdue``, ``today``, ``coming`` (the next seven days) or ``no_next_step``; without one,
            the first that has rows
        :param int limit: rows, at most 200
        :return: ``scope``, ``scopes``, ``section``, ``counts``, ``rows``, ``user_ids`` whose changes concern the
            board (False: everybody's)
        :rtype: dict
        :raises UserError: for an unknown section
        """
        if section and section not in SECTIONS:
            raise UserError(self.env._("The board has no section “%s”.", section))
        scopes = self._get_scopes()
        if not scope and "all" in scopes:
            return self._get_board(scopes, *self._choose_scope(scopes), section, limit)
        scope = scope if scope in scopes else scopes[0]
        user_ids = self._get_user_ids(scope)
        counts = self._count_contacts(self._get_domains(user_ids))
        return self._get_board(scopes, scope, user_ids, counts, section, limit)

    @api.model
    def _choose_scope(self, scopes):
        """The own scope if a contact of the user's own is planned, else everybody's; whose it is, and what is planned.

        In one statement, as the board has few to spend.
        """
        wide = scopes[-1]
        users = {scope: self._get_user_ids(scope) for scope in ("mine", wide)}
        domains = {
            (scope, section): domain
            for scope, user_ids in users.items()
            for section, domain in self._get_domains(user_ids).items()
            if section != "no_next_step"
        }
        found = self._count_contacts(domains)
        counts = {
            scope: {section: count for (of, section), count in found.items() if of == scope}
            for scope in ("mine", wide)
        }
        scope = "mine" if any(counts["mine"].values()) else wide
        return scope, users[scope], counts[scope]

    @api.model
    def _get_board(self, scopes, scope, user_ids, counts, section, limit):
        limit = as_number(limit, MAX_PAGE) or PAGE
        domains = self._get_domains(user_ids)
        deals = self.env["partner.deal.report"]
        rows = False
        if section == "no_next_step":
            counts[section], rows = self._read_deals(domains[section], limit)
        else:
            counts["no_next_step"] = deals.search_count(domains["no_next_step"])
        if not section:
            section = next((name for name in SECTIONS if counts[name]), "today")
        if rows is False and section == "no_next_step":
            _count, rows = self._read_deals(domains[section], limit)
        elif rows is False:
            rows = self._get_log_rows(self._read_logs(domains[section], limit))
        return {
            "scope": scope,
            "scopes": scopes,
            "section": section,
            "counts": counts,
            "rows": rows,
            "limit": limit,
            "user_ids": user_ids,
        }

    @api.model
    def _get_scopes(self):
        """The scopes that the user has, the own one first."""
        user = self.env.user
        scopes = ["mine"]
        if user.has_group("partner_relations.group_supervisor"):
            scopes.append("team")
        if user.has_group("partner_relations.group_director"):
            scopes.append("all")
        return scopes

    @api.model
    def _get_user_ids(self, scope):
        if scope == "all":
            return False
        return list(self.env.user._get_subordinate_user_ids()) if scope == "team" else [self.env.uid]

    @api.model
    def _get_domains(self, user_ids):
        """The domain of each section; days are those of whoever looks."""
        whose = Domain.TRUE if user_ids is False else Domain("user_id", "in", user_ids)
        zone = self.env.tz
        today = fields.Date.context_today(self)
        tomorrow, after = (
            zone.localize(datetime.combine(today + timedelta(days=days), time()))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for days in (1, COMING_DAYS + 1)
        )
        planned = Domain("state", "=", "planned") & whose
        overdue = Domain("is_overdue", "=", True)
        return {
            "overdue": planned & overdue,
            "today": planned & ~overdue & Domain("date", "<", tomorrow),
            "coming": planned & Domain("date", ">=", tomorrow) & Domain("date", "<", after),
            "no_next_step": Domain("has_next_step", "=", False) & whose,
        }

    @api.model
    def _count_contacts(self, domains):
        """The planned contacts of each section, counted in one statement with the rules of whoever looks."""
        logs = self.env["partner.contact.log"]
        names = [name for name in domains if name != "no_next_step"]
        query = logs._search(Domain.OR(domains[name] for name in names))
        # SQL: the sections are conditions, by which the ORM cannot group
        counts = [
            SQL(
                "COUNT(*) FILTER (WHERE %s)",
                domains[name].optimize_full(logs)._to_sql(logs, query.table, query),
            )
            for name in names
        ]
        # the deals come next: what their statement wants of PostgreSQL is set on the way
        settings = self.env["partner.deal.report"]._get_settings_sql()
        [row] = self.env.execute_query(query.select(*counts, *settings))
        return dict(zip(names, row, strict=False))

    @api.model
    def _read_deals(self, domain, limit):
        """The number of deals of a domain and the rows of the first ones."""
        deals = self.env["partner.deal.report"]
        query = deals._search(domain, limit=limit, order=deals._order)
        # SQL: both in one statement, since most of its time is finding out which deals they are
        found = self.env.execute_query(
            query.select(SQL.identifier(query.table, "id"), SQL("COUNT(*) OVER () AS count"))
        )
        return (found[0][1] if found else 0), self._get_deal_rows(deals.browse(row[0] for row in found))

    # ------------------------------------------------------------------
    # Acting
    # ------------------------------------------------------------------
    @api.model
    def move_contact(self, log_id, days):
        """Plan a contact for ``days`` days from today, at its hour, with the user's own rights.

        A Saturday or Sunday becomes the Monday after.

        :return: the new moment, in UTC
        """
        log = self._get_planned(log_id)
        days = self._check_days(days, log.name)
        zone = log._get_user_tz()
        local = pytz.utc.localize(log.date).astimezone(zone)
        day = self._get_working_day(pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date(), days)
        moved = zone.localize(datetime.combine(day, local.time())).astimezone(pytz.utc).replace(tzinfo=None)
        log.date = moved
        return fields.Datetime.to_string(moved)

    @api.model
    def _check_days(self, days, name):
        """``days`` as a number.

        :raises UserError: for what is none, or is farther than ten years
        """
        try:
            number = int(days)
        except (TypeError, ValueError, OverflowError):
            number = None
        if number is None or abs(number) > MAX_DAYS:
            raise UserError(
                self.env._(
                    "“%(contact)s” cannot be moved by %(days)s days. Choose a day within the next ten years.",
                    contact=name,
                    days=days,
                )
            )
        return number

    @api.model
    def _get_working_day(self, today, days):
        """The day ``days`` after today; instead of a Saturday or Sunday the Monday after."""
        day = today + timedelta(days=days)
        return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))

    @api.model
    def reassign_contact(self, log_id, user_id):
        """Give a planned contact to a colleague, with the user's own rights.

        :raises UserError: for somebody who does not work here, or not in the company of the contact
        """
        log = self._get_planned(log_id)
        log.user_id = self._get_colleague(user_id, log.name, log.company_id)
        return True

    @api.model
    def _get_colleague(self, user_id, name, company):
        user = self.env["res.users"].browse(as_id(user_id)).exists()
        # sudo: whether a colleague is one, and where
        known = user.sudo()
        if not known or known.share or not known.active:
            raise UserError(self.env._("Choose a colleague who works here for “%s”.", name))
        if company and company not in known.company_ids:
            raise UserError(
                self.env._(
                    "%(person)s does not work in %(company)s, to which “%(name)s” belongs. Choose somebody else.",
                    person=known.name,
                    company=company.name,
                    name=name,
                )
            )
        return user

    @api.model
    def _get_planned(self, log_id):
        log = self.env["partner.contact.log"].browse(as_id(log_id)).exists()
        log.check_access("write")
        if log.state != "planned":
            raise UserError(
                self.env._(
                    "This contact is no longer planned: a colleague was faster. The board shows what is left."
                )
            )
        return log

    # ------------------------------------------------------------------
    # Telling others
    # ------------------------------------------------------------------
    @api.model
    def _notify(self, users):
        """Tell open boards that something of ``users`` has changed, without any content.

        One notification when the transaction ends, whatever number of records it changed.
        """
        if not users:
            return
        precommit = self.env.cr.precommit
        if NOTICE not in precommit.data:
            precommit.data[NOTICE] = set()
            # sudo: the group is the channel of all boards; the numbers of users are all that is sent
            precommit.add(self.sudo()._send_notice)
        precommit.data[NOTICE].update(users.ids)

    @api.model
    def _send_notice(self):
        user_ids = self.env.cr.precommit.data.pop(NOTICE, ())
        group = self.env.ref("partner_relations.group_user", raise_if_not_found=False)
        if group and user_ids:
            group._bus_send(NOTICE, {"user_ids": sorted(user_ids)})
