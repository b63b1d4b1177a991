from collections import defaultdict
from contextlib import contextmanager

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

OVERRIDE_FIELDS = (
    "supplier_block_override_reason",
    "supplier_block_override_partner_id",
    "supplier_block_override_user_id",
    "supplier_block_override_date",
)
NOT_CONFIRMED = ("draft", "sent", "to approve")
CHECKED = "partner_relations.supplier_block_checked"


class PurchaseOrder(models.Model):
    """Orders to unreliable suppliers are refused where the rating policy says so; a manager may override."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "partner.system.fields.mixin"]

    supplier_block_override_reason = fields.Char(
        string="Why the Block Was Overridden",
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
        help="Why a purchase manager allowed this order although the supplier's rating blocks it.",
        prefetch="relations",
    )
    supplier_block_override_partner_id = fields.Many2one(
        "res.partner",
        string="Block Overridden for",
        readonly=True,
        copy=False,
        index="btree_not_null",  # whoever deletes or merges contacts would read all orders
        groups="purchase.group_purchase_user",
        help="The supplier for whom the block was overridden: it does not hold for another one.",
        prefetch="relations",
    )
    supplier_block_override_user_id = fields.Many2one(
        "res.users",
        string="Block Overridden by",
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
        prefetch="relations",
    )
    supplier_block_override_date = fields.Datetime(
        string="Block Overridden on",
        readonly=True,
        copy=False,
        groups="purchase.group_purchase_user",
        prefetch="relations",
    )

    # ------------------------------------------------------------------
    # Block
    # ------------------------------------------------------------------
    def _get_supplier_blocks(self, states=NOT_CONFIRMED):
        """Return {order: verdict} of those orders that are not confirmed and may not be sent or confirmed.

        No query where no policy blocks, whatever the number of orders.
        """
        orders = self.filtered(lambda order: order.state in states)
        blocking = self.env["supplier.score.policy"]._get_blocking_company_ids()
        by_company = defaultdict(self.browse)
        for order in orders:
            if order.company_id.id in blocking:
                by_company[order.company_id] |= order
        blocks = {}
        for company, company_orders in by_company.items():
            verdicts = company_orders.partner_id._get_supplier_verdicts(company)
            for order in company_orders:
                verdict = verdicts.get(order.partner_id.commercial_partner_id)
                if verdict and verdict.level == "block" and not order._is_supplier_block_overridden():
                    blocks[order] = verdict
        return blocks

    def _is_supplier_block_overridden(self):
        # sudo: whether, not why; whoever confirms need not be allowed to read the fields
        order = self.sudo()
        return bool(
            order.supplier_block_override_reason
            and order.supplier_block_override_partner_id == order.partner_id.commercial_partner_id
        )

    def _check_supplier_block(self, states=NOT_CONFIRMED):
        """Refuse to go on with orders to suppliers whose rating blocks them.

        Code that confirms orders by itself and must not be stopped runs as superuser with the context key
        ``skip_supplier_check``. A user cannot lift the block by that key.

        :raises UserError: names every supplier, its score and why, and the remedy
        """
        if not self or (self.env.su and self.env.context.get("skip_supplier_check")):
            return
        blocks = self._get_supplier_blocks(states)
        if not blocks:
            return
        raise UserError(
            "\n\n".join(
                [
                    *(order._describe_supplier_block(verdict) for order, verdict in blocks.items()),
                    self.env._(
                        "Choose another supplier (“Compare Suppliers”), or ask a purchase manager to override the "
                        "block on the order."
                    ),
                ]
            )
        )

    def _describe_supplier_block(self, verdict):
        return self.env._(
            "%(order)s: orders to %(supplier)s are blocked, because %(consequence)s. %(reason)s.",
            order=self.display_name,
            supplier=self.partner_id.commercial_partner_id.name,
            consequence=verdict.consequence,
            reason=verdict.reason.rstrip("."),
        )

    def action_rfq_send(self):
        self._check_supplier_block()
        return super().action_rfq_send()

    def print_quotation(self):
        self._check_supplier_block()
        return super().print_quotation()

    def button_confirm(self):
        # before the question about the alternatives and in one go for all orders
        with self._supplier_block_checked():
            return super().button_confirm()

    def button_approve(self, force=False):
        with self._supplier_block_checked():
            return super().button_approve(force=force)

    @contextmanager
    def _supplier_block_checked(self):
        """Check these orders once for all steps of confirming them that follow in this block.

        Which ones are checked is remembered with the transaction, since a context would be sent back by a client.
        """
        cache = self.env.cr.cache
        before = cache.get(CHECKED, frozenset())
        self.filtered(lambda order: order.id not in before)._check_supplier_block()
        cache[CHECKED] = before | set(self.ids)
        try:
            yield
        finally:
            cache[CHECKED] = before

    # ------------------------------------------------------------------
    # Override
    # ------------------------------------------------------------------
    @api.model
    def _get_fields_without_default(self):
        return super()._get_fields_without_default() | frozenset(OVERRIDE_FIELDS)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(
            name in vals or f"default_{name}" in self.env.context
            for vals in vals_list
            for name in OVERRIDE_FIELDS
        ):
            self._check_may_override_block()
        orders = super().create(vals_list)
        if not self.env.su:
            # nothing was checked of orders that are confirmed from the beginning
            orders.filtered(lambda order: order.state == "purchase")._check_supplier_block(("purchase",))
        return orders

    def write(self, vals):
        if not self.env.su and any(name in vals for name in OVERRIDE_FIELDS):
            self._check_may_override_block()
        suppliers = {}
        if "partner_id" in vals and not self.env.su:
            ordered = self.filtered(lambda order: order.state == "purchase")
            suppliers = {order: order.partner_id.commercial_partner_id for order in ordered}
        unchecked = self.browse()
        if vals.get("state") == "purchase" and not self.env.su:
            checked = self.env.cr.cache.get(CHECKED, ())
            unchecked = self.filtered(lambda order: order.state in NOT_CONFIRMED and order.id not in checked)
        result = super().write(vals)
        # afterwards, as the supplier may have changed with it
        for order, supplier in suppliers.items():
            if order.partner_id.commercial_partner_id != supplier:
                unchecked |= order
        unchecked._check_supplier_block(("purchase",))
        return result

    def _check_may_override_block(self):
        if not self.env.user.has_group("purchase.group_purchase_manager"):
            raise AccessError(
                self.env._("Only a purchase manager may override the block of a supplier. Ask one to do it.")
            )

    def action_override_supplier_block(self):
        """Open the dialog in which a purchase manager overrides the block of this order."""
        self.ensure_one()
        self._check_may_override_block()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Override the Block"),
            "res_model": "supplier.block.override.wizard",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def _override_supplier_block(self, reason):
        """Allow these orders in spite of the supplier's rating; kept on the order and in its chatter.

        :raises AccessError: who is no purchase manager
        :raises UserError: an order that is not blocked
        """
        self._check_may_override_block()
        blocks = self._get_supplier_blocks()
        for order in self:
            if order not in blocks:
                raise UserError(
                    self.env._("%s is not blocked: nothing needs to be overridden.", order.display_name)
                )
            order.write(
                {
                    "supplier_block_override_reason": reason,
                    "supplier_block_override_partner_id": order.partner_id.commercial_partner_id.id,
                    "supplier_block_override_user_id": self.env.uid,
                    "supplier_block_override_date": fields.Datetime.now(),
                }
            )
            order.message_post(
                body=Markup("<p>%s</p><p>%s</p>")
                % (
                    self.env._("Block of the supplier overridden: %s", reason),
                    order._describe_supplier_block(blocks[order]),
                )
            )
