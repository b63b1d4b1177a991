from collections import defaultdict

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.notification import notify

TEMPLATE = "partner_relations.mail_template_supplier_chase"


class SupplierChase(models.TransientModel):
    """Asks suppliers by e-mail for deliveries that are open: one mail for each supplier and company.

    Everything is one transaction, with a savepoint for each supplier. Odoo hands e-mails to the mail server
    only after the commit, from its queue. So what was sent and what is marked as chased cannot differ: if
    something fails for a supplier, nothing of it is kept and the others go on; if the server stops in the
    middle, nothing at all was sent or marked, and a second start sends each mail once.
    """

    _name = "supplier.chase"
    _description = "Chase Deliveries"
    _inherit = "partner.pointer.mixin"

    template_id = fields.Many2one(
        "mail.template",
        required=True,
        default=lambda self: self.env.ref(TEMPLATE, raise_if_not_found=False),
        domain=[("model", "=", "supplier.chase.mail")],
        help="Subject and text are made of it for each supplier, in the supplier's language.",
    )
    include_chased = fields.Boolean(
        string="Also Lines Chased Today",
        readonly=True,
        help="Off: lines the supplier was asked for today already are left out.",
    )
    mail_ids = fields.One2many("supplier.chase.mail", "chase_id", string="E-mails")
    ready_count = fields.Integer(compute="_compute_counts")
    sent_count = fields.Integer(compute="_compute_counts")
    no_email_count = fields.Integer(compute="_compute_counts")
    failed_count = fields.Integer(compute="_compute_counts")
    chased_line_count = fields.Integer(compute="_compute_counts")

    @api.depends("mail_ids.state", "mail_ids.line_ids.is_chased_today")
    def _compute_counts(self):
        for chase in self:
            by_state = chase.mail_ids.grouped("state")
            chase.ready_count = len(by_state.get("ready", ()))
            chase.sent_count = len(by_state.get("sent", ()))
            chase.no_email_count = len(by_state.get("no_email", ()))
            chase.failed_count = len(by_state.get("failed", ()))
            open_mails = chase.mail_ids.filtered(lambda mail: mail.state != "sent")
            chase.chased_line_count = len(open_mails.line_ids.filtered("is_chased_today"))

    @api.onchange("template_id")
    def _onchange_template_id(self):
        """Write subject and text of the mails anew."""
        contents = self.mail_ids._origin._get_contents(self.template_id._origin)
        for mail in self.mail_ids:
            content = contents.get(mail._origin.id)
            if content:
                mail.update(content)

    # ------------------------------------------------------------------
    # Preparing the mails
    # ------------------------------------------------------------------

    @api.model
    def _open(self, order_lines):
        """Return the action that shows the mails about the open quantities of ``order_lines``.

        :raise UserError: when nothing of the lines is open
        """
        chase = self.create({})
        chase._prepare_mails(order_lines)
        return chase._get_action()

    def _get_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Chase Deliveries"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "view_mode": "form",
            "target": "new",
        }

    def _prepare_mails(self, order_lines):
        self.ensure_one()
        deliveries = self.env["supplier.delivery.report"].search(
            [("order_line_id", "in", order_lines.ids), ("quantity_open", ">", 0)],
            order="date_promised, order_line_id",
        )
        if not deliveries:
            raise UserError(
                self.env._(
                    "Nothing is open on the selected lines, so there is nothing to ask the suppliers for. Select "
                    "lines with an open quantity."
                )
            )
        by_supplier = defaultdict(lambda: self.env["supplier.delivery.report"])
        for delivery in deliveries:
            by_supplier[delivery.company_id, delivery.partner_id] |= delivery
        codes = self._get_vendor_codes(deliveries)
        vals_list = []
        for (company, partner), open_lines in by_supplier.items():
            recipients = self._get_recipients(open_lines.order_id)
            vals_list.append(
                {
                    "chase_id": self.id,
                    "company_id": company.id,
                    "partner_id": partner.id,
                    "recipient_ids": [Command.set(recipients.ids)],
                    "lang": (recipients[:1] or partner).lang or self.env.lang,
                    "line_ids": [
                        Command.create(self._prepare_line_vals(delivery, codes)) for delivery in open_lines
                    ],
                }
            )
        mails = self.env["supplier.chase.mail"].create(vals_list)
        mails._write_contents()

    @api.model
    def _prepare_line_vals(self, delivery, codes):
        line = delivery.order_line_id
        product_uom, uom = line.product_id.uom_id, line.product_uom_id

        def in_order_unit(quantity):
            return product_uom._compute_quantity(quantity, uom, round=False)

        return {
            "order_line_id": line.id,
            "product_code": codes.get(line.id),
            "quantity_ordered": in_order_unit(delivery.quantity_ordered),
            "quantity_open": in_order_unit(delivery.quantity_open),
            "date_promised": delivery.date_promised,
            "date_planned": delivery.date_planned,
            "days_overdue": max(delivery.days_overdue or 0, 0),
            "chase_date": line.supplier_chase_date,
        }

    @api.model
    def _get_recipients(self, orders):
        """Return the contact persons of the orders that have an e-mail address, else the supplier itself.

        Who was archived since gets no mail: Odoo sends none.
        """
        persons = orders.partner_id
        reached = (persons | persons.commercial_partner_id).filtered(
            lambda partner: partner.active and partner.email_normalized
        )
        return reached & persons or reached

    @api.model
    def _get_vendor_codes(self, deliveries):
        """Return {id of an order line: the supplier's own code of the product}; one query for all lines."""
        lines = deliveries.order_line_id
        sellers = self.env["product.supplierinfo"].search(
            [
                ("product_tmpl_id", "in", lines.product_id.product_tmpl_id.ids),
                ("partner_id.commercial_partner_id", "in", deliveries.partner_id.ids),
                ("product_code", "!=", False),
                ("company_id", "in", [False, *lines.company_id.ids]),
            ],
            # that of the very variant before that of the template
            order="product_id, sequence, id",
        )
        by_product = sellers.grouped(
            lambda seller: (seller.partner_id.commercial_partner_id, seller.product_tmpl_id)
        )
        codes = {}
        for line in lines:
            key = line.order_id.partner_id.commercial_partner_id, line.product_id.product_tmpl_id
            for seller in by_product.get(key, ()):
                if seller.product_id in (line.product_id, self.env["product.product"]) and (
                    seller.company_id in (line.company_id, self.env["res.company"])
                ):
                    codes[line.id] = seller.product_code
                    break
        return codes

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_include_chased(self):
        """Put the lines into the mails, too, that the suppliers were asked for today already; or take them out."""
        self.ensure_one()
        self.include_chased = not self.include_chased
        self.mail_ids.filtered(lambda mail: mail.state != "sent")._write_contents()
        return self._get_action()

    def action_send(self):
        """Send the mails that are ready, or failed before, and tell what became of each."""
        self.ensure_one()
        mails = self.mail_ids.filtered(lambda mail: mail.state in ("ready", "failed"))
        if not mails:
            raise UserError(self.env._("There is no e-mail to send."))
        for mail in mails:
            self._send_one(mail)
        if any(mail.state != "sent" for mail in self.mail_ids):
            return self._get_action()
        text = self.env._(
            "Suppliers asked by e-mail: %(suppliers)s. Lines: %(lines)s.",
            suppliers=len(mails),
            lines=len(mails.sent_line_ids),
        )
        return notify(text, then="close")

    def _send_one(self, mail):
        """Send one mail in a savepoint; what fails is told beside it, and the others go on."""
        try:
            with self.env.cr.savepoint():
                mail._send()
        except OperationalError:
            # somebody changes the same lines: Odoo starts the whole transaction again
            raise
        except Exception as error:
            mail.write({"state": "failed", "problem": str(error)})
