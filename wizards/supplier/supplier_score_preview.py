import contextlib

from odoo import api, fields, models

from ...models.supplier.supplier_scorecard import GRADES
from ...tools.empty_fields import EmptyFloat
from ...tools.internal import INTERNAL

# Suppliers that the dialog names; it counts all.
SHOWN = 200


class SupplierScorePreview(models.TransientModel):
    """How many suppliers would have another grade if a policy applied now; the scorecards stay as they are."""

    _name = "supplier.score.preview"
    _description = "Preview of a Supplier Rating Policy"
    _inherit = "partner.pointer.mixin"

    policy_id = fields.Many2one("supplier.score.policy", required=True, readonly=True, ondelete="cascade")
    supplier_count = fields.Integer(
        string="Suppliers", readonly=True, help="Suppliers with a scorecard, now or by the policy."
    )
    changed_count = fields.Integer(
        string="Would Change", readonly=True, help="Suppliers with another computed grade than now."
    )
    up_count = fields.Integer(string="To a Higher Grade", readonly=True)
    down_count = fields.Integer(string="To a Lower Grade", readonly=True)
    gained_count = fields.Integer(string="Rated for the First Time", readonly=True)
    lost_count = fields.Integer(string="No Longer Rated", readonly=True)
    line_ids = fields.One2many("supplier.score.preview.line", "preview_id", readonly=True)

    @api.model
    def _preview(self, policy):
        """Compute the current scorecards by ``policy`` and undo it; keep what would be different.

        :raises AccessError: for who may not read the policy
        """
        policy.check_access("read")
        before = self._read_ratings(policy)
        with contextlib.closing(self.env.cr.savepoint()):
            # sudo: for a moment, undone below; who may change the policy may see what would follow. No
            # tracking, whose messages would outlive what is undone.
            trial = policy.sudo().with_context(tracking_disable=True)
            if not trial.active:
                trial.search([("company_id", "=", trial.company_id.id)]).active = False
                trial.flush_model(["active"])  # of which only one may be active
                trial.active = True
            self.env["supplier.scorecard"]._score_current(trial)
            after = self._read_ratings(policy)
        # found with all rights, as said above: a supplier may be another company's contact by now
        preview = self.with_context(relations_found=INTERNAL).create(
            self._prepare_vals(policy, before, after)
        )
        return self.browse(preview.id)

    @api.model
    def _read_ratings(self, policy):
        """Score and computed grade of each supplier, by its id."""
        # sudo: see _preview
        cards = (
            self.env["supplier.scorecard"]
            .sudo()
            .search_fetch(
                [("company_id", "=", policy.company_id.id), ("is_current", "=", True)],
                ["partner_id", "score", "grade"],
            )
        )
        return {card.partner_id.id: (card.score, card.grade) for card in cards}

    @api.model
    def _prepare_vals(self, policy, before, after):
        ranks = {"low": 1, "medium": 2, "high": 3}
        counts = dict.fromkeys(("up_count", "down_count", "gained_count", "lost_count"), 0)
        changed = []
        nothing = (False, False)
        for partner_id in sorted(before.keys() | after.keys()):
            (old_score, old), (new_score, new) = (
                before.get(partner_id, nothing),
                after.get(partner_id, nothing),
            )
            if old == new:
                continue
            kind = "gained" if not old else "lost" if not new else "up" if ranks[new] > ranks[old] else "down"
            counts[f"{kind}_count"] += 1
            changed.append(
                {
                    "partner_id": partner_id,
                    "score_now": old_score,
                    "score_then": new_score,
                    "grade_now": old,
                    "grade_then": new,
                }
            )
        return {
            "policy_id": policy.id,
            "supplier_count": len(before.keys() | after.keys()),
            "changed_count": len(changed),
            **counts,
            "line_ids": [fields.Command.create(line) for line in changed[:SHOWN]],
        }


class SupplierScorePreviewLine(models.TransientModel):
    """A supplier whose grade would change."""

    _name = "supplier.score.preview.line"
    _description = "Supplier in a Preview"
    _inherit = "partner.pointer.mixin"

    preview_id = fields.Many2one("supplier.score.preview", required=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Supplier", readonly=True, ondelete="cascade")
    score_now = EmptyFloat(readonly=True)
    grade_now = fields.Selection(GRADES, readonly=True)
    score_then = EmptyFloat(readonly=True)
    grade_then = fields.Selection(GRADES, readonly=True)
