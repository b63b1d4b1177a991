from odoo import api, models
from odoo.tools import SQL


class PartnerHandSetMixin(models.AbstractModel):
    """What somebody has set by hand for a partner, for the company (the commercial partner) and with an expiry.

    Of one thing, see :meth:`_get_set_thing`, one entry is active. The model has ``partner_id`` and ``active``.
    """

    _name = "partner.hand.set.mixin"
    _description = "Set by Hand"

    def _get_set_thing(self):
        """What of a partner the entry sets, of which one entry is active."""
        self.ensure_one()
        return (self.company_id,)

    def _get_precedence(self, target):
        """A key to sort entries by: of several that become those of ``target``, the first one stays active."""
        raise NotImplementedError

    @api.model
    def _move_to_partner(self, sources, target):
        """Give what was set by hand for ``sources`` to ``target``; one entry of each thing stays active.

        :param sources: contacts that become, or belong to, another one
        :param target: the contact (a commercial partner) that gets them
        """
        # sudo: they apply in all companies, whoever changes the contacts
        everything = (
            self.sudo().with_context(active_test=False).search([("partner_id", "in", (sources | target).ids)])
        )
        active = everything.filtered("active").sorted(lambda entry: entry._get_precedence(target))
        kept = {}
        for entry in active:
            kept.setdefault(entry._get_set_thing(), entry)
        active.filtered(lambda entry: kept[entry._get_set_thing()] != entry).active = False
        moved = everything.filtered(lambda entry: entry.partner_id != target)
        if moved:
            everything.flush_recordset()
            # SQL: the company of a contact is not asked, as in core's merge
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET partner_id = %s WHERE id IN %s RETURNING id",
                    SQL.identifier(self._table),
                    target.id,
                    tuple(moved.ids),
                )
            )
            moved.invalidate_recordset(["partner_id"], flush=False)
