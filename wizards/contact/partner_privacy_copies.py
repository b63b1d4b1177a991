from odoo import models
from odoo.tools import SQL, email_normalize, escape_psql, split_every
from odoo.tools.mail import email_split_tuples, formataddr

# What lists to whom something went, beside the addresses of others; leads, tasks and such say only who gets a copy.
COPIES = {
    "mail.message": ("incoming_email_to", "incoming_email_cc", "outgoing_email_to"),
    "partner.letter": ("email_to", "email_cc"),
}
BATCH = 1000


class PartnerPrivacy(models.TransientModel):
    """Addresses of the person among those of others, in what stays.

    A message between others of which the person got a copy is theirs: it is not handed out, and it stays. The address
    is taken out of it if no other contact has it.
    """

    _inherit = "partner.privacy"

    def _take_out_copies(self, person):
        """Take the addresses of the person out of lists of receivers: of messages, letters, leads and tasks."""
        if not person.emails:
            return
        copied = self.env.registry["mail.thread.cc"]
        for model in self._get_models():
            names = COPIES.get(model._name) or (("email_cc",) if isinstance(model, copied) else ())
            if names:
                self._take_out_addresses(model, names, set(person.emails))

    def _take_out_addresses(self, model, names, emails):
        """Write the lists without these addresses; a list of nobody else becomes empty.

        SQL, as letters and messages are frozen against users, and there may be as many as the person got.
        """
        columns = SQL(", ").join(map(SQL.identifier, names))
        patterns = [f"%{escape_psql(email)}%" for email in sorted(emails)]
        model.flush_model(names)
        rows = self.env.execute_query(
            SQL(
                "SELECT id, %s FROM %s WHERE %s",
                columns,
                SQL.identifier(model._table),
                SQL(" OR ").join(SQL("%s ILIKE ANY(%s)", SQL.identifier(name), patterns) for name in names),
            )
        )
        changed = []
        for record_id, *lists in rows:
            left = [without(text, emails) for text in lists]
            if left != lists:
                changed.append((record_id, *left))
        for some in split_every(BATCH, changed):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s AS record SET %s FROM (VALUES %s) AS left_over (id, %s) WHERE record.id = left_over.id",
                    SQL.identifier(model._table),
                    SQL(", ").join(
                        SQL("%s = left_over.%s", *map(SQL.identifier, (name, name))) for name in names
                    ),
                    SQL(", ").join(
                        SQL("(%s, %s)", record_id, SQL(", ").join(SQL("%s::text", text) for text in left))
                        for record_id, *left in some
                    ),
                    columns,
                )
            )
        model.invalidate_model(names, flush=False)


def without(text, emails):
    """Return a list of addresses, with their names, without these; None if none is left.

    A list that has none of them stays as it was written.

    >>> without('"Mai Trần" <MAI@person.example>, Shop <shop@firm.example>', {"mai@person.example"})
    '"Shop" <shop@firm.example>'
    >>> without("Shop <shop@firm.example>", {"mai@person.example"})
    'Shop <shop@firm.example>'
    >>> without("mai@person.example", {"mai@person.example"}) is None
    True
    """
    pairs = email_split_tuples(text)
    left = [pair for pair in pairs if email_normalize(pair[1]) not in emails]
    if len(left) == len(pairs):
        return text
    return ", ".join(map(formataddr, left)) or None
