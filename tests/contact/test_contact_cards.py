"""Contacts as vCards: read back by another reader, and by the own import."""

import base64
import io

import vobject
from PIL import Image

from odoo import Command
from odoo.tests import HttpCase, tagged

from .test_contact_import import ContactImportCommon


@tagged("post_install", "-at_install")
class TestContactCards(ContactImportCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        picture = io.BytesIO()
        Image.new("RGB", (40, 40), "red").save(picture, "PNG")
        cls.card_company = cls._create_company_partner(
            "Gỗ Minh; Anh, Card", street="1 Lê Lợi", city="Huế", country_id=cls.env.ref("base.vn").id
        )
        cls.person = cls._create_person(
            "Nguyễn Văn Card",
            parent=cls.card_company,
            email="card@import.example",
            phone="0901234567",
            website="https://card.example",
            function="Trưởng phòng; mua, hàng",
            birthdate="1990-11-05",
            image_1920=base64.b64encode(picture.getvalue()),
            category_id=[
                Command.create({"name": "Card, with comma"}),
                Command.create({"name": "Second card tag"}),
            ],
        )
        cls.yearless = cls._create_person(
            "Yearless Card", email="yearless@import.example", birthdate="1904-02-29", birth_year_known=False
        )

    def test_read_by_vobject(self):
        card = vobject.readOne((self.person.with_user(self.user_import))._get_vcard_file().decode())
        self.assertEqual(card.version.value, "3.0")
        self.assertEqual(card.fn.value, "Nguyễn Văn Card")
        self.assertEqual((card.n.value.family, card.n.value.given), ("Nguyễn", "Card"))
        self.assertEqual(card.org.value, ["Gỗ Minh; Anh, Card"])
        self.assertEqual(card.title.value, "Trưởng phòng; mua, hàng")
        self.assertEqual(card.bday.value, "1990-11-05")
        self.assertEqual(card.categories.value, ["Card, with comma", "Second card tag"])
        self.assertEqual((card.adr.value.city, card.adr.value.country), ("Huế", "Vietnam"))
        self.assertTrue(card.photo.value.startswith(b"\x89PNG"))
        bare = vobject.readOne(self.yearless._get_vcard_file().decode())
        self.assertNotIn("photo", bare.contents, "the coloured initial is no photo")
        self.assertNotIn("adr", bare.contents)
        self.assertEqual(bare.bday.params, {"X-APPLE-OMIT-YEAR": ["1604"]})

    def test_round_trip(self):
        partners = self.card_company + self.person + self.yearless
        names = (
            "name",
            "email",
            "phone",
            "website",
            "function",
            "birthdate",
            "birth_year_known",
            "is_company",
        )
        names += ("street", "city", "country_id", "lang")
        before = [{name: partner[name] for name in names} for partner in partners]
        tags = self.person.category_id
        data = partners._get_vcard_files()
        partners.unlink()
        contact_import = self._import(data, filename="cards.vcf")
        company, person, yearless = contact_import.line_ids.partner_id
        self.assertFalse(contact_import.line_ids.filtered("message"))
        self.assertEqual(
            [{name: partner[name] for name in names} for partner in (company, person, yearless)], before
        )
        self.assertEqual(person.parent_id, company)
        self.assertEqual(person.category_id, tags)
        self.assertTrue(person.image_1920)
        self.assertFalse(person.comment)

    def test_download_of_several(self):
        self.user_import.password = "relations_import"
        self.authenticate("relations_import", "relations_import")
        ids = f"{self.person.id},{self.yearless.id}"
        response = self.url_open(f"/web/partner/vcard?partner_ids={ids}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("contacts.vcf", response.headers["Content-Disposition"])
        cards = list(vobject.readComponents(response.content.decode()))
        self.assertEqual([card.fn.value for card in cards], ["Nguyễn Văn Card", "Yearless Card"])
        one = self.url_open(f"/web/partner/vcard?partner_ids={self.person.id}")
        self.assertEqual(vobject.readOne(one.content.decode()).fn.value, "Nguyễn Văn Card")

    def test_download_of_what_one_may_not_see(self):
        self.user_import.password = "relations_import"
        self.authenticate("relations_import", "relations_import")
        hidden = self._create_person("Hidden Card", company_id=self.company2.id)
        response = self.url_open(f"/web/partner/vcard?partner_ids={self.person.id},{hidden.id}")
        self.assertNotIn("Hidden Card", response.text)
        self.assertEqual(response.status_code, 403)
        contact_import = self._make("Name,Email\n,\nx,y\n", user=self.user_director)
        contact_import.action_preview()
        url = f"/partner_relations/contact_import/{contact_import.id}/rejected"
        self.assertEqual(self.url_open(url).status_code, 403)
