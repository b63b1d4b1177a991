from odoo import models
from odoo.fields import Domain

COLUMNS = (
    *(
        "complete_name",
        "commercial_partner_id",
        "function",
        "contact_role_id",
        "email_normalized",
        "phone",
        "city",
    ),
    *("state_id", "country_id", "industry_id", "user_id", "abc_class", "xyz_class", "relation_stage"),
    *("last_contact_date", "lang"),
)


class PartnerSegment(models.Model):
    """The contacts of segments as an Excel file, with what the one who exports may see."""

    _inherit = "partner.segment"

    def _get_excel_title(self, domain, kind):
        segments = self.search(domain, limit=2)
        return segments.name if len(segments) == 1 else super()._get_excel_title(domain, kind)

    def _get_excel_company(self, domain, kind):
        segments = self.search(domain)
        return (
            segments.company_id if len(segments.company_id) == 1 else super()._get_excel_company(domain, kind)
        )

    def _build_excel(self, book, domain, kind):
        segments = self.search(domain)
        facts = []
        for segment in segments:
            # told in the words of who exports, chosen in those of the owner
            contacts = segment._get_evaluator().with_context(lang=self.env.lang)
            columns = contacts._get_excel_columns(
                COLUMNS,
                commercial_partner_id={"title": self.env._("Company")},
                complete_name={"title": self.env._("Contact")},
                email_normalized={"title": self.env._("Email")},
            )
            chosen = Domain("id", "in", segment._get_partner_query())
            book.table(segment.name, columns, contacts._get_excel_rows(chosen, columns))
            facts += segment._get_excel_facts(contacts)
        book.parameters([*facts, (self.env._("Exported By"), self.env.user.name)])

    def _get_excel_facts(self, contacts):
        """Return what the contacts of this segment were chosen by."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        levels = dict(self._fields["level"]._description_selection(self.env))
        title = self.name
        facts = [(title, kinds[self.kind])]
        if self.kind == "static":
            facts.append((self._get_excel_column("snapshot_date").title, self.snapshot_date, "datetime"))
        if self.domain:
            facts += [(label, text) for label, text in contacts._get_excel_filter_facts(self._parse_rule())]
            facts.append((self._get_excel_column("level").title, levels[self.level]))
        operators = dict(self.part_ids._fields["operator"]._description_selection(self.env))
        facts += [(operators[part.operator], part.part_id.name) for part in self.part_ids]
        facts.append((self._get_excel_column("include_ids").title, len(self.include_ids)))
        facts.append((self._get_excel_column("exclude_ids").title, len(self.exclude_ids)))
        facts.append((self._get_excel_column("user_id").title, self.user_id.name))
        return facts
