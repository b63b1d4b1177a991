from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.supplier_choice import Candidate, rank

WEIGHTS = {
    "price": "supplier_choice_price_weight",
    "lead": "supplier_choice_lead_weight",
    "reliability": "supplier_choice_reliability_weight",
}


class SupplierChoice(models.TransientModel):
    """The suppliers of a product, of a line or of all lines of an RFQ, compared and ranked.

    Total = Σ weight · points ÷ Σ weight over the criteria that have data. Points: price = cheapest ÷ price × 100,
    lead time = shortest ÷ lead time × 100, reliability = the supplier's score.
    """

    _name = "supplier.choice"
    _description = "Comparison of Suppliers"
    _inherit = "partner.pointer.mixin"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    order_id = fields.Many2one("purchase.order", string="RFQ", readonly=True)
    order_line_ids = fields.Many2many("purchase.order.line", string="Lines of the RFQ", readonly=True)
    product_tmpl_id = fields.Many2one("product.template", readonly=True)
    product_id = fields.Many2one("product.product")
    quantity = fields.Float(digits="Product Unit", default=1)
    uom_id = fields.Many2one("uom.uom", string="Unit")
    date = fields.Date(required=True, readonly=True, help="The day on which the prices are valid.")
    price_weight = fields.Float(help="How much the price counts: cheapest ÷ price × 100 points.")
    lead_weight = fields.Float(
        string="Lead Time Weight",
        help="How much the real lead time counts: shortest ÷ lead time × 100 points; less than a day is a day.",
    )
    reliability_weight = fields.Float(help="How much the reliability counts: its score are the points.")
    line_ids = fields.One2many("supplier.choice.line", "choice_id", string="Suppliers")
    offer_ids = fields.One2many("supplier.choice.offer", "choice_id", string="Prices", readonly=True)
    is_single = fields.Boolean(compute="_compute_is_single", help="One product is compared, not a whole RFQ.")

    _weights = models.Constraint(
        "CHECK (price_weight >= 0 AND lead_weight >= 0 AND reliability_weight >= 0)",
        "A weight cannot be negative. Enter 0 to leave a criterion out.",
    )

    @api.depends("order_line_ids")
    def _compute_is_single(self):
        for choice in self:
            choice.is_single = len(choice.order_line_ids) <= 1

    @api.onchange("price_weight", "lead_weight", "reliability_weight")
    def _onchange_weights(self):
        self._rank_suppliers()

    @api.onchange("product_id")
    def _onchange_product_id(self):
        self.uom_id = self.product_id.uom_id

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"price_weight", "lead_weight", "reliability_weight"}:
            self._rank_suppliers()
        return result

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------
    @api.model
    def _open_for(self, order=None, order_lines=None, product=None, product_template=None):
        """Compare the suppliers of what is wanted and return the action that shows them.

        :param order_lines: lines of ``order``; or ``product``, or the only one of ``product_template``
        :raises UserError: nothing to compare
        """
        company = order.company_id if order else self.env.company
        choices = self.with_company(company)
        values = {
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "date": fields.Date.context_today(choices),
            "price_weight": company.supplier_choice_price_weight,
            "lead_weight": company.supplier_choice_lead_weight,
            "reliability_weight": company.supplier_choice_reliability_weight,
        }
        if order:
            order_lines = order_lines.filtered(lambda line: line.product_id and not line.display_type)
            if not order_lines:
                raise UserError(
                    self.env._("%s has no line with a product. Add one first.", order.display_name)
                )
            values |= {
                "order_id": order.id,
                "order_line_ids": [(6, 0, order_lines.ids)],
                "currency_id": order.currency_id.id,
                "date": order.date_order.date() if order.date_order else values["date"],
            }
            if len(order_lines) == 1:
                values |= {
                    "product_id": order_lines.product_id.id,
                    "quantity": order_lines.product_qty,
                    "uom_id": order_lines.product_uom_id.id,
                }
        else:
            product = product or product_template.product_variant_ids[:1]
            if not product:
                raise UserError(
                    self.env._("%s has no variant that can be ordered.", product_template.display_name)
                )
            values |= {
                "product_id": product.id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "uom_id": product.uom_id.id,
            }
        choice = choices.create(values)
        choice._find_suppliers()
        return choice._get_action()

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare Suppliers"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def action_refresh(self):
        """Compare again with the product, quantity and weights of the dialog."""
        self.ensure_one()
        if not self.order_id:
            if not self.product_id or self.quantity <= 0:
                raise UserError(self.env._("Enter the product and a quantity greater than 0."))
            self.uom_id = self.uom_id or self.product_id.uom_id
        self._find_suppliers()
        return self._get_action()

    def action_keep_weights(self):
        """Make the weights of the dialog those of the company.

        :raises AccessError: who is no purchase manager
        """
        self.ensure_one()
        if not self.env.user.has_group("purchase.group_purchase_manager"):
            raise AccessError(self.env._("Only a purchase manager may change the weights of the company."))
        # sudo: a purchase manager need not be allowed to write companies; only these three numbers change
        self.company_id.sudo().write({field: self[f"{name}_weight"] for name, field in WEIGHTS.items()})
        return self._get_action()

    # ------------------------------------------------------------------
    # Ranking
    # ------------------------------------------------------------------
    def _get_weights(self):
        return {name: self[f"{name}_weight"] for name in WEIGHTS}

    def _rank_suppliers(self):
        """Weigh the points of the suppliers and put them in order; no query."""
        for choice in self:
            weights = choice._get_weights()
            lines = {line._origin.id or line.id: line for line in choice.line_ids}
            ranked = rank(
                [
                    Candidate(
                        line.partner_id.id,
                        line.is_blocked,
                        line.offered_count,
                        line.amount if line.amount is not False else None,
                        line._get_points(),
                    )._replace(key=(line.partner_id.id, line._origin.id or line.id))
                    for line in choice.line_ids
                ],
                weights,
            )
            for position, (candidate, total) in enumerate(ranked, 1):
                line = lines[candidate.key[1]]
                line.rank = position
                line.total = total
                line.arithmetic = line._describe_total(weights, total)

    # ------------------------------------------------------------------
    # What follows from it
    # ------------------------------------------------------------------
    def _check_open(self):
        """Refuse to change an order that is no RFQ any more."""
        if self.order_id and self.order_id.state not in ("draft", "sent"):
            raise UserError(
                self.env._(
                    "%s is not a request for quotation any more. Cancel it first.", self.order_id.display_name
                )
            )

    def action_make_alternatives(self):
        """Make an alternative RFQ for each of the chosen suppliers, by Odoo's own way.

        :raises UserError: no supplier chosen
        """
        self.ensure_one()
        self._check_open()
        chosen = self.line_ids.filtered("selected").sorted("rank")
        if self.order_id:
            chosen = chosen.filtered(lambda line: line.partner_id != self.order_id.partner_id)
        if not chosen:
            raise UserError(self.env._("Tick the suppliers that shall get an alternative RFQ."))
        origin = self.order_id
        created = self.env["purchase.order"]
        if not origin:
            origin = created = chosen[0]._create_order()
            chosen = chosen[1:]
        if chosen:
            created |= self._create_alternatives(origin, chosen)
        return self._show_orders(created)

    def _create_alternatives(self, origin, chosen):
        whole = not self.order_id or self._takes_all_lines(self.order_line_ids)
        wizard = (
            self.env["purchase.requisition.create.alternative"]
            .with_company(self.company_id)
            .create(
                {
                    "origin_po_id": origin.id,
                    "partner_ids": [(6, 0, chosen.partner_id.ids)],
                    "copy_products": whole,
                }
            )
        )
        before = origin.alternative_po_ids | origin
        wizard.action_create_alternative()
        created = origin.alternative_po_ids - before
        if not whole:
            # of the compared lines only
            self.env["purchase.order.line"].with_context(origin_po_id=origin.id).create(
                [
                    {**wizard._get_alternative_line_value(line, set()), "order_id": order.id}
                    for order in created
                    for line in self.order_line_ids
                ]
            )
            created.order_line._compute_tax_id()
        return created

    def _takes_all_lines(self, lines):
        """Whether the order has no line of a product beside ``lines``."""
        return not (self.order_id.order_line.filtered("product_id") - lines)

    def _show_orders(self, orders):
        action = {
            "type": "ir.actions.act_window",
            "res_model": "purchase.order",
            "name": self.env._("Requests for Quotation"),
        }
        if len(orders) == 1:
            return {**action, "view_mode": "form", "views": [(False, "form")], "res_id": orders.id}
        return {
            **action,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", orders.ids)],
        }
