from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ...tools.arguments import as_day, as_id
from ...tools.dashboard import CUSTOM, PERIODS, Scope, get_months, get_period
from ...tools.statements import is_jit_off
from .res_currency_rates import RATES

# What a director may look at in one go.
MAX_MONTHS = 60
# In the order of the page. Each has the methods _get_<block>_statements (optional), _get_<block> and _open_<block>.
BLOCKS = (
    *("turnover", "forecast", "matrix", "flow", "failures", "managers", "work", "receivables"),
    *("suppliers", "campaigns"),
)


class PartnerDirectorDashboard(models.AbstractModel):
    """One page of all that a director starts the day with, for a period, a company and a team.

    Every figure is made of the rows of a report or a side table that whoever looks may read, and opens them with a
    domain that gives the same figure. What somebody may not read at all is left out. Nothing is written, so that it
    runs on a read-only copy of the database.

    Statements are few: what is small is read in one, as columns of JSON, and names of everything in another.
    """

    _name = "partner.director.dashboard"
    _description = "Dashboard"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------
    @api.model
    @api.readonly
    def get_dashboard(self, options=None):
        """Return the figures of the dashboard.

        :param dict options: ``period`` (one of :data:`PERIODS`, the running year by default; ``custom`` with
            ``date_from`` and ``date_to``), ``company_id`` (of the active companies; all of them without one),
            ``team_id`` (a sales team: documents and customers of those who are in it or lead it)
        :return: ``options`` as they were taken, ``period`` (first and last day), ``companies``, ``teams``,
            ``currency_id``, ``notes`` and ``blocks``: {name: ``note``, what it is made of, and its figures}. What is
            not known is None
        :rtype: dict
        :raises AccessError: for who is nobody's superior by the groups
        :raises UserError: for options that cannot be
        """
        self._check_superior()
        options = self._check_options(options)
        dashboard = self._in_companies(options["company_id"])
        frame = dashboard._read_frame()
        dashboard = dashboard.with_context(**{RATES: frame["read_rates"]})
        scope = dashboard._get_scope(options, frame)
        blocks = [name for name in BLOCKS if getattr(dashboard, f"_has_{name}")()]
        statements = {}
        for name in blocks:
            make = getattr(dashboard, f"_get_{name}_statements", None)
            if make:
                statements.update(make(scope, frame))
        rows = dashboard._read_together(statements)
        result = {name: getattr(dashboard, f"_get_{name}")(scope, frame, rows) for name in blocks}
        dashboard._fill_names(result)
        return {
            "options": options,
            "period": {
                "date_from": fields.Date.to_string(scope.date_from),
                "date_to": fields.Date.to_string(scope.date_to),
                "name": dashboard._name_period(scope),
                "is_running": scope.today <= scope.date_to,
            },
            # sudo: names of companies that the user has chosen
            "companies": [{"id": one.id, "name": one.name} for one in self.env.companies.sudo()],
            "company_names": [one.name for one in dashboard.env.companies.sudo()],
            "teams": [{"id": team["id"], "name": team["name"]} for team in frame["teams"]],
            "team_name": next(
                (team["name"] for team in frame["teams"] if team["id"] == scope.team_id), False
            ),
            "currency_id": dashboard.env.company.currency_id.id,
            "notes": dashboard._get_notes(scope, frame),
            "blocks": result,
        }

    @api.model
    def _check_superior(self):
        if not self.env.user.has_group("partner_relations.group_supervisor"):
            raise AccessError(self.env._("The dashboard is for superiors. Ask for the right “Supervisor”."))

    @api.model
    def _check_options(self, options):
        """Return the options in full, with days as text.

        :raises UserError: for a period that is none, or that is too long
        """
        options = options or {}
        is_known = isinstance(options, dict)
        # what are no options is told as the period that it perhaps was meant for
        period = options.get("period") or "year" if is_known else options
        if not is_known or period not in PERIODS:
            raise UserError(self.env._("The dashboard has no period “%s”. Choose one of its list.", period))
        today = fields.Date.context_today(self)
        if period == CUSTOM:
            given = [options.get(name) for name in ("date_from", "date_to")]
            if not all(given):
                raise UserError(self.env._("Enter the first and the last day of the period."))
            first, last = map(as_day, given)
            if not first or not last:
                wrong = given[1] if first else given[0]
                raise UserError(self.env._("A day of the period is no date: %s", wrong))
        else:
            first, last = get_period(period, today)
        if first > last:
            raise UserError(self.env._("The period ends before it begins. Enter a later last day."))
        if first.year < 1900 or len(get_months(first, last)) > MAX_MONTHS:
            raise UserError(
                self.env._("The period is longer than %s months. Choose a shorter one.", MAX_MONTHS)
            )
        return {
            "period": period,
            "date_from": fields.Date.to_string(first),
            "date_to": fields.Date.to_string(last),
            "company_id": self._get_id(options, "company_id"),
            "team_id": self._get_id(options, "team_id"),
        }

    @api.model
    def _get_id(self, options, name):
        # what a client sends is not always a number
        return as_id(options.get(name)) or False

    @api.model
    def _in_companies(self, company_id):
        """The dashboard with the chosen company alone, or with all active ones."""
        if not company_id:
            # the current one stays the first, whose currency the figures are in
            return self.with_context(allowed_company_ids=(self.env.company | self.env.companies).ids)
        if company_id not in self.env.companies.ids:
            raise UserError(
                self.env._(
                    "The company is not among those you have selected. Select it in the menu of companies."
                )
            )
        return self.with_context(allowed_company_ids=[company_id])

    @api.model
    def _get_scope(self, options, frame):
        team = next((team for team in frame["teams"] if team["id"] == options["team_id"]), None)
        if options["team_id"] and not team:
            raise UserError(self.env._("The team is none of yours. Choose another one, or all."))
        return Scope(
            date_from=fields.Date.to_date(options["date_from"]),
            date_to=fields.Date.to_date(options["date_to"]),
            today=fields.Date.context_today(self),
            company_ids=tuple(self.env.companies.ids),
            people=tuple(team["user_ids"]) if team else None,
            team_id=options["team_id"],
        )

    @api.model
    def _get_notes(self, scope, frame):
        """What is to be known of all figures."""
        notes = []
        if frame["rates"]:
            notes.append(
                self.env._(
                    "Amounts of companies with another currency are converted to %s at today's rate.",
                    self.env.company.currency_id.name,
                )
            )
        if frame["read_rates"] and frame["read_rates"].differing:
            # sudo: names of companies that the user has chosen
            companies = self.env["res.company"].sudo().browse(frame["read_rates"].differing)
            notes.append(
                self.env._(
                    "Turnover and failed orders of %(companies)s are converted as in Odoo's Invoice Analysis, which "
                    "knows neither rates shared by all companies nor those to come, and takes 1 for them. Enter "
                    "today's rate for %(main)s.",
                    companies=", ".join(companies.mapped("name")),
                    main=self.env.company.root_id.sudo().name,
                )
            )
        if not self.env.user.has_group("partner_relations.group_director"):
            notes.append(self.env._("Only what is in the care of you or your team is counted."))
        if scope.people is not None:
            notes.append(
                self.env._(
                    "Documents and customers of the people who are in the team today, and of its leader. Suppliers and "
                    "campaigns are those of the whole company."
                )
            )
        return notes

    @api.model
    def _name_period(self, scope):
        return f"{format_date(self.env, scope.date_from)} – {format_date(self.env, scope.date_to)}"

    # ------------------------------------------------------------------
    # Statements
    # ------------------------------------------------------------------
    @api.model
    def _read_frame(self):
        """Return what the statements of the blocks need: the runs of the classification, teams and rates."""
        runs = self.env["partner.classification"]
        statements = {"teams": self._get_teams_sql()}
        if runs.has_access("read"):
            domain = Domain("kind", "=", "customer") & Domain("date_computed", "!=", False)
            domain &= Domain("company_id", "in", self.env.companies.ids)
            domain &= Domain("state", "=", "posted") | Domain("is_current", "=", True)
            statements["runs"] = self._get_rows_sql(
                runs, domain, ("id", "company_id", "stage_date", "is_current")
            )
        currencies = self.env["res.currency"]
        statements.update(currencies._get_rates_statements())
        # on the way, what the statements to come want of PostgreSQL
        settings = self.env["partner.deal.report"]._get_settings_sql()
        is_jit_off(self.env.cr)
        frame = {"runs": [], **self._read_together(statements, settings)}
        frame["teams"].sort(key=lambda team: (team["name"] or "", team["id"]))
        # what the reports would look up each for itself
        frame["read_rates"] = rates = currencies._make_rates(frame)
        # for amounts that no report converts; those of Invoice Analysis are for what has to agree with it
        frame["rates"] = dict(rates.conversions) if rates else {}
        return frame

    @api.model
    def _get_teams_sql(self):
        """The sales teams of the companies with their people; for a supervisor those with one of the own team."""
        # sudo: names of teams and who is in them, to choose from; figures follow the rights of whoever looks
        teams = self.env["crm.team"].sudo()
        query = teams._search(Domain("company_id", "in", [False, *self.env.companies.ids]))
        query.order = None
        people = SQL(
            """ARRAY(SELECT member.user_id FROM crm_team_member AS member
                      WHERE member.crm_team_id = %(team)s AND member.active
                      UNION SELECT %(leader)s WHERE %(leader)s IS NOT NULL ORDER BY 1)""",
            team=SQL.identifier(query.table, "id"),
            leader=SQL.identifier(query.table, "user_id"),
        )
        self.env["crm.team.member"].flush_model(["crm_team_id", "user_id", "active"])
        if not self.env.user.has_group("partner_relations.group_director"):
            team_ids = [self.env.uid, *self.env.user._get_subordinate_user_ids()]
            query.add_where(SQL("%s && %s::int[]", people, team_ids))
        # SQL: a team with its people in one row
        return query.select(
            SQL("%s AS id", SQL.identifier(query.table, "id")),
            SQL("%s AS name", teams._field_to_sql(query.table, "name", query)),
            SQL("%s AS user_ids", people),
        )

    @api.model
    def _get_rows_sql(self, model, domain, names):
        """The statement of the records of a domain that the user may read, with these stored fields."""
        query = model._search(domain)
        query.order = None
        return query.select(
            *(
                SQL("%s AS %s", model._field_to_sql(query.table, name, query), SQL.identifier(name))
                for name in names
            )
        )

    @api.model
    def _get_groups_sql(self, model, domain, groupby, aggregates):
        """The statement of the groups of a domain, as the ORM makes it, with the rules of the user.

        :param dict aggregates: {column: aggregate, or (aggregate, domain of the records that it counts)}
        """
        query = model._search(domain)
        query.order = None
        groups = {
            spec.partition(":")[0]: model._read_group_groupby(model._table, spec, query) for spec in groupby
        }
        columns = []
        for name, aggregate in aggregates.items():
            spec, condition = aggregate if isinstance(aggregate, tuple) else (aggregate, None)
            sql = model._read_group_select(spec, query)
            if condition is not None:
                # SQL: sums under conditions, by which the ORM cannot group
                sql = SQL(
                    "%s FILTER (WHERE %s)",
                    sql,
                    condition.optimize_full(model)._to_sql(model, query.table, query),
                )
            columns.append(SQL("%s AS %s", sql, SQL.identifier(name)))
        if groups:
            query.groupby = SQL(", ").join(groups.values())
        return query.select(
            *(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in groups.items()), *columns
        )

    @api.model
    def _read_together(self, statements, settings=()):
        """Return {name: rows as dictionaries} of several statements, which are sent as one."""
        if not statements:
            return {}
        # SQL: each small statement by itself would cost a turn to the database
        columns = [
            SQL(
                "(SELECT COALESCE(jsonb_agg(to_jsonb(part)), '[]') FROM (%s) AS part) AS %s",
                statement,
                SQL.identifier(f"part_{number}"),
            )
            for number, statement in enumerate(statements.values())
        ]
        [row] = self.env.execute_query(SQL("SELECT %s", SQL(", ").join([*columns, *settings])))
        return dict(zip(statements, row, strict=False))

    @api.model
    def _fill_names(self, blocks):
        """Put the names of what rows point to into them: one statement for all of them.

        A row tells by ``name_of``, a pair of model and id, what it is about.
        """
        wanted = {}
        rows = [row for block in blocks.values() for row in block.get("rows", ()) if "name_of" in row]
        for row in rows:
            model, record_id = row["name_of"]
            if record_id:
                wanted.setdefault(model, set()).add(record_id)
        statements = {}
        for model, ids in wanted.items():
            # sudo: as in every list of Odoo, the name of what a readable row points to is shown
            records = self.env[model].sudo().with_context(active_test=False)
            # a campaign is called by its title
            name = "title" if model == "utm.campaign" else "name"
            query = records._search([("id", "in", sorted(ids))])
            query.order = None
            statements[model] = query.select(
                SQL("%s AS id", SQL.identifier(query.table, "id")),
                SQL("%s AS name", records._field_to_sql(query.table, name, query)),
            )
        found = {
            (model, row["id"]): row["name"]
            for model, names in self._read_together(statements).items()
            for row in names
        }
        for row in rows:
            row["name"] = found.get(tuple(row.pop("name_of"))) or False

    @api.model
    def _convert(self, amount, company_id, frame):
        """An amount of a company in the currency of the dashboard; None stays None."""
        return None if amount is None else amount * frame["rates"].get(company_id, 1)

    # ------------------------------------------------------------------
    # What is behind a figure
    # ------------------------------------------------------------------
    @api.model
    @api.readonly
    def action_open(self, options, block, figure, part=False):
        """Open the records that a figure is made of.

        :param dict options: of the dashboard
        :param str block: one of :data:`BLOCKS`
        :param str figure: one of the block
        :param part: which one, such as the month or the reason
        :raises UserError: if there is no such figure, or the user may not read what is behind it
        """
        self._check_superior()
        options = self._check_options(options)
        if not isinstance(figure, str):
            self._refuse(figure)
        if block not in BLOCKS or not getattr(self, f"_has_{block}")():
            raise UserError(self.env._("The dashboard has no figures “%s” for you.", block))
        dashboard = self._in_companies(options["company_id"])
        frame = dashboard._read_frame()
        scope = dashboard._get_scope(options, frame)
        xmlid, name, domain, context = getattr(dashboard, f"_open_{block}")(scope, frame, figure, part)
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        # the records first, whatever else the screen of the menu begins with
        views = sorted(action["views"], key=lambda view: view[1] != "list")
        return {
            **action,
            "name": name,
            "views": views,
            "view_mode": ",".join(kind for _view, kind in views),
            "domain": list(domain),
            # the figures of the companies that were chosen, in the same currency
            "context": {**context, "allowed_company_ids": list(scope.company_ids)},
        }

    @api.model
    def _refuse(self, figure):
        raise UserError(self.env._("The dashboard has no figure “%s”. Load the page again.", figure))

    @api.model
    def _get_day(self, part):
        """The day of a part, False if it is none."""
        return as_day(part) or (self._refuse(part) if part else False)

    @api.model
    def _get_people_domain(self, scope, name="user_id"):
        return Domain.TRUE if scope.people is None else Domain(name, "in", scope.people)

    @api.model
    def _get_company_domain(self, scope):
        return Domain("company_id", "in", scope.company_ids)
