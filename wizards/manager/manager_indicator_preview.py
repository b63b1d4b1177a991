from odoo import api, fields, models

from ...models.manager.manager_score_scheme import CREDITS
from ...models.manager.manager_scorecard_line import UNITS
from ...tools.empty_fields import EmptyFloat


class ManagerIndicatorPreview(models.TransientModel):
    """What an indicator gives in the last period that is over; nothing is kept."""

    _name = "manager.indicator.preview"
    _description = "Preview of an Indicator"
    _inherit = "partner.pointer.mixin"

    indicator_id = fields.Many2one("manager.indicator", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    unit = fields.Selection(UNITS, readonly=True)
    date_from = fields.Date(required=True, readonly=True)
    date_to = fields.Date(required=True, readonly=True)
    credit = fields.Selection(
        CREDITS,
        string="Credited to",
        required=True,
        readonly=True,
        help="As the company's score scheme has it.",
    )
    period_name = fields.Char(string="Period", readonly=True)
    manager_count = fields.Integer(string="Managers", readonly=True, help="Managers who have documents.")
    value = EmptyFloat(
        digits=0,
        string="Total",
        readonly=True,
        help="Of all documents, nobody's included; of a rate the ratio of the sums.",
    )
    document_count = fields.Integer(string="Documents", readonly=True)
    line_ids = fields.One2many("manager.indicator.preview.line", "preview_id", readonly=True)

    @api.model
    def _preview(self, indicator):
        """Compute the indicator as it is saved, for everybody who has documents and for what is nobody's.

        :raises AccessError: for who may not change the indicator
        """
        indicator.check_access("write")
        company = self.env.company
        first, last, credit = indicator._get_preview_terms(company)
        found = {
            user_id: value
            for (_indicator_id, user_id), value in indicator._compute_values(
                company, first, last, credit=credit
            ).items()
        }

        def add(name):
            numbers = [getattr(value, name) for value in found.values()]
            numbers = [number for number in numbers if number is not None]
            return sum(numbers) if numbers else None

        def empty(number):
            return False if number is None else number

        def place(user_id):
            """The best first, whoever has no value then, and nobody last."""
            value = found[user_id].value
            sign = -1 if indicator.direction == "higher" else 1
            return not user_id, value is None, sign * (value or 0), user_id

        return self.create(
            {
                "indicator_id": indicator.id,
                "company_id": company.id,
                "unit": indicator.unit,
                "date_from": first,
                "date_to": last,
                "credit": credit,
                "period_name": self.env["manager.scorecard"]._name_period(first, last),
                "manager_count": len([user_id for user_id in found if user_id]),
                "value": empty(indicator._get_value(add("numerator"), add("denominator"))),
                "document_count": sum(value.count for value in found.values()),
                "line_ids": [
                    fields.Command.create(
                        {
                            "user_id": user_id,
                            "value": empty(found[user_id].value),
                            "numerator": empty(found[user_id].numerator),
                            "denominator": empty(found[user_id].denominator),
                            "document_count": found[user_id].count,
                        }
                    )
                    for user_id in sorted(found, key=place)
                ],
            }
        )


class ManagerIndicatorPreviewLine(models.TransientModel):
    """The value of one manager, or of nobody."""

    _name = "manager.indicator.preview.line"
    _description = "Manager in the Preview of an Indicator"
    _inherit = "partner.pointer.mixin"
    _order = "id"

    preview_id = fields.Many2one("manager.indicator.preview", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="preview_id.currency_id")
    unit = fields.Selection(related="preview_id.unit")
    user_id = fields.Many2one("res.users", string="Manager", readonly=True, ondelete="cascade")
    manager_name = fields.Char(
        string="Name", compute="_compute_manager_name", help="Nobody: the documents belong to no manager."
    )
    value = EmptyFloat(digits=0, readonly=True)
    numerator = EmptyFloat(digits=0, string="Counted", readonly=True)
    denominator = EmptyFloat(digits=0, string="Divided By", readonly=True)
    document_count = fields.Integer(string="Documents", readonly=True)

    @api.depends("user_id")
    @api.depends_context("lang")
    def _compute_manager_name(self):
        for line in self:
            # sudo: the name of a person, as in every list of Odoo
            line.manager_name = line.user_id.sudo().name or self.env._("Nobody")

    def action_open_documents(self):
        """Open the documents behind the value."""
        self.ensure_one()
        preview = self.preview_id
        return preview.indicator_id._get_evidence_action(
            preview.company_id, self.user_id, preview.date_from, preview.date_to, preview.credit
        )
