from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.empty_fields import EmptyFloat
from ...tools.loose_many2one import LooseMany2one


class ManagerIndicatorDocument(models.TransientModel):
    """A document behind a value as it is now, where there are documents of several kinds."""

    _name = "manager.indicator.document"
    _description = "Document Behind a Value"
    _inherit = "partner.pointer.mixin"
    _order = "date desc, id"
    _rec_name = "document"
    _rec_names_search = ["partner_id"]

    company_id = LooseMany2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    indicator_id = LooseMany2one("manager.indicator", readonly=True)
    unit = fields.Char(compute="_compute_unit")
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", string="Document ID", aggregator=None)
    document = fields.Char(compute="_compute_document", help="What it is called.")
    partner_id = LooseMany2one("res.partner", string="Contact", readonly=True)
    date = fields.Date(readonly=True)
    numerator = EmptyFloat(digits=0, string="Counted", readonly=True, help="What it adds to the value.")
    denominator = EmptyFloat(
        digits=0,
        string="Divided By",
        readonly=True,
        help="For a rate or mean: what it adds to the number divided by.",
    )

    @api.depends("indicator_id.unit")
    def _compute_unit(self):
        """In what a document is counted: a rate is made of amounts or numbers, not of percentages."""
        for row in self:
            # sudo: a word of the settings, of an indicator of the user's scorecard
            unit = row.indicator_id.sudo().unit
            row.unit = "count" if unit == "percent" else unit

    @api.depends("res_model", "res_id")
    def _compute_document(self):
        self.env["manager.scorecard.evidence"]._name_documents(self)

    @api.model
    def _open(self, evidence, limit, name, company):
        """List the documents of ``evidence``, the last ``limit`` of them, for the current user alone.

        SQL: the engine's facts go from table to table, however many there are.

        :return: the action that opens the list
        """
        self.flush_model()
        ids = [
            row_id
            for (row_id,) in self.env.execute_query(
                SQL(
                    """
                    INSERT INTO manager_indicator_document (
                           company_id, indicator_id, res_model, res_id, partner_id, date, numerator, denominator,
                           create_uid, create_date, write_uid, write_date)
                    SELECT %(company)s, indicator_id, res_model, res_id, partner_id, date, numerator, denominator,
                           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM (%(evidence)s) AS evidence
                  ORDER BY date DESC, res_model, res_id DESC
                     LIMIT %(limit)s
                 RETURNING id""",
                    company=company.id,
                    uid=self.env.uid,
                    evidence=evidence,
                    limit=limit,
                )
            )
        ]
        self.invalidate_model(flush=False)
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": self._name,
            "view_mode": "list",
            "views": [(False, "list")],
            "domain": [("id", "in", ids)],
            "context": {"create": False},
        }

    @api.readonly
    def action_open_document(self):
        """Open the document.

        :raises UserError: when it is gone
        """
        self.ensure_one()
        return self.env["manager.scorecard.evidence"]._open_document(self.res_model, self.res_id)
