import doctest
import random

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from odoo.addons.partner_relations.tools import formula
from odoo.addons.partner_relations.tools.formula import MAX_DEPTH, MAX_LENGTH, Formula, FormulaError

NAMES = ("first", "second", "third")
VALUES = (None, 0.0, 1.0, -1.0, 0.5, 2.5, 3.5, 1e-12, -7.25, 99.9, 1e12, 1e90, -1e99, 1e100, 1e-150, 1e300)
REFUSED = {
    "": "empty",
    "   ": "empty",
    "first +": "cannot be read",
    "(first": "cannot be read",
    "first second": "second",
    "fourth": "fourth",
    "first.real": "first.real",
    "first[0]": "[",
    "'text'": "'",
    '"text"': '"',
    "first; second": ";",
    "__import__(first)": "__import__",
    "open(first)": "open",
    "first.__class__()": "first.__class__",
    "(lambda: 1)()": ":",
    "first ** 2": "first ** 2",
    "first // 2": "first // 2",
    "first % 2": "%",
    "+first": "+first",
    "not first": "not first",
    "first and second": "first and second",
    "first < second": "first < second",
    "1 if first else 2": "first",
    "1 if first < second < third else 2": "first < second < third",
    "min(first)": "min(first)",
    "min()": "min()",
    "min(*first)": "min(*first)",
    "abs(first, second)": "abs(first, second)",
    "max(first, key=second)": "max(first, key=second)",
    "round(first, second)": "round(first, second)",
    "round(first, 7)": "round(first, 7)",
    "round(first, -1)": "round(first, -1)",
    "min": "min",
    "True": "True",
    "1e5": "1e5",
    "1j": "1j",
    "0x10": "0x10",
    "1_000": "1_000",
    "9999999999999": "9999999999999",
    "0.0000000000001": "0.0000000000001",
    "first == None": "None",
    "ﬁrst": "ﬁ",
    "first # comment": "#",
    "first, second": "first, second",
    "(first := 2)": ":",
    "[first]": "[",
    "-" * 400 + "1": "nested",
    "(" * 240 + "1" + ")" * 240: "",
    "1" + " + 1" * MAX_DEPTH + " + 1": "nested",
    "1 + " * 200: str(MAX_LENGTH),
}


@tagged("post_install", "-at_install")
class TestFormula(TransactionCase):
    """Formulas are taken apart, never run, and mean the same in Python and in SQL."""

    def _sql(self, parsed, values):
        columns = {name: SQL.identifier("figure", name) for name in NAMES}
        row = SQL(", ").join(SQL("%s::float8 AS %s", values[name], SQL.identifier(name)) for name in NAMES)
        # rows of a table, so that nothing is worked out when the statement is planned
        query = SQL(
            "SELECT %s FROM (SELECT %s FROM generate_series(1, 1)) AS figure", parsed.to_sql(columns), row
        )
        [[result]] = self.env.execute_query(query)
        return result

    def _check(self, text, values):
        values = dict(zip(NAMES, values, strict=True))
        parsed = Formula(text, NAMES)
        result = parsed.evaluate(values)
        self.assertEqual(self._sql(parsed, values), result, f"{text} with {values}")
        return result

    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(formula)
        self.assertGreater(count, 0)
        self.assertFalse(failures)

    def test_results(self):
        for text, values, expected in (
            ("100 * first", (0.3, None, None), 30.0),
            ("100 - 10 * max(first - 1, 0)", (3.5, None, None), 75.0),
            ("-first - -2", (5, None, None), -3.0),
            ("(first + second) / third", (1, 2, 4), 0.75),
            ("first - second - third", (10, 3, 2), 5.0),
            ("first / second / third", (12, 3, 2), 2.0),
            ("100 if first >= 0.9 else 50 if first >= 0.8 else 0", (0.9, 0, 0), 100.0),
            ("100 if first >= 0.9 else 50 if first >= 0.8 else 0", (0.85, 0, 0), 50.0),
            ("1 if first != second else 2", (3, 3, 0), 2.0),
            ("1 if (first == second) else 2", (3, 3, 0), 1.0),
            ("round(first)", (2.5, 0, 0), 2.0),
            ("round(first)", (3.5, 0, 0), 4.0),
            ("round(first, 2)", (1.238, 0, 0), 1.24),
            ("abs(first)", (-2, 0, 0), 2.0),
            ("min(first, second, third)", (3, -2, 1), -2.0),
            ("max(\n first,\n second)", (3, -2, 1), 3.0),
        ):
            with self.subTest(text=text):
                self.assertEqual(self._check(text, values), expected)

    def test_missing(self):
        for text, values, expected in (
            ("first + 1", (None, 0, 0), None),
            ("0 * first", (None, 0, 0), None),
            ("min(first, 1)", (None, 0, 0), None),
            ("max(1, first)", (None, 0, 0), None),
            ("abs(first)", (None, 0, 0), None),
            ("round(first, 1)", (None, 0, 0), None),
            ("-first", (None, 0, 0), None),
            ("1 / first", (0, 0, 0), None),
            ("first / 0", (1, 0, 0), None),
            ("max(1 / first, 5)", (0, 0, 0), None),
            ("1 if first > 0 else 2", (None, 0, 0), None),
            ("1 if first > 0 else second", (1, None, 0), 1.0),
            ("second if first > 0 else 2", (-1, None, 0), 2.0),
            ("second if first > 0 else 2", (1, None, 0), None),
            ("first", (None, 0, 0), None),
        ):
            with self.subTest(text=text, values=values):
                self.assertEqual(self._check(text, values), expected)
        self.assertIsNone(Formula("first", NAMES).evaluate({"first": False}))
        self.assertIsNone(Formula("first", NAMES).evaluate({}))

    def test_out_of_bounds(self):
        """Numbers that a float does not hold are missing or 0, and no error of the statement."""
        for text, values, expected in (
            ("first * first * first * first * first", (1e80, 0, 0), None),
            ("first / second", (1e99, 1e-90, 0), None),
            ("first + second", (9e99, 9e99, 0), None),
            ("first", (1e100, 0, 0), None),
            ("first", (-1e308, 0, 0), None),
            ("first", (float("inf"), 0, 0), None),
            ("first", (float("nan"), 0, 0), None),
            ("first * first * first", (1e-90, 0, 0), 0.0),
            ("first * second", (1e-200, 1e-200, 0), 0.0),
            ("1 / (first * first)", (1e-90, 0, 0), None),
        ):
            with self.subTest(text=text, values=values):
                self.assertEqual(self._check(text, values), expected)

    def test_refused(self):
        for text, part in REFUSED.items():
            with self.subTest(text=text[:40]):
                with self.assertRaises(FormulaError) as caught:
                    Formula(text, NAMES)
                self.assertIn(part, str(caught.exception))
        self.assertIn("first, second, third", str(self._error("fourth")))

    def _error(self, text):
        with self.assertRaises(FormulaError) as caught:
            Formula(text, NAMES)
        return caught.exception

    def test_no_injection(self):
        """Nothing that was typed in gets into the text of the statement but signs and numbers as parameters."""
        parsed = Formula("first + 12345.5 if second > 0 else min(third, 2)", NAMES)
        sql = parsed.to_sql({name: SQL.identifier(name) for name in NAMES})
        self.assertNotIn("12345", sql.code)
        self.assertIn(12345.5, sql.params)
        with self.assertRaises(KeyError):
            parsed.to_sql({"first": SQL.identifier("first")})

    def test_size_of_sql(self):
        """The text grows with the formula, not with its nesting."""
        columns = {name: SQL.identifier(name) for name in NAMES}
        short = Formula("first" + " / second" * 5, NAMES).to_sql(columns)
        long = Formula("first" + " / second" * 40, NAMES).to_sql(columns)
        self.assertLess(len(long.code), 9 * len(short.code))
        self._check("max(first" + ", min(second, 1" * 15 + ")" * 16, (1, 2, 3))

    def test_random(self):
        rng = random.Random(20260615)
        seen = {"missing": 0, "known": 0}
        for _round in range(400):
            text = self._random_text(rng, rng.randrange(1, 5))
            if len(text) > MAX_LENGTH:
                continue
            values = [rng.choice(VALUES) for _name in NAMES]
            if rng.random() < 0.6:
                values = [rng.choice((rng.uniform(-3, 3), rng.randrange(5))) for _name in NAMES]
            seen["missing" if self._check(text, values) is None else "known"] += 1
        self.assertGreater(min(seen.values()), 50)

    def _random_text(self, rng, depth):
        if not depth or rng.random() < 0.1:
            return rng.choice((*NAMES, "0", "1", "2.5", "100", "0.001", "1000000"))

        def part():
            return self._random_text(rng, depth - 1)

        kind = rng.randrange(8)
        if kind < 4:
            return f"({part()} {rng.choice('+-*/')} {part()})"
        if kind == 4:
            return f"-{part()}"
        if kind == 5:
            return f"({part()} if {part()} {rng.choice(('<', '<=', '>', '>=', '==', '!='))} {part()} else {part()})"
        if kind == 6:
            return f"{rng.choice(('min', 'max'))}({part()}, {part()})"
        return rng.choice((f"abs({part()})", f"round({part()})", f"round({part()}, {rng.randrange(7)})"))
