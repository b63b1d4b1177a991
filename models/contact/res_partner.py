import calendar
from datetime import date

from babel.dates import format_date as babel_format_date
from babel.dates import format_skeleton, get_month_names

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, Query, get_lang
from odoo.tools.misc import babel_locale_parse
from odoo.tools.sql import column_exists

from ...tools.batches import write_each
from ...tools.birthdays import NO_YEAR, age_on, key_ranges, month_day_key, next_birthday, next_birthday_range
from ...tools.channels import CHANNELS


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Internal users only: portal users may read the contacts of their own company.
    birthdate = fields.Date(
        groups="base.group_user",
        help="Day of birth. If the year is not known, turn off “Year Known” and enter day and month.",
        prefetch="relations",
    )
    birth_year_known = fields.Boolean(
        string="Year Known",
        default=True,
        groups="base.group_user",
        help="Off if only day and month of birth are known: the birthday is watched, no age is shown.",
        prefetch="relations",
    )
    birth_day = fields.Selection(
        [(f"{day:02}", str(day)) for day in range(1, 32)],
        string="Day of Birth",
        compute="_compute_birth_day",
        compute_sudo=True,  # from the birthday of the contact alone
        inverse="_inverse_birth_day",
        groups="base.group_user",
    )
    birth_month = fields.Selection(
        selection="_selection_birth_month",
        string="Month of Birth",
        compute="_compute_birth_day",
        compute_sudo=True,  # from the birthday of the contact alone
        inverse="_inverse_birth_day",
        search="_search_birth_month",
        groups="base.group_user",
    )
    birthday_text = fields.Char(
        string="Birthday",
        compute="_compute_birthday_text",
        compute_sudo=True,  # from the birthday of the contact alone
        groups="base.group_user",
        help="The day of birth, with the year if it is known.",
    )
    next_birthday = fields.Date(
        compute="_compute_next_birthday",
        compute_sudo=True,  # from the birthday of the contact alone
        search="_search_next_birthday",
        groups="base.group_user",
        help="The first birthday from today on, in your time zone. Those born on 29 February are "
        "congratulated on 28 February in years without that day.",
    )
    # not `age`: a field of that name comes with addons that keep a birthday of their own
    birthday_age = fields.Integer(
        string="Age",
        compute="_compute_next_birthday",
        compute_sudo=True,  # from the birthday of the contact alone
        aggregator=None,
        groups="base.group_user",
        help="Completed years of life today; empty if the year of birth is not known.",
    )
    contact_role_id = fields.Many2one(
        "partner.contact.role",
        string="Role in Decisions",
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="The part this person plays when their company decides about buying.",
        prefetch="relations",
    )
    preferred_channel = fields.Selection(
        CHANNELS,
        groups="base.group_user",
        help="How this contact wants to be approached.",
        prefetch="relations",
    )
    responsible_user_ids = fields.Many2many(
        "res.users",
        "res_partner_responsible_user_rel",
        "partner_id",
        "user_id",
        string="Also Responsible",
        domain=[("share", "=", False)],
        groups="base.group_user",
        help="Managers responsible for this contact besides the salesperson. They see its log as well.",
    )

    # "Birthdays in the next 7 days" among 200,000 contacts; empty until somebody enters a birthday.
    # whose customers and suppliers they are: the rules of all reports ask for it
    _salesperson_idx = models.Index("(user_id) WHERE user_id IS NOT NULL")
    _buyer_idx = models.Index("(buyer_id) WHERE buyer_id IS NOT NULL")
    _birth_day_idx = models.Index(
        "((EXTRACT(MONTH FROM birthdate) * 100 + EXTRACT(DAY FROM birthdate))) WHERE birthdate IS NOT NULL"
    )

    def _auto_init(self):
        # SQL: the ORM would set the default of a new column row by row, rewriting a big table under lock;
        # PostgreSQL knows a constant default of existing rows without touching them.
        if not column_exists(self.env.cr, self._table, "birth_year_known"):
            table = SQL.identifier(self._table)
            self.env.cr.execute(SQL("ALTER TABLE %s ADD COLUMN birth_year_known boolean DEFAULT true", table))
            self.env.cr.execute(SQL("ALTER TABLE %s ALTER COLUMN birth_year_known DROP DEFAULT", table))
        return super()._auto_init()

    @api.model
    def _selection_birth_month(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        names = get_month_names("wide", context="stand-alone", locale=locale)
        return [(f"{month:02}", names[month].capitalize()) for month in range(1, 13)]

    @api.depends("birthdate")
    def _compute_birth_day(self):
        for partner in self:
            birthdate = partner.birthdate
            partner.birth_day = f"{birthdate.day:02}" if birthdate else False
            partner.birth_month = f"{birthdate.month:02}" if birthdate else False

    def _inverse_birth_day(self):
        changed = {}
        for partner in self:
            day, month = int(partner.birth_day or 0), int(partner.birth_month or 0)
            if partner.birthdate and (partner.birthdate.day, partner.birthdate.month) == (day, month):
                continue
            if not day and not month:
                changed[partner] = {"birthdate": False}
                continue
            known = bool(partner.birthdate and partner.birth_year_known)
            year = partner.birthdate.year if known else NO_YEAR
            if not day or not month or day > calendar.monthrange(year, month)[1]:
                raise ValidationError(partner._get_birth_day_error(day, month))
            changed[partner] = {"birthdate": date(year, month, day), "birth_year_known": known}
        write_each(changed)

    def _get_birth_day_error(self, day, month):
        name = self.display_name or self.env._("the new contact")
        if not day or not month:
            return self.env._(
                "The birthday of %s is incomplete: enter both the day and the month, or clear both.", name
            )
        return self.env._(
            "%(day)s %(month)s does not exist: correct the birthday of %(contact)s.",
            day=day,
            month=dict(self._selection_birth_month())[f"{month:02}"],
            contact=name,
        )

    @api.depends("birthdate", "birth_year_known")
    @api.depends_context("lang")
    def _compute_birthday_text(self):
        locale = babel_locale_parse(get_lang(self.env).code)
        for partner in self:
            birthdate = partner.birthdate
            if not birthdate:
                partner.birthday_text = False
            elif partner.birth_year_known:
                partner.birthday_text = babel_format_date(birthdate, format="long", locale=locale)
            else:
                partner.birthday_text = format_skeleton("MMMMd", birthdate, locale=locale)

    @api.depends("birthdate", "birth_year_known")
    @api.depends_context("tz", "uid")
    def _compute_next_birthday(self):
        born = self.filtered("birthdate")
        without = self - born
        without.next_birthday = without.birthday_age = False
        if not born:
            # the form of a new contact, which many open all day
            return
        today = fields.Date.context_today(self)
        for partner in born:
            birthdate = partner.birthdate
            partner.next_birthday = next_birthday(birthdate, today)
            partner.birthday_age = partner.birth_year_known and age_on(birthdate, today)

    @api.model
    def _birth_day_sql(self, alias, query=None):
        """Return month and day of birth as one number, spelled as in the index."""
        birthdate = self._field_to_sql(alias, "birthdate", query)
        return SQL("(EXTRACT(MONTH FROM %s) * 100 + EXTRACT(DAY FROM %s))", birthdate, birthdate)

    def _search_next_birthday(self, operator, value):
        today = fields.Date.context_today(self)
        if operator == "in":
            domain = Domain("birthdate", "=", False) if False in value else Domain.FALSE
            spans = [next_birthday_range("=", day, today) for day in value if day]
        elif operator in ("<", "<=", ">", ">="):
            domain, spans = Domain.FALSE, [next_birthday_range(operator, value, today)]
        else:
            return NotImplemented
        ranges = {pair for span in spans if span for pair in key_ranges(*span, today)}
        return domain | self._get_birth_day_domain(ranges)

    def _search_birth_month(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("birthdate", "=", False) if False in value else Domain.FALSE
        # what is no month is nobody's, as with every selection
        months = [int(key) for key, _label in self._selection_birth_month() if key in value]
        return domain | self._get_birth_day_domain((month * 100 + 1, month * 100 + 31) for month in months)

    @api.model
    def _get_birth_day_domain(self, ranges):
        """Return the domain of the contacts whose month and day of birth lie in one of the ranges."""
        ranges = sorted(ranges)
        if not ranges:
            return Domain.FALSE

        def to_sql(model, alias, query):
            # SQL: the next birthday is not stored (it changes every day), its month and day are indexed
            key = model._birth_day_sql(alias, query)
            return SQL(
                "(%s IS NOT NULL AND (%s))",
                model._field_to_sql(alias, "birthdate", query),
                SQL(" OR ").join(SQL("%s BETWEEN %s AND %s", key, low, high) for low, high in ranges),
            )

        return Domain.custom(to_sql=to_sql)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name != "next_birthday":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        # SQL: lists can be sorted by the next birthday: those still to come this year, then the others
        today = fields.Date.context_today(self)
        key = self._birth_day_sql(alias, query)
        over = SQL("(%s < %s)", key, month_day_key(today))
        query._order_groupby += [over, key]
        return SQL("%s %s %s, %s %s", over, direction, nulls, key, direction)

    @api.constrains("birthdate", "birth_year_known")
    def _check_birthdate(self):
        today = fields.Date.context_today(self)
        for partner in self:
            birthdate = partner.birthdate
            if not birthdate or not partner.birth_year_known:
                continue
            if birthdate > today:
                raise ValidationError(
                    self.env._(
                        "The birth date of %(contact)s, %(date)s, lies in the future: correct it.",
                        contact=partner.display_name,
                        date=partner.birthday_text,
                    )
                )
            if birthdate.year <= NO_YEAR:
                raise ValidationError(
                    self.env._(
                        "The birth date of %(contact)s, %(date)s, lies too far back: correct the year, "
                        "or turn off “Year Known” if only day and month are known.",
                        contact=partner.display_name,
                        date=partner.birthday_text,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._forget_birth_year(vals) for vals in vals_list])

    def write(self, vals):
        # asked before, as core takes `is_company` out of the values of users
        may_join_company = not {"parent_id", "is_company"}.isdisjoint(vals)
        result = super().write(vals)
        if may_join_company:
            self._follow_company()
        if "birthdate" in vals or "birth_year_known" in vals:
            yearless = self.filtered(
                lambda p: p.birthdate and not p.birth_year_known and p.birthdate.year != NO_YEAR
            )
            for birthdate, partners in yearless.grouped("birthdate").items():
                super(ResPartner, partners).write({"birthdate": birthdate.replace(year=NO_YEAR)})
        if "birthdate" in vals:
            # sudo: what the scheduler made for colleagues
            self.env["partner.reminder"].sudo()._forget_birthdays(self)
        return result

    def _follow_company(self):
        """Give what hangs on customers and suppliers that perhaps belong to a company now to that company."""

    @api.model
    def _forget_birth_year(self, vals):
        """An unknown year is never stored: nobody can read, sort or export what was not said."""
        if vals.get("birthdate") and not vals.get("birth_year_known", True):
            return {**vals, "birthdate": fields.Date.to_date(vals["birthdate"]).replace(year=NO_YEAR)}
        return vals

    def _get_responsible_users(self):
        """Salesperson, buyer and who else is responsible for these contacts."""
        return self.user_id | self.buyer_id | self.responsible_user_ids

    @api.model
    def _get_responsible_domain(self, user_ids):
        """Contacts that one of these users is responsible for."""
        return Domain.OR(
            Domain(name, "in", user_ids) for name in ("user_id", "buyer_id", "responsible_user_ids")
        )

    @api.model
    def _get_responsible_query(self, user_ids):
        """The contacts of :meth:`_get_responsible_domain`, archived ones too, to be put into rules and reports.

        It tells ids only, and asks for no right on contacts: whose contact it is does not depend on that.

        :rtype: Query
        """
        query = Query(self.env, self._table, self._table_sql)
        contacts = self._fields
        # SQL: each part by its index; the conditions joined by OR read all contacts, several times a statement
        query.add_where(
            SQL(
                """%(id)s IN (SELECT own.id FROM res_partner AS own WHERE own.user_id IN %(users)s
                               UNION SELECT own.id FROM res_partner AS own WHERE own.buyer_id IN %(users)s
                               UNION SELECT other.partner_id FROM res_partner_responsible_user_rel AS other
                                      WHERE other.user_id IN %(users)s)""",
                id=SQL.identifier(query.table, "id"),
                users=tuple(user_ids) or (None,),
                to_flush=(contacts["user_id"], contacts["buyer_id"], contacts["responsible_user_ids"]),
            )
        )
        return query
