from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries their rating as suppliers over."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Rate the remaining supplier anew: it has the orders of the others from now on.

        One scorecard of each company and window remains, one grade set by hand of each company: the newest, of those
        that are valid if there are any.
        """
        partners = src_partners | dst_partner
        # sudo: what is kept of the rating, whoever merges; core moves all by their foreign key
        cards = self.env["supplier.scorecard"].sudo().search([("partner_id", "in", partners.ids)])
        kept, dropped = {}, cards.browse()
        for card in cards.sorted(lambda card: (card.partner_id != dst_partner, card.id)):
            days = (card.date_from, card.date_to) if card.period == "days" else card.date_to
            key = (card.company_id, card.period, "current" if card.is_current else days)
            if key in kept:
                dropped |= card
            else:
                kept[key] = card
        # without a merged card, the scorecards of the remaining one are right as they are
        is_merged = any(card.partner_id in src_partners for card in cards)
        if dst_partner.commercial_partner_id != dst_partner:
            # a person has no scorecard of its own; its company is rated anew at night
            dropped, is_merged = cards, False
        dropped.unlink()
        # sudo: as above
        overrides = self.env["supplier.grade.override"].sudo().search([("partner_id", "in", partners.ids)])
        newest = set()
        # one whose last day is over stays active, and applies no more
        for override in overrides.sorted(lambda each: (each.state == "valid", each.id), reverse=True):
            if override.company_id in newest:
                override.active = False
            newest.add(override.company_id)
        self.env.flush_all()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        if is_merged:
            self.env["supplier.scorecard"].invalidate_model()
            remaining = self.env["supplier.scorecard"].sudo().browse(card.id for card in kept.values())
            policies = self.env["supplier.score.policy"]
            remaining.filtered(lambda card: policies._get_for(card.company_id))._score_cards()
        return result
