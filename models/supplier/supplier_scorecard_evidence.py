from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SupplierScorecard(models.Model):
    """From each figure to the order lines and requests behind it."""

    _inherit = "supplier.scorecard"

    def _get_evidence_domain(self, kind="due"):
        """The rows of ``supplier.delivery.report`` behind a figure.

        :param str kind: ``due``, ``not_in_time``, ``late`` (received after the promise), ``overdue``,
            ``not_in_full``, ``price`` or ``returned``
        """
        self.ensure_one()
        lines = (
            Domain("partner_id", "=", self.partner_id.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("date_promised", ">=", self.date_from)
            & Domain("date_promised", "<=", self.date_to)
            & Domain("is_due", "=", True)
        )
        kinds = {
            "due": Domain.TRUE,
            "not_in_time": Domain("on_time_rate", "<", 1),
            "late": Domain("late_days", "!=", False),
            "overdue": Domain("is_overdue", "=", True),
            "not_in_full": Domain("quantity_open", ">", 0),
            "price": Domain("price_agreed", ">", 0) & Domain("price_complies", "=", False),
            "returned": Domain("quantity_returned", ">", 0),
        }
        if kind not in kinds:
            raise UserError(self.env._("There are no order lines of the kind “%s”.", kind))
        return lines & kinds[kind]

    @api.readonly
    def action_open_lines(self):
        """Open the order lines behind a figure, as the context says in ``evidence``."""
        self.ensure_one()
        kind = self.env.context.get("evidence") or "due"
        supplier = self.partner_id.display_name
        names = {
            "due": self.env._("Due Lines of %s", supplier),
            "not_in_time": self.env._("Not in Time: %s", supplier),
            "late": self.env._("Received Late: %s", supplier),
            "overdue": self.env._("Overdue: %s", supplier),
            "not_in_full": self.env._("Not in Full: %s", supplier),
            "price": self.env._("Above the Agreed Price: %s", supplier),
            "returned": self.env._("Returned: %s", supplier),
        }
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.supplier_delivery_report_action"
        )
        return {
            **action,
            "name": names.get(kind, supplier),
            "domain": list(self._get_evidence_domain(kind)),
            "context": {"create": False},
        }

    @api.readonly
    def action_open_rfqs(self):
        """Open the requests for quotation behind the response time."""
        self.ensure_one()
        first, last = self._get_utc_bounds(self.company_id, self.date_from, self.date_to)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Requests to %s", self.partner_id.display_name),
            "res_model": "purchase.order",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                # not "child_of": a subsidiary is a supplier of its own
                ("partner_id.commercial_partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("rfq_sent_date", ">=", first),
                ("rfq_sent_date", "<", last),
            ],
            "context": {"create": False},
        }

    @api.readonly
    def action_open_history(self):
        """Open all scorecards of the supplier in the company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.supplier_scorecard_action_history"
        )
        return {
            **action,
            "name": self.env._("History of %s", self.partner_id.display_name),
            "domain": [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("is_current", "=", False),
            ],
            "context": {"search_default_filter_month": 1},
        }

    @api.readonly
    def action_open_partner(self):
        """Open the supplier."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "views": [(False, "form")],
            "view_mode": "form",
        }

    def action_set_grade(self):
        """Open the dialog that sets the grade of these suppliers by hand."""
        return self.env["supplier.grade.wizard"]._get_action(self.partner_id, self.company_id)
