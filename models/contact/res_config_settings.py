from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Settings of the contact log."""

    _inherit = "res.config.settings"

    relations_auto_close_meetings = fields.Boolean(
        string="Close Past Meetings Automatically",
        related="company_id.relations_auto_close_meetings",
        readonly=False,
    )
    relations_history_progress = fields.Float(
        compute="_compute_relations_history_progress",
        help="Share of the database's history that the contact log has read, in percent.",
    )

    def _compute_relations_history_progress(self):
        # sudo: only how far the filling has got
        histories = self.env["partner.contact.history"].sudo()._get_all()
        total = sum(histories.mapped("total"))
        read = sum(history.total * history.progress / 100 for history in histories)
        self.relations_history_progress = 100.0 * read / total if total else 100.0

    def action_relations_restart_history(self):
        """Read the history of e-mails, meetings and activities again."""
        return self.env["partner.contact.history"].action_restart()
