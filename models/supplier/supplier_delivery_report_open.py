from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.empty_fields import EmptyFloat
from .supplier_scorecard import GRADES


class SupplierDeliveryReport(models.Model):
    """Coming deliveries: the lines of which something is still open, with what was done about them."""

    _inherit = "supplier.delivery.report"

    # as in every list, the name of what a readable row points to is shown, also to a director without purchases
    order_name = fields.Char(related="order_id.name", string="Order Reference")
    warehouse_id = fields.Many2one(
        related="order_id.picking_type_id.warehouse_id",
        string="Warehouse",
        help="Where the goods are to arrive.",
    )
    contact_id = fields.Many2one(
        related="order_id.partner_id",
        string="Contact Person",
        help="Whom the order was sent to, and who is asked for it.",
    )
    supplier_score = EmptyFloat(
        string="Score",
        compute="_compute_supplier_rating",
        help="Of the supplier's current scorecard in the company of the order, 0 to 100. Empty: not rated.",
    )
    supplier_grade = fields.Selection(
        GRADES,
        string="Grade",
        compute="_compute_supplier_rating",
        search="_search_supplier_grade",
        help="The grade that applies to the supplier in the company of the order: set by hand, else by the score. "
        "Empty: not rated.",
    )
    supplier_chase_date = fields.Datetime(related="order_line_id.supplier_chase_date", string="Last Chased")
    last_contact_date = fields.Datetime(
        string="Last Contact about It",
        compute="_compute_last_contact_date",
        help="The last contact with the supplier that is logged on this order, or when it was asked for the line "
        "by e-mail. Empty: there was none.",
    )

    @api.depends("order_id", "product_id")
    def _compute_display_name(self):
        # what the calendar shows
        for delivery in self:
            delivery.display_name = f"{delivery.order_name} · {delivery.product_id.display_name}"

    @api.depends("order_id", "supplier_chase_date")
    def _compute_last_contact_date(self):
        # sudo: only when there was contact about an order that the user may read, not what it was
        dates = dict(
            self.env["partner.contact.log"]
            .sudo()
            ._read_group(
                [
                    ("res_model", "=", "purchase.order"),
                    ("res_id", "in", self.order_id.ids),
                    ("state", "=", "done"),
                ],
                ["res_id"],
                ["date:max"],
            )
        )
        for delivery in self:
            known = [delivery.supplier_chase_date, dates.get(delivery.order_id.id)]
            delivery.last_contact_date = max(filter(None, known), default=False)

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_supplier_rating(self):
        cards = {
            (card.partner_id, card.company_id): card
            for card in self.env["supplier.scorecard"].search(
                [
                    ("partner_id", "in", self.partner_id.ids),
                    ("company_id", "in", self.company_id.ids),
                    ("is_current", "=", True),
                ]
            )
        }
        overrides = self.env["supplier.grade.override"]._get_valid(self.partner_id, self.company_id)
        no_card, no_override = self.env["supplier.scorecard"], self.env["supplier.grade.override"]
        for delivery in self:
            partner, company = delivery.partner_id, delivery.company_id
            card = cards.get((partner, company), no_card)
            delivery.supplier_score = card.score
            delivery.supplier_grade = overrides.get((partner.id, company.id), no_override).grade or card.grade

    def _search_supplier_grade(self, operator, value):
        # few companies: a condition for each, as the grade in another company does not count
        domains = []
        for company in self.env.companies:
            graded = self.env["res.partner"].with_company(company)._search_supplier_grade(operator, value)
            if graded is NotImplemented:
                return NotImplemented
            domains.append(Domain("company_id", "=", company.id) & Domain("partner_id", "any", graded))
        return Domain.OR(domains)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_chase(self):
        """Show the e-mails that ask the suppliers for the selected lines."""
        return self.env["supplier.chase"]._open(self.order_line_id)
