from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.batches import write_each
from ...tools.internal import INTERNAL

LETTER = "partner.letter"


class PartnerContactLog(models.Model):
    """Letters that were registered by hand are entries of the contact log, as those that came by mail.

    There is no message, so the words of the entry are read from the letter, with the rights of whoever looks.
    """

    _inherit = "partner.contact.log"

    # ------------------------------------------------------------------
    # The entries follow their letters
    # ------------------------------------------------------------------
    @api.model
    def _follow_letters_by_hand(self, letters, new=False):
        """Let letters that were registered by hand be entries of their contact, junk and those without one of none.

        :param bool new: they have been created just now
        """
        # sudo: as with mail, the log has the letter, whoever of those with access registers or changes it
        logs = self.sudo().with_context(relations_feeding=INTERNAL)
        letters = letters.sudo().filtered(lambda letter: not letter.message_id and letter.kind == "letter")
        if not letters:
            return
        entries = {} if new else logs._get_entries_by_hand(letters).grouped("source_id")
        contacts = logs._filter_contacts(letters.partner_id)
        values, gone, changed = [], logs, {}
        for letter in letters:
            entry = entries.get(letter.id, logs)[:1]
            partner = letter.partner_id
            if letter.is_junk or not partner or partner not in contacts:
                gone |= entry
                continue
            facts = {
                "partner_id": partner.id,
                "company_id": (partner.company_id or letter.company_id).id,
                "date": letter.date,
                "direction": letter.direction,
            }
            if letter.direction == "out":
                facts["user_id"] = letter.user_id.id
            if entry:
                # whom a letter is given to later does not change with whom the contact was
                changed[entry] = facts
                continue
            company = partner.commercial_partner_id
            facts.setdefault(
                "user_id",
                (
                    letter.user_id
                    or partner.user_id
                    or company.user_id
                    or partner.buyer_id
                    or company.buyer_id
                ).id,
            )
            source = {
                "source_model": LETTER,
                "source_id": letter.id,
                "res_model": LETTER,
                "res_id": letter.id,
            }
            values.append({**facts, **source, "channel": "letter", "state": "done"})
        gone._without_words().unlink()
        write_each(changed)
        if values:
            logs.create(values)

    @api.model
    def _filter_contacts(self, partners):
        """Those that the feed takes for business partners: no colleagues, none of our own companies."""
        if not partners:
            return partners
        self._feed_flush(LETTER, [])
        # SQL: the condition of the feed
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id FROM res_partner AS p WHERE p.id = ANY(%s) AND %s",
                partners.ids,
                self._feed_partner_condition(),
            )
        )
        return partners.browse(partner_id for (partner_id,) in rows)

    @api.model
    def _get_entries_by_hand(self, letters):
        return self.search(
            [("res_model", "=", LETTER), ("res_id", "in", letters.ids), ("source_model", "=", LETTER)]
        )

    def _without_words(self):
        """Those that nobody wrote about; the others stay, as with a message that goes."""
        return self.filtered(lambda entry: not entry.agreement and not entry.outcome_id)

    def _has_source(self):
        if self.source_model == LETTER:
            return bool(self.env[LETTER].browse(self.source_id).exists())
        return super()._has_source()

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    @api.depends("source_model", "source_id")
    def _compute_name(self):
        result = super()._compute_name()
        told = self.filtered(lambda log: log.source_model == LETTER and not log.title)
        letters = self._get_readable(LETTER, told.mapped("source_id")) if told else {}
        for log in told:
            if letter := letters.get(log.source_id):
                log.name = letter.name or log.name
        return result

    def _search_name(self, operator, value):
        domain = super()._search_name(operator, value)
        letters = self.env[LETTER]
        if domain is NotImplemented or not letters.has_access("read"):
            return domain
        # searched with the rights of whoever searches; those of mail are found by their message
        found = letters._search(Domain("name", operator, value) & Domain("message_id", "=", False))
        return domain | (Domain("source_model", "=", LETTER) & Domain("source_id", "in", found))
