from odoo import api, fields, models

ADDRESS_PARTS = ("street", "street2", "street3", "pobox", "zip", "city", "state", "country")
PLACES = ("", "work", "home", "other")
# Google's pairs of columns: the kind of a value stands in the column beside it
AS_FOUND = "as_found"


class PartnerContactImportColumn(models.Model):
    """What a column of a file holds."""

    _name = "partner.contact.import.column"
    _description = "Column of a Contact Import"
    _inherit = ["partner.guarded.mixin"]
    _order = "import_id, sequence, id"
    _guarded_fields = ("import_id", "sequence", "name", "sample", "found_target")

    import_id = fields.Many2one(
        "partner.contact.import", required=True, readonly=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(readonly=True)
    name = fields.Char(string="Column", readonly=True)
    sample = fields.Char(string="Example", readonly=True)
    found_target = fields.Char(readonly=True)
    target = fields.Selection("_selection_target", string="Goes To", required=True, default="extra")

    @api.model
    def _selection_target(self):
        env = self.env
        places = {
            "": "%s",
            "work": env._("%s (work)"),
            "home": env._("%s (home)"),
            "other": env._("%s (other)"),
        }
        parts = {
            "street": env._("Street"),
            "street2": env._("Street 2"),
            "street3": env._("Street 3"),
            "pobox": env._("PO box"),
            "zip": env._("ZIP"),
            "city": env._("City"),
            "state": env._("Region (state)"),
            "country": env._("Country"),
        }
        phone, fax = env._("Phone"), env._("Fax")
        return [
            ("skip", env._("Nowhere")),
            ("extra", env._("Note, with the name of the column")),
            ("notes", env._("Note")),
            ("name", env._("Name")),
            ("given", env._("First name")),
            ("middle", env._("Middle name")),
            ("family", env._("Last name")),
            ("prefix", env._("Form of address")),
            ("suffix", env._("Name suffix")),
            ("nickname", env._("Nickname")),
            ("company", env._("Company")),
            ("department", env._("Department")),
            ("function", env._("Job position")),
            ("email", env._("Email")),
            *((f"phone.{place}" if place else "phone", places[place] % phone) for place in PLACES),
            ("phone.mobile", env._("Mobile phone")),
            ("phone.main", env._("Main phone")),
            *((f"fax.{place}" if place else "fax", places[place] % fax) for place in PLACES),
            ("pager", env._("Pager")),
            *(
                (f"{part}.{place}" if place else part, places[place] % parts[part])
                for place in PLACES
                for part in ADDRESS_PARTS
            ),
            ("website", env._("Website")),
            ("birthday", env._("Birthday")),
            ("birth_day", env._("Day of birth")),
            ("birth_month", env._("Month of birth")),
            ("birth_year", env._("Year of birth")),
            ("categories", env._("Tags")),
            ("language", env._("Language")),
            ("vat", env._("Tax ID")),
            (AS_FOUND, env._("As Google names it")),
        ]

    @api.model
    def _get_choice(self, target):
        """Return the value of the selection for a target that was found."""
        return target if target in dict(self._selection_target()) else AS_FOUND

    def write(self, vals):
        result = super().write(vals)
        if "target" in vals:
            self.import_id._outdate()
        return result

    def _get_target(self):
        self.ensure_one()
        return self.found_target if self.target == AS_FOUND else self.target
