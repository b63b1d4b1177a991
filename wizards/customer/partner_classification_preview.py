from odoo import api, fields, models
from odoo.tools import SQL


class PartnerClassificationPreview(models.TransientModel):
    """How many customers would change class if a policy applied now; nothing is kept."""

    _name = "partner.classification.preview"
    _description = "Preview of a Classification Policy"
    _inherit = "partner.pointer.mixin"

    policy_id = fields.Many2one(
        "partner.classification.policy", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(related="policy_id.kind")
    customer_count = fields.Integer(
        string="Customers", compute="_compute_counts", help="Customers that the policy would classify."
    )
    changed_count = fields.Integer(
        string="Would Change",
        compute="_compute_counts",
        help="Customers with another ABC class, XYZ class or stage than now.",
    )
    abc_changed_count = fields.Integer(string="ABC", compute="_compute_counts")
    xyz_changed_count = fields.Integer(string="XYZ", compute="_compute_counts")
    stage_changed_count = fields.Integer(string="Stage", compute="_compute_counts")
    table = fields.Json(compute="_compute_counts", help="Customers by class now and class then.")

    @api.depends("policy_id")
    def _compute_counts(self):
        for preview in self:
            groups = preview._get_changes()
            preview.customer_count = sum(group["count"] for group in groups)
            for name in ("abc", "xyz", "stage"):
                preview[f"{name}_changed_count"] = sum(
                    group["count"] for group in groups if group[f"{name}_now"] != group[f"{name}_then"]
                )
            preview.changed_count = sum(
                group["count"]
                for group in groups
                if any(group[f"{name}_now"] != group[f"{name}_then"] for name in ("abc", "xyz", "stage"))
            )
            table = {}
            for group in groups:
                for name in ("abc", "xyz", "stage"):
                    cell = (name, group[f"{name}_now"] or "", group[f"{name}_then"] or "")
                    table[cell] = table.get(cell, 0) + group["count"]
            preview.table = [[*cell, count] for cell, count in sorted(table.items())]

    def _get_changes(self):
        """Customers counted by their classes now and as the policy would give them.

        :raises AccessError: for who may not read the policy
        """
        self.ensure_one()
        policy = self.policy_id
        policy.check_access("read")
        run = self.env["partner.classification"].new(
            {"policy_id": policy.id, "company_id": policy.company_id.id}
        )
        current = self.env["partner.classification"].search(
            [("company_id", "=", policy.company_id.id), ("kind", "=", policy.kind), ("is_current", "=", True)]
        )
        if current:
            # as of the same days, so that only the policy makes a difference
            run.date_to, run.stage_date = current.date_to, current.stage_date
        self.env.flush_all()
        names = ("abc", "xyz", "stage")
        columns = ("abc_class", "xyz_class", "stage")
        # SQL as the engine: the classes of a whole company without writing them
        with run._analysis_settings():
            rows = self.env.execute_query(
                SQL(
                    """
                    WITH %(new_lines)s
                    SELECT now.abc_class, now.xyz_class, now.stage, new.abc_class, new.xyz_class, new.stage, COUNT(*)
                      FROM new
                      LEFT JOIN partner_classification_line AS now
                        ON now.classification_id = %(current)s AND now.partner_id = new.partner_id
                       AND now.is_merged IS NOT TRUE
                     GROUP BY 1, 2, 3, 4, 5, 6""",
                    new_lines=run._new_lines_sql(),
                    current=current.id or 0,
                )
            )
        return [
            {
                **{f"{name}_now": row[number] for number, name in enumerate(names)},
                **{f"{name}_then": row[number + len(columns)] for number, name in enumerate(names)},
                "count": row[-1],
            }
            for row in rows
        ]
