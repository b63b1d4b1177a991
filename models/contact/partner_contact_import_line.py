from odoo import api, fields, models
from odoo.exceptions import UserError

from .partner_contact_import import DUPLICATE_ACTIONS


class PartnerContactImportLine(models.Model):
    """One contact of a file."""

    _name = "partner.contact.import.line"
    _description = "Contact to Import"
    _inherit = ["partner.guarded.mixin"]
    _linked_fields = ("parent_id",)
    _order = "import_id, number"

    import_id = fields.Many2one(
        "partner.contact.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    number = fields.Integer(readonly=True, help="Its place in the file.")
    line_number = fields.Integer(
        string="Line", readonly=True, aggregator=None, help="The line of the file on which it begins."
    )
    name = fields.Char(readonly=True)
    email = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    company_name = fields.Char(string="Company in File", readonly=True)
    function = fields.Char(string="Job Position", readonly=True)
    birthday = fields.Char(readonly=True)
    has_photo = fields.Boolean(string="With Photo", readonly=True)
    data = fields.Json(readonly=True, help="What was read.")
    photo = fields.Binary(attachment=False, readonly=True)
    state = fields.Selection(
        [("new", "To import"), ("done", "Done"), ("error", "Rejected")],
        required=True,
        readonly=True,
        default="new",
    )
    is_doubtful = fields.Boolean(string="Doubtful", readonly=True)
    message = fields.Char(string="Reason", readonly=True)
    duplicate_id = fields.Many2one(
        "res.partner",
        string="Known As",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        context={"active_test": False},
    )
    duplicate_line_id = fields.Many2one(
        "partner.contact.import.line",
        string="Same As",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The contact that stands in the same file before.",
    )
    duplicate_reason = fields.Selection(
        [
            ("vat", "Same tax ID"),
            ("email", "Same email"),
            ("phone", "Same phone"),
            ("name", "Same name and company"),
            ("file", "Twice in the file"),
        ],
        string="Known By",
        readonly=True,
    )
    is_known = fields.Boolean(string="Known", readonly=True)
    action = fields.Selection(DUPLICATE_ACTIONS, required=True, default="create")
    parent_id = fields.Many2one(
        "res.partner",
        string="Company",
        index="btree_not_null",
        ondelete="set null",
        domain=[("is_company", "=", True)],
        help="The company to which the person will belong. Empty: it is found or made by the name in the file.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        context={"active_test": False},
    )
    result = fields.Selection(
        [
            ("created", "Created"),
            ("updated", "Updated"),
            ("skipped", "Skipped"),
            ("undone", "Undone"),
            ("kept", "Not undone"),
        ],
        readonly=True,
    )
    undo = fields.Json(readonly=True, help="What was written, and what stood there before.")
    # NO_ACCESS: credit limits, and what the contact has in other companies
    terms = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    old_photo = fields.Binary(attachment=False, readonly=True)

    _open_idx = models.Index("(import_id, number) WHERE state = 'new'")

    @api.model
    def _is_guarded(self, name):
        # all but what is chosen in the preview
        return name not in ("action", "parent_id")

    def write(self, vals):
        if not self._is_guard_off():
            self.import_id._check_not_running()
        return super().write(vals)

    @api.constrains("action", "parent_id")
    def _check_open(self):
        for line in self:
            if line.state == "done":
                raise UserError(self.env._("%s is imported already; correct the contact itself.", line.name))

    def action_open_contact(self):
        self.ensure_one()
        partner = self.partner_id or self.duplicate_id
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": partner.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
