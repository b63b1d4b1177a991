import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare, format_list, formatLang
from odoo.tools.float_utils import float_is_zero


class SupplierTermsLine(models.Model):
    """The least quantity of an order line and the multiples it is sold in.

    For one product, for a category with those below it, or for everything. The nearest to the product counts:
    its own steps, else those of the nearest category, else those for everything. Steps in a unit that the
    quantity cannot be converted to are passed over.
    """

    _name = "supplier.terms.line"
    _description = "Quantity Step of Supplier Terms"
    _inherit = ["partner.guarded.mixin"]
    _placing_fields = ("terms_id",)
    _order = "terms_id, sequence, id"
    _check_company_auto = True

    terms_id = fields.Many2one("supplier.terms", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="terms_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        ondelete="cascade",
        check_company=True,
        domain="[('purchase_ok', '=', True)]",
        help="Empty: for all products of the category.",
    )
    categ_id = fields.Many2one(
        "product.category",
        string="Product Category",
        ondelete="cascade",
        help="With the categories below it. Empty, without a product: for everything.",
    )
    min_quantity = fields.Float(
        string="Minimum Quantity",
        digits="Product Unit",
        help="The least quantity of an order line. 0: there is none.",
    )
    multiple = fields.Float(
        string="Multiple Of",
        digits="Product Unit",
        help="The quantity of an order line is a multiple of it. 0: any quantity.",
    )
    product_uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        ondelete="restrict",
        help="Unit of minimum and multiple. Empty: the unit of each product.",
    )

    _positive = models.Constraint(
        "CHECK (min_quantity >= 0 AND multiple >= 0)", "Minimum and multiple cannot be negative."
    )
    _one_scope = models.Constraint(
        "CHECK (product_id IS NULL OR categ_id IS NULL)",
        "A quantity step is for a product or for a category, not for both.",
    )
    _once = models.UniqueIndex(
        "(terms_id, COALESCE(product_id, 0), COALESCE(categ_id, 0), COALESCE(product_uom_id, 0))",
        "These terms have quantity steps for this product or category in this unit already.",
    )

    @api.depends("product_id", "categ_id")
    def _compute_display_name(self):
        for line in self:
            scope = line.product_id.display_name or line.categ_id.display_name
            line.display_name = scope or self.env._("All products")

    @api.onchange("product_id")
    def _onchange_product_id(self):
        if self.product_id:
            self.categ_id = False
            self.product_uom_id = self.product_id.uom_id

    @api.onchange("categ_id")
    def _onchange_categ_id(self):
        if self.categ_id:
            self.product_id = False

    @api.constrains("product_id", "product_uom_id")
    def _check_unit(self):
        for line in self:
            unit = line.product_id.uom_id
            if unit and line.product_uom_id and not line.product_uom_id._has_common_reference(unit):
                raise ValidationError(
                    self.env._(
                        "Quantity steps of %(product)s: %(unit)s cannot be converted to %(product_unit)s, the "
                        "unit of the product. Choose a unit that can.",
                        product=line.product_id.display_name,
                        unit=line.product_uom_id.name,
                        product_unit=unit.name,
                    )
                )

    def _select(self, product):
        """Return the steps that count for ``product``: one record or none."""
        categories = [int(number) for number in (product.categ_id.parent_path or "").split("/") if number]
        best, best_rank = self.browse(), -1
        for line in self:
            if line.product_uom_id and not line.product_uom_id._has_common_reference(product.uom_id):
                continue
            if line.product_id:
                rank = len(categories) + 1 if line.product_id == product._origin else -1
            elif line.categ_id:
                rank = categories.index(line.categ_id.id) + 1 if line.categ_id.id in categories else -1
            else:
                rank = 0
            if rank > best_rank:
                best, best_rank = line, rank
        return best

    def _get_warning(self, name, product, quantity, unit):
        """Say what is wrong with a quantity, and which ones are allowed next to it.

        :param str name: what the order line is called
        :param quantity: in ``unit``
        :return: text, or False where the quantity is right
        """
        self.ensure_one()
        step_unit = self.product_uom_id or product.uom_id
        ordered = unit._compute_quantity(quantity, step_unit, round=False)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        minimum, multiple = self.min_quantity, self.multiple
        # the border is compared in the unit in which the step was agreed
        below = float_compare(ordered, minimum, precision_digits=digits) < 0
        steps = ordered / multiple if multiple else 0.0
        broken = multiple and not float_is_zero((steps - round(steps)) * multiple, precision_digits=digits)
        if not below and not broken:
            return False
        if multiple:
            first = math.ceil(round(minimum / multiple, 9)) or 1
            lower, upper = math.floor(round(steps, 9)), math.ceil(round(steps, 9))
            allowed = sorted({max(count, first) for count in (lower, upper)})
            if lower < first:
                allowed = allowed[-1:]
            allowed = [count * multiple for count in allowed]
        else:
            allowed = [minimum]

        def words(amount, of_unit):
            text = f"{self._format_quantity(amount, digits)} {of_unit.name}"
            if of_unit != unit:
                converted = of_unit._compute_quantity(amount, unit, round=False)
                if float_is_zero(converted - round(converted, digits), precision_digits=digits + 3):
                    text = f"{self._format_quantity(converted, digits)} {unit.name} ({text})"
            return text

        values = {
            "name": name,
            "quantity": f"{self._format_quantity(quantity, digits)} {unit.name}",
            "minimum": words(minimum, step_unit),
            "multiple": words(multiple, step_unit),
            "allowed": format_list(self.env, [words(amount, step_unit) for amount in allowed], "or"),
        }
        if below:
            return self.env._(
                "%(name)s: %(quantity)s is below the minimum of %(minimum)s. Nearest: %(allowed)s.", **values
            )
        return self.env._(
            "%(name)s: %(quantity)s is not a multiple of %(multiple)s. Nearest: %(allowed)s.", **values
        )

    def _format_quantity(self, quantity, digits):
        """Return a quantity as it is written in the user's language, without needless zeros."""
        while digits and round(quantity, digits) == round(quantity, digits - 1):
            digits -= 1
        return formatLang(self.env, quantity, digits=digits)
