from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import SQL
from odoo.tools.misc import format_date, formatLang

from ...tools.internal import INTERNAL


class ManagerScorecard(models.Model):
    """Closing a scorecard with its evidence, reopening it, and what the documents say since."""

    _inherit = "manager.scorecard"

    # ------------------------------------------------------------------
    # Closing
    # ------------------------------------------------------------------
    def action_close(self):
        """Compute these scorecards a last time, and freeze them with their evidence; closed ones stay.

        All in one transaction: a worker that dies leaves them open, to be closed again.

        :raises AccessError: for who is not a director
        :raises UserError: before the period is over, when all are closed already, or while somebody else does it
        """
        self._check_director()
        self.check_access("read")
        self._lock_cards()
        to_close = self.filtered(lambda card: card.state == "open")
        if self and not to_close:
            self[0]._raise_closed()
        for card in to_close:
            if not card.is_over:
                raise UserError(
                    self.env._(
                        "The scorecard “%(card)s” cannot be closed before its period is over, after %(day)s.",
                        card=card.display_name,
                        day=format_date(self.env, card.date_to),
                    )
                )
        to_close._compute_cards()
        to_close._freeze()
        # sudo: the state is guarded in write(); who may close was checked above
        to_close.sudo().with_context(relations_scorecard=INTERNAL).write(
            {
                "state": "closed",
                "closed_on": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
                "difference_count": 0,
            }
        )
        to_close._message_log_batch(
            bodies={
                card.id: self.env._(
                    "Closed with %(score)s points, rank %(rank)s.",
                    score="–" if card.score is False else formatLang(self.env, card.score, digits=1),
                    rank=card.rank_name or "–",
                )
                for card in to_close
            }
        )
        return True

    def _lock_cards(self):
        """Let nobody else close or reopen these scorecards meanwhile, and see what others did before.

        :raises UserError: when somebody does
        """
        try:
            # sudo: the lock alone; the caller was checked
            self.sudo().lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "These scorecards are being computed, closed or reopened right now. Look again in a minute."
                )
            ) from error
        self.invalidate_recordset(["state"])

    def _freeze(self):
        """Keep the documents behind each value of these scorecards.

        SQL: the engine's facts go from table to table, however many there are.
        """
        evidence = self.env["manager.scorecard.evidence"]
        self.env["manager.scorecard.line"].flush_model()
        self.flush_model()
        evidence.flush_model()
        for (company, first, last, credit), cards in (
            self.sudo()
            .grouped(  # sudo: the scheme's credit
                lambda card: (card.company_id, card.date_from, card.date_to, card.scheme_id.credit)
            )
            .items()
        ):
            facts = cards.line_ids.indicator_id._get_evidence(
                company, first, last, users=cards.user_id, credit=credit
            )
            self.env.execute_query(
                SQL(
                    """
                    WITH facts AS (%(facts)s)
                    INSERT INTO manager_scorecard_evidence (
                           scorecard_id, user_id, company_id, indicator_id, res_model, res_id, partner_id, date,
                           numerator, denominator, create_uid, create_date, write_uid, write_date)
                    SELECT line.scorecard_id, line.user_id, line.company_id, line.indicator_id, facts.res_model,
                           facts.res_id, facts.partner_id, facts.date, facts.numerator, facts.denominator,
                           %(uid)s, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                      FROM facts
                      JOIN manager_scorecard_line AS line
                        ON line.indicator_id = facts.indicator_id AND line.user_id = facts.user_id
                       AND line.scorecard_id = ANY(%(cards)s)
                  ORDER BY line.scorecard_id, line.indicator_id, facts.date, facts.res_model, facts.res_id
                 RETURNING 1""",
                    facts=facts,
                    cards=cards.ids,
                    uid=self.env.uid,
                )
            )
        evidence.invalidate_model(flush=False)
        self.invalidate_model(["evidence_ids"], flush=False)

    # ------------------------------------------------------------------
    # Reopening
    # ------------------------------------------------------------------
    def action_reopen(self, reason=None):
        """Open closed scorecards again, with a reason that stays on them; without one, ask for it in a dialog.

        The figures stay until they are computed again; the evidence goes, and the closed score stays in the log.

        :raises AccessError: for who is not a director
        :raises UserError: for open scorecards
        """
        self._check_director()
        self.check_access("read")
        if not (reason or "").strip():
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Reopen"),
                "res_model": "manager.scorecard.reopen",
                "views": [(False, "form")],
                "view_mode": "form",
                "target": "new",
                "context": {"default_card_ids": [fields.Command.set(self.ids)]},
            }
        self._lock_cards()
        if still_open := self.filtered(lambda card: card.state == "open"):
            raise UserError(self.env._("The scorecard “%s” is open already.", still_open[0].display_name))
        self._check_may_reopen()
        bodies = {
            card.id: self.env._(
                "Reopened: %(reason)s It was closed with %(score)s points, rank %(rank)s.",
                reason=reason.strip().rstrip(".") + ".",
                score="–" if card.score is False else formatLang(self.env, card.score, digits=1),
                rank=card.rank_name or "–",
            )
            for card in self
        }
        # sudo: written by the addon alone; who may reopen was checked above
        self.sudo().with_context(relations_scorecard=INTERNAL).write(
            {"state": "open", "closed_on": False, "closed_by_id": False, "difference_count": 0}
        )
        # SQL: however many documents there are, of which nothing depends
        self.env["manager.scorecard.evidence"].flush_model()
        self.env.execute_query(
            SQL("DELETE FROM manager_scorecard_evidence WHERE scorecard_id = ANY(%s) RETURNING 1", self.ids)
        )
        self.env["manager.scorecard.evidence"].invalidate_model(flush=False)
        self.invalidate_model(["evidence_ids"], flush=False)
        self._message_log_batch(bodies=bodies)
        return True

    def _check_may_reopen(self):
        """For what follows from a score (a bonus that was paid) to refuse it, with a UserError."""

    # ------------------------------------------------------------------
    # Evidence
    # ------------------------------------------------------------------
    @api.readonly
    def action_view_evidence(self):
        """Open the documents behind a closed scorecard."""
        self.ensure_one()
        if self.state != "closed":
            raise UserError(
                self.env._(
                    "The scorecard “%s” is open: click a value to open the documents as they are now.",
                    self.display_name,
                )
            )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.manager_scorecard_evidence_action"
        )
        return {
            **action,
            "name": self.env._("Evidence of %s", self.display_name),
            "domain": [("scorecard_id", "=", self.id)],
            "context": {"search_default_group_indicator": 1, "create": False},
        }

    @api.readonly
    def action_open_history(self):
        """Open all scorecards of the manager in the company."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("partner_relations.manager_scorecard_action")
        return {
            **action,
            "name": self.env._("History of %s", self.user_id.name),
            "domain": [("user_id", "=", self.user_id.id), ("company_id", "=", self.company_id.id)],
            "context": {},
        }
