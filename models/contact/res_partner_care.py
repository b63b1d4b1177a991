from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# So many ids PostgreSQL compares by a hash table with the memory it has when nobody gives it more (`work_mem` 4 MB).
MANY = 250_000


class ResPartner(models.Model):
    """Whose contacts they are, as a condition on the records that name them."""

    _inherit = "res.partner"

    def _register_hook(self):
        """See whether there are so many contacts that one team may have more than :data:`MANY`."""
        super()._register_hook()
        # SQL: the planner's own estimate; to count a million contacts would delay the start
        self.env.cr.execute(
            SQL("SELECT reltuples > %s FROM pg_class WHERE oid = %s::regclass", MANY, self._table)
        )
        [self.pool.relations_many_contacts] = self.env.cr.fetchone()

    @api.model
    def _are_many(self):
        """Whether sets of contacts may be too large to be compared as sets of ids."""
        return getattr(self.pool, "relations_many_contacts", False)

    @api.model
    def _get_care_of_domain(self, name, user_ids):
        """Return the domain of records whose contact in the field ``name`` one of these users is responsible for.

        Whose contact it is does not depend on the right to read it.

        The contacts are looked up by index and compared as a set of ids. PostgreSQL has that set searched from its
        beginning for each row once it does not fit into the memory: with more contacts they are joined.

        :rtype: Domain
        """
        if self._are_many():
            return Domain(name, "any!", self._get_responsible_domain(user_ids))
        return Domain(name, "any!", self._get_responsible_query(user_ids))
