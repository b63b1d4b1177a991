import ast

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.period_filter import resolve
from ...tools.stored_domain import check_readable, within_company
from .manager_indicator import Facts

# Reports of the addon whose records belong to a salesperson and a day.
REPORTS = (
    "partner.turnover.report",
    "partner.deal.report",
    "partner.contact.log",
    "partner.inquiry.report",
    "partner.order.failure.report",
    "partner.closed.order.report",
    "supplier.delivery.report",
    "partner.rhythm.report",
    "partner.campaign.sale",
)
NUMBERS = ("integer", "float", "monetary")
# What means something else for each user; a figure is the same whoever computes it, with the system as the user.
PERSONAL = {
    "is_own", "in_my_team", "is_mine", "can_edit", "may_see", "may_reply", "may_manage",
    # of core: of what has messages and activities, messages themselves, and meetings, employees and favorites
    "message_is_follower", "message_needaction", "message_has_error", "message_has_sms_error",
    "my_activity_date_deadline", "needaction", "starred", "snailmail_error", "is_member", "current_attendee",
    "is_subordinate", "has_read_access", "has_department_manager_access", "is_favorite",
}  # fmt: skip
# Which fields of the report an indicator is made of.
FIELDS = ("measure_field_id", "denominator_field_id", "user_field_id", "date_field_id")


class ManagerIndicator(models.Model):
    """An indicator of one's own: a measure and a filter over a report of the addon, no code.

    The facts are the records of the report within the days and the filter; the numerator is the measure, or 1
    for each record; of a rate the denominator is another measure, of a mean it is 1 for each record with a value.
    """

    _inherit = "manager.indicator"
    _guarded_fields = ("domain_lang",)

    source = fields.Selection(selection_add=[("report", "A Report")], ondelete={"report": "cascade"})
    model_id = fields.Many2one(
        "ir.model",
        string="Report",
        ondelete="cascade",
        domain=[("model", "in", REPORTS)],
        help="The report whose records are counted or added up.",
    )
    model_name = fields.Char(related="model_id.model")
    measure_field_id = fields.Many2one(
        "ir.model.fields",
        string="Measure",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('integer', 'float', 'monetary'))]",
        help="What is added up. Empty: records are counted.",
    )
    denominator_field_id = fields.Many2one(
        "ir.model.fields",
        string="Divided by",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('integer', 'float', 'monetary'))]",
        help="Of a rate: what the sum of the measure is divided by.",
    )
    user_field_id = fields.Many2one(
        "ir.model.fields",
        string="Credited to",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('relation', '=', 'res.users')]",
        help="Which salesperson of the record it belongs to.",
    )
    date_field_id = fields.Many2one(
        "ir.model.fields",
        string="Day",
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('ttype', 'in', ('date', 'datetime'))]",
        help="Which day of the record has to lie in the period.",
    )
    domain = fields.Char(
        string="Filter",
        default="[]",
        help="Only records that fit count. Empty: all of the company. In the code of the filter, period_start and "
        "period_end stand for the first and last day of the scorecard, also with an offset in days, weeks, months or "
        "years: ('date', '>=', 'period_end -3m').",
    )
    # That of its writer at the moment of writing, so that the figures stay when somebody's language changes. Empty:
    # written before it was kept.
    domain_lang = fields.Char(string="Language", readonly=True, copy=False)
    # sudo: what is wrong with the definition, which everybody reads; no document is looked at
    problem = fields.Char(compute="_compute_problem", compute_sudo=True)

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    @api.constrains(
        "source", "kind", "model_id", "measure_field_id", "denominator_field_id", "user_field_id", "date_field_id",
        "domain",
    )  # fmt: skip
    def _check_report(self):
        for indicator in self.filtered(lambda each: each.source == "report"):
            indicator._check_report_fields()
            try:
                today = fields.Date.context_today(self)
                report, domain = indicator._get_report(), indicator._get_report_domain(today, today)
                if personal := sorted({*_get_personal(report, domain)}):
                    raise ValidationError(
                        self.env._("“%s” means something else for each user.", ", ".join(personal))
                    )
                # the ORM itself says what it does not know
                report._search(domain, limit=1)
            except (ValueError, SyntaxError, TypeError, KeyError, UserError) as error:
                raise ValidationError(
                    self.env._(
                        "The filter of the indicator “%(indicator)s” cannot be used: %(problem)s Choose it again.",
                        indicator=indicator.name,
                        problem=error,
                    )
                ) from error

    @api.depends("source", "kind", "model_id", "domain", *FIELDS)
    @api.depends_context("lang")
    def _compute_problem(self):
        """Why an indicator gives no figures: it was saved by an earlier version, or what it is made of is gone."""
        for indicator in self:
            indicator.problem = False
            try:
                # as it is saved: an entry that is not finished yet is no problem
                indicator._origin._check_report()
            except UserError as error:
                indicator.problem = str(error)

    @api.model_create_multi
    def create(self, vals_list):
        indicators = super().create(vals_list)
        indicators._keep_domain_lang()
        indicators._check_report_rights()
        return indicators

    def copy(self, default=None):
        copies = super().copy(default)
        if "domain" not in (default or {}):
            for indicator, its in zip(self, copies, strict=True):
                its._guard_off().domain_lang = indicator._get_domain_lang()
        return copies

    def write(self, vals):
        rewritten = self.browse()
        if "domain" in vals:
            # an import writes all columns, the same words too
            rewritten = self.filtered(lambda each: (each.domain or "") != (vals["domain"] or ""))
        result = super().write(vals)
        rewritten._keep_domain_lang()
        if {"source", "model_id", "domain", *FIELDS} & vals.keys():
            self._check_report_rights()
        return result

    def _keep_domain_lang(self):
        """Note that the user wrote the filters just now, in the language of the call, or of the user without one."""
        self._guard_off().domain_lang = self.env.lang or self.env.user.lang

    def _get_domain_lang(self):
        """In which language the filter was written; of filters before that was kept, that of who made the indicator."""
        self.ensure_one()
        return self.domain_lang or self.sudo().create_uid.lang  # sudo: somebody's language alone

    def _check_report_rights(self):
        """Raise an error if an indicator asks for what the user may not read: its figures would tell them.

        No constraint, as these are checked with all rights.
        """
        today = fields.Date.context_today(self)
        for indicator in self.filtered(lambda each: each.source == "report"):
            model = self.env[indicator.model_id.sudo().model]  # sudo: the name of a model

            def explain(reason, indicator=indicator):
                return self.env._(
                    "The indicator “%(indicator)s” asks for something that you may not read. Leave it out, or let "
                    "somebody enter it who may.\n\n%(reason)s",
                    indicator=indicator.name,
                    reason=reason,
                )

            domain = indicator._get_report_domain(today, today)
            for name in FIELDS:
                if indicator[name]:
                    # sudo: the name of a field
                    domain &= Domain(indicator[name].sudo().name, "!=", False)
            check_readable(model, domain, explain)

    def _check_report_fields(self):
        self.ensure_one()
        if self.model_id.sudo().model not in REPORTS:  # sudo: the name of a model
            raise ValidationError(
                self.env._("Choose one of the reports of the list for the indicator “%s”.", self.name)
            )
        needed = {"user_field_id": self.user_field_id, "date_field_id": self.date_field_id}
        if self.kind == "ratio":
            needed["denominator_field_id"] = self.denominator_field_id
        if self.kind != "sum":
            needed["measure_field_id"] = self.measure_field_id
        for name, field in needed.items():
            if not field:
                raise ValidationError(
                    self.env._(
                        "The indicator “%(indicator)s” needs an entry for “%(field)s”.",
                        indicator=self.name,
                        field=self._fields[name].get_description(self.env, ["string"])["string"],
                    )
                )
        for field in (
            self.measure_field_id | self.denominator_field_id | self.user_field_id | self.date_field_id
        ):
            field = field.sudo()
            if field.model_id != self.model_id or not self._has_column(field.name):
                raise ValidationError(
                    self.env._(
                        "The field “%(field)s” of the indicator “%(indicator)s” is not one of the report's columns. "
                        "Choose another one.",
                        field=field.field_description,
                        indicator=self.name,
                    )
                )
        grouped = getattr(self._get_report(), "_grouped_fields", ())
        divided_by = self.denominator_field_id if self.kind == "ratio" else self.env["ir.model.fields"]
        for field in (self.measure_field_id | divided_by).sudo():
            if field.name in grouped:
                raise ValidationError(
                    self.env._(
                        "“%(field)s” of the indicator “%(indicator)s” is a figure of groups, which no single record of "
                        "the report has. Choose another one.",
                        field=field.field_description,
                        indicator=self.name,
                    )
                )

    def _has_column(self, name):
        """Whether a field of the report has a value in the database; one that is computed when read has none."""
        report = self._get_report()
        field = report._fields.get(name)
        if not field or (report._auto and not field.store):
            return False
        query = report._search(Domain.TRUE)
        try:
            report._field_to_sql(query.table, name, query)
        except ValueError:
            return False
        return True

    def _get_report_domain(self, first, last):
        """The filter as a domain, for the period from ``first`` to ``last``; nothing in it is run.

        :raises ValueError, SyntaxError: when it is not one
        """

        def for_period(condition):
            value = condition.value
            if isinstance(value, Domain):
                value = value.map_conditions(for_period)
            return Domain(condition.field_expr, condition.operator, resolve(value, first, last))

        domain = Domain(ast.literal_eval((self.domain or "").strip() or "[]"))
        return domain.map_conditions(for_period)

    def _get_definition(self):
        definition = super()._get_definition()
        if self.source == "report":
            definition |= {name: self[name].id for name in ("model_id", *FIELDS)}
            definition |= {
                "kind": self.kind,
                "domain": self.domain,
                "domain_lang": self._get_domain_lang(),
            }
        return definition

    # ------------------------------------------------------------------
    # Facts
    # ------------------------------------------------------------------
    def _get_report(self, company=None, tz=None):
        """The report as the system sees it, in one company alone, whose days are those of the time zone.

        A filter compares words in the language in which it was written. So nothing depends on who computes.
        """
        company = company or self.env.company
        lang = self._get_domain_lang()
        return (
            self.env[self.model_id.sudo().model]  # sudo: the name of a model
            # with all rights: the figures of the company, as for every indicator; see _get_facts
            .with_user(SUPERUSER_ID)
            .with_company(company)
            .with_context(
                allowed_company_ids=company.ids,
                active_test=False,
                # a language that was switched off since is refused by the ORM
                lang=lang if self.env["res.lang"]._get_data(code=lang) else "en_US",
                tz=tz or self.env.context.get("tz"),
            )
        )

    def _facts_report(self, params):
        parts, columns = [], {}
        for indicator in params.indicators:
            parts.append(indicator._get_report_rows(params))
            mine = SQL("fact.indicator_id = %s", indicator._origin.id)
            numerator = SQL("CASE WHEN %s THEN fact.numerator END", mine)
            denominator = (
                None if indicator.kind == "sum" else SQL("CASE WHEN %s THEN fact.denominator END", mine)
            )
            columns[indicator.code] = numerator, denominator
        return Facts(SQL(" UNION ALL ").join(parts), columns)

    def _get_report_rows(self, params):
        self.ensure_one()
        report = self._get_report(params.company, params.tz)
        date_field = self.date_field_id.name
        if self.date_field_id.ttype == "date":
            first, after = params.date_from, fields.Date.add(params.date_to, days=1)
        else:
            first, after = params.start, params.end
        chosen = self._get_report_domain(params.date_from, params.date_to)
        domain = (
            within_company(chosen, report, params.company)
            & Domain(date_field, ">=", first)
            & Domain(date_field, "<", after)
            & Domain("company_id", "=", params.company.id)
        )
        query = report._search(domain)
        query.order = None

        def column(name):
            return report._field_to_sql(query.table, name, query)

        numerator = column(self.measure_field_id.name) if self.measure_field_id else SQL("1")
        denominator = SQL("NULL::float8")
        if self.kind == "mean":
            denominator = SQL("CASE WHEN %s IS NOT NULL THEN 1 END", numerator)
        elif self.kind == "ratio":
            denominator = column(self.denominator_field_id.name)
        partner = column("partner_id") if "partner_id" in report._fields else SQL("NULL")
        day = column(date_field)
        if self.date_field_id.ttype == "datetime":
            day = SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)", day, params.tz)
        return query.select(
            SQL("%s AS user_id", column(self.user_field_id.name)),
            SQL("%s::varchar AS res_model", report._name),
            SQL("%s AS res_id", SQL.identifier(query.table, "id")),
            SQL("(%s)::int4 AS partner_id", partner),
            SQL("(%s)::date AS date", day),
            SQL("%s AS indicator_id", self._origin.id),
            SQL("(%s)::float8 AS numerator", numerator),
            SQL("(%s)::float8 AS denominator", denominator),
        )


def _get_personal(model, domain):
    """Yield the names of a domain that mean something else for each user, those of paths and inner domains, too.

    What is stored is the same for all, such as the favorites among products.
    """
    for condition in domain.iter_conditions():
        comodel = model
        for name in condition.field_expr.split("."):
            field = None if comodel is None else comodel._fields.get(name)
            if name in PERSONAL and not (field and field.store):
                yield name
            # none: unknown, which the search says; a part of a date, a property
            comodel = model.env[field.comodel_name] if field and field.relational else None
        if condition.operator in ("any", "not any") and isinstance(condition.value, Domain | list | tuple):
            yield from _get_personal(comodel, Domain(condition.value))
