"""Conditions that somebody enters once and the system applies later, with more rights than theirs.

Whoever enters one could learn by its effect what they may not read: so it is tried with their own rights when it is
entered (:func:`check_readable`), and stays within a company when it is applied (:func:`within_company`).
"""

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.orm.domains import DomainCondition


def check_readable(model, domain, explain):
    """Raise an error if the user of ``model`` may not search it by the domain: its fields, and those of all paths.

    :param model: the model of the records, of the user who enters the domain
    :param Domain domain: what is entered
    :param explain: a function of Odoo's own text of the refusal that returns the text of the error
    """
    if model.env.su or domain.is_true() or domain.is_false():
        return
    try:
        # nothing is read: making the statement asks for the rights on all models and fields in it
        model._search(domain, limit=1)
    except AccessError as error:
        raise AccessError(explain(str(error))) from error


def within_company(domain, model, company):
    """Return the domain with everything that its paths lead to kept to one company and to what is common to all.

    The superuser searches without record rules, so a path like ``partner_id.invoice_ids.amount_total`` would lead to
    the invoices of all companies.

    >>> condition = Domain("a", "=", 1)
    >>> within_company(condition, None, None) is condition
    True
    """

    def keep(condition):
        name, _dot, rest = condition.field_expr.partition(".")
        inner = condition.value
        # as Odoo reads a path, also of an operator that negates: there is one that ...
        operator = "any" if rest else condition.operator
        if not rest:
            if operator not in ("any", "not any") or not isinstance(inner, Domain | list | tuple):
                return condition
            inner = Domain(inner)
        field = model._fields.get(name)
        if (
            field is None or not field.relational
        ):  # unknown, which the search says; a part of a date, a property
            return condition
        comodel = model.env[field.comodel_name]
        if rest:
            inner = DomainCondition(rest, condition.operator, condition.value)
        inner = within_company(inner, comodel, company)
        own = comodel._fields.get("company_id")
        if own and own.store and own.comodel_name == "res.company":
            inner &= Domain(comodel._check_company_domain(company))
        return Domain(name, operator, inner)

    return domain.map_conditions(keep)
