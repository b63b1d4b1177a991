from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat
from ...tools.loose_many2one import LooseMany2one


class ManagerScorecardEvidence(models.Model):
    """One document behind a value of a closed scorecard, as it was counted on closing.

    Written in bulk by closing and never changed, so its references have no foreign keys: what a score was made of
    stays, also when the document, the contact or the person goes.
    """

    _name = "manager.scorecard.evidence"
    _description = "Evidence of a Sales Manager's Scorecard"
    _order = "scorecard_id, indicator_id, date desc, id"
    _rec_name = "document"
    _rec_names_search = ["partner_id"]

    scorecard_id = fields.Many2one("manager.scorecard", required=True, index=True, ondelete="cascade")
    user_id = LooseMany2one("res.users", string="Manager", required=True)
    company_id = LooseMany2one("res.company", required=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    indicator_id = LooseMany2one("manager.indicator", string="Indicator", required=True)
    unit = fields.Char(compute="_compute_unit")
    res_model = fields.Char(string="Document Model", required=True)
    res_id = fields.Many2oneReference(model_field="res_model", string="Document ID", aggregator=None)
    document = fields.Char(compute="_compute_document", help="What it is called today.")
    partner_id = LooseMany2one("res.partner", string="Contact", index="btree_not_null")
    date = fields.Date()
    numerator = EmptyFloat(digits=0, string="Counted", help="What it adds to the value.")
    denominator = EmptyFloat(
        digits=0, string="Divided By", help="For a rate or mean: what it adds to the number divided by."
    )

    # Each merge of contacts looks for those that were counted themselves.
    _counted_contact_idx = models.Index("(res_id) WHERE res_model = 'res.partner'")

    @api.depends("indicator_id.unit")
    def _compute_unit(self):
        """In what a document is counted: a rate is made of amounts or numbers, not of percentages."""
        for row in self:
            # sudo: a word of the settings, of an indicator of the user's scorecard
            unit = row.indicator_id.sudo().unit
            row.unit = "count" if unit == "percent" else unit

    @api.depends("res_model", "res_id")
    def _compute_document(self):
        self._name_documents(self)

    @api.model
    def _name_documents(self, rows):
        """Give each of these rows, which have ``res_model`` and ``res_id``, the name of its document."""
        for model, alike in rows.grouped("res_model").items():
            if model not in self.env:
                alike.document = False
                continue
            # sudo: the name of a document that the scorecard of the user was made of; opening it takes rights on it
            records = (
                self.env[model].sudo().with_context(active_test=False).browse(set(alike.mapped("res_id")))
            )
            names = {record.id: record.display_name for record in records.exists()}
            for row in alike:
                row.document = names.get(row.res_id) or self.env._("Deleted")

    @api.model
    def _merge_partners(self, sources, target):
        """Name the contact that remains of merged ones, also where the contact itself is what was counted.

        SQL as core's merge of contacts is, whose rights apply.
        """
        self.flush_model(["partner_id", "res_model", "res_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE manager_scorecard_evidence SET partner_id = %s WHERE partner_id = ANY(%s)",
                target.id,
                sources.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE manager_scorecard_evidence SET res_id = %s
                    WHERE res_model = 'res.partner' AND res_id = ANY(%s)""",
                target.id,
                sources.ids,
            )
        )
        self.invalidate_model(["partner_id", "res_id", "document"], flush=False)

    @api.readonly
    def action_open_document(self):
        """Open the document as it is today.

        :raises UserError: when it is gone
        """
        self.ensure_one()
        return self._open_document(self.res_model, self.res_id)

    @api.model
    def _open_document(self, model, record_id):
        if model not in self.env or not self.env[model].browse(record_id).exists():
            raise UserError(self.env._("The document is gone; this row says what it counted for."))
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": record_id,
            "views": [(False, "form")],
            "view_mode": "form",
        }
