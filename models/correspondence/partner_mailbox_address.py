from collections import defaultdict

from odoo import api, models, tools
from odoo.exceptions import AccessError, ValidationError
from odoo.tools.mail import email_normalize

# By these a mailbox comes to another address, or an address to other people.
ADDRESS_FIELDS = {"active", "alias_domain_id", "alias_name", "company_id", "email", "kind", "user_id"}


class PartnerMailbox(models.Model):
    """Whose address a mailbox may have.

    What is sent from an address and what comes to it goes to the mailbox that has it. So who is neither director nor
    administrator gives a mailbox the own address, or one that belongs to nobody else; and makes no mailbox a shared
    one. It is asked when something changes: a mailbox that a director gave an address to stays as it is.
    """

    _inherit = "partner.mailbox"

    @api.model
    def _is_trusted(self):
        """The user answers for the mail of the whole company."""
        return (
            self.env.su
            or self.env.user.has_group("partner_relations.group_director")
            or self.env.user.has_group("base.group_system")
        )

    @api.model_create_multi
    def create(self, vals_list):
        mailboxes = super().create(vals_list)
        if not self._is_trusted():
            mailboxes._check_addresses()
        return mailboxes

    def write(self, vals):
        if not ADDRESS_FIELDS & vals.keys() or self._is_trusted():
            return super().write(vals)
        # sudo: what it was, for who may change it, as super() asks
        before = {
            mailbox: (mailbox.kind, mailbox.user_id, mailbox.active, mailbox._get_own_addresses())
            for mailbox in self.sudo()
        }
        result = super().write(vals)
        same = self.browse()
        for mailbox, (kind, owner, active, addresses) in before.items():
            if mailbox.kind != kind:
                raise AccessError(
                    self.env._(
                        "Only a director makes a mailbox shared or personal. Ask one to change “%s”, or set up a new "
                        "one.",
                        mailbox.name,
                    )
                )
            if mailbox.user_id != owner:
                # whoever had rights in it would go on reading the new owner's letters
                mailbox.access_ids.unlink()
            elif (active or not mailbox.active) and mailbox._get_own_addresses() <= addresses:
                same |= mailbox.sudo(self.env.su)
        (self - same)._check_addresses()
        return result

    def _get_own_addresses(self):
        """The addresses of a mailbox, normalized."""
        self.ensure_one()
        # sudo: the alias, of which every letter shows the address
        mailbox = self.sudo()
        addresses = {mailbox.email_normalized, email_normalize(mailbox.alias_email or "")}
        return {address for address in addresses if address}

    def _check_addresses(self):
        """Refuse addresses that belong to somebody else.

        :raises ValidationError: with the address
        """
        # sudo: whose an address is has to be known of records that the user may not see; the error names none of them
        addresses = {mailbox: mailbox._get_own_addresses() for mailbox in self.sudo()}
        holders = self._get_address_holders(set().union(*addresses.values()))
        user = self.env.user
        for mailbox, own in addresses.items():
            for address in sorted(own):
                for holder in holders[address]:
                    if holder in (mailbox, mailbox.alias_id):
                        continue
                    mine = holder == user or (holder._name == self._name and holder.user_id == user)
                    if mine and mailbox.user_id in (user, user.browse()):
                        continue
                    raise ValidationError(
                        self.env._(
                            "%(address)s, the address of the mailbox “%(mailbox)s”, belongs to %(holder)s. Enter your "
                            "own address, or one that nobody has; or ask a director for a shared mailbox with it.",
                            address=address,
                            mailbox=mailbox.name,
                            holder=self._describe_holder(holder),
                        )
                    )

    @api.model
    def _describe_holder(self, holder):
        return {
            "res.users": self.env._("another user"),
            "res.company": self.env._("the company"),
            "partner.mailbox": self.env._("another mailbox"),
        }.get(holder._name, self.env._("Odoo's own mail"))

    @api.model
    def _get_address_holders(self, addresses):
        """Return who has each of these normalized addresses already, archived ones too: ``{address: [record, …]}``."""
        holders = defaultdict(list)
        if not addresses:
            return holders
        wanted = list(addresses)
        names = [address.partition("@")[0] for address in wanted]
        # sudo: as in _check_addresses
        env = self.sudo().with_context(active_test=False).env

        def note(record, *found):
            for address in {(one or "").lower() for one in found} & addresses:
                holders[address].append(record)

        for user in env["res.users"].search(
            ["|", ("partner_id.email_normalized", "in", wanted), ("login", "in", wanted)]
        ):
            note(user, user.partner_id.email_normalized, user.login)
        for company in env["res.company"].search([("partner_id.email_normalized", "in", wanted)]):
            note(company, company.partner_id.email_normalized)
        for domain in env["mail.alias.domain"].search([("name", "!=", False)]):
            note(domain, domain.bounce_email, domain.catchall_email, domain.default_from_email)
        note(env["mail.alias.domain"], email_normalize(tools.config.get("email_from") or ""))
        aliases = env["mail.alias"].search(
            [
                "|",
                ("alias_full_name", "in", wanted),
                "&",
                ("alias_name", "in", names),
                ("alias_incoming_local", "=", True),
            ]
        )
        for alias in aliases:
            # one that goes by the name before the @ has the address in each domain
            local = [one for one in wanted if one.partition("@")[0] == alias.alias_name]
            note(alias, alias.alias_full_name, *(local if alias.alias_incoming_local else ()))
        for mailbox in env[self._name].search([("email_normalized", "in", wanted)]):
            note(mailbox, mailbox.email_normalized)
        return holders
