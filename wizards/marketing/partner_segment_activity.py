from odoo import api, fields, models
from odoo.exceptions import UserError


class PartnerSegmentActivity(models.TransientModel):
    """Schedule an activity or a plan for everybody in a segment, each for its salesperson."""

    _name = "partner.segment.activity"
    _description = "Schedule Activities for a Segment"
    _inherit = "partner.pointer.mixin"

    segment_id = fields.Many2one("partner.segment", required=True)
    partner_count = fields.Integer(related="segment_id.partner_count", related_sudo=False)
    kind = fields.Selection(
        [("activity", "Activity"), ("plan", "Activity Plan")],
        string="Schedule",
        required=True,
        default="activity",
    )
    plan_id = fields.Many2one("mail.activity.plan", domain="[('res_model', '=', 'res.partner')]")
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        domain="['|', ('res_model', '=', False), ('res_model', '=', 'res.partner')]",
        default=lambda self: self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False),
    )
    summary = fields.Char()
    note = fields.Html()
    date = fields.Date(string="Due Date", required=True, default=fields.Date.context_today)
    fallback_user_id = fields.Many2one(
        "res.users",
        string="Contacts without Salesperson",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Each activity is for the salesperson of the contact or its company; for contacts without one it is for "
        "this person.",
    )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.kind == "plan" and not self.plan_id:
            self.plan_id = self.env["mail.activity.plan"].search([("res_model", "=", "res.partner")], limit=1)

    def action_schedule(self):
        """Begin: the first contacts at once, the rest by the scheduler.

        :raise UserError: without an activity or plan, or nobody in the segment
        """
        self.ensure_one()
        chosen = self.plan_id if self.kind == "plan" else self.activity_type_id
        if not chosen:
            raise UserError(self.env._("Choose the activity or the activity plan to be scheduled."))
        if not self.segment_id.partner_count:
            raise UserError(
                self.segment_id.problem
                or self.env._("Nobody you may see is in the segment “%s” now.", self.segment_id.name)
            )
        # sudo: the trace is written by this action only; it schedules with the rights of its user
        schedule = self.env["partner.segment.schedule"].sudo().create(
            {
                "segment_id": self.segment_id.id,
                "user_id": self.env.uid,
                "plan_id": self.plan_id.id if self.kind == "plan" else False,
                "activity_type_id": self.activity_type_id.id if self.kind == "activity" else False,
                "summary": self.summary,
                "note": self.note,
                "date": self.date,
                "fallback_user_id": self.fallback_user_id.id,
            }
        ).sudo(False)  # fmt: skip
        schedule._start()
        return {
            "type": "ir.actions.act_window",
            "res_model": schedule._name,
            "res_id": schedule.id,
            "views": [(False, "form")],
        }
