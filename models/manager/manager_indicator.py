import itertools
from collections import namedtuple
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from .manager_scorecard_line import UNITS

KINDS = [("sum", "Sum"), ("ratio", "Rate"), ("mean", "Mean")]
DIRECTIONS = [("higher", "Higher Is Better"), ("lower", "Lower Is Better")]
# Sources of which there may be several indicators of the same figure, told apart by other fields than the code.
COPIED_SOURCES = {"contacts", "report"}
# Sources that say how contacts are now, not what was done in a period: an edit of later is no change of its documents.
CURRENT_SOURCES = {"completeness"}
# Documents that a list opens at once.
MAX_DOCUMENTS = 50_000

IndicatorValue = namedtuple("IndicatorValue", ["numerator", "denominator", "count", "value"])
# What a source gives: a SELECT of rows, and for each indicator the SQL of its numerator and denominator over them.
Facts = namedtuple("Facts", ["rows", "columns"])
# What facts are asked for, see ManagerIndicator._get_params.
Params = namedtuple(
    "Params",
    ["company", "date_from", "date_to", "start", "end", "tz", "credit", "users", "codes", "indicators"],
)


class ManagerIndicator(models.Model):
    """A figure that tells how well a sales manager did in a period.

    It is defined by *facts*: documents, each with a numerator and maybe a denominator, and the manager whom it is
    credited to. The value is the sum of the numerators, or that sum divided by the sum of the denominators, over
    just these documents, so a value and its evidence cannot differ.

    **A source** of facts is a method ``_facts_<source>(params)`` that returns :class:`Facts`: ``rows`` is a SELECT
    with the columns user_id, res_model, res_id, partner_id and date (of the document, a day of the company), and
    whatever else the source needs; ``columns`` gives for each code of an indicator the SQL of numerator and
    denominator over the alias ``fact``. A row counts for an indicator if one of the two is not NULL. One source
    serves several indicators with one scan. ``params`` (:class:`Params`) has the company, the first and last day,
    the UTC moments at which these begin and end (the end excluded), the name of the company's time zone, whom sales
    are credited to, ids of the users asked for (None: all; empty: nobody) and the codes asked for. user_id NULL is
    nobody's.
    """

    _name = "manager.indicator"
    _description = "Indicator of Sales Managers"
    _inherit = ["partner.guarded.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, copy=False, help="Its name in formulas: small letters, digits and underscores."
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    source = fields.Selection(
        [("sales", "Invoices"), ("retention", "Customers Kept"), ("arrivals", "Customers Won")],
        string="Computed from",
        required=True,
        default="sales",
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        default="sum",
        help="Sum: of the documents, 0 without any. Rate and mean: a sum divided by another, empty without documents.",
    )
    unit = fields.Selection(UNITS, required=True, default="money")
    direction = fields.Selection(DIRECTIONS, required=True, default="higher")
    description = fields.Text(translate=True, help="What the figure means and how it is computed.")

    _code_unique = models.UniqueIndex(
        "(code)", "There is an indicator with that code already. Choose another one."
    )

    @api.constrains("code")
    def _check_code(self):
        for indicator in self:
            code = indicator.code or ""
            if not (code.isascii() and code.isidentifier() and code == code.lower()) or code in (
                "score", "base", "rank", "rank_count", "min", "max", "abs", "round", "if", "else",
            ):  # fmt: skip
                raise ValidationError(
                    self.env._(
                        "“%(code)s” cannot be the code of “%(indicator)s”: use small letters, digits and underscores, "
                        "for example key_accounts_revenue.",
                        code=code,
                        indicator=indicator.name,
                    )
                )

    @api.constrains("code", "source")
    def _check_source(self):
        """A source that computes certain figures needs the code of one of them."""
        today = fields.Date.context_today(self)
        params = self._get_params(self.env.company, today, today)
        for facts, indicators in self._get_facts(params):
            for indicator in indicators:
                if indicator.code not in facts.columns:
                    raise ValidationError(
                        self.env._(
                            "The indicator “%(indicator)s” cannot be computed from %(source)s, which gives no figure "
                            "with the code “%(code)s”. Use one of these codes: %(codes)s. Or choose “A Report” as the "
                            "source for an indicator of your own.",
                            indicator=indicator.name,
                            source=dict(self._fields["source"]._description_selection(self.env))[
                                indicator.source
                            ],
                            code=indicator.code,
                            codes=", ".join(sorted(facts.columns)),
                        )
                    )

    def copy_data(self, default=None):
        """A copy says that it is one, and has a code of its own.

        :raises UserError: for an indicator of a source that computes certain figures, each by its code
        """
        given, copies = default or {}, []
        # of archived ones, too
        taken = set(self.with_context(active_test=False).search([("code", "like", "copy")]).mapped("code"))
        for indicator, vals in zip(self, super().copy_data(default=default), strict=True):
            # with a code of the caller's the source says whether it has such a figure
            if vals["source"] not in COPIED_SOURCES and "code" not in given:
                raise UserError(
                    self.env._(
                        "The indicator “%s” is built in and counts what its code says, so a copy could count nothing "
                        "else. Create a new indicator that is computed from “A Report” instead.",
                        indicator.name,
                    )
                )
            if "code" not in given:
                stem = f"{indicator.code}_copy"
                codes = itertools.chain([stem], (f"{stem}{number}" for number in itertools.count(2)))
                vals["code"] = next(code for code in codes if code not in taken)
                taken.add(vals["code"])
            if "name" not in given:
                vals["name"] = self.env._("%s (copy)", indicator.name)
            copies.append(vals)
        return copies

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: whether it is used at all, also where the user may not look
        for model in ("manager.score.scheme.line", "manager.scorecard.line"):
            line = self.env[model].sudo().search([("indicator_id", "in", self.ids)], limit=1)
            if line:
                raise UserError(
                    self.env._(
                        "The indicator “%s” is used in schemes or scorecards. Archive it instead.",
                        line.indicator_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # As it was
    # ------------------------------------------------------------------
    def _get_definition(self):
        """The settings of its own by which its facts are found, as plain values for a scorecard to keep."""
        self.ensure_one()
        return {"source": self.source}

    def _as_defined(self, definition):
        """The indicator as it was by a definition, in memory; as it is where that is not known or cannot be used.

        There is one definition of an indicator at a time: records in memory of the same origin are the same.
        """
        self.ensure_one()
        if not definition or definition["source"] != self.source or definition == self._get_definition():
            return self
        past = self.new(definition, origin=self)
        try:
            past._check_report()
        except UserError:
            # such as by a field that is gone since
            return self
        return past

    # ------------------------------------------------------------------
    # Values and evidence
    # ------------------------------------------------------------------
    def _get_params(self, company, date_from, date_to, users=None, credit="owner"):
        """What facts of these indicators are asked for.

        :rtype: Params
        """
        name = company._get_zone()
        tz = pytz.timezone(name)

        def begin(day):
            return tz.localize(datetime.combine(day, time())).astimezone(pytz.utc).replace(tzinfo=None)

        return Params(
            company=self.env["res.company"].browse(company.id),
            date_from=date_from,
            date_to=date_to,
            start=begin(date_from),
            end=begin(date_to + timedelta(days=1)),
            tz=name,
            credit=credit,
            users=None if users is None else users.ids,
            codes=frozenset(self.mapped("code")),
            indicators=self,
        )

    def _get_facts(self, params):
        """Yield for each source its facts and the indicators they are for.

        Values are those of the whole company, whoever computes them: a scorecard must not depend on that. So
        everything is read with the rights of the system, and callers show each manager only what is the manager's.
        """
        # what cannot be computed any more has no figures, and keeps nobody else's
        for source, indicators in (
            self.sudo().filtered(lambda each: not each.problem).grouped("source").items()
        ):
            yield getattr(self.sudo(), f"_facts_{source}")(params._replace(indicators=indicators)), indicators

    def _compute_values(self, company, date_from, date_to, users=None, credit="owner"):
        """The values of these indicators of all managers at once; as many statements as there are sources.

        :param users: only of these; empty: only what is nobody's; None: of everybody who has facts, with id False for
            what is nobody's
        :param str credit: ``owner`` or ``document``
        :return: by id of the indicator and id of the user; who has no facts is not in it
        :rtype: dict[tuple, IndicatorValue]
        """
        values = {}
        if not self:
            return values
        params = self._get_params(company, date_from, date_to, users, credit)
        # PostgreSQL compiles these statements for longer than it runs them, and sorts on disk what fits into memory.
        self.env.cr.execute(
            "SET LOCAL jit = off; SELECT set_config('work_mem', '64MB', TRUE)"
            " WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('64MB')"
        )
        for facts, indicators in self._get_facts(params):
            columns = []
            for indicator in indicators:
                numerator, denominator = facts.columns[indicator.code]
                both = SQL("%s IS NOT NULL", numerator)
                if denominator is not None:
                    both = SQL("(%s OR %s IS NOT NULL)", both, denominator)
                columns += [
                    SQL("SUM(%s)::float8", numerator),
                    SQL("NULL::float8") if denominator is None else SQL("SUM(%s)::float8", denominator),
                    SQL("COUNT(*) FILTER (WHERE %s)", both),
                ]
            # SQL: one scan for all indicators of a source
            rows = self.env.execute_query(
                SQL(
                    "SELECT fact.user_id, %(columns)s FROM (%(rows)s) AS fact WHERE %(users)s GROUP BY fact.user_id",
                    columns=SQL(", ").join(columns),
                    rows=facts.rows,
                    users=self._get_users_sql(params),
                )
            )
            for user_id, *figures in rows:
                # ids of those in memory are the ones of their origins
                for number, (indicator, indicator_id) in enumerate(
                    zip(indicators, indicators.ids, strict=True)
                ):
                    numerator, denominator, count = figures[3 * number : 3 * number + 3]
                    if count:
                        values[indicator_id, user_id or False] = IndicatorValue(
                            numerator, denominator, count, indicator._get_value(numerator, denominator)
                        )
        return values

    def _get_value(self, numerator, denominator):
        """The value of these sums; None without data.

        Rates and means of a denominator that is 0 or less are none.
        """
        if numerator is None:
            return None
        if self.kind == "sum":
            return numerator
        return numerator / denominator if denominator and denominator > 0 else None

    @api.model
    def _get_users_sql(self, params):
        if params.users is None:
            return SQL("TRUE")
        if not params.users:
            return SQL("fact.user_id IS NULL")
        return SQL("fact.user_id = ANY(%s)", params.users)

    def _get_evidence(self, company, date_from, date_to, users=None, credit="owner"):
        """The facts behind the values, as a SELECT that can stand within another.

        :return: columns user_id, indicator_id, res_model, res_id, partner_id, date, numerator, denominator
        :rtype: SQL
        """
        params = self._get_params(company, date_from, date_to, users, credit)
        parts = []
        for facts, indicators in self._get_facts(params):
            pairs = SQL(", ").join(
                SQL(
                    "(%s::int4, (%s)::float8, (%s)::float8)",
                    indicator._origin.id,
                    facts.columns[indicator.code][0],
                    SQL("NULL")
                    if facts.columns[indicator.code][1] is None
                    else facts.columns[indicator.code][1],
                )
                for indicator in indicators
            )
            parts.append(
                SQL(
                    """
                    SELECT fact.user_id, pair.indicator_id, fact.res_model::varchar AS res_model, fact.res_id,
                           fact.partner_id, fact.date::date AS date, pair.numerator, pair.denominator
                      FROM (%(rows)s) AS fact
                CROSS JOIN LATERAL (VALUES %(pairs)s) AS pair (indicator_id, numerator, denominator)
                     WHERE (pair.numerator IS NOT NULL OR pair.denominator IS NOT NULL) AND %(users)s""",
                    rows=facts.rows,
                    pairs=pairs,
                    users=self._get_users_sql(params),
                )
            )
        if not parts:
            return SQL(
                "SELECT NULL::int4 AS user_id, NULL::int4 AS indicator_id, NULL::varchar AS res_model, "
                "NULL::int4 AS res_id, NULL::int4 AS partner_id, NULL::date AS date, NULL::float8 AS numerator, "
                "NULL::float8 AS denominator WHERE FALSE"
            )
        return SQL(" UNION ALL ").join(parts)

    def _get_evidence_action(self, company, user, date_from, date_to, credit="owner"):
        """The action that opens the documents behind a manager's value, as they are now.

        Documents of one kind open in their own list, of which the rules show what the user may see. Those of several
        kinds, or of a kind that the user may not read, open in a list that names each with what it counts; whoever
        may see the value sees what it is made of, as on a closed scorecard.

        :param user: the manager; empty: what is nobody's
        :raises UserError: when there are none
        """
        self.ensure_one()
        evidence = self._get_evidence(company, date_from, date_to, user, credit)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT res_model, COUNT(*), (array_agg(res_id ORDER BY date DESC, res_id DESC))[1:%s]
                  FROM (SELECT res_model, res_id, MAX(date) AS date FROM (%s) AS evidence GROUP BY 1, 2) AS document
              GROUP BY res_model""",
                MAX_DOCUMENTS,
                evidence,
            )
        )
        # sudo: the name of a person, as in every list of Odoo
        manager = user.sudo().name or self.env._("nobody")
        if not rows:
            raise UserError(
                self.env._(
                    "%(indicator)s of %(manager)s from %(first)s to %(last)s has no documents.",
                    indicator=self.name,
                    manager=manager,
                    first=format_date(self.env, date_from),
                    last=format_date(self.env, date_to),
                )
            )
        count = sum(number for _model, number, _ids in rows)
        name = self.env._("%(indicator)s of %(manager)s", indicator=self.name, manager=manager)
        if count > MAX_DOCUMENTS:
            name = self.env._(
                "%(indicator)s of %(manager)s: the last %(shown)s of %(count)s documents",
                indicator=self.name,
                manager=manager,
                shown=MAX_DOCUMENTS,
                count=count,
            )
        model, _count, ids = rows[0]
        if len(rows) > 1 or not self.env[model].has_access("read"):
            return self.env["manager.indicator.document"]._open(evidence, MAX_DOCUMENTS, name, company)
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", ids)],
            "context": {"active_test": False, "create": False},
        }

    # ------------------------------------------------------------------
    # What sources have in common
    # ------------------------------------------------------------------
    def _get_credit_sql(self, params, partner, day, document):
        """Whom a document is credited to, and the join it needs.

        :param SQL partner: id of the commercial partner
        :param SQL day: the day of the document; the owner is the one at its first moment
        :param SQL document: id of the document's salesperson, who is credited where nobody owned the customer
        :return: user and join
        :rtype: tuple[SQL, SQL]
        """
        if params.credit != "owner":
            return document, SQL()
        join = self.env["partner.owner.period"]._owner_join(
            partner,
            SQL("(%s::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')", day, params.tz),
            SQL("%s", params.company.id),
        )
        return SQL("COALESCE(owner.user_id, %s)", document), join
