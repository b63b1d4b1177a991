from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date, formatLang, html2plaintext

from ...tools.told import may_be_told


class SaleOrder(models.Model):
    """Quotations of customers who were reminded at a level that warns or blocks, and still owe what it told.

    For internal users: portal users may read their own orders by a call.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "partner.system.fields.mixin"]

    payment_block = fields.Selection(
        [("warn", "Warning"), ("block", "Blocked")],
        compute="_compute_payment_block",
        compute_sudo=True,
        groups="base.group_user",
    )
    payment_block_words = fields.Char(
        compute="_compute_payment_block", compute_sudo=True, groups="base.group_user"
    )
    payment_block_override = fields.Char(
        string="Confirm Although Unpaid because",
        copy=False,
        prefetch=False,
        groups="base.group_user",
        help="A sales manager enters why the order is confirmed although the customer was reminded in vain.",
    )

    @api.depends("partner_id", "company_id", "state")
    def _compute_payment_block(self):
        self.payment_block = self.payment_block_words = False
        open_orders = self.filtered(lambda order: order.state in ("draft", "sent"))
        for order, (block, words) in open_orders._find_payment_blocks().items():
            order.payment_block, order.payment_block_words = block, words

    def _find_payment_blocks(self):
        """What stands in the way of these orders, whatever their state: {order: (``warn`` or ``block``, why)}."""
        found = {}
        for company, orders in self.filtered("partner_id").grouped("company_id").items():
            blocks = orders.partner_id._origin._get_payment_blocks(company)
            for order in orders:
                customer = order.partner_id._origin.commercial_partner_id
                if customer not in blocks or not may_be_told(order):
                    continue
                block, letter, amount = blocks[customer]
                words = self.env._(
                    "%(customer)s was sent “%(level)s” on %(date)s and still owes %(amount)s of it.",
                    customer=customer.name,
                    level=letter.level_id.name,
                    date=format_date(self.env, letter.date),
                    amount=formatLang(self.env, amount, currency_obj=company.currency_id),
                )
                found[order] = block, words
        return found

    @api.model
    def _get_fields_without_default(self):
        return super()._get_fields_without_default() | {"payment_block_override"}

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if any(vals.get("payment_block_override") for vals in vals_list):
            orders._log_payment_override()
        if not self.env.su:
            orders.filtered(lambda order: order.state == "sale")._check_payment_block()
        return orders

    def write(self, vals):
        confirmed = self.browse()
        if vals.get("state") == "sale" and not self.env.su:
            confirmed = self.filtered(lambda order: order.state != "sale")
        result = super().write(vals)
        if vals.get("payment_block_override"):
            self._log_payment_override()
        confirmed._check_payment_block()
        return result

    def _check_payment_block(self):
        """Refuse orders that a call has confirmed past core's button, which asks :meth:`_confirmation_error_message`.

        :raises UserError: names the first one that is blocked
        """
        # sudo: as the fields of the form are computed
        for order, (block, words) in self.sudo()._find_payment_blocks().items():
            if error := order._get_payment_block_error(block, words):
                raise UserError(error)

    def _log_payment_override(self):
        """Keep on the order who allowed it and why.

        :raises AccessError: for who is no sales manager
        """
        orders = self.filtered("payment_block_override")
        if not orders:
            return
        if not self.env.su and not self.env.user.has_group("sales_team.group_sale_manager"):
            orders[0]._raise_payment_override()
        orders._message_log_batch(
            {
                order.id: self.env._(
                    "May be confirmed in spite of overdue payments: %s", order.payment_block_override
                )
                for order in orders
            }
        )

    def _raise_payment_override(self):
        raise AccessError(
            self.env._(
                "%s: only a sales manager may confirm in spite of overdue payments. Ask one to enter the reason.",
                self.name,
            )
        )

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_payment_block_error(
            self.payment_block, self.payment_block_words
        )

    def _validate_order(self):
        # a customer has signed in the portal
        others = self - self._leave_unconfirmed()
        return super(SaleOrder, others)._validate_order() if others else None

    def _leave_unconfirmed(self):
        """Leave blocked orders as they are that customers have signed or paid in the portal, and tell both sides.

        An error would take the signature, or the payment, back with it.

        :return: the orders that are left
        """
        left = self.browse()
        # sudo: as the fields of the form are computed, and whoever signs or pays writes no notes; they are internal
        for lang, orders in self.sudo().grouped(lambda order: order._get_told_user().lang).items():
            orders = orders.with_context(lang=lang or self.env.lang)
            for order, (block, words) in orders._find_payment_blocks().items():
                if order._get_payment_block_error(block, words):
                    order._tell_left_unconfirmed(words)
                    left |= order
        return self & left

    def _get_told_user(self):
        """Who is to look after the order: its salesperson, else who is responsible for the customer."""
        customers = self.partner_id | self.partner_id.commercial_partner_id
        users = self.user_id or customers._get_responsible_users()
        return users.filtered(lambda user: user.active and not user.share)[:1]

    def _tell_left_unconfirmed(self, words):
        self.ensure_one()
        customer = self.with_context(lang=self.partner_id.lang or self.env.lang)
        thanks = customer.env._("Thank you for your order. We will get in touch with you about it.")
        # a payment is reserved first and received afterwards
        is_told = any(
            message.message_type == "auto_comment" and html2plaintext(message.body or "").strip() == thanks
            for message in self.message_ids
        )
        if not is_told:
            self._message_log(
                body=self.env._(
                    "The customer has ordered online. The order was not confirmed by itself: %s", words
                )
            )
        user = self._get_told_user()
        if user and user not in self.activity_ids.filtered("automated").user_id:
            # a type without channel: that somebody is to look at the order is no contact
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Ordered online in spite of overdue payments"),
                note=self.env._("Get in touch with the customer, then confirm the order or cancel it."),
                user_id=user.id,
            )
        if is_told:
            return
        customer.message_post(
            body=thanks,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_comment",
            author_id=(user.partner_id or self.company_id.partner_id).id,
            partner_ids=self.partner_id.ids,
        )

    def _get_payment_block_error(self, block, words):
        self.ensure_one()
        if block != "block" or self.payment_block_override:
            return False
        return self.env._(
            "%(order)s cannot be confirmed: %(reason)s A sales manager may enter a reason on the order to confirm it "
            "all the same.",
            order=self.name,
            reason=words,
        )
