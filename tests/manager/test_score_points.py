import doctest

from odoo.tests import BaseCase, tagged

from odoo.addons.partner_relations.tools import manager_score


@tagged("post_install", "-at_install")
class TestScorePoints(BaseCase):
    """Points, bands, score and ranks as pure functions: their borders."""

    def test_examples_in_the_documentation(self):
        failures, count = doctest.testmod(manager_score)
        self.assertFalse(failures)
        self.assertGreater(count, 10)

    def test_linear_borders(self):
        linear = manager_score.linear_points
        self.assertEqual(linear(100, 100), 100, "exactly on target")
        self.assertEqual(linear(120, 100), 120, "exactly on the cap")
        self.assertEqual(linear(120.01, 100), 120, "just above the cap")
        self.assertEqual(linear(119.99, 100), 119.99)
        self.assertEqual(linear(30, 100, floor=30), 30, "exactly on the floor")
        self.assertEqual(linear(29.99, 100, floor=30), 30)
        self.assertEqual(linear(0, 100), 0, "nothing sold is 0 points, not missing data")
        self.assertEqual(linear(-50, 100), 0, "more credit notes than invoices")

    def test_lower_is_better_borders(self):
        linear = manager_score.linear_points
        self.assertEqual(linear(100, 100, False), 100)
        self.assertEqual(linear(0, 100, False, cap=200), 200)
        self.assertEqual(linear(0, 100, False), 120)
        self.assertEqual(linear(200, 100, False), 0, "twice the target")
        self.assertEqual(linear(199, 100, False), 1)
        self.assertEqual(linear(50, 100, False, cap=200), 150)

    def test_no_points_without_data_or_target(self):
        for target in (None, 0, -5):
            self.assertIsNone(manager_score.linear_points(10, target), target)
        self.assertIsNone(manager_score.linear_points(None, 100))
        self.assertIsNone(manager_score.band_points(None, [(0, 10)]))
        self.assertEqual(manager_score.why_none(10, -5), manager_score.NOT_POSITIVE)

    def test_band_borders(self):
        bands = [(0.3, 60), (0, 10), (0.8, 100)]
        points = manager_score.band_points
        self.assertEqual(points(0.1 + 0.2, bands), 60, "a sum of floats reaches the border")
        self.assertEqual(points(0.2999, bands), 10)
        self.assertEqual(points(0.8, bands), 100)
        self.assertEqual(points(0.7999, bands), 60)
        self.assertEqual(points(-1, bands), 0, "below the lowest band")
        self.assertEqual(points(-1, bands, below=5), 5)

    def test_score_counts_only_what_has_points(self):
        self.assertEqual(manager_score.score([(100.0, 30), (None, 70)]), 100)
        self.assertEqual(manager_score.score([(100.0, 30), (0.0, 70)]), 30)
        self.assertIsNone(manager_score.score([(None, 30)]))
        self.assertIsNone(manager_score.score([(90.0, 0)]), "a weight of 0 counts nothing")

    def test_ties(self):
        self.assertEqual(
            manager_score.ranks({7: 50.0, 3: 90.0, 5: 90.0, 9: None, 1: 10.0}),
            {7: 3, 3: 1, 5: 1, 9: None, 1: 4},
        )
