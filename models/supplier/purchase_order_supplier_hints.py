from odoo import api, models
from odoo.exceptions import AccessError

from ...tools.arguments import as_id

LEVELS = {"block": "danger", "warning": "warning"}


class PurchaseOrder(models.Model):
    """What a buyer should know about the supplier and the prices, asked for once the form stands."""

    _inherit = "purchase.order"

    @api.readonly
    @api.model
    def get_supplier_hints(self, order_id, values=None):
        """Return what the form of an order says about its supplier and prices.

        The form asks after it stands and after changes, so that opening an order does not wait for it: no field
        of the form is computed for it.

        :param order_id: the saved order or False
        :param values: what is in the form where it is not saved: ``partner_id``, ``company_id``, ``currency_id``,
            ``date_order``, ``requisition_id`` and ``lines``, a list of dicts with ``key``, ``id``, ``product_id``,
            ``product_qty``, ``product_uom_id``, ``price_unit``, ``discount`` and ``tax_ids``
        :return: dict of ``rating``, ``alert``, ``override``, ``overdue``, ``prices`` (by key, else by id of the
            line) and ``price_summary``; empty for who may not purchase
        """
        if not self.env.user.has_group("purchase.group_purchase_user"):
            return {}
        order = self.browse(as_id(order_id)).exists()
        order.check_access("read")
        if values is None:
            keys = {line: line.id for line in order.order_line}
        else:
            order, keys = self._new_order_of_form(order, values)
        company = order.company_id or self.env.company
        return {
            **self._get_supplier_hints(order, company),
            **self._get_price_hints(order, company, keys),
        }

    @api.model
    def _new_order_of_form(self, origin, values):
        """Return the order as it stands in a form, in memory, and the keys of its lines.

        :raises AccessError: a supplier, product or company that the user may not see
        """
        partner = self.env["res.partner"].browse(as_id(values.get("partner_id")))
        company = self.env["res.company"].browse(as_id(values.get("company_id")) or origin.company_id.id)
        lines = values.get("lines") or []
        products = self.env["product.product"].browse(
            filter(None, {as_id(line.get("product_id")) for line in lines})
        )
        if company - self.env.companies:
            raise AccessError(self.env._("The order belongs to a company that you have not chosen."))
        for records in (partner, products):
            records.check_access("read")
        known = {line.id: line for line in origin.order_line}
        commands = [(5, 0, 0)]
        for line in lines:
            stored = known.get(line.get("id"), self.env["purchase.order.line"])
            product = self.env["product.product"].browse(as_id(line.get("product_id")))
            commands.append(
                (
                    0,
                    0,
                    {
                        "product_id": product.id,
                        "product_qty": line.get("product_qty") or 0,
                        "product_uom_id": line.get("product_uom_id")
                        or stored.product_uom_id.id
                        or product.uom_id.id,
                        "price_unit": line.get("price_unit") or 0,
                        "discount": line.get("discount") or 0,
                        "tax_ids": [(6, 0, line.get("tax_ids") or [])],
                        "agreed_price": stored.agreed_price,
                        "agreed_price_source": stored.agreed_price_source,
                        "agreed_price_origin": stored.agreed_price_origin,
                        "display_type": False,
                        "name": "",
                        "date_planned": False,
                    },
                )
            )
        order = self.new(
            {
                "partner_id": partner.id,
                "company_id": company.id or self.env.company.id,
                "currency_id": as_id(values.get("currency_id"))
                or origin.currency_id.id
                or company.currency_id.id,
                "date_order": values.get("date_order") or origin.date_order,
                "requisition_id": as_id(values.get("requisition_id")) or False,
                "state": origin.state or "draft",
                "order_line": commands,
            },
            origin=origin or None,
        )
        return order, {line: values["key"] for line, values in zip(order.order_line, lines, strict=True)}

    def _get_supplier_hints(self, order, company):
        """Rating, alert and overdue lines of the supplier of ``order``."""
        supplier = order.partner_id.commercial_partner_id._origin
        verdict = supplier._get_supplier_verdicts(company).get(supplier)
        if not verdict:
            return {}
        overridden = order._is_supplier_block_overridden()
        open_order = order.state in ("draft", "sent", "to approve")
        return {
            "rating": {
                "grade": verdict.grade,
                "label": supplier._get_verdict_label(verdict),
                "reason": verdict.reason,
                "scorecard_id": verdict.scorecard_id,
            },
            "alert": open_order
            and bool(verdict.level)
            and not (verdict.level == "block" and overridden)
            and {
                "level": LEVELS[verdict.level],
                "text": self._describe_supplier_alert(supplier, verdict),
                "can_override": verdict.level == "block"
                and self.env.user.has_group("purchase.group_purchase_manager"),
            },
            "override": overridden
            and verdict.level == "block"
            and self.env._(
                "%(user)s overrode the block of this supplier: %(reason)s",
                user=order.supplier_block_override_user_id.name,
                reason=order.supplier_block_override_reason,
            ),
            "overdue": self._count_overdue_lines(supplier, company),
        }

    @api.model
    def _describe_supplier_alert(self, supplier, verdict):
        if verdict.level == "block":
            return self.env._(
                "Orders to %(supplier)s are blocked, because %(consequence)s.",
                supplier=supplier.name,
                consequence=verdict.consequence,
            )
        return self.env._(
            "Be careful with %(supplier)s: %(consequence)s.",
            supplier=supplier.name,
            consequence=verdict.consequence,
        )

    @api.model
    def _get_overdue_domain(self, supplier, company):
        return [("partner_id", "=", supplier.id), ("company_id", "=", company.id), ("is_overdue", "=", True)]

    @api.model
    def _count_overdue_lines(self, supplier, company):
        """How many confirmed lines of the supplier are overdue, as words for a link, or False."""
        count = self.env["supplier.delivery.report"].search_count(self._get_overdue_domain(supplier, company))
        if not count:
            return False
        if count == 1:
            return self.env._("1 overdue line")
        return self.env._("%s overdue lines", count)

    def _get_price_hints(self, order, company, keys):
        """Marks of the lines whose price deviates from the agreed one, and their summary."""
        policies = self.env["supplier.score.policy"].with_context(active_test=True)
        policy = policies.search([("company_id", "=", company.id)], limit=1)
        deviations = order.order_line._get_price_deviations(policy)
        over = [
            deviation["amount"] for deviation in deviations.values() if deviation["net"] > deviation["agreed"]
        ]
        amount = order.order_line._format_signed(sum(over), currency_obj=order.currency_id)
        if not over:
            summary = False
        elif len(over) == 1:
            summary = self.env._("1 line above the agreed price: %s", amount)
        else:
            summary = self.env._(
                "%(count)s lines above the agreed price: %(amount)s", count=len(over), amount=amount
            )
        return {
            "prices": {keys[line]: line._describe_price_deviation(deviations[line]) for line in deviations},
            "price_summary": summary,
        }

    def action_view_supplier_overdue(self):
        """Open the overdue lines of the supplier of this order."""
        self.ensure_one()
        return self.get_supplier_overdue_action(self.partner_id.id, self.company_id.id)

    @api.model
    def get_supplier_overdue_action(self, partner_id, company_id):
        """Return the action that shows the overdue lines of a supplier in a company."""
        supplier = self.env["res.partner"].browse(as_id(partner_id)).commercial_partner_id
        company = self.env["res.company"].browse(as_id(company_id)) or self.env.company
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Overdue Lines of %s", supplier.name),
            "res_model": "supplier.delivery.report",
            "view_mode": "list,pivot",
            "views": [(False, "list"), (False, "pivot")],
            "domain": self._get_overdue_domain(supplier, company),
        }
