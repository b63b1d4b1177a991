from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang

# Hours that an activity of a channel usually takes.
CHANNEL_HOURS = {"phone": 0.25, "email": 0.25, "chat": 0.25, "meeting": 1.0, "visit": 2.0}
OTHER_HOURS = 0.5
# A line of a work plan cannot have more either.
HOURS_OF_A_WEEK = 168


def tell_hours(env, hours):
    """Hours as their reader writes them, also as many as no float rounds, which somebody entered all the same."""
    return formatLang(env, hours) if abs(hours) < 1e15 else str(hours)


class MailActivityType(models.Model):
    """How much of a week an activity of a type takes."""

    _inherit = "mail.activity.type"

    planned_hours = fields.Float(
        string="Hours in Work Plans",
        compute="_compute_planned_hours",
        store=True,
        readonly=False,
        help="The time that an activity of this type takes in a work plan, in hours.",
    )

    _planned_hours_positive = models.Constraint(
        "CHECK (planned_hours >= 0)", "“Hours in Work Plans” cannot be below 0. Enter 0 or more."
    )

    @api.depends("contact_channel")
    def _compute_planned_hours(self):
        for activity_type in self:
            activity_type.planned_hours = activity_type.planned_hours or CHANNEL_HOURS.get(
                activity_type.contact_channel, OTHER_HOURS
            )

    @api.constrains("planned_hours")
    def _check_planned_hours(self):
        for activity_type in self:
            if activity_type.planned_hours > HOURS_OF_A_WEEK:
                raise ValidationError(
                    self.env._(
                        "“%(type)s”: “%(field)s” cannot be %(hours)s. Enter from 0 to %(most)s hours, which a week "
                        "has.",
                        type=activity_type.name,
                        field=self._fields["planned_hours"]._description_string(self.env),
                        hours=tell_hours(self.env, activity_type.planned_hours),
                        most=HOURS_OF_A_WEEK,
                    )
                )
