from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools.order_failure import FAULTS

# The field of a reason that says it may be told of that kind.
REASON_FIELDS = {"lost": "for_lost", "cancelled": "for_cancelled", "short": "for_short", "late": "for_late"}


class PartnerOrderFailureReason(models.Model):
    """Why a quotation was lost, an order cancelled or closed short, or a delivery late."""

    _name = "partner.order.failure.reason"
    _description = "Reason of a Failed Order"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Off: not offered any more; what was told with it stays.")
    fault = fields.Selection(
        FAULTS,
        required=True,
        default="us",
        help="On whose side the cause usually lies. It can be changed in each case.",
    )
    for_lost = fields.Boolean(string="Lost Quotations", default=True)
    for_cancelled = fields.Boolean(string="Cancelled Orders", default=True)
    for_short = fields.Boolean(string="Short-Closed Orders", default=True)
    for_late = fields.Boolean(string="Late Deliveries")
    is_counted = fields.Boolean(
        string="Counts as Failure",
        default=True,
        help="Off: for what is no failure, such as a quotation entered by mistake or replaced by another one. It is "
        "kept in the list of failures, and left out of the report with its rates.",
    )

    @api.constrains(*REASON_FIELDS.values())
    def _check_kinds(self):
        for reason in self:
            if not any(reason[name] for name in REASON_FIELDS.values()):
                raise ValidationError(
                    self.env._(
                        "The reason %s is for nothing: tick lost quotations, cancelled orders, short-closed orders "
                        "or late deliveries. To withdraw a reason, archive it.",
                        reason.name,
                    )
                )

    def _fits(self, kind):
        """Return whether the reason may be told of failures of a kind (or of ``late`` deliveries)."""
        self.ensure_one()
        return self[REASON_FIELDS[kind]]
