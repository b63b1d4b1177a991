"""What the tests of segments share: a marketing user, companies and persons in two countries."""

from odoo.tests import new_test_user

from ..common import EmptyIsNotZero, RelationsCommon

MARKETING = "partner_relations.group_user,mass_mailing.group_mass_mailing_user"


class SegmentCommon(EmptyIsNotZero, RelationsCommon):
    """Two companies of the wood industry with persons, one of the metal industry, all tagged to be told apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_marketing = cls._create_user("relations_marketing", MARKETING)
        cls.tag = cls.env["res.partner.category"].create({"name": "Segment Test"})
        cls.wood = cls.env["res.partner.industry"].create({"name": "Wood Test"})
        cls.metal = cls.env["res.partner.industry"].create({"name": "Metal Test"})
        cls.vn, cls.de = cls.env.ref("base.vn"), cls.env.ref("base.de")
        cls.oak = cls._create_tagged_company("Oak Works", industry_id=cls.wood.id, country_id=cls.vn.id)
        cls.pine = cls._create_tagged_company("Pine Works", industry_id=cls.wood.id, country_id=cls.de.id)
        cls.iron = cls._create_tagged_company("Iron Works", industry_id=cls.metal.id, country_id=cls.vn.id)
        cls.role = cls.env["partner.contact.role"].create({"name": "Decides in Tests"})
        cls.anna = cls._create_tagged_person("Anna", cls.oak, function="Head of Purchasing")
        cls.binh = cls._create_tagged_person("Binh", cls.oak, contact_role_id=cls.role.id)
        cls.carl = cls._create_tagged_person("Carl", cls.pine, contact_role_id=cls.role.id)
        cls.everybody = cls.oak | cls.pine | cls.iron | cls.anna | cls.binh | cls.carl

    @classmethod
    def _create_tagged_company(cls, name, **values):
        email = f"{name.split()[0].lower()}@example.com"
        return cls._create_company_partner(
            name, **{"email": email, "category_id": [(4, cls.tag.id)], **values}
        )

    @classmethod
    def _create_tagged_person(cls, name, parent, **values):
        email = f"{name.lower()}@example.com"
        return cls._create_person(
            name, parent, **{"email": email, "category_id": [(4, cls.tag.id)], **values}
        )

    @classmethod
    def _segment(cls, domain=None, **values):
        """Create a segment, of the tagged contacts only."""
        if domain is not None:
            domain = repr([("category_id", "in", cls.tag.ids), *domain])
        return cls.env["partner.segment"].create({"name": "Segment", "domain": domain, **values})

    def assertSegment(self, segment, partners, message=None):
        """The recordset, the count and the search of contacts agree."""
        found = segment._get_partners()
        self.assertEqual(found.sorted("id"), partners.sorted("id"), message)
        segment.invalidate_recordset()
        self.assertEqual(segment.partner_count, len(partners), message)
        searched = segment.env["res.partner"].search([("segment_ids", "in", segment.ids)])
        self.assertEqual(searched.sorted("id"), partners.sorted("id"), message)


def marketing_user(env, login):
    return new_test_user(env, login, groups=MARKETING)
