from odoo import models


class ManagerScorecardLine(models.Model):
    """From a value to its documents."""

    _inherit = "manager.scorecard.line"

    def action_open_documents(self):
        """Open the documents behind the value: as they were counted for a closed scorecard, else as they are."""
        self.ensure_one()
        card = self.scorecard_id
        if card.state == "closed":
            action = card.action_view_evidence()
            return {
                **action,
                "name": self.env._(
                    "%(indicator)s of %(card)s",
                    indicator=self.indicator_id.name,
                    card=card.display_name,
                ),
                "views": [
                    (self.env.ref("partner_relations.manager_scorecard_evidence_view_list_one").id, "list")
                ],
                "domain": [("scorecard_id", "=", card.id), ("indicator_id", "=", self.indicator_id.id)],
                "context": {"create": False},
            }
        return self.indicator_id._get_evidence_action(
            card.company_id,
            card.user_id,
            card.date_from,
            card.date_to,
            card.scheme_id.sudo().credit,  # sudo: the setting alone, of a scorecard that the user may see
        )
