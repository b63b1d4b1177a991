"""Users, companies and contacts shared by the tests of all rooms."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase
from odoo.tools import SQL

from odoo.addons.partner_relations.tools.empty_fields import EmptyFloat, EmptyInteger, EmptyMonetary

from . import companies

# Fields whose NULL is False, and not 0.
EMPTY_FIELDS = (EmptyFloat, EmptyInteger, EmptyMonetary)
# What Odoo tells of its charts of accounts, by database.
_CHARTS = {}


def _read_charts_once(env):
    """Let Odoo import its localizations for the list of charts once in a database, not for each company."""
    charts = env["account.chart.template"]
    if env.cr.dbname not in _CHARTS:
        _CHARTS[env.cr.dbname] = charts._get_chart_template_mapping(get_all=True)
    found = _CHARTS[env.cr.dbname]

    def read_once(_charts, get_all=False):
        return {code: chart for code, chart in found.items() if get_all or chart["visible"]}

    return patch.object(type(charts), "_get_chart_template_mapping", read_once)


def _mixes_empty_with_zero(first, second):
    """Tell whether two values that Python takes for the same are no data, which is False, and 0 somewhere."""
    if isinstance(first, (list, tuple)):
        return any(map(_mixes_empty_with_zero, first, second))
    if isinstance(first, dict):
        return any(_mixes_empty_with_zero(value, second[key]) for key, value in first.items())
    return (first is False) != (second is False)


class EmptyIsNotZero:
    """For tests of figures: what has no data, which is False, is not 0, though Python takes them for the same."""

    def assertEqual(self, first, second, msg=None):
        result = super().assertEqual(first, second, msg)
        if _mixes_empty_with_zero(first, second):
            self.fail(self._formatMessage(msg, f"no data is not 0: {first!r} and {second!r}"))
        return result

    def assertRecordValues(self, records, expected_values, **options):
        result = super().assertRecordValues(records, expected_values, **options)
        for record, expected in zip(records, expected_values, strict=True):
            for name, value in expected.items():
                if isinstance(record._fields[name], EMPTY_FIELDS):
                    is_empty = value is None or value is False
                    if is_empty != (record[name] is False):
                        self.fail(f"no data is not 0: {name} is {record[name]!r}, not {value!r}")
        return result


class RelationsCommon(TransactionCase):
    """One user per group, linked by the employee hierarchy, and a second company.

    ``user_director`` is superior of ``user_supervisor``, who is superior of ``user_sales``, who is
    superior of ``user_sub`` (two levels below the supervisor). ``user_sales2`` stands beside them.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(_read_charts_once(cls.env))
        cls.company = cls.env.company
        cls.company2 = companies.take(cls.env, {"name": "Second Company"})
        cls.user_director, cls.user_supervisor, cls.user_sales, cls.user_sales2, cls.user_sub = (
            cls._create_users(
                {
                    "relations_director": "partner_relations.group_director",
                    "relations_supervisor": "partner_relations.group_supervisor",
                    "relations_sales": "partner_relations.group_user",
                    "relations_sales2": "partner_relations.group_user",
                    "relations_sub": "partner_relations.group_user",
                }
            )
        )
        cls.employee_director = cls._create_employee(cls.user_director)
        cls.employee_supervisor = cls._create_employee(cls.user_supervisor, cls.employee_director)
        cls.employee_sales = cls._create_employee(cls.user_sales, cls.employee_supervisor)
        cls.employee_sub = cls._create_employee(cls.user_sub, cls.employee_sales)
        cls.employee_sales2 = cls._create_employee(cls.user_sales2)

    @classmethod
    def _create_user(cls, login, groups, **values):
        [user] = cls._create_users({login: groups}, **values)
        return user

    @classmethod
    def _create_users(cls, groups_by_login, **values):
        """Make users as Odoo's ``new_test_user`` makes each of them; all at once, as that is quicker.

        :rtype: list
        """
        values = {"company_id": cls.company.id, "company_ids": [Command.set(cls.company.ids)], **values}
        users = cls.env["res.users"]
        # nobody waits for their invitations, which take as long to write as the user
        made = users.with_context(no_reset_password=True).create(
            [
                {
                    "name": f"{login} ({groups})",
                    "login": login,
                    "password": login + "x" * (8 - len(login)),
                    "email": login if "@" in login else f"{login[0]}.{login[0]}@example.com",
                    "group_ids": [Command.set([cls.env.ref(name.strip()).id for name in groups.split(",")])],
                    **values,
                }
                for login, groups in groups_by_login.items()
            ]
        )
        # each by itself: what is read of one would be read of all otherwise
        return [users.browse(user_id) for user_id in made.ids]

    @classmethod
    def _create_employee(cls, user, parent=None):
        return cls.env["hr.employee"].create(
            {
                "name": user.name,
                "user_id": user.id,
                "company_id": cls.company.id,
                "parent_id": parent and parent.id,
            }
        )

    @classmethod
    def _create_company_partner(cls, name, **values):
        return cls.env["res.partner"].create({"name": name, "is_company": True, **values})

    @classmethod
    def _create_person(cls, name, parent=None, **values):
        return cls.env["res.partner"].create({"name": name, "parent_id": parent and parent.id, **values})

    def _multiply(self, record, count, **values):
        """Copy a record in the database so many times, for what the planner does with a large table.

        :param values: SQL of the columns that differ, which may use ``each.number``
        """
        self.env.flush_all()
        columns = [
            SQL.identifier(name)
            for name, field in record._fields.items()
            if field.store and field.column_type and name not in {"id", *values}
        ]
        # SQL: the ORM takes seconds for thousands
        self.env.cr.execute(
            SQL(
                "INSERT INTO %(table)s (%(names)s, %(columns)s) SELECT %(values)s, %(columns)s"
                " FROM %(table)s, generate_series(1, %(count)s) AS each (number) WHERE id = %(id)s",
                table=SQL.identifier(record._table),
                names=SQL(", ").join(map(SQL.identifier, values)),
                columns=SQL(", ").join(columns),
                values=SQL(", ").join(values.values()),
                count=count,
                id=record.id,
            )
        )
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(record._table)))

    def _read_history(self):
        """Read all history into the contact log, however much the database holds."""
        histories = self.env["partner.contact.history"].sudo()._restart()
        while histories.filtered("next_id"):
            histories._read_batch(100_000)
        return histories
