import doctest

from odoo.tests import BaseCase, tagged

from odoo.addons.partner_relations.tools import attribution as reference


@tagged("post_install", "-at_install")
class TestCampaignFunctions(BaseCase):
    """The definition, as plain functions."""

    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(reference)
        self.assertGreater(count, 15)
        self.assertFalse(failures)
