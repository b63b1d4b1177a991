from odoo import api, models

from ...tools.birthdays import month_day_key


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Carry the birthday over as one thing: the day together with whether its year is known.

        Core takes the last filled value of each column by itself, which would give a birthday without a
        year the flag of another contact.
        """
        # as in core: what the remaining contact has goes first, then the last of the others
        born = (dst_partner + src_partners[::-1]).filtered("birthdate")
        if born:
            source = born[0]
            if not source.birth_year_known:
                # the year of the same birthday is worth keeping
                day = month_day_key(source.birthdate)
                known = born.filtered(lambda p: p.birth_year_known and month_day_key(p.birthdate) == day)
                source = known[:1] or source
            (src_partners + dst_partner).write(
                {"birthdate": source.birthdate, "birth_year_known": source.birth_year_known}
            )
        return super()._update_values(src_partners, dst_partner)
