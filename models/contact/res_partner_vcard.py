import base64

from odoo import models
from odoo.addons.web.models.res_partner import vobject

from ...tools.contact_photo import check_photo
from ...tools.names import fold

# pictures as their first bytes say
_PHOTO_TYPES = ((b"\xff\xd8", "JPEG"), (b"\x89PNG", "PNG"), (b"GIF8", "GIF"), (b"RIFF", "WEBP"))
# Apple's way to say "no year", which the other programs know, too: version 3.0 has none of its own
_OMITTED_YEAR = "1604"
_FAMILY_FIRST = ("vi_", "hu_", "ja_", "zh_", "ko_")


class ResPartner(models.Model):
    """The card of a contact with everything other programs have a place for."""

    _inherit = "res.partner"

    def _build_vcard(self):
        proxy = super()._build_vcard()
        if not proxy:
            return proxy
        # core hands out a narrow view of the card; parameters of properties are not in it
        card = proxy._wrapped__
        self._complete_name(card)
        self._complete_place(card)
        self._complete_photo(card)
        if self.env.user._is_internal():
            self._complete_person(card)
        if self.category_id:
            card.add("categories").value = [category.name for category in self.category_id]
        return proxy

    def _complete_name(self, card):
        name = self.name or self.complete_name or self.email or ""
        card.fn.value = name
        if self.is_company:
            card.n.value = vobject.vcard.Name(family="", given="")
            card.add("x-abshowas").value = "COMPANY"
            return
        words = name.split()
        if len(words) < 2:
            card.n.value = vobject.vcard.Name(family="", given=name)
        elif self._has_family_first(words):
            card.n.value = vobject.vcard.Name(
                family=words[0], additional=" ".join(words[1:-1]), given=words[-1]
            )
        else:
            card.n.value = vobject.vcard.Name(family=words[-1], given=" ".join(words[:-1]))

    def _has_family_first(self, words):
        country = self.country_id.code or self.env.company.country_id.code
        return (
            (self.lang or "").startswith(_FAMILY_FIRST)
            or country in ("VN", "HU", "CN", "JP", "KR", "TW")
            or fold(words[0]) == "nguyen"
        )

    def _complete_place(self, card):
        address = card.adr.value
        address.extended = ""
        if not any((self.street, self.street2, self.city, self.zip, self.state_id, self.country_id)):
            del card.contents["adr"]
        else:
            card.adr.type_param = "WORK"
            # lines of a street are separated within the value, and read back apart
            address.street = [line for line in (self.street, self.street2) if line]
        organisation = self.name if self.is_company else self.commercial_company_name
        if organisation and "org" not in card.contents:
            card.add("org").value = [organisation]
        elif organisation:
            card.org.value = [organisation]

    def _complete_photo(self, card):
        card.contents.pop("photo", None)
        # the picture that was uploaded: core adds the coloured initial of contacts without one
        data = base64.b64decode(self.image_512 or b"")
        if not data or check_photo(data):
            return
        kind = next((name for head, name in _PHOTO_TYPES if data.startswith(head)), None)
        if kind:
            photo = card.add("photo")
            photo.value = data
            photo.encoding_param = "B"
            photo.type_param = kind

    def _complete_person(self, card):
        if self.birthdate:
            day = card.add("bday")
            if self.birth_year_known:
                day.value = self.birthdate.isoformat()
            else:
                day.params["X-APPLE-OMIT-YEAR"] = [_OMITTED_YEAR]
                day.value = f"{_OMITTED_YEAR}-{self.birthdate:%m-%d}"
        if self.contact_role_id:
            card.add("role").value = self.contact_role_id.name
        if self.lang:
            card.add("lang").value = self.lang.replace("_", "-")

    def _get_vcard_files(self):
        """Return one file with the cards of all contacts, as mail programs import them."""
        return b"".join(card for partner in self if (card := partner._get_vcard_file()))
