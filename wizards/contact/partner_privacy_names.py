import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, escape_psql

from ...tools.personal_data import ERASED


class PartnerPrivacy(models.TransientModel):
    """Names of the person among those of others: of chats and groups, and of who has sent a lead."""

    _inherit = "partner.privacy"

    def _take_out_names(self, person):
        """Take the person out of names and texts of others, while it is still known how the person is called."""
        self._take_out_of_chats(person)
        self._take_out_of_leads(person)

    @api.model
    def _get_chat_domain(self, person):
        """Chats and groups in which the person takes part; a channel is a place of the company, named by it."""
        # sudo: see `_find_ids`
        members = self.env["discuss.channel.member"].sudo()
        members = members.search(
            Domain("partner_id", "in", person.contacts.ids) | Domain("guest_id", "in", person.guests.ids)
        )
        return Domain("channel_type", "in", ("chat", "group")) & Domain("id", "in", members.channel_id.ids)

    def _take_out_of_chats(self, person):
        """Odoo calls a chat by all who talk in it; a group, and for themselves a chat, users call as they like."""
        # sudo: see `_find_ids`; archived chats, too
        chats = self.env["discuss.channel"].sudo().with_context(active_test=False)
        chats = chats.search(self._get_chat_domain(person))
        names = {
            name
            for name in (*person.contacts.mapped("name"), *person.guests.mapped("name"))
            if name and name.strip()
        }
        self._take_out_words("discuss.channel", "name", Domain("id", "in", chats.ids), map(_in_words, names))
        self._take_out_words(
            "discuss.channel.member",
            "custom_channel_name",
            Domain("channel_id", "in", chats.ids),
            map(_in_words, names),
        )

    def _take_out_of_leads(self, person):
        """Leads of others that the person has referred.

        A name that another contact has, too, tells nobody who it was, as a shared address.
        """
        name = (self.partner_id.name or "").strip()
        patterns = [rf"(?<![\w.+-]){re.escape(email)}(?!\.?[\w-])" for email in person.emails]
        # sudo: see `_find_ids`
        others = self.env["res.partner"].sudo().with_context(active_test=False)
        same = Domain("name", "=ilike", escape_psql(name)) & Domain("id", "not in", person.contacts.ids)
        if name and not others.search_count(same, limit=1):
            patterns.append(_in_list(name))
        self._take_out_words("crm.lead", "referred", Domain("referred", "!=", False), patterns)

    @api.model
    def _take_out_words(self, model, name, domain, patterns):
        """Put a word in place of what these patterns find in a text of records.

        SQL, as one statement does for all; the dates of what others work with stay as they are.
        """
        pattern = "|".join(sorted(patterns))
        if not pattern:
            return
        # sudo: see `_find_ids`
        records = self.env[model].sudo().with_context(active_test=False)
        records.flush_model()
        query = records._search(domain)
        text = SQL.identifier(name)
        found = SQL("regexp_replace(%s, %s, %s, 'gi')", text, pattern, ERASED)
        if not records._fields[name].required:
            found = SQL("NULLIF(%s, %s)", found, ERASED)
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s = %s WHERE id IN %s AND %s ~* %s",
                SQL.identifier(records._table),
                text,
                found,
                query.subselect(),
                text,
                pattern,
            )
        )
        records.invalidate_model([name], flush=False)


def _in_words(name):
    """A name between words; one of a single word only by itself, as it may be part of another name."""
    name = name.strip()
    return rf"(?<!\w){re.escape(name)}(?!\w)" if " " in name else _in_list(name)


def _in_list(name):
    """A name by itself, or in a list of names."""
    return rf"(?<=^|[,;/&(]\s?|\n){re.escape(name)}(?=\s*([,;/&)<\n]|$))"
