from decimal import Decimal, InvalidOperation

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.completeness import EMAIL, PHONE, TAX_ID, TEXT, matches, percentage

# What the items are read of: the contact, and of its persons the last two.
SOURCES = (
    *("is_company", "name", "email_normalized", "phone_sanitized", "street", "city", "country_id", "vat"),
    *("industry_id", "user_id", "function", "birthdate", "child_ids", "active", "type"),
)


def _to_decimal(value):
    """A number that somebody searches for.

    :raises ValueError: for what is none
    """
    try:
        return Decimal(str(value or 0))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is no number") from error


class ResPartner(models.Model):
    _inherit = "res.partner"

    contact_completeness = fields.Float(
        string="Completeness",
        digits=(5, 2),
        compute="_compute_contact_completeness",
        looked_up=SOURCES,
        search="_search_contact_completeness",
        aggregator=None,
        groups="base.group_user",
        help="Weights of the items that are filled and valid ÷ weights of all items, in percent. The "
        "items of companies and of persons and their weights are set under Completeness Items.",
    )
    contact_missing = fields.Char(
        string="Missing",
        compute="_compute_contact_completeness",
        looked_up=SOURCES,
        groups="base.group_user",
        help="The items of a complete contact that are empty or not valid here.",
    )

    @api.depends_context("lang")
    def _compute_contact_completeness(self):
        items = self.env["partner.completeness.item"]._get_items()
        for partner in self:
            filled = total = 0
            missing = []
            for code, name, weight in items["company" if partner.is_company else "person"]:
                total += weight
                if partner._is_completeness_item_filled(code):
                    filled += weight
                else:
                    missing.append(name)
            partner.contact_completeness = percentage(filled, total)
            partner.contact_missing = ", ".join(missing) or False

    def _is_completeness_item_filled(self, code):
        """Tell whether the item is filled and valid; `_completeness_item_sql` says the same in SQL."""
        match code:
            case "name" | "function":
                return matches(TEXT, self[code])
            case "email":
                return matches(EMAIL, self.email_normalized)
            case "phone":
                return matches(PHONE, self.phone_sanitized)
            case "vat":
                return matches(TAX_ID, self.vat)
            case "address":
                return matches(TEXT, self.street) and matches(TEXT, self.city) and bool(self.country_id)
            case "industry":
                return bool(self.industry_id)
            case "user":
                return bool(self.user_id)
            case "birthdate":
                return bool(self.birthdate)
            case "contact_person":
                return any(
                    person.active and person.type == "contact" and not person.is_company
                    for person in self.child_ids
                )
        return False

    @api.model
    def _completeness_item_sql(self, code, alias, query):
        """Return the SQL condition of an item, never NULL."""

        def column(name):
            return self._field_to_sql(alias, name, query)

        def match(name, pattern):
            return SQL("COALESCE(%s ~ %s, FALSE)", column(name), pattern)

        match code:
            case "name" | "function":
                return match(code, TEXT)
            case "email":
                return match("email_normalized", EMAIL)
            case "phone":
                return match("phone_sanitized", PHONE)
            case "vat":
                return match("vat", TAX_ID)
            case "address":
                return SQL(
                    "(%s AND %s AND %s IS NOT NULL)",
                    match("street", TEXT),
                    match("city", TEXT),
                    column("country_id"),
                )
            case "industry":
                return SQL("(%s IS NOT NULL)", column("industry_id"))
            case "user":
                return SQL("(%s IS NOT NULL)", column("user_id"))
            case "birthdate":
                return SQL("(%s IS NOT NULL)", column("birthdate"))
            case "contact_person":
                # a search of its own, so that the persons counted are those the user may see
                persons = self.with_context(active_test=True)._search(
                    [("parent_id", "!=", False), ("type", "=", "contact"), ("is_company", "=", False)],
                    order=None,
                )
                parent = self._field_to_sql(persons.table, "parent_id", persons)
                return SQL("(%s IN %s)", SQL.identifier(alias, "id"), persons.subselect(parent))
        return SQL("FALSE")

    def _search_contact_completeness(self, operator, value):
        if operator == "in":
            # the figure is never empty, and 0 is what "not set" means for a number
            values = [_to_decimal(number) for number in value]
        elif operator in ("<", "<=", ">", ">="):
            values = _to_decimal(value)
        else:
            return NotImplemented
        all_items = self.env["partner.completeness.item"]._get_items()

        def share(model, kind, alias, query):
            total = sum(weight for _code, _name, weight in all_items[kind])
            filled = SQL(" + ").join(
                SQL(
                    "CASE WHEN %s THEN %s ELSE 0 END",
                    model._completeness_item_sql(code, alias, query),
                    weight,
                )
                for code, _name, weight in all_items[kind]
            )
            if not total:
                return SQL("0")
            return SQL("((20000 * (%s) + %s) / %s)", filled, total, 2 * total)

        def to_sql(model, alias, query):
            # SQL: the figure is not stored (no column of res.partner is written in bulk); the same whole
            # numbers as in `percentage`, so the search agrees with the figure to the last digit
            figure = SQL(
                "(CASE WHEN %s THEN %s ELSE %s END / 100.0)",
                SQL("COALESCE(%s, FALSE)", model._field_to_sql(alias, "is_company", query)),
                share(model, "company", alias, query),
                share(model, "person", alias, query),
            )
            match operator:
                case "in":
                    return SQL("%s = ANY(%s)", figure, values)
                case "<":
                    return SQL("%s < %s", figure, values)
                case "<=":
                    return SQL("%s <= %s", figure, values)
                case ">":
                    return SQL("%s > %s", figure, values)
                case ">=":
                    return SQL("%s >= %s", figure, values)

        return Domain.custom(to_sql=to_sql)
