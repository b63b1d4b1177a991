"""What users type into searches: names of all records of the addon, and of all that they point to."""

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestSearches(TransactionCase):
    def _get_models(self):
        """The models of the addon that have a table or a query."""
        for model in self.env.values():
            if model._original_module == "partner_relations" and not model._abstract:
                yield model

    def test_names(self):
        """A part of a name is looked for, whatever the name is made of; what cannot be is said to the user."""
        found = 0
        for model in self._get_models():
            found += 1
            names = [
                name
                for name, field in model._fields.items()
                if field.type == "many2one" and field._description_searchable
            ]
            for domain in ([("display_name", "ilike", "x")], *([(name, "ilike", "x")] for name in names)):
                with self.subTest(model=model._name, domain=domain), self.cr.savepoint():
                    try:
                        model.search(domain, limit=1)
                    except UserError as error:
                        self.assertTrue(str(error))
        self.assertGreater(found, 100)

    def test_names_of_computed_parts(self):
        """As the user reads them."""
        company = self.env.company
        policy = self.env["partner.classification.policy"]._get_for(company)
        runs = self.env["partner.classification"]
        run = runs.create({"policy_id": policy.id, "date_from": "2031-03-01", "date_to": "2032-02-29"})
        for words in ("02/29/2032", "2032", run.name):
            self.assertEqual([one[0] for one in runs.name_search(words)], run.ids, words)
        self.assertNotIn(run, runs.search([("name", "not ilike", "2032")]))
        self.assertFalse(runs.name_search("02/29/2033"))
        lines = self.env["partner.classification.line"]
        self.assertFalse(lines.search([("classification_id", "ilike", "2032")]))

    def test_not_set(self):
        """Of a custom filter, also of what is computed."""
        lines = self.env["partner.classification.line"]
        for cell in (False, "", "x", "x|abc_class|a", "1|2"):
            self.assertFalse(lines.search([("came_from", "=", cell)], limit=1), cell)
        logs = self.env["partner.contact.log"]
        self.assertFalse(logs.search([("date_stop", "=", False)]))
        self.assertEqual(logs.search_count([("date_stop", "!=", False)]), logs.search_count([]))
        lines = self.env["partner.work.plan.line"]
        self.assertEqual(
            lines.search([("date_stop", "=", False)]), lines.search([("date_start", "=", False)])
        )
