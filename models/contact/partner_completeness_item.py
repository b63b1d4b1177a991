from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache


class PartnerCompletenessItem(models.Model):
    """One thing that belongs to a complete contact, and how much it counts."""

    _name = "partner.completeness.item"
    _description = "Completeness Item"
    _order = "kind, sequence, id"

    name = fields.Char(
        required=True,
        translate=True,
        help="How the item is called in the list of what is missing.",
    )
    kind = fields.Selection(
        [("company", "Company"), ("person", "Person")],
        string="Applies to",
        required=True,
        default="company",
    )
    code = fields.Selection(
        [
            ("name", "Name"),
            ("email", "Email"),
            ("phone", "Phone"),
            ("address", "Address"),
            ("vat", "Tax ID"),
            ("industry", "Industry"),
            ("user", "Salesperson"),
            ("contact_person", "Contact Person"),
            ("function", "Job Position"),
            ("birthdate", "Birthday"),
        ],
        string="Checks",
        required=True,
        help="What must be filled and valid. Email: a correct address. Phone: a number that can be "
        "dialled in the contact's country. Address: street, city and country. Tax ID: a number, or "
        "“/” for a partner that is not subject to tax. Contact person: at least one person of the "
        "company that is not archived.",
    )
    weight = fields.Integer(
        default=1,
        required=True,
        help="Completeness = weights of the items that are filled and valid ÷ weights of all items of "
        "that kind of contact.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _weight_range = models.Constraint(
        "CHECK (weight BETWEEN 0 AND 1000)",
        "A weight lies between 0 and 1000.",
    )
    _kind_code_unique = models.UniqueIndex(
        "(kind, code)",
        "This item exists already for that kind of contact.",
    )

    @api.constrains("weight", "active", "kind")
    def _check_something_counts(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        counting = dict(self._read_group([("weight", ">", 0), ("active", "=", True)], ["kind"], ["__count"]))
        for kind in set(self.mapped("kind")):
            if not counting.get(kind):
                raise ValidationError(
                    self.env._(
                        "At least one item for “%s” must be active and have a weight, "
                        "else there is no completeness to compute.",
                        labels[kind],
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_last(self):
        self.env.registry.clear_cache()
        for kind in set(self.mapped("kind")):
            others = [("kind", "=", kind), ("weight", ">", 0), ("id", "not in", self.ids)]
            if not self.search_count(others, limit=1):
                raise ValidationError(
                    self.env._(
                        "The last item of a kind of contact cannot be deleted: change its weight instead."
                    )
                )

    @api.model
    @ormcache("self.env.lang")
    def _get_items(self):
        """Return {kind: ((code, name, weight), ...)} of the active items, in order."""
        # sudo: the weights are needed by whoever may read a contact, and show nothing of any contact
        items = self.sudo().search_fetch(
            # kept for everybody: whoever asks first may look at archived contacts
            [("weight", ">", 0), ("active", "=", True)],
            ["kind", "code", "name", "weight"],
        )
        return {
            kind: tuple((item.code, item.name, item.weight) for item in items if item.kind == kind)
            for kind in ("company", "person")
        }
