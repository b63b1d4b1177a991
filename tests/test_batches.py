from unittest.mock import call, patch

from odoo.tests import TransactionCase, tagged

from ..tools.batches import write_each


@tagged("post_install", "-at_install")
class TestBatches(TransactionCase):
    """Records that get values of their own, in as few writes as there are different ones."""

    def test_one_write_for_the_same_values(self):
        tags = self.env["res.partner.category"].create([{"name": f"Tag {number}"} for number in range(5)])
        with patch.object(self.registry["res.partner.category"], "write", autospec=True) as write:
            write_each(
                {
                    tags[0]: {"color": 1, "name": "A"},
                    tags[1]: {"color": 2},
                    tags[2]: {},
                    tags[3]: {"name": "A", "color": 1},
                    tags[4]: {"color": 2},
                }
            )
        self.assertEqual(
            write.mock_calls,
            [call(tags[0] + tags[3], {"color": 1, "name": "A"}), call(tags[1] + tags[4], {"color": 2})],
        )

    def test_zero_is_not_none(self):
        """Some fields tell an amount of zero from none."""
        tags = self.env["res.partner.category"].create([{"name": f"Tag {number}"} for number in range(4)])
        with patch.object(self.registry["res.partner.category"], "write", autospec=True) as write:
            write_each({tag: {"color": zero} for tag, zero in zip(tags, (0, False, 0.0, 0), strict=True)})
        self.assertEqual([len(made.args[0]) for made in write.mock_calls], [2, 1, 1])

    def test_amounts_of_currencies(self):
        """Odoo refuses one write for amounts of several currencies."""
        failures = self.env["partner.order.failure"]._internal()
        euro, dollar = self.env.ref("base.EUR"), self.env.ref("base.USD")
        order = self.env["sale.order"].create({"partner_id": self.env.user.partner_id.id})
        made = failures.create(
            [
                {
                    "order_id": order.id,
                    "order_name": order.name,
                    "kind": "short",
                    "state": "reversed",
                    "date": "2026-01-02",
                    "partner_id": order.partner_id.id,
                    "company_id": order.company_id.id,
                    "currency_id": currency.id,
                    "company_currency_id": order.company_id.currency_id.id,
                }
                for currency in (euro, dollar, euro)
            ]
        )
        write_each({failure: {"value_failed": 10.0} for failure in made})
        self.assertEqual(made.mapped("value_failed"), [10, 10, 10])

    def test_as_the_first_writes(self):
        """With the rights and the context of the records, nothing for no record."""
        write_each({})
        tags = self.env["res.partner.category"].create([{"name": "A"}, {"name": "B"}])
        with patch.object(self.registry["res.partner.category"], "write", autospec=True) as write:
            write_each({tag: {"color": 1} for tag in tags.sudo().with_context(some_key=1)})
        [written] = (made.args[0] for made in write.mock_calls)
        self.assertTrue(written.env.su)
        self.assertEqual(written.env.context["some_key"], 1)
