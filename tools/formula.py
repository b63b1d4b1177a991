"""Arithmetic over named figures, typed in by a user, with the same result in Python and in SQL.

A formula knows numbers, names of figures, ``+ - * /``, parentheses, ``min``, ``max``, ``abs``, ``round`` and
``a if x < y else b``. Nothing of it is ever run: it is taken apart, and what is not in this list is refused.

Numbers are IEEE doubles (``float8``). A figure without data is *missing*, and so is what is computed from it:
missing + 1, min(missing, 1) and 1 / 0 are missing, a condition on a missing figure has a missing result; but
the branch of a condition that is not taken does not matter. A result of 1e100 and more is missing, one
below 1e-96 is 0: that way no formula can break the statement it stands in.
"""

import ast
import re

from odoo.tools import SQL
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

MAX_LENGTH = 500
MAX_DEPTH = 60
MAX_NUMBER = 1e12
MAX_DIGITS = 6
ARGUMENTS = {"min": (2, 20), "max": (2, 20), "abs": (1, 1), "round": (1, 2)}

_ALLOWED = re.compile(r"[A-Za-z0-9_ \t\r\n.,+\-*/()<>=!]*")
_NUMBER = re.compile(r"\s*[0-9]*\.?[0-9]*\s*")
_LIMIT = 1e100
_TINY = 1e-80
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_SQL_OPERATORS = {
    "+": SQL("+"), "-": SQL("-"), "*": SQL("*"), "<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">="),
    "==": SQL("="), "!=": SQL("<>"),
}  # fmt: skip


class FormulaError(ValueError):
    """What is wrong with a formula, with the part that is; its text is translated when it is shown."""

    def __init__(self, message):
        super().__init__(message)
        self.message = message

    def __str__(self):
        return str(self.message)


class Formula:
    """A formula over the figures ``names``.

    >>> score = Formula("100 - 10 * max(days - 1, 0)", {"days"})
    >>> score.evaluate({"days": 3.5}), score.evaluate({"days": None}), sorted(score.names)
    (75.0, None, ['days'])

    :raises FormulaError: when the text is not such a formula
    """

    def __init__(self, text, names):
        self.text = (text or "").strip()
        self._known = frozenset(names)
        self.names = set()
        self._root = self._number(self._parse(), 0)

    def __repr__(self):
        return f"Formula({self.text!r})"

    def evaluate(self, values):
        """Return the result for ``values``, figure by name; None where it is missing.

        >>> Formula("a / b", "ab").evaluate({"a": 1, "b": 4}), Formula("a / b", "ab").evaluate({"a": 1, "b": 0})
        (0.25, None)
        >>> Formula("1 if a > 0 else b", "ab").evaluate({"a": 1, "b": None})
        1.0
        """
        return _evaluate(self._root, values)

    def to_sql(self, columns):
        """Return the formula as an SQL expression of type ``float8``, NULL where the result is missing.

        :param dict columns: for each name its SQL; whatever else the text holds becomes a parameter
        """
        return _to_sql(self._root, columns)

    # ------------------------------------------------------------------
    # Taking it apart
    # ------------------------------------------------------------------
    def _parse(self):
        if not self.text:
            raise FormulaError(_lt("The formula is empty. Enter for example: 100 * on_time_rate"))
        if len(self.text) > MAX_LENGTH:
            raise FormulaError(
                _lt(
                    "The formula has %(length)s characters; at most %(limit)s are allowed.",
                    length=len(self.text),
                    limit=MAX_LENGTH,
                )
            )
        wrong = _ALLOWED.match(self.text).end()
        if wrong < len(self.text):
            raise FormulaError(
                _lt(
                    "The character “%s” has no place in a formula. Use numbers, names of figures, + - * / ( ), "
                    "comparisons, min, max, abs and round.",
                    self.text[wrong],
                )
            )
        text = " ".join(self.text.split())
        try:
            return ast.parse(text, mode="eval").body
        except SyntaxError as error:
            position = max((error.offset or 1) - 1, 0)
            part = text[position : position + 20].strip() or text[-20:].strip()
            raise FormulaError(
                _lt("The formula cannot be read at “%s”. Check parentheses and signs.", part)
            ) from None
        except (ValueError, RecursionError, MemoryError):
            raise FormulaError(_lt("The formula is too deeply nested. Make it simpler.")) from None

    def _part(self, node):
        text = ast.get_source_segment(" ".join(self.text.split()), node) or ""
        return text if len(text) <= 60 else f"{text[:57]}..."

    def _number(self, node, depth):
        """The node as a tree of tuples whose result is a number."""
        if depth > MAX_DEPTH:
            raise FormulaError(
                _lt("The formula is too deeply nested at “%s”. Make it simpler.", self._part(node))
            )
        if isinstance(node, ast.Constant):
            return self._literal(node)
        if isinstance(node, ast.Name):
            if node.id not in self._known:
                raise FormulaError(
                    _lt(
                        "There is no figure “%(name)s”. Known are: %(known)s.",
                        name=node.id,
                        known=", ".join(sorted(self._known)) or "-",
                    )
                )
            self.names.add(node.id)
            return ("name", node.id)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return ("-", ("number", 0.0), self._number(node.operand, depth + 1))
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return (
                _OPERATORS[type(node.op)],
                self._number(node.left, depth + 1),
                self._number(node.right, depth + 1),
            )
        if isinstance(node, ast.IfExp):
            return (
                "if",
                self._condition(node.test, depth + 1),
                self._number(node.body, depth + 1),
                self._number(node.orelse, depth + 1),
            )
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.Compare):
            raise FormulaError(
                _lt(
                    "The comparison “%s” is no number. Write for example: 100 if on_time_rate >= 0.9 else 50",
                    self._part(node),
                )
            )
        raise FormulaError(_lt("“%s” is not allowed in a formula.", self._part(node)))

    def _literal(self, node):
        part = self._part(node)
        if type(node.value) not in (int, float) or not _NUMBER.fullmatch(part):
            raise FormulaError(_lt("“%s” is no number. Write for example 0.5", part))
        value = float(node.value)
        if value and not 1 / MAX_NUMBER <= value <= MAX_NUMBER:
            raise FormulaError(_lt("The number “%s” is too large or too small.", part))
        return ("number", value)

    def _call(self, node, depth):
        name = node.func.id if isinstance(node.func, ast.Name) else None
        if name not in ARGUMENTS:
            raise FormulaError(
                _lt("“%s” is no function of a formula. Use min, max, abs or round.", self._part(node.func))
            )
        least, most = ARGUMENTS[name]
        if (
            node.keywords
            or not least <= len(node.args) <= most
            or any(isinstance(argument, ast.Starred) for argument in node.args)
        ):
            raise FormulaError(_lt("“%s” has too few, too many or named values.", self._part(node)))
        if name == "round" and len(node.args) == 2:
            digits = node.args[1]
            if (
                not isinstance(digits, ast.Constant)
                or type(digits.value) is not int
                or not 0 <= digits.value <= MAX_DIGITS
            ):
                raise FormulaError(
                    _lt(
                        "“%(part)s” needs a number of digits from 0 to %(limit)s.",
                        part=self._part(node),
                        limit=MAX_DIGITS,
                    )
                )
            return ("round", self._number(node.args[0], depth + 1), digits.value)
        arguments = tuple(self._number(argument, depth + 1) for argument in node.args)
        return (name, *arguments, 0) if name == "round" else (name, *arguments)

    def _condition(self, node, depth):
        if not isinstance(node, ast.Compare) or len(node.ops) != 1 or type(node.ops[0]) not in _COMPARISONS:
            raise FormulaError(
                _lt(
                    "“%s” is no condition. Compare two values, for example: on_time_rate >= 0.9",
                    self._part(node),
                )
            )
        return (
            _COMPARISONS[type(node.ops[0])],
            self._number(node.left, depth + 1),
            self._number(node.comparators[0], depth + 1),
        )


# ----------------------------------------------------------------------
# In Python
# ----------------------------------------------------------------------
def _bounded(value):
    """The value, None from 1e100 on and 0 below 1e-96, by the operations that ``_bounded_sql`` does."""
    if value is None or not -_LIMIT < value < _LIMIT:
        return None
    return value + _TINY - _TINY


def _evaluate(node, values):
    kind, *parts = node
    if kind == "number":
        return parts[0]
    if kind == "name":
        value = values.get(parts[0])
        return None if value is None or value is False else _bounded(float(value))
    if kind == "if":
        condition, body, orelse = parts
        left, right = _evaluate(condition[1], values), _evaluate(condition[2], values)
        if left is None or right is None:
            return None
        return _evaluate(body if _compare(condition[0], left, right) else orelse, values)
    if kind == "round":
        value, digits = _evaluate(parts[0], values), float(10 ** parts[1])
        return None if value is None else _bounded(float(round(value * digits)) / digits)
    arguments = [_evaluate(part, values) for part in parts]
    if None in arguments:
        return None
    return _bounded(_apply(kind, arguments))


def _compare(kind, left, right):
    if kind == "<":
        return left < right
    if kind == "<=":
        return left <= right
    if kind == ">":
        return left > right
    if kind == ">=":
        return left >= right
    return left == right if kind == "==" else left != right


def _apply(kind, arguments):
    if kind == "min":
        return min(arguments)
    if kind == "max":
        return max(arguments)
    if kind == "abs":
        return abs(arguments[0])
    left, right = arguments
    if kind == "+":
        return left + right
    if kind == "-":
        return left - right
    if kind == "*":
        return left * right
    return left / right if right else None


# ----------------------------------------------------------------------
# In SQL: every operand stands once in the text, so that it grows only with the formula
# ----------------------------------------------------------------------
def _float_sql(value):
    return SQL("%s::float8", value)


def _bounded_sql(value):
    limit = _float_sql(_LIMIT)
    # LEAST and GREATEST pass over NULL: it becomes the limit, and the limit NULL
    return SQL(
        "NULLIF(NULLIF(GREATEST(LEAST((%(value)s) + %(tiny)s - %(tiny)s, %(limit)s), -%(limit)s), %(limit)s), "
        "-%(limit)s)",
        value=value,
        tiny=_float_sql(_TINY),
        limit=limit,
    )


def _to_sql(node, columns):
    kind, *parts = node
    if kind == "number":
        return _float_sql(parts[0])
    if kind == "name":
        return _bounded_sql(SQL("(%s)::float8", columns[parts[0]]))
    if kind == "if":
        condition, body, orelse = parts
        return SQL(
            "(CASE (%s) %s (%s) WHEN TRUE THEN %s WHEN FALSE THEN %s END)",
            _to_sql(condition[1], columns),
            _SQL_OPERATORS[condition[0]],
            _to_sql(condition[2], columns),
            _to_sql(body, columns),
            _to_sql(orelse, columns),
        )
    if kind == "round":
        digits = _float_sql(float(10 ** parts[1]))
        return _bounded_sql(SQL("ROUND((%s) * %s) / %s", _to_sql(parts[0], columns), digits, digits))
    arguments = [_to_sql(part, columns) for part in parts]
    if kind in ("min", "max"):
        # a missing value becomes one that wins and is out of bounds
        missing = _float_sql(-10 * _LIMIT if kind == "min" else 10 * _LIMIT)
        values = SQL(", ").join(SQL("COALESCE(%s, %s)", argument, missing) for argument in arguments)
        return _bounded_sql(SQL("LEAST(%s)" if kind == "min" else "GREATEST(%s)", values))
    if kind == "abs":
        return _bounded_sql(SQL("ABS(%s)", arguments[0]))
    left, right = arguments
    if kind == "/":
        return _bounded_sql(SQL("(%s) / NULLIF(%s, 0)", left, right))
    return _bounded_sql(SQL("(%s) %s (%s)", left, _SQL_OPERATORS[kind], right))
