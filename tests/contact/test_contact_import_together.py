"""New contacts of an import are made together; each of them as Odoo makes one by itself."""

from odoo.tests import tagged

from .test_contact_import import ContactImportCommon

# What tells when and by what way a record came, and what its id is part of.
APART = ("id", "create_date", "write_date", "complete_name", "calendar_last_notif_ack", "message_ids")


@tagged("post_install", "-at_install")
class TestContactImportTogether(ContactImportCommon):
    def _read(self, partner):
        """All stored values of a contact, and what differs between the companies, by company."""
        stored = [name for name, field in partner._fields.items() if field.store and name not in APART]
        own = [name for name in stored if partner._fields[name].company_dependent]
        values = dict(zip(stored, (partner[name] for name in stored), strict=True))
        for company in self.env["res.company"].sudo().search([]):
            for name in own:
                values[company.id, name] = partner.with_company(company)[name]
        return {
            key: ("itself" if value == partner else value.ids) if hasattr(value, "ids") else value
            for key, value in values.items()
        }

    def _make_companies(self):
        """Companies in all states that matter to who joins them, and one who is a person."""
        industry = self.env.ref("base.res_partner_industry_A")
        terms = self.env["account.payment.term"].create([{"name": "Here"}, {"name": "There"}])
        other = self.env["res.company"].create({"name": "Together Ltd"})
        address = {"street": "1 Mill Road", "city": "Huế", "country_id": self.env.ref("base.vn").id}
        full = self._create_company_partner("Full Mill", **address, vat="0123456789", lang="en_US")
        full.write({"industry_id": industry.id, "property_payment_term_id": terms[0].id})
        full.with_company(other).property_payment_term_id = terms[1]
        # nothing that Odoo carries up as well, which would bring the rest along
        twin = self._create_company_partner("Twin Mill", **address, industry_id=industry.id)
        twin.property_payment_term_id = terms[1]
        bare = self._create_company_partner("Bare Mill")
        branch = self._create_company_partner(
            "Branch Mill", parent_id=full.id, street="2 Mill Road", vat="987"
        )
        person = self._create_person("Person Mill", full, type="other", street="3 Mill Road")
        return full, twin, bare, branch, person

    def _get_values(self, parents):
        more = (
            {},
            {"lang": "en_US"},
            {"type": "delivery", "street": "4 Mill Road"},
            {"is_company": True, "vat": "555"},
            {"email": "x@together.example", "phone": "0901234567"},
        )
        return [
            {"name": "Together", "parent_id": parent.id, **values} for values in more for parent in parents
        ] + [{"name": "Together", "street": "5 Mill Road"}, {"name": "Together", "is_company": True}]

    def test_as_one_by_one(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        parents = self._make_companies()
        before = [self._read(parent) for parent in parents]
        vals_list = self._get_values(parents)
        alone = self.env["res.partner"]
        for vals in vals_list:
            alone |= alone.create(dict(vals))
        expected = [self._read(partner) for partner in alone]
        alone.unlink()
        self.assertEqual([self._read(parent) for parent in parents], before)
        together = self.env["partner.contact.import"]._create_partners(vals_list)
        self.env.invalidate_all()
        for vals, partner, values in zip(vals_list, together, expected, strict=True):
            with self.subTest(**vals):
                found = self._read(partner)
                self.assertEqual({key: found[key] for key in found if found[key] != values[key]}, {})
                self.assertEqual(found, values)

    def test_what_companies_take_over(self):
        """What a person has by default, and its company has not, goes to the company, as Odoo has it."""
        company = self._create_company_partner("Bare Mill")
        self.env["ir.default"].set("res.partner", "city", "Huế")
        alone = self.env["res.partner"].create({"name": "Alone", "parent_id": company.id})
        self.assertEqual(company.city, "Huế")
        alone.unlink()
        company.city = False
        people = self.env["partner.contact.import"]._create_partners(
            [{"name": name, "parent_id": company.id} for name in ("One", "Two")]
        )
        self.assertEqual([*people.mapped("city"), company.city], ["Huế"] * 3)

    def test_queries(self):
        """As many for many as for few: persons of fifty companies that are alike are written together."""
        address = {"street": "1 Mill Road", "city": "Huế"}
        companies = self.env["res.partner"].create(
            [{"name": f"Mill {number}", "is_company": True, **address} for number in range(50)]
        )
        counts = []
        for part in (companies[:5], companies[5:]):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.env["partner.contact.import"]._create_partners(
                [{"name": "Person", "parent_id": company.id} for company in part]
            )
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 2)
