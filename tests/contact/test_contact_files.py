"""Address books as mail programs write them, read by plain functions: real files and invented ones."""

import base64
import csv
import doctest
import json
import unicodedata
from datetime import date
from unittest.mock import patch

import vobject

from odoo.tests import TransactionCase, tagged

from odoo.addons.partner_relations.tools import (
    birthday_parse,
    contact_country,
    contact_csv,
    contact_file,
    contact_headers,
    contact_photo,
    contact_record,
    ldif_read,
    old_vietnamese,
    phone_import,
    vcard_library,
    vcard_read,
)
from odoo.addons.partner_relations.tools.birthday_parse import parse_birthday
from odoo.addons.partner_relations.tools.contact_file import decode, read_contacts, write_rejected
from odoo.addons.partner_relations.tools.contact_headers import header_target
from odoo.addons.partner_relations.tools.contact_record import TooMany
from odoo.addons.partner_relations.tools.phone_import import normalise_phone
from odoo.addons.partner_relations.tools.vcard_read import read_vcards

from ..customer.test_classification import cases

TODAY = date(2026, 11, 26)
READ_LINES = "odoo.addons.partner_relations.tools.vcard_read.read_lines"
# how many contacts the files beside the project hold; lists of contacts are none
COUNTS = {
    "ezvcard/John_Doe_ANDROID.vcf": 6,
    "ezvcard/gmail-list.vcf": 3,
    "ezvcard/rfc2426-example.vcf": 2,
    "thunderbird/export__export.csv": 2,
    "thunderbird/export__export.txt": 2,
    "thunderbird/export__export.ldif": 2,
    "thunderbird/export__export.vcf": 2,
    "thunderbird/import__basic_csv_addressbook.csv": 2,
    "thunderbird/import__basic_vcard_addressbook.vcf": 2,
    "thunderbird/import__csv_no_header.csv": 2,
    "thunderbird/import__csv_semicolon.csv": 2,
    "thunderbird/import__emptylines_vcard_addressbook.vcf": 2,
    "thunderbird/import__tab_comma_mixed.csv": 4,
}
# file: its part in Thunderbird's own expectations
THUNDERBIRD = {
    "import__basic_ldif_addressbook.ldif": "basic_addressbook",
    "import__bug_263304.ldif": "bug_263304",
    "import__utf16_addressbook.csv": "utf16_csv",
    "import__shiftjis_addressbook.csv": "shiftjis_csv",
    "import__quote.csv": "quote_csv",
    "import__basic_vcard_addressbook.vcf": "vcard_import",
    "import__dos_vcard_addressbook.vcf": "dos_vcard_import",
    "import__basic_csv_addressbook.csv": "csv_import",
    "import__csv_semicolon.csv": "csv_import",
    "import__csv_no_header.csv": "csv_import",
}


def _to_cp1258(text):
    """Windows' Vietnamese code page writes the tone behind the letter."""
    encoded = b""
    for char in text:
        base, tones = "", ""
        for part in unicodedata.normalize("NFD", char):
            if part in "\u0300\u0301\u0303\u0309\u0323":
                tones += part
            else:
                base = unicodedata.normalize("NFC", base + part)
        encoded += (base + tones).encode("cp1258")
    return encoded


@tagged("post_install", "-at_install")
class TestContactFiles(TransactionCase):
    def test_examples_in_docstrings(self):
        for module in (
            birthday_parse,
            contact_country,
            contact_csv,
            contact_file,
            contact_headers,
            contact_photo,
            contact_record,
            ldif_read,
            old_vietnamese,
            phone_import,
            vcard_library,
            vcard_read,
        ):
            with self.subTest(module=module.__name__):
                failures, count = doctest.testmod(module)
                self.assertGreater(count, 0)
                self.assertFalse(failures)

    # ------------------------------------------------------------------
    # Real files
    # ------------------------------------------------------------------
    def _read_case(self, path):
        return read_contacts(path.read_bytes(), path.name)

    def _case_files(self):
        folder = cases() / "contacts"
        files = [
            path for kind in ("vcf", "csv", "ldif", "txt") for path in sorted(folder.glob(f"*/*.{kind}"))
        ]
        if folder.exists():
            self.assertGreater(len(files), 30)
        return folder, files

    def test_real_files(self):
        folder, files = self._case_files()
        for path in files:
            name = str(path.relative_to(folder))
            with self.subTest(file=name):
                result = self._read_case(path)
                self.assertEqual(len(result.records), COUNTS.get(name, 1))
                self.assertFalse(result.damaged)
                for record in result.records:
                    self.assertFalse(record.problem)
                    self.assertTrue(record.full_name())
                    self.assertNotIn("\ufffd", record.full_name())

    def test_what_thunderbird_expects(self):
        folder = cases() / "contacts" / "thunderbird"
        if not folder.exists():
            return
        expected = json.loads((folder / "addressbook.json").read_text())
        for name, part in THUNDERBIRD.items():
            records = self._read_case(folder / name).records
            self.assertEqual(len(records), len(expected[part]), name)
            for record, card in zip(records, expected[part], strict=True):
                with self.subTest(file=name, card=card["DisplayName"]):
                    self.assertEqual(record.full_name(), card["DisplayName"])
                    emails = [card[key] for key in ("PrimaryEmail", "SecondEmail") if key in card]
                    self.assertEqual([email for _kind, email in record.emails], emails)
                    for attribute, key in (
                        ("given", "FirstName"),
                        ("family", "LastName"),
                        ("nickname", "NickName"),
                    ):
                        if key in card:
                            self.assertEqual(getattr(record, attribute), card[key])
                    if "_vCard" in card:
                        self._check_card(record, "\r\n".join(card["_vCard"]))

    def _check_card(self, record, text):
        [card] = read_vcards(f"BEGIN:VCARD\r\n{text}\r\nEND:VCARD".encode())
        self.assertEqual(record.function, card.function)
        self.assertEqual(record.company, card.company)
        self.assertEqual(record.department, card.department)
        self.assertCountEqual(record.phones, card.phones)
        self.assertCountEqual(record.websites, card.websites)
        self.assertCountEqual(record.addresses, card.addresses)
        self.assertEqual(record.notes, card.notes)
        self.assertEqual(
            parse_birthday(record.birthday, today=TODAY), parse_birthday(card.birthday, today=TODAY)
        )
        self.assertTrue(
            {value for _label, value in card.extras} <= {value for _label, value in record.extras}
        )

    def test_nothing_less_than_vobject(self):
        """Where the library reads a card, the own reader finds the same name, addresses and numbers."""
        _folder, files = self._case_files()
        compared = 0
        for path in files:
            if path.suffix != ".vcf":
                continue
            try:
                cards = list(vobject.readComponents(path.read_text(encoding="utf-8")))
            except Exception:
                # what the library cannot read is why there is an own reader
                continue
            records = self._read_case(path).records
            self.assertEqual(len(records), len(cards), path.name)
            for record, card in zip(records, cards, strict=True):
                with self.subTest(file=path.name, card=record.full_name()):
                    for name, values in (
                        ("email", {email for _kind, email in record.emails}),
                        ("tel", {number for _kind, number in record.phones}),
                    ):
                        theirs = {entry.value.strip() for entry in card.contents.get(name, ())}
                        theirs = {
                            value for value in theirs if value and "=C3" not in value and "Ã" not in value
                        }
                        self.assertTrue(
                            theirs <= values | {value.removeprefix("mailto:") for value in values}
                        )
                    compared += 1
        if files:
            self.assertGreater(compared, 10)

    def test_library_and_own_reader_agree(self):
        """What vobject reads, the tolerant reader reads as well: no card depends on which of them it was."""
        _folder, files = self._case_files()
        texts = [
            b'BEGIN:VCARD\nVERSION:3.0\nFN:Mr. Doe, John, Sr.\nitem1.TEL;TYPE="work,pref":+84 1\n'
            b"item1.X-ABLabel:_$!<Office>!$_\nADR;type=HOME:;;1\\, Street;Hu\xe1\xba\xbf;;;\n"
            b"NOTE:one\\nmore\n  folded\nPHOTO;ENCODING=b;TYPE=PNG:aGVsbG8=\nEND:VCARD\n",
            b"BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C4=90o;An\nTEL;CELL;PREF:09\n"
            b"LABEL;QUOTED-PRINTABLE:a=0D=0A=\nb, c\nBDAY:1980-02-29\nEND:VCARD\n",
            *(path.read_bytes() for path in files if path.suffix == ".vcf"),
        ]
        by_library = 0
        for text in texts:
            for encoding in ("utf-8", "cp1252"):
                with patch(READ_LINES, side_effect=vcard_library.read_lines) as read_lines:
                    found = read_vcards(text, encoding)
                with patch(READ_LINES, return_value=None):
                    self.assertEqual(found, read_vcards(text, encoding))
                self.assertTrue(read_lines.called or not found or found[0].problem or found[0].warnings)
                by_library += sum(
                    vcard_library.read_lines(*call.args) is not None for call in read_lines.mock_calls
                )
        self.assertGreaterEqual(by_library, 4)
        self.assertEqual(
            read_vcards(texts[0])[0].name, "Mr. Doe, John, Sr.", "whose own value ends at a comma"
        )

    def test_library_may_be_missing(self):
        with patch.object(vcard_library, "vobject", None):
            [record] = read_vcards(b"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEND:VCARD")
        self.assertEqual(record.name, "Ann")

    def test_real_birthdays(self):
        path = cases() / "contacts" / "birthday_values.csv"
        if not path.exists():
            return
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertGreater(len(rows), 20)
        for row in rows:
            with self.subTest(value=row["value"]):
                born = parse_birthday(row["value"], today=TODAY)
                expected = row["expected"]
                if expected.startswith("day "):
                    self.assertEqual(f"day {born.day} month {born.month}, no year", expected)
                    self.assertIsNone(born.year)
                elif expected[:4].isdecimal():
                    self.assertEqual(date(born.year, born.month, born.day).isoformat(), expected)
                else:
                    self.assertFalse(born)
                    problem = {"rejected": "no_century"}.get(expected, expected.split(" ")[0])
                    self.assertEqual(born.problem, problem)

    def test_real_phones(self):
        path = cases() / "contacts" / "vi_phone_normalisation.csv"
        if not path.exists():
            return
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                expected = "" if row["expected"].startswith("(") else row["expected"]
                self.assertEqual(normalise_phone(row["raw"], 84), expected, row["raw"])

    # ------------------------------------------------------------------
    # Birthdays and names
    # ------------------------------------------------------------------
    def test_birthdays(self):
        for text, expected in {
            "15 tháng 1 năm 1980": (15, 1, 1980),
            "29 thg 2, 1980": (29, 2, 1980),
            "1er mars 1987": (1, 3, 1987),
            "14. März 1987": (14, 3, 1987),
            "1980. 01. 15.": (15, 1, 1980),
            "15 de enero de 1980": (15, 1, 1980),
            "1980年1月15日": (15, 1, 1980),
            "3月14日": (14, 3, None),
            "--0229": (29, 2, None),
            "1604-03-14": (14, 3, None),
            "3/15/1980 0:00:00": (15, 3, 1980),
            "５/５/1980": (5, 5, 1980),
        }.items():
            born = parse_birthday(text, today=TODAY)
            self.assertEqual((born.day, born.month, born.year), expected, text)
        for text, problem in {
            "1/1/4501": "empty",
            "15.1.80": "no_century",
            "2050-01-01": "future",
            "1999-02-29": "invalid",
            "03/04/1980": "ambiguous",
            "14-Mar-87": "no_century",
            "Sat, 14 Mar 87 00:00": "no_century",
            "14-Thg3-87": "no_century",
            "14 March 2050": "future",
        }.items():
            self.assertEqual(parse_birthday(text, today=TODAY).problem, problem, text)

    # ------------------------------------------------------------------
    # Cards
    # ------------------------------------------------------------------
    def _card(self, *lines, end="\r\n"):
        return read_vcards(end.join(("BEGIN:VCARD", *lines, "END:VCARD", "")).encode())

    def test_damaged_cards(self):
        text = (
            "BEGIN:VCARD\nVERSION:3.0\nFN:No End\nEMAIL:a@x.example\n"
            'BEGIN:VCARD\nVERSION:3.0\nFN:Second\nthis line has no sense\nTEL;TYPE="WORK:123456\nEND:VCARD\n'
            "BEGIN:VCARD\nVERSION:3.0\nFN:Third"
        )
        first, second, third = read_vcards(text.encode())
        self.assertEqual(
            [record.name for record in (first, second, third)],
            ["No End", "Second this line has no sense", "Third"],
        )
        self.assertEqual((first.line, second.line, third.line), (1, 5, 11))
        self.assertEqual(first.warnings, [("no_end", "")])
        [record] = self._card("VERSION:3.0", "", ";:no name", "FN:Fourth")
        self.assertEqual((record.name, record.warnings), ("Fourth", [("broken_lines", "4")]))
        self.assertEqual(read_vcards(b""), [])
        self.assertEqual(read_vcards(b"BEGIN:VCARD\nEND:VCARD\n")[0].problem, "empty")

    def test_line_ends(self):
        for end in ("\r\n", "\n", "\r", "\r\r\n"):
            [record] = self._card("VERSION:3.0", "FN:Lin", " e End", "NOTE:a\\nb", end=end)
            self.assertEqual((record.name, record.notes), ("Line End", ["a\nb"]), repr(end))

    def test_birthday_of_android(self):
        event = "X-ANDROID-CUSTOM:vnd.android.cursor.item/contact_event;%s;;;;;;;;;;;;;"
        for day in ("1987-03-14", "--03-14"):
            [record] = self._card("VERSION:2.1", "N:Doe;Ann;;;", event % f"{day};3")
            self.assertEqual((record.birthday, record.extras), (day, []))
        # another day, and what is no birthday, are kept beside it
        days = ("1987-03-15;3", "1987-03-14;3", "2010-05-01;1")
        [record] = self._card("VERSION:3.0", "FN:Ann", *(event % day for day in days), "BDAY:19870314")
        self.assertEqual(
            (record.birthday, record.extras),
            (
                "19870314",
                [
                    ("Birthday", "1987-03-15"),
                    ("Android custom", "vnd.android.cursor.item/contact_event; 2010-05-01; 1"),
                ],
            ),
        )

    def test_nested_card(self):
        [record] = self._card(
            "VERSION:2.1",
            "FN:Boss",
            "AGENT:",
            "BEGIN:VCARD",
            "VERSION:2.1",
            "FN:Secretary",
            "TEL:0901234567",
            "END:VCARD",
            "EMAIL:boss@x.example",
        )
        self.assertEqual((record.name, record.emails), ("Boss", [("", "boss@x.example")]))
        self.assertEqual(record.extras, [("Agent", "Secretary, 0901234567")])

    def test_assistant_in_a_value(self):
        [record] = self._card(
            "VERSION:3.0", "FN:Boss", "AGENT:BEGIN:VCARD\\nFN:Susan\\nTEL:+1-919-555-1234\\nEND:VCARD\\n"
        )
        self.assertEqual((record.name, record.phones), ("Boss", []))
        self.assertEqual(record.extras, [("Agent", "Susan, +1-919-555-1234")])

    def test_nothing_of_a_card_is_lost(self):
        """Second names, birthdays and languages, how somebody is related, and what types are of one's own."""
        for read_lines in (vcard_library.read_lines, lambda *args: None):
            with patch(READ_LINES, read_lines):
                [record] = self._card(
                    "VERSION:4.0",
                    "FN;PREF=1:Nguyễn Văn An",
                    "FN;PREF=2:Andy Nguyen",
                    "BDAY:--0412",
                    "BDAY;VALUE=text:in spring",
                    "LANG;PREF=1:vi",
                    "LANG;PREF=2:fr",
                    "RELATED;TYPE=spouse;VALUE=text:Lan",
                    "X-SOCIALPROFILE;TYPE=facebook:http://f.example/an",
                    "X-GENDER:Male",
                    "X-PHONETIC-LAST-NAME:Win",
                    "TEL;TYPE=X-Zalo:0912345678",
                )
            self.assertEqual(
                (record.name, record.birthday, record.language), ("Nguyễn Văn An", "--0412", "vi")
            )
            self.assertEqual(record.phones, [("zalo", "0912345678")])
            self.assertEqual(
                sorted(record.extras),
                [
                    ("Birthday", "in spring"),
                    ("Gender", "Male"),
                    ("Language", "fr"),
                    ("Name", "Andy Nguyen"),
                    ("Phonetic Last Name", "Win"),
                    ("Related (spouse)", "Lan"),
                    ("Social Profile (facebook)", "http://f.example/an"),
                ],
            )

    def test_character_sets_that_are_none(self):
        for charset in ("US-ASCII", "UTF\x00-8", "unheard", "punycode", "idna", "undefined", "hex"):
            [record] = self._card("VERSION:2.1", f"FN;CHARSET={charset}:Nguyễn An")
            self.assertEqual(record.name, "Nguyễn An", charset)

    def test_label_and_logo(self):
        """An address that is not taken apart goes into the note, the logo of a company is its picture."""
        logo = base64.b64encode(b"picture").decode()
        card = (
            "BEGIN:VCARD\nVERSION:3.0\nFN:Bamboo\nORG:Bamboo\nLABEL;TYPE=WORK:1 Street\\nHu\u1ebf\n"
            f"{{}}LOGO;ENCODING=b:{logo}\nEND:VCARD\n"
        )
        [record] = read_vcards(card.format("").encode())
        self.assertEqual(record.extras, [("Address", "1 Street\nHuế")])
        self.assertEqual(record.photo, b"picture")
        [record] = read_vcards(card.format("ADR;TYPE=WORK:;;1 Street;Huế;;;\nN:Tran;Mai;;;\n").encode())
        self.assertEqual((record.extras, record.photo), ([], b""))

    def test_lists_become_categories(self):
        person, other = read_vcards(
            b"BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:1\nFN:A\nEND:VCARD\n"
            b"BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:2\nFN:B\nEND:VCARD\n"
            b"BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Club\nMEMBER:urn:uuid:2\nEND:VCARD\n"
        )
        self.assertEqual((person.categories, other.categories), ([], ["Club"]))

    def test_members_of_a_list_by_address(self):
        """Those without a card are contacts whose address is all that is known; each once."""
        data = (
            b"BEGIN:VCARD\nVERSION:4.0\nFN:A\nEMAIL:a@x.example\nEND:VCARD\n"
            b"BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Club\nMEMBER:mailto:A@x.example\n"
            b"MEMBER:mailto:b%2Bc@x.example?subject=Hi\nMEMBER:mailto:\nEND:VCARD\n"
            b"BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Board\nMEMBER:MAILTO:b+c@x.example\nEND:VCARD\n"
        )
        person, other = read_vcards(data)
        self.assertEqual((person.categories, person.emails), (["Club"], [("", "a@x.example")]))
        self.assertEqual((other.categories, other.emails), (["Club", "Board"], [("", "b+c@x.example")]))
        self.assertEqual((other.number, other.problem), (2, ""))
        [again] = read_vcards(other.raw.encode())
        self.assertEqual(again.emails, other.emails)
        with self.assertRaises(TooMany):
            read_vcards(data[data.index(b"BEGIN", 1) :], limit=1)
        # one card, of which two contacts become
        group = data[data.index(b"BEGIN", 1) : data.rindex(b"BEGIN")].replace(
            b"mailto:\n", b"mailto:d@x.example\n"
        )
        self.assertEqual(len(read_vcards(group, limit=3)), 3)
        with self.assertRaises(TooMany):
            read_vcards(group, limit=2)

    def test_long_lists(self):
        """All members of a list are read; of the lists of one contact as many as of any values."""
        most = contact_record.MAX_VALUES
        cards = "".join(
            f"BEGIN:VCARD\nVERSION:4.0\nUID:{number}\nFN:{number}\nEND:VCARD\n" for number in range(most + 1)
        )
        members = "".join(f"MEMBER:{number}\n" for number in range(most + 1))
        records = read_vcards(
            f"{cards}BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Club\n{members}END:VCARD\n".encode()
        )
        self.assertEqual({tuple(record.categories) for record in records}, {("Club",)})
        lists = "".join(
            f"BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:L{number}\nMEMBER:0\nEND:VCARD\n"
            for number in range(most + 1)
        )
        records = read_vcards((cards + lists).encode())
        self.assertEqual(len(records[0].categories), most)
        ldif = "dn: cn=A\ncn: A\n\n" + "".join(
            f"dn: cn=L{number}\nobjectclass: groupOfNames\ncn: L{number}\nmember: cn=A\n\n"
            for number in range(most + 1)
        )
        [record] = ldif_read.read_ldif(ldif)
        self.assertEqual(len(record.categories), most)

    def test_no_more_is_read_than_is_taken(self):
        """A file of millions of contacts is left off where there are too many."""
        data = {
            "a.vcf": ("BEGIN:VCARD\nFN:A\nEND:VCARD\n", vcard_read, "_split_cards"),
            "a.ldif": ("dn: cn=A\ncn: A\n\n", ldif_read, "_split_entries"),
        }
        for name, (text, module, reader) in data.items():
            taken = []

            with self.subTest(name), patch.object(module, reader, _watch(getattr(module, reader), taken)):
                with self.assertRaises(TooMany):
                    read_contacts((text * 100).encode(), name, limit=3)
                self.assertEqual(len(taken), 4)
        with patch.object(contact_csv, "_split_row", wraps=contact_csv._split_row) as split:
            with self.assertRaises(TooMany):
                read_contacts(b"Name\n" + b"A\n" * 100, "a.csv", limit=3)
            self.assertLess(split.call_count, 7)
        # exactly, also without names of columns or an end of the last line
        for text, header in (("Name\nA\nB\nC\nD", None), ("A\nB\nC\nD", False)):
            self.assertEqual(len(read_contacts(text.encode(), "a.csv", header=header, limit=4).records), 4)
            with self.assertRaises(TooMany):
                read_contacts(text.encode(), "a.csv", header=header, limit=3)

    def test_marks_that_nothing_closes(self):
        """After some of them no line is looked at again for each line before it."""
        text = "Name,Email\n" + '"a\n' * 2_000
        with (
            patch.object(contact_csv, "MAX_LOOKED", 0),
            patch.object(contact_csv, "_is_open", wraps=contact_csv._is_open) as looks,
        ):
            self.assertEqual(len(contact_csv.read_rows(text, ",")), 2_001)
        self.assertLess(looks.call_count, 5_000)

    def test_values_of_one_cell(self):
        """Of thousands of values as many are taken as of any contact."""
        most = contact_record.MAX_VALUES

        def many(pattern, separator):
            return separator.join(pattern.replace("#", str(number)) for number in range(most + 5))

        [record] = read_contacts(
            "\n".join(
                (
                    "Name;E-mail 1 - Value;E-mail 2 - Value;Website 1 - Value;Website 2 - Value;Phone 1 - Value;Labels",
                    ";".join(
                        (
                            "A",
                            many("a#@x.example", " ::: "),
                            many("b#@x.example", " ::: "),
                            many("a#.example", " ::: "),
                            many("b#.example", " ::: "),
                            many("090#", " ::: "),
                            many("c#", " ::: "),
                        )
                    ),
                )
            ).encode(),
            "a.csv",
        ).records
        for values in (record.emails, record.websites, record.phones, record.categories):
            self.assertEqual(len(values), most)

    def test_long_texts_go_into_the_note(self):
        """Beside names, which the import tries: addresses, categories, pages and kinds of numbers."""
        most = contact_record.MAX_TEXT
        long = "x" * (most + 1)
        page = "https://x.example/" + "x" * contact_record.MAX_URL
        record = contact_record.ContactRecord(
            name="A",
            addresses=[contact_record.Address(street=long, city="Huế")],
            categories=[long, "Club"],
            websites=[page, "https://x.example"],
            phones=[(long, "0901")],
        )
        record.shorten()
        self.assertEqual((record.addresses[0].street, record.addresses[0].city), ("x" * most, "Huế"))
        self.assertEqual((record.categories, record.websites), (["Club"], ["https://x.example"]))
        self.assertEqual(record.phones, [("x" * most, "0901")])
        self.assertEqual(record.notes, [long, page, long])
        self.assertTrue(contact_record.is_page("HTTPS://X.example"))

    def test_what_the_library_is_not_given(self):
        """Its time grows with the square of an old card, its memory with any card."""

        def read(size, version):
            lines = [b"BEGIN:VCARD", f"VERSION:{version}".encode(), b"NOTE:" + b"x" * size, b"END:VCARD"]
            return vcard_library.read_lines(lines, version, "utf-8")

        for size, version, is_read in (
            (19_000, "2.1", True), (20_000, "2.1", False), (20_000, "3.0", True), (1_000_000, "3.0", False),
        ):  # fmt: skip
            self.assertEqual(read(size, version) is not None, is_read, (size, version))
        [record] = self._card("VERSION:2.1", "FN:A", "NOTE:one", " two")
        self.assertEqual(record.notes, ["one two"])
        [record] = self._card("VERSION:3.0", "FN:A", f"X-A;{'a' * vcard_read.MAX_HEAD}:1", "no property")
        self.assertEqual(record.warnings, [("broken_lines", "4")])

    def test_picture_that_lies_elsewhere(self):
        """It is not fetched; its address stays in the note. Of a value with several cards the first is read."""
        page = "http://x.example/a.png"
        [record] = self._card("VERSION:4.0", "FN:A", f"PHOTO:{page}")
        self.assertEqual((record.photo, record.extras), (b"", [("Photo", page)]))
        card = "BEGIN:VCARD\\nFN:{}\\nEND:VCARD\\n"
        [record] = self._card("VERSION:3.0", "FN:A", f"AGENT:{card.format('B')}{card.format('C')}")
        self.assertEqual(record.extras, [("Agent", "B")])

    def test_surplus_values_of_a_directory(self):
        most = contact_record.MAX_VALUES
        mails = "".join(f"mail: a{number}@x.example\n" for number in range(most + 1))
        [record] = ldif_read.read_ldif(f"dn: cn=A\ncn: A\n{mails}")
        self.assertEqual((len(record.emails), record.warnings), (most, [("surplus_values", str(most))]))

    def test_time_zone(self):
        for zone in ("-05:00", "Asia/Ho_Chi_Minh"):
            [record] = read_vcards(f"BEGIN:VCARD\nVERSION:3.0\nFN:A\nTZ:{zone}\nEND:VCARD\n".encode())
            self.assertEqual(record.extras, [("Time Zone", zone)])

    def test_lines_outside_of_cards(self):
        """A line behind the end of a card, or beside its beginning, is not lost without a word."""
        for stray in ("Sent from my phone", " indented"):
            first, line, second = read_vcards(
                f"BEGIN:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\n{stray}\n\n"
                "BEGIN:VCARD\nVERSION:3.0\nFN:B\nEND:VCARD\n".encode()
            )
            self.assertEqual((first.problem, first.warnings, second.name), ("", [], "B"))
            self.assertEqual((line.problem, line.line, line.raw.strip()), ("no_card", 5, stray.strip()))
        [record] = read_vcards(b"BEGIN:VCARD\nno property\nVERSION:3.0\nFN:A\nEND:VCARD\n")
        self.assertEqual((record.name, record.warnings), ("A", [("broken_lines", "2")]))

    def test_encodings_of_short_lists(self):
        """Of Japanese mail programs, of MS-DOS and of old Macs: escapes, or the names of columns, tell them."""
        for encoding, text in (
            ("iso2022_jp", "姓,名,電子メール\n高橋,花子,h@x.example\n"),
            ("iso2022_jp", "Name,Email\n高橋;花子,h@x.example\n"),
            ("cp850", "Name,Straße,Fällig\nJörg Müller,Hauptstraße 1,\n"),
            ("mac_roman", "Prénom,Nom,Téléphone\nRené,Lévêque,0123456789\n"),
        ):
            with self.subTest(encoding=encoding, text=text):
                found, _name, damaged = decode(text.encode(encoding))
                self.assertEqual((found, damaged), (text, False))
        card = "BEGIN:VCARD\nVERSION:3.0\nFN:高橋 花子\nN:高橋;花子\nORG:日本語;営業部\nEND:VCARD\n"
        [record] = read_contacts(card.encode("iso2022_jp"), "x.vcf").records
        self.assertEqual(
            (record.family, record.given, record.company, record.department),
            ("高橋", "花子", "日本語", "営業部"),
        )

    def test_character_set_of_a_property(self):
        data = b"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=WINDOWS-1252:J\xf6rg\nNOTE;CHARSET=UTF-8:\xc3\xa9\nEND:VCARD\n"
        [record] = read_contacts(data, "x.vcf").records
        self.assertEqual((record.name, record.notes), ("Jörg", ["é"]))

    def test_accents_apart_from_their_letters(self):
        """macOS writes them so, and Windows' Vietnamese code page is read so; nobody would find such a name."""
        apart = unicodedata.normalize("NFD", "Nguyễn Huệ")
        coded = base64.b64encode(apart.encode()).decode()
        quoted = "".join(f"={byte:02X}" for byte in apart.encode())
        for data in (
            f"BEGIN:VCARD\nVERSION:3.0\nFN:{apart}\nEND:VCARD\n".encode(),
            f"BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;QUOTED-PRINTABLE:{quoted}\nEND:VCARD\n".encode(),
            _to_cp1258("BEGIN:VCARD\nVERSION:2.1\nFN:Nguyễn Huệ\nNOTE:Gỗ Việt\nEND:VCARD\n"),
            f"dn: cn=x\ncn:: {coded}\n".encode(),
        ):
            for read_lines in (vcard_library.read_lines, lambda *args: None):
                with self.subTest(data=data), patch(READ_LINES, read_lines):
                    self.assertEqual(read_contacts(data).records[0].name, "Nguyễn Huệ")

    def test_texts_in_base64(self):
        """As some telephones write them, with an encoding of their own or without; a photo stays a photo."""
        for version, coding in (("2.1", "BASE64"), ("3.0", "b")):
            name, letters = (base64.b64encode(text.encode()).decode() for text in ("Müller;Jörg", "a, b"))
            company = base64.b64encode("Ромашка".encode("cp1251")).decode()
            [record] = read_contacts(
                f"BEGIN:VCARD\nVERSION:{version}\nN;ENCODING={coding};CHARSET=UTF-8:{name}\n"
                f"NOTE;ENCODING={coding}:{letters}\nORG;CHARSET=windows-1251;ENCODING={coding}:{company}\n"
                f"PHOTO;ENCODING={coding};TYPE=JPEG:/9j/4AAQ\n\nEND:VCARD\n".encode()
            ).records
            self.assertEqual((record.family, record.given, record.company), ("Müller", "Jörg", "Ромашка"))
            self.assertEqual(record.notes, ["a, b"])

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------
    def test_directory(self):
        """What Active Directory writes: people, what it keeps for itself, and entries that are no contacts."""
        person, unit, computer, changed = read_contacts(
            "dn: CN=Le Van Binh,OU=Sales,DC=corp\nobjectClass: user\nobjectClass: person\ncn: Le Van Binh\n"
            "sn: Le\ngivenName: Binh\ndisplayName: Lê Văn Bình\npersonalTitle: Mr.\ntitle: Buyer\ntitle: Driver\n"
            "objectSid:: yMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4w==\nwhenCreated: 20200101000000.0Z\n"
            "mail: binh@corp.example\nproxyAddresses: SMTP:Binh@corp.example\n"
            "proxyAddresses: smtp:b@corp.example\nproxyAddresses: X400:C=VN;A= ;P=Corp\n"
            "otherTelephone: 0281111111\nmanager: CN=Lan\\, Tran,OU=Sales,DC=corp\nmsExchVersion: 1\n"
            "ou: Sales\nou: Export\n\n"
            "dn: OU=Sales,DC=corp\nobjectClass: organizationalUnit\nou: Sales\n\n"
            "dn: CN=PC1,DC=corp\nobjectClass: person\nobjectClass: computer\ncn: PC1\n\n"
            "dn: CN=Staff,DC=corp\nobjectClass: group\ncn: Staff\nmember: CN=Le Van Binh,OU=Sales,DC=corp\n\n"
            "dn: cn=An Le,o=x\nchangetype: modify\nadd: mail\nmail: an@x.example\n-\n".encode()
        ).records
        self.assertEqual((unit.problem, computer.problem, changed.problem), ("no_contact", "no_contact", ""))
        self.assertEqual((changed.full_name(), changed.emails), ("An Le", [("", "an@x.example")]))
        self.assertEqual(
            (person.full_name(), person.prefix, person.function, person.department, person.categories),
            ("Lê Văn Bình", "Mr.", "Buyer", "Sales", ["Staff"]),
        )
        self.assertEqual(person.emails, [("", "binh@corp.example"), ("", "b@corp.example")])
        self.assertEqual(person.phones, [("work", "0281111111")])
        self.assertEqual(
            sorted(person.extras),
            [("Department", "Export"), ("Job Title", "Driver"), ("Manager", "Lan, Tran")],
        )

    def test_headers_of_many_languages(self):
        for header, target in {
            "Straße geschäftlich": "street.work",
            "Land/Region privat": "country.home",
            "Weitere Postleitzahl": "zip.other",
            "E-Mail-Typ": "skip",
            "E-Mail 2: Typ": "skip",
            "E-mail 2 Address": "email",
            "E-mail 2 Display Name": "skip",
            "Telefon Assistent": "extra",
            "Code postal (bureau)": "zip.work",
            "Tél. mobile": "phone.mobile",
            "Nom complet de l'adresse de messagerie": "skip",
            "País o región del trabajo": "country.work",
            "Indirizzo posta elettronica": "email",
            "Почтовый код (дом.)": "zip.home",
            "День рождения": "birthday",
            "Domicilio": "street.home",
            "Provincia de residencia": "state.home",
            "CAP di residenza": "zip.home",
            "Город проживания": "city.home",
            "President": None,
            "Anno di nascita": "birth_year",
            "Miesiąc urodzenia": "birth_month",
            "Dzień urodzenia": "birth_day",
            "По батькові": "middle",
            "Організація": "company",
            "Відділ": "department",
            "Робочий телефон": "phone.work",
            "Адреса електронної пошти 2": "email",
            "勤務先の市区町村": "city.work",
            "商务地址 省/市/自治区": "state.work",
            "Đường tại Cơ quan": "street.work",
            "Điện thoại di động": "phone.mobile",
            "Họ": "family",
            "Mã số thuế": "vat",
            "Giới tính": None,
            "Tỉnh/Thành phố": "state",
            "Tinh/Thanh pho": "state",
            "Ngày cấp": None,
            "Nhà cung cấp": "name",
            "Chuyên môn": None,
            "Quận/Huyện": "city",
            "Họ đệm": "family",
        }.items():
            self.assertEqual(header_target(header), target, header)

    def test_lists_of_vietnamese_companies(self):
        """Running numbers and codes are no names; the contact person stands beside the customer."""
        [record] = read_contacts(
            "STT,Mã,Tên khách hàng,Người liên hệ,Email,Tỉnh/TP,Giới tính\n"
            "1,KH001,Gỗ Việt,Mai,m@x.example,Hà Nội,Nữ\n".encode()
        ).records
        self.assertEqual((record.company, record.full_name()), ("Gỗ Việt", "Mai"))
        self.assertEqual(record.addresses[0].state, "Hà Nội")
        [record] = read_contacts("STT,Mã,Tên KH,Email\n1,KH001,Gỗ Việt,m@x.example\n".encode()).records
        self.assertEqual(record.full_name(), "Gỗ Việt")
        [record] = read_contacts("STT;Họ đệm;Tên;SĐT\n1;Nguyễn Văn;An;0901234567\n".encode()).records
        self.assertEqual((record.full_name(), record.given), ("Nguyễn Văn An", "An"))

    def test_customer_beside_a_name_in_parts(self):
        """The customer is the company of the person, unless it is the same name; nobody's name is lost."""
        for head, row, names in (
            ("Customer,First Name,Last Name", "Oak Mill,Ann,Lee", ("Ann Lee", "Oak Mill")),
            ("Khách hàng,Họ,Tên", "Gỗ Việt,Nguyễn,Mai", ("Nguyễn Mai", "Gỗ Việt")),
            ("Customer,Given Name", "Oak Mill,Ann", ("Ann", "Oak Mill")),
            ("Customer,First Name,Last Name", "Ann Lee,Ann,Lee", ("Ann Lee", "")),
            # the part alone stands there for the salutation
            ("Customer,First Name", "Ann Lee,Ann", ("Ann Lee", "")),
            ("Customer,Last Name", "Ann Lee,Lee", ("Ann Lee", "")),
            ("Khách hàng,Tên", "Nguyễn Văn An,An", ("Nguyễn Văn An", "")),
            ("Customer,Company,First Name,Last Name", "C1,Oak Mill,Ann,Lee", ("Ann Lee", "Oak Mill")),
        ):
            [record] = read_contacts(f"{head},Email\n{row},ann@x.example\n".encode()).records
            self.assertEqual((record.full_name(), record.company), names, head)
        self.assertEqual(record.extras, [("Customer", "C1")])

    def test_nothing_is_lost_of_columns_of_one_kind(self):
        [record] = read_contacts(
            "Họ tên,Khách hàng,Công ty,Địa chỉ,Địa chỉ giao hàng,Năm sinh\n"
            "Mai,Mai Gỗ,Gỗ Việt,1 Lê Lợi,Kho 3,1980\n".encode()
        ).records
        self.assertEqual((record.full_name(), record.company, record.birthday), ("Mai", "Gỗ Việt", "1980"))
        self.assertEqual(record.addresses[0].street, "1 Lê Lợi")
        self.assertEqual(record.extras, [("Khách hàng", "Mai Gỗ"), ("Địa chỉ giao hàng", "Kho 3")])
        [record] = read_contacts("Họ tên,Năm sinh\nMai,15/01/1980\n".encode()).records
        self.assertEqual(parse_birthday(record.birthday).year, 1980)

    def test_family_name_first(self):
        for row, name in {
            "Triệu,An,VN": "Triệu An",
            "Smith,John,VN": "John Smith",
            "Nguyen,An,VN": "Nguyen An",
            "Kovács,János,HU": "Kovács János",
        }.items():
            [record] = read_contacts(f"Last Name,First Name,Country\n{row}\n".encode()).records
            self.assertEqual(record.full_name(), name)

    def test_outlook_in_an_unknown_language(self):
        """Outlook's order of columns is the same everywhere, so its names need not be known."""
        names = [f"Xyz{place}" for place in range(92)]
        cells = [""] * 92
        for place, value in {
            1: "Jón",
            3: "Sigurðsson",
            5: "Hf",
            7: "Stjóri",
            8: "Gata 1",
            31: "5551234",
            60: "j@x.example",
        }.items():
            cells[place] = value
        result = read_contacts(f"{','.join(names)}\n{','.join(cells)}\n".encode())
        [record] = result.records
        self.assertEqual(
            (record.full_name(), record.company, record.function), ("Jón Sigurðsson", "Hf", "Stjóri")
        )
        self.assertEqual((record.emails, record.phones), ([("", "j@x.example")], [("work", "5551234")]))
        self.assertEqual(record.addresses[0].street, "Gata 1")

    def test_places_that_a_program_names_once(self):
        """Thunderbird says in French, Spanish and Russian of the street alone whose it is."""
        for head in (
            "Prénom,Nom de famille,Adresse privée,Adresse privée 2,Ville,Pays/État,Code postal,Pays/Région (domicile),"
            "Adresse professionnelle,Adresse professionnelle 2,Ville,Pays/État,Code postal,Pays/Région (bureau),"
            "Profession,Année de naissance,Mois,Jour",
            "Nombre,Apellidos,Domicilio,Domicilio 2,Población,Provincia,Código postal,País,"
            "Dirección del trabajo,Dirección del trabajo 2,Población,Provincia,Código postal,País,"
            "Cargo,Año de nacimiento,Mes,Día",
            "Имя,Фамилия,Домашний адрес,Домашний адрес 2,Город,Область,Почтовый индекс,Страна,"
            "Рабочий адрес,Рабочий адрес 2,Город,Область,Почтовый индекс,Страна,"
            "Должность,Год рождения,Месяц,День",
        ):
            row = "Ann,Doe,1 A,B,C,D,10000,France,2 E,,F,G,20000,France,Chief,1980,3,14"
            [record] = read_contacts(f"{head}\n{row}\n".encode()).records
            with self.subTest(head):
                self.assertEqual(
                    [
                        (one.kind, one.street, one.street2, one.city, one.state, one.zip, one.country)
                        for one in record.addresses
                    ],
                    [
                        ("work", "2 E", "", "F", "G", "20000", "France"),
                        ("home", "1 A", "B", "C", "D", "10000", "France"),
                    ],
                )
                self.assertEqual((record.birthday, record.function), ("1980-03-14", "Chief"))

    def test_encodings(self):
        for encoding, text, name in (
            ("utf-8-sig", "Họ,Tên\nNguyễn,An\n", "Nguyễn An"),
            ("utf-16", "Họ,Tên\nNguyễn,An\n", "Nguyễn An"),
            ("utf-16-le", "First Name,Last Name\nJohn,Doe\n", "John Doe"),
            ("utf-16-be", "First Name,Last Name\nJohn,Doe\n", "John Doe"),
            ("cp1252", "Vorname;Nachname\nJörg;Müller\n", "Jörg Müller"),
            ("cp1251", "Имя,Фамилия,Организация\nИван,Петров,Рога и копыта\n", "Иван Петров"),
            ("cp932", "姓,名,メモ\n山田,太郎,よろしく\n", "山田太郎"),
            ("cp1258", "Họ,Tên,Công ty\nNguyễn,An,Hoà Phát\nTrần,Bình,Gỗ Việt\n", "Nguyễn An"),
        ):
            data = _to_cp1258(text) if encoding == "cp1258" else text.encode(encoding)
            with self.subTest(encoding=encoding):
                self.assertEqual(read_contacts(data, "x.csv").records[0].full_name(), name)

    def test_encodings_of_lists_with_english_columns(self):
        """Only the names of people tell them: a sign or a capital within a word is none of the encoding."""
        names = {
            "François Lefèvre, Hélène Dupré, Jérôme Crépin, Zoé Noël": ("cp1252", "cp850", "mac_roman"),
            "Jörg Müller, Jürgen Schröder, Käthe Groß, Günther Weiß": ("cp1252", "cp850", "mac_roman"),
            "José Muñoz, María Peña, Ángel Núñez, Íñigo Ibáñez": ("cp1252", "cp850", "mac_roman"),
            "João Gonçalves, Conceição Simões, António Magalhães": ("cp1252", "cp850", "mac_roman"),
            "Mª José, Jean d’Août, Büro N°5, L’Été™, Preis £20": ("cp1252", "mac_roman"),
            "Łukasz Żółty, Małgorzata Dąbrowska, Święta Źdźbło": ("cp1250", "cp852"),
            "محمد علي, فاطمة حسن, عبد الله أحمد, خالد إبراهيم": ("cp1256",),
            "陳志明, 林美玲, 黃俊傑, 張雅婷, 李家豪, 王建國": ("big5",),
            "김철수, 이영희, 박민수, 최지우": ("cp949",),
        }
        for text, encodings in names.items():
            rows = "".join(f"{name},{number}@x.example\n" for number, name in enumerate(text.split(", ")))
            for encoding in encodings:
                with self.subTest(encoding=encoding, text=text):
                    found, _name, damaged = decode(f"Name,Email\n{rows}".encode(encoding))
                    self.assertEqual((found, damaged), (f"Name,Email\n{rows}", False))

    def test_vietnamese_before_unicode(self):
        """What Windows would show for a list in the ABC fonts, in VNI and in VISCII."""
        for encoding, text in (
            ("tcvn3", "Hä vµ tªn,§iÖn tho¹i,§Þa chØ\nNguyÔn V¨n Tó,0901234567,HuÕ\n"),
            ("vni", "Hoï vaø teân,Ñieän thoaïi,Ñòa chæ\nNguyeãn Vaên Tuù,0901234567,Hueá\n"),
            ("viscii", "H÷ và tên,Ði®n thoÕi,Ð¸a chï\nNguy\xadn Vån Tú,0901234567,Huª\n"),
        ):
            with self.subTest(encoding=encoding):
                result = read_contacts(text.encode("cp1252"), "x.csv")
                [record] = result.records
                self.assertEqual((result.encoding, result.damaged), (encoding, False))
                self.assertEqual(
                    (record.full_name(), record.phones, record.addresses[0].street),
                    ("Nguyễn Văn Tú", [("", "0901234567")], "Huế"),
                )
                [again] = read_contacts(write_rejected(result, {record.number: "No reason."})).records
                self.assertEqual(again.full_name(), "Nguyễn Văn Tú")
        [record] = read_contacts(
            "BEGIN:VCARD\nVERSION:2.1\nFN:§ç ThÞ Tó\nNOTE:Gç ViÖt\nEND:VCARD\n".encode("cp1252"),
            encoding="tcvn3",
        ).records
        self.assertEqual((record.full_name(), record.notes), ("Đỗ Thị Tú", ["Gỗ Việt"]))

    def test_no_vietnamese_before_unicode(self):
        """Names of Europe, and Vietnamese ones that Windows' Western European letters are enough for."""
        for encoding, text in (
            ("cp1252", "Prénom,Société\nZoé,Crème & Thé\nNoël,Où ça\nLéa,À côté\nRené,Pré Vért\n"),
            ("cp1252", "Vorname;Firma\nJörg;Bär\nBjörn;Tür\nKöhler;Süß\nMüh;Höh\nÄnn;Grün\n"),
            ("cp1252", "Name,City\nHà,Huế\nLê,Cà Mau\nTô,Bình Thuận\nLý,Đà Lạt\nVõ,Hà Tĩnh\nTú,Vũng Tàu\n"),
            ("cp1250", "Jméno;Firma\nJiří;Bílý kůň\nTomáš;Řízek\nBára;Žár\nLuděk;Půl\nMíša;Síť\n"),
            ("cp1250", "Imię;Firma\nPaweł;Żółw\nMałgorzata;Łąka\nŁucja;Źdźbło\nJóźef;Być\n"),
        ):
            with self.subTest(text=text):
                self.assertIsNone(old_vietnamese.guess_old(text.encode(encoding, "replace")))

    def test_columns_that_only_look_like_those_of_the_contact(self):
        """The day of an order, an account and the salesperson's address are nothing of the contact's own."""
        result = read_contacts(
            "Phụ trách,Mã KH,Họ tên,SĐT,Email,Ngày tạo,Số tài khoản\n"
            "sale@my.example,KH1,An,0901234567,an@x.example,05/01/2024,0071000123456\n"
            "sale@my.example,KH2,Bình,0912345678,b@x.example,16/01/2024,0071000123457\n".encode()
        )
        record = result.records[0]
        self.assertEqual((record.emails, record.phones), ([("", "an@x.example")], [("", "0901234567")]))
        self.assertEqual(record.birthday, "")
        self.assertEqual(
            [label for label, _value in record.extras], ["Phụ trách", "Mã KH", "Ngày tạo", "Số tài khoản"]
        )
        for header, value in (("Anniversary", "6/15/2010"), ("Assistant's Phone", "0911222333")):
            [record] = read_contacts(
                f"First Name,Last Name,{header},E-mail Address,Birthday\n"
                f"Ann,Lee,{value},a@x.example,4/12/1985\n".encode()
            ).records
            self.assertEqual((record.birthday, record.phones), ("4/12/1985", []))
            self.assertEqual(record.extras, [(header, value)])
        # what is called a day of birth in words that are not listed
        [record] = read_contacts(b"Name;Geb.-Datum;Kunde seit\nAnn;12.4.1985;1.1.2020\n").records
        self.assertEqual((record.birthday, record.extras), ("12.4.1985", [("Kunde seit", "1.1.2020")]))
        # Yahoo calls telephone numbers by their place
        [record] = read_contacts(b"First,Last,Home,Mobile\nAn,Le,02838221111,0901234567\n").records
        self.assertEqual(record.phones, [("", "02838221111"), ("mobile", "0901234567")])

    def test_what_all_rows_say_is_kept(self):
        rows = "".join(f"Name {place},n{place}@x.example,Fair 2024\n" for place in range(30))
        records = read_contacts(f"Name,Email,Source\n{rows}".encode()).records
        self.assertEqual({tuple(record.extras) for record in records}, {(("Source", "Fair 2024"),)})

    def test_order_of_day_and_month(self):
        for text, order in (
            ("Họ tên,Email,Ngày sinh\nAn,a@x.example,04/05/1985\n", "dmy"),
            ("Ho ten,Email,Ngay sinh\nAn,a@x.example,04/05/1985\n", "dmy"),
            ("Name,Date of Birth (mm/dd/yyyy)\nAnn,04/05/1985\n", "mdy"),
            ("Name,Birthday (DD/MM/YYYY)\nAnn,04/05/1985\n", "dmy"),
            ("Name,Email,Birthday\nAnn,a@x.example,04/05/1985\n", None),
            ("Name,Anniversary,Birthday\nAnn,6/15/2010,04/05/1985\n", "mdy"),
        ):
            result = read_contacts(text.encode())
            self.assertEqual((result.records[0].birthday, result.date_order), ("04/05/1985", order), text)

    def test_birthdays_without_year_in_figures(self):
        """Mailchimp keeps month and day; of other files a day after the twelfth tells the order, or the user does."""
        head = "Email Address,First Name,Last Name,Birthday"
        for text, order, days in (
            (
                f"{head},MEMBER_RATING,LEID\na@x.example,A,A,05/04,2,1\nb@x.example,B,B,,2,2\n",
                "mdy",
                [(4, 5), None],
            ),
            (f"{head}\na@x.example,A,A,05/17\nb@x.example,B,B,05/04\n", "mdy", [(17, 5), (4, 5)]),
            ("Họ tên,Ngày sinh\nAn,17/5\nBình,4/5\n", "dmy", [(17, 5), (4, 5)]),
            (f"{head}\na@x.example,A,A,05/04\n", None, ["ambiguous"]),
            (f"{head}\na@x.example,A,A,05/17\nb@x.example,B,B,17/05\n", None, ["invalid", "invalid"]),
        ):
            result = read_contacts(text.encode())
            self.assertEqual(result.date_order, order, text)
            for record, expected in zip(result.records, days, strict=True):
                born = parse_birthday(record.birthday, result.date_order, today=TODAY)
                if isinstance(expected, tuple):
                    self.assertEqual((born.day, born.month, born.year), (*expected, None), text)
                else:
                    self.assertEqual(born.problem, expected or "empty", text)
        # the number of a house is no birthday
        [record] = read_contacts(b"An,an@x.example,12/3\n").records
        self.assertEqual(record.birthday, "")

    def test_birthday_in_parts_in_other_languages(self):
        for text in (
            "Vorname,Nachname,Geburtsjahr,Geburtsmonat,Geburtstag\nJörg,Müller,1985,4,12\n",
            "Tên,Họ,Năm sinh,Tháng sinh,Ngày sinh\nAn,Nguyễn,1985,4,12\n",
            "Name,Birth Day\nAnn,1985-04-12\n",
            "名,姓,誕生年,誕生月,誕生日\n太郎,山田,1985,4,12\n",
        ):
            self.assertEqual(read_contacts(text.encode()).records[0].birthday, "1985-04-12", text)

    def test_second_values_are_kept(self):
        [record] = read_contacts(
            b"Name,Department,Division Department,Nickname,Nick,Tax ID,VAT,Adresse\n"
            b"Ann,Sales,,A,B,111,222,ann@x.example\n"
        ).records
        self.assertEqual((record.nickname, record.vat), ("A", "111"))
        self.assertEqual(record.extras, [("Nick", "B"), ("VAT", "222")])
        self.assertEqual(record.emails, [("", "ann@x.example")])

    def test_filed_names(self):
        """Last name, first name: how programs file somebody is not how the person is called."""
        [record] = read_contacts(
            "First Name,Middle Name,Last Name,File As,E-mail 1 - Label,E-mail 1 - Value\n"
            'An,Văn,Nguyễn,"Nguyễn, An",Kế toán,an@x.example\n'.encode()
        ).records
        self.assertEqual(
            (record.full_name(), record.emails), ("Nguyễn Văn An", [("kế toán", "an@x.example")])
        )

    def test_cells_kept_as_text(self):
        [record] = read_contacts(b'Name,Phone\nAnn,"=""0901234567"""\n').records
        self.assertEqual(record.phones, [("", "0901234567")])

    def test_short_lists_in_other_encodings(self):
        """A few letters are too little for statistics; the names of the columns say more."""
        for encoding, text, name in (
            ("cp932", "姓,名\n山田,太郎\n", "山田太郎"),
            ("euc_jp", "姓,名\n山田,太郎\n", "山田太郎"),
            ("cp949", "이름,전화\n김철수,010-1234-5678\n", "김철수"),
            ("cp1250", "Imię;Nazwisko\nŁukasz;Wiśniewski\n", "Łukasz Wiśniewski"),
            ("cp1258", "Name;Phone\nLê Hòa;0901234567\n", "Lê Hòa"),
            ("cp1258", "Name,City\nHuế,Hà Nội\n", "Huế"),
            ("cp1252", "Nome;Città\nNiccolò;Forlì\n", "Niccolò"),
            ("cp1252", "Prénom;Nom\nFrançois;Lefèvre\n", "François Lefèvre"),
        ):
            data = _to_cp1258(text) if encoding == "cp1258" else text.encode(encoding)
            with self.subTest(encoding=encoding, text=text):
                result = read_contacts(data, "x.csv")
                self.assertEqual((result.records[0].full_name(), result.encoding), (name, encoding))

    def test_google(self):
        result = read_contacts(
            b"Name,Given Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,"
            b"Phone 1 - Value,Organization 1 - Name,Birthday,Custom Field 1 - Type,Custom Field 1 - Value\n"
            b"Ann Lee,Ann,Lee,* myContacts ::: Friends,* Work,a@x.example ::: b@x.example,Mobile,0901234567,"
            b"ACME,--03-14,Shoe,42\n"
        )
        [record] = result.records
        self.assertEqual(result.format, "google")
        self.assertEqual(record.emails, [("work", "a@x.example"), ("work", "b@x.example")])
        self.assertEqual(record.phones, [("mobile", "0901234567")])
        self.assertEqual((record.categories, record.extras), (["Friends"], [("Shoe", "42")]))

    def test_groups_of_google_in_cards(self):
        card = b"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nCATEGORIES:myContacts,starred,Friends\nEND:VCARD\n"
        [record] = read_contacts(card).records
        self.assertEqual(record.categories, ["Friends"])

    def test_address_of_a_messenger_is_no_street(self):
        [record] = read_contacts(
            b"First Name,Last Name,E-mail Address,Business Street,IMAddress\nHans,Lee,h@x.example,,sip:h@x.example\n"
        ).records
        self.assertFalse([address for address in record.addresses if address])
        self.assertIn("sip:h@x.example", str(record.extras))

    def test_yahoo(self):
        [record] = read_contacts("First,Middle,Last,Email\nAn,Văn,Nguyễn,an@x.example\n".encode()).records
        self.assertEqual((record.given, record.middle, record.family), ("An", "Văn", "Nguyễn"))

    def test_customer_programs(self):
        """Salesforce, HubSpot, Zoho, Pipedrive, Dynamics, Zimbra and Odoo name the same columns in their own way."""
        for head, row, company, function in (
            (
                "First Name,Last Name,Email,Email Opt Out,Fax Opt Out,Account Name,Title",
                "1,0,Oak,Boss",
                "Oak",
                "Boss",
            ),
            (
                "First Name,Last Name,Email,Unsubscribed from all email,Email Domain,Associated Company,Job Title",
                "true,x.example,Oak,Boss",
                "Oak",
                "Boss",
            ),
            (
                "First name,Last name,Emails,Newsletter (Email),Accounts,Job title",
                "yes,Oak,Boss",
                "Oak",
                "Boss",
            ),
            (
                "Person - First name,Person - Last name,Person - Email - Work,Person - Organization,Person - Job title",
                "Oak,Boss",
                "Oak",
                "Boss",
            ),
            ("firstName,lastName,email,companyName,jobTitle", "Oak,Boss", "Oak", "Boss"),
            ("First Name,Last Name,Email,company_name,function", "Oak,Boss", "Oak", "Boss"),
            ("Prénom,Nom,Adresse de messagerie,Société,Titre professionnel", "Oak,Boss", "Oak", "Boss"),
        ):
            with self.subTest(head):
                [record] = read_contacts(f"{head}\nAnn,Lee,ann@x.example,{row}\n".encode()).records
                self.assertEqual([mail for _kind, mail in record.emails], ["ann@x.example"])
                self.assertEqual(record.phones, [])
                self.assertEqual(
                    (record.full_name(), record.company, record.function), ("Ann Lee", company, function)
                )
        [record] = read_contacts(
            b"Full Name,Email,Do not allow Emails,Address 1: Street 1,Address 1: Street 2,Address 1: City,"
            b"Address 1: ZIP/Postal Code\nAnn Lee,ann@x.example,Do Not Allow,1 Oak St,Floor 2,York,YO1\n"
        ).records
        [address] = record.addresses
        self.assertEqual(
            (address.street, address.street2, address.city, address.zip),
            ("1 Oak St", "Floor 2", "York", "YO1"),
        )
        self.assertEqual(record.extras, [("Do not allow Emails", "Do Not Allow")])
        [record] = read_contacts(
            b"lastName,email,workStreet,workCity,workPostalCode\nLee,a@x.example,1 Oak St,York,YO1\n"
        ).records
        self.assertEqual([(address.kind, address.city) for address in record.addresses], [("work", "York")])
        self.assertEqual(record.extras, [])

    def test_whole_name_of_odoo(self):
        [record] = read_contacts(
            b'Complete Name,Company Name,Email,Job Position\n"Oak, Ann Lee",Oak,ann@x.example,Boss\n'
        ).records
        self.assertEqual((record.full_name(), record.company, record.function), ("Ann Lee", "Oak", "Boss"))
        self.assertFalse(record.is_company)

    def test_title_above_the_columns(self):
        """What a program or a person writes above the names of the columns is no contact."""
        for above in (
            'Notes:\n"Some of the email addresses, as you may notice, are missing."\n\n',
            "DANH SÁCH KHÁCH HÀNG,,,,\nTháng 11,,,,\n",
        ):
            result = read_contacts(
                f"{above}First Name,Last Name,Email Address,Company,Position\n"
                "Ann,Lee,ann@x.example,Oak,Boss\nBo,Ek,,Oak,Clerk\n".encode()
            )
            self.assertTrue(result.header)
            self.assertEqual(
                [(record.full_name(), record.company, record.function) for record in result.records],
                [("Ann Lee", "Oak", "Boss"), ("Bo Ek", "Oak", "Clerk")],
            )
            # the rejected contacts are read again as they were
            again = read_contacts(write_rejected(result, {2: "No reason."}))
            self.assertEqual([record.full_name() for record in again.records], ["Bo Ek"])
        # without names of columns nobody is passed over
        result = read_contacts(b"Ann Lee,ann@x.example\nFirst Name,Last Name,Email\n")
        self.assertEqual(len(result.records), 2)

    def test_google_without_address_of_the_picture(self):
        [record] = read_contacts(
            b"First Name,Last Name,Phonetic Last Name,Photo,E-mail 1 - Label,E-mail 1 - Value\n"
            b"Ann,Lee,Li,https://pictures.example/1,Work,a@x.example\n"
        ).records
        self.assertEqual((record.websites, record.phones), ([], []))
        self.assertEqual(
            record.extras, [("Phonetic Last Name", "Li"), ("Photo", "https://pictures.example/1")]
        )

    def test_damaged_rows(self):
        broken, good, pipe = read_contacts(
            b'Name,Email\n"Broken,a@b.example\nGood,c@d.example\n5" Pipe Ltd,p@q.example\n'
        ).records
        self.assertEqual((broken.problem, broken.line), ("unclosed_quote", 2))
        self.assertEqual((good.problem, good.full_name()), ("", "Good"))
        self.assertEqual(pipe.full_name(), '5" Pipe Ltd')
        [record] = read_contacts(b'Name,Email,Notes\nA,a@b.example,"two\nlines, and ""quotes"""\n').records
        self.assertEqual(record.notes, ['two\nlines, and "quotes"'])

    def test_reasons_stay_in_their_places(self):
        """What a reason quotes of the file begins no line, and no cell, of its own."""
        reason = 'No "reason"\r\nEND:VCARD\r\n\r\ndn: cn=B'
        for name, data in (
            ("a.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\n"),
            ("a.ldif", "dn: cn=A\ncn: A\n"),
            ("a.csv", "Name,Email\nA,a@x.example\n"),
        ):
            with self.subTest(name):
                book = read_contacts(data.encode(), name)
                rejected = write_rejected(book, {1: reason})
                [record] = read_contacts(rejected, name).records
                self.assertEqual((record.full_name(), record.problem, record.warnings), ("A", "", []))
                self.assertEqual(record.extras, [])
        header, row = csv.reader(rejected.decode().splitlines())
        self.assertEqual(len(row), len(header))
        self.assertEqual(row[2], "No 'reason' END:VCARD dn: cn=B")

    def test_rejected_file_is_read_again(self):
        _folder, files = self._case_files()
        for path in files:
            with self.subTest(file=path.name):
                result = self._read_case(path)
                data = write_rejected(result, {record.number: "No reason." for record in result.records})
                again = read_contacts(data, path.name)
                self.assertEqual(
                    [(record.full_name(), record.emails, record.phones) for record in again.records],
                    [(record.full_name(), record.emails, record.phones) for record in result.records],
                )


def _watch(split, taken):
    """The function with what is taken of it noted."""

    def watch(whole):
        for one in split(whole):
            taken.append(one)
            yield one

    return watch
