"""Hostile address books: scripts in all that they hold, names of files that lead elsewhere, archives."""

import base64
import io
import re
import socket
import tarfile
import zipfile
from pathlib import Path
from random import Random

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.partner_relations.tools import ldif_read, workbook_read
from odoo.addons.partner_relations.tools.contact_record import is_page

from .contact.test_contact_import import ContactImportCommon
from .hostile import EVALUATED, SCRIPT, get_dangers
from .test_attacks import pack_workbook
from .watching import watch

# No comma, semicolon or line feed: each format would need it written in another way.
TEXT = f"{SCRIPT}{{{{7*191}}}}"
LINK = "javascript://%0aalert(1)"
GOOGLE = (
    "First Name,Middle Name,Last Name,Phonetic First Name,Name Prefix,Name Suffix,Nickname,File As,Organization Name,"
    "Organization Title,Organization Department,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,"
    "E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - Formatted,"
    "Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,"
    "Address 1 - Country,Address 1 - Extended Address,Relation 1 - Label,Relation 1 - Value,Website 1 - Label,"
    "Website 1 - Value,Event 1 - Label,Event 1 - Value,Custom Field 1 - Label,Custom Field 1 - Value"
)
OUTLOOK = (
    "Title,First Name,Middle Name,Last Name,Suffix,Company,Department,Job Title,Business Street,Business Street 2,"
    "Business Street 3,Business City,Business State,Business Postal Code,Business Country/Region,Home Street,"
    "Home City,Home State,Home Postal Code,Home Country/Region,Assistant's Phone,Business Fax,Business Phone,"
    "Business Phone 2,Callback,Car Phone,Company Main Phone,Home Fax,Home Phone,ISDN,Mobile Phone,Other Phone,Pager,"
    "Primary Phone,Radio Phone,Telex,Account,Anniversary,Assistant's Name,Billing Information,Birthday,"
    "Business Address PO Box,Categories,Children,Directory Server,E-mail Address,E-mail Type,E-mail Display Name,"
    "E-mail 2 Address,E-mail 3 Address,Gender,Government ID Number,Hobby,Initials,Internet Free Busy,Keywords,Language,"
    "Location,Manager's Name,Mileage,Notes,Office Location,Organizational ID Number,PO Box,Priority,Private,Profession,"
    "Referred By,Sensitivity,Spouse,User 1,User 2,Web Page"
)
PROPERTIES = (
    "ADR;TYPE=HOME", "AGENT", "ANNIVERSARY", "BDAY", "CATEGORIES", "EMAIL;TYPE=x", "FN", "GENDER", "GEO", "IMPP",
    "LABEL", "LANG", "MEMBER", "N", "NICKNAME", "NOTE", "ORG", "RELATED", "ROLE", "TEL;TYPE=x", "TITLE", "TZ",
    "X-SPOUSE", "X-MS-IMADDRESS", "X-EVIL",
)  # fmt: skip
# What a file could be named so that the name is taken for a path or for further headers.
FILENAME = '../../../tmp/evil"; x=\\..\\\r\nSet-Cookie: evil=1\r\nContent-Type: text/html\r\n\r\n<script>.csv'


def _card(version, *lines):
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])


def _quote(cells):
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def _table(names):
    """A file in which each column has a script, and pages of the web have one as their address."""
    row = [
        LINK if re.search("web|url", name, re.IGNORECASE) and "Label" not in name else TEXT for name in names
    ]
    return f"{_quote(names)}\n{_quote(row)}\n"


def _books():
    """Yield (name of the file, what it holds)."""
    for version in ("2.1", "3.0", "4.0"):
        lines = [f"{name}:{TEXT.replace(chr(58), ' ')}" for name in PROPERTIES]
        lines += [
            f"item1.X-ABLabel:{TEXT}",
            f"item1.X-ABDATE:{TEXT}",
            f"URL:{LINK}",
            f"URL:data:text/html,{TEXT}",
        ]
        lines += [
            "EMAIL:<svg/onload=alert(1)>@import.example",
            f"EMAIL;TYPE={TEXT}:a{version}@import.example",
        ]
        yield f"cards{version}.vcf", _card(version, *lines)
    names = {
        *ldif_read._PHONES,
        *ldif_read._EMAILS,
        *ldif_read._EXTRAS,
        "cn",
        "sn",
        "givenname",
        "o",
        "ou",
        "title",
    }
    names |= {"description", "mozillanickname", "birthyear", "birthmonth", "birthday", "evil"}
    names |= {name for part in ldif_read._ADDRESSES.values() for kind in part for name in kind}
    coded = base64.b64encode(TEXT.encode()).decode()
    lines = [f"{name}:: {coded}" for name in sorted(names)]
    lines += [f"{name}: {LINK}" for name in ldif_read._WEBSITES]
    yield "book.ldif", "\n".join([f"dn: cn={TEXT}", *lines, ""])
    yield "google.csv", _table(GOOGLE.split(","))
    yield "outlook.csv", _table(OUTLOOK.split(","))
    names = ["Name", "Company", "Email", "Web Page", "Notes"]
    row = [TEXT, TEXT, "<svg/onload=alert(1)>@import.example", LINK, TEXT]
    yield "named.csv", f"{_quote(names)}\n{_quote(row)}\n"


@tagged("post_install", "-at_install")
class TestAttackImport(ContactImportCommon, HttpCase):
    # ------------------------------------------------------------------
    # Scripts
    # ------------------------------------------------------------------
    def test_scripts_in_address_books(self):
        """Of a script in each column, property and attribute nothing is left but text."""
        formats = set()
        for filename, data in _books():
            with self.subTest(filename):
                contact_import = self._import(data, filename, duplicate_action="create")
                formats.add(contact_import.found_format)
                self._check(contact_import)
        self.assertEqual(formats, {"vcard", "ldif", "google", "outlook", "csv"})

    def test_scripts_in_columns_chosen_by_hand(self):
        """Each column goes where somebody says; its name has a script, too."""
        targets = [key for key, _label in self.env["partner.contact.import.column"]._selection_target()]
        # what would be part of the name before another one
        targets.remove("skip")
        names = [f"{TEXT} {number}" for number in range(len(targets))]
        row = [LINK if target == "website" else f"{TEXT} {target}" for target in targets]
        contact_import = self._make(f"{_quote(names)}\n{_quote(row)}\n", "chosen.csv", header="yes")
        contact_import.action_preview()
        self.assertEqual(len(contact_import.column_ids), len(targets))
        for column, target in zip(contact_import.column_ids.sorted("sequence"), targets, strict=True):
            column.target = target
        contact_import.action_preview()
        contact_import.action_import()
        self.assertEqual(contact_import.state, "done")
        self._check(contact_import)

    def _check(self, contact_import):
        self.assertTrue(contact_import.created_count, contact_import.line_ids.mapped("message"))
        partners = contact_import.line_ids.partner_id
        partners |= partners.parent_id
        told = ""
        for record in (*partners, contact_import, *contact_import.line_ids, *contact_import.column_ids):
            for field in record._fields.values():
                if field.type == "html" and record[field.name]:
                    told += str(record[field.name])
                    self.assertEqual(get_dangers(record[field.name]), [], (record, field.name))
        # a text stays a text, which screens escape; an address is none that a click runs
        self.assertIn("&lt;script&gt;", told, "what the file says stands in the note")
        for partner in partners:
            self.assertTrue(is_page(partner.website or ""), partner.website)
            self.assertIn("alert", partner.name)
        for message in partners.message_ids:
            self.assertEqual(get_dangers(message.body), [], message.body)
        texts = [*partners.mapped("comment"), *partners.mapped("name"), *partners.category_id.mapped("name")]
        self.assertFalse([text for text in texts if text and EVALUATED in text], "no template was rendered")
        cards = partners._get_vcard_files().decode()
        self.assertNotRegex(cards, r"(?m)^(?:\w+\.)?URL[^\r\n]*javascript")

    # ------------------------------------------------------------------
    # Names of files
    # ------------------------------------------------------------------
    def test_names_of_files(self):
        """The name of a file is no path on the server and no header of the answer."""
        user = self._create_user(
            "relations_import_export", "base.group_user,base.group_partner_manager,base.group_allow_export"
        )
        model = self.env["partner.contact.import"].with_user(user)
        values = {
            "file": base64.b64encode(b"Name,Email\n,\nA,a\n").decode(),
            "filename": FILENAME,
            "strict": True,
        }
        with watch() as opened:
            contact_import = model.browse(call_kw(model, "create", [values], {}))
            contact_import.action_preview()
            self.assertTrue(contact_import.error_count)
            action = call_kw(model, "action_download_rejected", [contact_import.ids], {})
            self.env.flush_all()
            self.authenticate(user.login, user.login)
            answer = self.url_open(action["url"], allow_redirects=False)
        self.assertEqual(answer.status_code, 200, answer.text[:500])
        self.assertEqual([place for place in opened if "evil" in place], [])
        self._check_disposition(answer, "csv")
        self.assertEqual(answer.headers["Content-Type"], "application/octet-stream")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertNotIn("evil", answer.cookies)

    def test_names_of_exports(self):
        """The name of a file that is made of texts of records is no header and no path either."""
        user = self._create_user(
            "relations_name_export", "partner_relations.group_director,base.group_allow_export"
        )
        partner = self._create_company_partner(FILENAME, supplier_rank=1)
        self.authenticate(user.login, user.login)
        action = partner.with_user(user).action_export_supplier_file()
        self.env.flush_all()
        with watch() as opened:
            answer = self.url_open(action["url"], allow_redirects=False)
        self.assertEqual(answer.status_code, 200, answer.text[:500])
        self.assertEqual([place for place in opened if "evil" in place], [])
        self._check_disposition(answer, "xlsx")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertNotIn("evil", answer.cookies)

    def _check_disposition(self, answer, extension):
        """A name in one piece, in which no character ends a header or a folder."""
        disposition = answer.headers["Content-Disposition"]
        self.assertRegex(disposition, rf"^attachment; filename\*=UTF-8''[\w.%~()!*'-]+\.{extension}$")
        self.assertIn("evil", disposition, "the name is that of the record")

    # ------------------------------------------------------------------
    # What a card points to
    # ------------------------------------------------------------------
    def test_pictures_are_not_fetched(self):
        """Of a picture that lies elsewhere neither the file is read nor the address called."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.settimeout(0)
            port = listener.getsockname()[1]
            places = [
                "file:///etc/passwd", "/etc/passwd", "../../etc/passwd", f"http://127.0.0.1:{port}/photo.png",
                f"ftp://127.0.0.1:{port}/x", f"//127.0.0.1:{port}/x", "data:text/html;base64,PHNjcmlwdD4=",
            ]  # fmt: skip
            names = ("PHOTO", "LOGO", "SOUND", "KEY", "SOURCE", "URL", "X-MS-CARDPICTURE")
            lines = [
                f"{name};VALUE={kind}:{place}"
                for place in places
                for name in names
                for kind in ("URI", "URL")
            ]
            cards = "".join(_card(version, "FN:Picture", *lines) for version in ("2.1", "3.0", "4.0"))
            ldif = "dn: cn=x\ncn: Picture\n" + "".join(
                f"jpegPhoto:< {place}\ncn:< {place}\n" for place in places
            )
            row = "\n".join(f"Picture,{place}" for place in places)
            with watch() as opened:
                Path("/etc/passwd").read_bytes()
                self.assertEqual(opened.pop(), "/etc/passwd", "the watch sees what is opened")
                partners = self.env["res.partner"]
                for filename, data in (("a.vcf", cards), ("a.ldif", ldif), ("a.csv", f"Name,Photo\n{row}\n")):
                    partners |= self._import(data, filename, duplicate_action="create").line_ids.partner_id
            self.assertEqual([one for one in opened if "passwd" in one or "127.0.0.1" in one], [])
            with self.assertRaises(BlockingIOError):
                listener.accept()
        self.assertEqual(len(partners), 3 + 1 + len(places))
        secret = Path("/etc/passwd").read_text().splitlines()[0]
        for partner in partners:
            self.assertFalse(partner.image_1920)
            self.assertNotIn(secret, str(partner.comment))

    # ------------------------------------------------------------------
    # Archives
    # ------------------------------------------------------------------
    def test_archives_are_no_address_books(self):
        """An archive is not unpacked, whatever it is called; it is said what to do."""
        inner = _zip({"inner.vcf": _card("3.0", "FN:Zipped").encode()})
        bomb = _zip({"bomb.vcf": b"\nBEGIN:VCARD\nFN:x\nEND:VCARD\n" * 1_000_000})
        outside = _zip({"../../evil.vcf": b"\nBEGIN:VCARD\nFN:Zipped\nEND:VCARD\n"}, zipfile.ZIP_STORED)
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w:gz") as archive:
            archive.addfile(tarfile.TarInfo("../evil.vcf"))
        for data in (inner, _zip({"nested.zip": inner}), bomb, outside, target.getvalue(), pack_workbook()):
            for filename in ("book.zip", "book.vcf", "book.csv", "book"):
                with self.subTest(filename), watch() as opened:
                    contact_import = self._make(data, filename)
                    with self.assertRaisesRegex(UserError, f"{filename} is an archive"):
                        contact_import.action_preview()
                    self.assertFalse(contact_import.line_ids)
                    self.assertEqual([place for place in opened if "evil" in place], [])

    def test_pictures_are_no_address_books(self):
        """What is no text is refused; it was read as contacts of strange letters."""
        noise = Random(5).randbytes(5_000)
        for data in (
            b"\x89PNG\r\n\x1a\n" + noise,
            b"\xff\xd8\xff\xe0" + noise,
            noise,
            b"BM" + bytes(500) + noise,
        ):
            contact_import = self._make(data, "book.csv")
            with self.assertRaisesRegex(UserError, "book.csv is no text"):
                contact_import.action_preview()
            self.assertFalse(contact_import.line_ids)

    def test_encoding_that_somebody_chose(self):
        """It is taken at its word: VISCII has letters where others have what is in no text."""
        data = b"Name\n\x06\x05\x02 \x14\x19\x1e\n"
        with self.assertRaisesRegex(UserError, "book.csv is no text"):
            self._make(data, "book.csv").action_preview()
        contact_import = self._make(data, "book.csv", encoding="viscii")
        contact_import.action_preview()
        self.assertEqual(contact_import.line_ids.mapped("name"), ["ẪẴẲ ỶỸỴ"])


def _zip(files, kind=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", kind) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


class TestAttackWorkbooks(BaseCase):
    """Excel files whose parts point out of the file."""

    def test_parts_that_lie_elsewhere(self):
        """What a workbook says of its parts is looked for in the file alone."""
        secret = Path("/etc/passwd").read_text().splitlines()[0]
        office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006/relationships"

        def rels(target, kind="worksheet", mode="", part_id="s"):
            return (
                f'<Relationships xmlns="{package}"><Relationship Id="{part_id}" Type="{office}/{kind}" '
                f'Target="{target}"{mode}/></Relationships>'
            )

        external = ' TargetMode="External"'
        attacks = []
        for target in ("../../../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "..\\..\\etc\\passwd",
                       "http://127.0.0.1:9/sheet.xml", "\\\\127.0.0.1\\share\\sheet.xml"):  # fmt: skip
            for mode in ("", external):
                attacks += [
                    {"book_rels": rels(target, mode=mode)},
                    {"rels": rels(target, "officeDocument", mode)},
                    {"xl/worksheets/_rels/sheet1.xml.rels": rels(target, "hyperlink", mode, "h")},
                    {"xl/worksheets/_rels/sheet1.xml.rels": rels(target, "drawing", mode, "h")},
                    {
                        "xl/externalLinks/externalLink1.xml": "<externalLink/>",
                        "xl/externalLinks/_rels/externalLink1.xml.rels": rels(
                            target, "externalLinkPath", mode
                        ),
                        target: "x",
                    },
                ]
        read = 0
        with watch() as opened, mute_logger("py.warnings"):
            for parts in attacks:
                with self.subTest(parts):
                    try:
                        rows = workbook_read.read_rows(pack_workbook(**parts), 10)
                    except workbook_read.NoWorkbook as error:
                        self.assertNotIn(secret, str(error))
                        continue
                    read += 1
                    self.assertIn(rows, ([("Anna", 10, *[None] * 98)], []))
        self.assertEqual([one for one in opened if "passwd" in one or "127.0.0.1" in one], [])
        self.assertGreater(read, 10, "the sheet beside them is read")
