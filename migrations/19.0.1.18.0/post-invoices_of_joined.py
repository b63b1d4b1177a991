"""Invoices to the addresses of contacts that have joined a company are the company's, as their entries are."""


def migrate(cr, version):
    """Give what ``res.partner._give_invoices_to_company`` would have given when they joined, if it had been there.

    By a statement: the bank account that a bill was entered with stays, and no locked period stops the upgrade.
    """
    if not version:
        return
    cr.execute(
        """
        UPDATE account_move AS move
           SET commercial_partner_id = contact.commercial_partner_id
          FROM res_partner AS contact
         WHERE contact.id = move.commercial_partner_id AND contact.commercial_partner_id <> contact.id
           AND (SELECT bool_and(line.partner_id = contact.commercial_partner_id) FROM account_move_line AS line
                 WHERE line.move_id = move.id AND line.partner_id IS NOT NULL)
        """
    )
