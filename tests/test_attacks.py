"""Hostile texts, files and mails: what comes from outside stays text, and is refused when it is too much.

The first class reads the source, so that new code is held to the same; the others try it.
"""

import ast
import base64
import contextlib
import doctest
import importlib
import io
import pkgutil
import re
import struct
import tempfile
import time
import zipfile
import zlib
from pathlib import Path

from PIL import Image

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.http import Controller
from odoo.tests import BaseCase, TransactionCase, new_test_user, tagged

from odoo.addons.partner_relations import controllers
from odoo.addons.partner_relations.tools import arguments, workbook_read
from odoo.addons.partner_relations.tools.cells import FORMULA_STARTS
from odoo.addons.partner_relations.tools.contact_file import read_contacts, write_rejected
from odoo.addons.partner_relations.tools.contact_photo import check_photo, is_picture_bomb
from odoo.addons.partner_relations.tools.contact_record import TooMany

from .correspondence.mailing_in import LetterCommon
from .headers import EVIL, find_forged
from .hostile import SCRIPT

ROOT = Path(__file__).parents[1]
ROOMS = ("controllers", "models", "reports", "tools", "wizards")
# HTML that the server makes and that is not cleaned afterwards, so that its tables and pictures stay.
UNCLEANED = {
    "manager.score.scheme.bonus_names",
    "manager.score.scheme.bonus_sample",
    "partner.campaign.report.chart",
    "partner.letter.body",
    "partner.payment.reminder.preview",
    "partner.wage.deduction.choice.preview",
    "partner.source.report.chart",
    "supplier.score.criterion.figures",
    "supplier.score.criterion.sample",
}
# What is made of constants of the module beside it.
OF_CONSTANTS = {"SQL('NULL::' + types[name])", "SQL(part)", "SQL(part, **sums)", "SQL(value)", "SQL(whole)"}
# Who may make and read files that a program from outside opens or has made.
FILE_TOOLS = {
    "csv": {"models/manager/manager_bonus_export.py", "tools/contact_csv.py"},
    "openpyxl": {"tools/workbook_read.py"},
    "xlsxwriter": {"tools/workbook.py", "tools/workbook_columns.py", "tools/workbook_page.py"},
    # the second only writes
    "zipfile": {"tools/workbook_read.py", "wizards/contact/partner_privacy.py"},
    "tarfile": set(),
    "pickle": set(),
    "xml": set(),
    # HTML alone, by core's parser: of entities from outside it knows nothing
    "lxml": {"tools/mail_html.py"},
    "subprocess": set(),
}


def _is_literal(node):
    if isinstance(node, ast.IfExp):
        return _is_literal(node.body) and _is_literal(node.orelse)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_composed(node):
    """Whether an expression puts a text together; ``SQL`` does so with its values apart."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        made_of_sql = isinstance(node.func.value, ast.Call) and ast.unparse(node.func.value.func) == "SQL"
        return node.func.attr in ("format", "format_map", "join", "replace") and not made_of_sql
    return isinstance(node, (ast.JoinedStr, ast.BinOp))


@tagged("post_install", "-at_install")
class TestAttackSources(TransactionCase):
    """What the source must not have: each is a way in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trees = {
            str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
            for room in ROOMS
            for path in (ROOT / room).rglob("*.py")
        }

    def _calls(self, *names):
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    function = node.func
                    name = getattr(function, "attr", getattr(function, "id", None))
                    if name in names:
                        yield f"{path}:{node.lineno}", node

    def test_trusted_texts_are_literals(self):
        """``Markup`` and ``SQL`` are made of what the programmer wrote; all else is put in as a value."""
        calls = list(self._calls("Markup", "SQL"))
        self.assertGreater(len(calls), 300)
        wrong = [
            (place, ast.unparse(call))
            for place, call in calls
            if call.args and not _is_literal(call.args[0]) and ast.unparse(call) not in OF_CONSTANTS
        ]
        self.assertEqual(wrong, [])

    def test_statements_are_literals(self):
        """No statement is put together from texts."""
        calls = list(self._calls("execute", "execute_query", "execute_values"))
        self.assertGreater(len(calls), 100)
        self.assertEqual([place for place, call in calls if call.args and _is_composed(call.args[0])], [])

    def test_the_sign_of_a_composed_statement(self):
        """The check above sees what it is to see."""
        for text, composed in (
            ("f'SELECT {name}'", True),
            ("'SELECT %s' % name", True),
            ("'SELECT ' + name", True),
            ("'SELECT {}'.format(name)", True),
            ("' UNION '.join(parts)", True),
            ("query.replace('x', name)", True),
            ("'SELECT 1'", False),
            ("SQL('SELECT %s', name)", False),
            ("SQL(' UNION ').join(parts)", False),
            ("query.select(column)", False),
        ):
            self.assertEqual(_is_composed(ast.parse(text, mode="eval").body), composed, text)

    def test_nothing_is_evaluated(self):
        """Formulas and domains of users are parsed, never run as Python."""
        calls = list(self._calls("eval", "exec", "compile", "safe_eval", "loads", "system", "popen"))
        self.assertGreater(len(calls), 50)
        # whatever else has such a name, as that of a module of Odoo, runs what it is given
        wrong = [place for place, call in calls if ast.unparse(call.func) not in ("re.compile", "json.loads")]
        self.assertEqual(wrong, [])

    def test_files_are_made_and_read_in_one_place(self):
        found = {name: set() for name in FILE_TOOLS}
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    modules = [node.module]
                else:
                    continue
                for module in modules:
                    if (name := module.partition(".")[0]) in found:
                        found[name].add(path)
        self.assertEqual(
            {name: paths - FILE_TOOLS[name] for name, paths in found.items() if paths - FILE_TOOLS[name]}, {}
        )

    def test_uncleaned_html(self):
        """Fields of HTML that is not cleaned are known, computed, and written by nobody."""
        found = {
            f"{name}.{field.name}": field
            for name, model in self.env.registry.items()
            for field in self.env[name]._fields.values()
            if field.type == "html"
            and not field.sanitize
            and "partner_relations" in (field._modules or ())
            and not model._abstract
        }
        self.assertEqual(set(found), UNCLEANED)
        self.assertEqual([name for name, field in found.items() if not field.compute or field.inverse], [])

    def test_the_client_trusts_no_text(self):
        """Everything that screens show goes through ``t-out``, which escapes it."""
        pattern = re.compile(
            r"\bmarkup[(`]|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\bt-raw\b|\beval\(|new Function|"
            r"\bwindow\.open\b|\blocation(\.href)?\s*=[^=]|\blocation\.(assign|replace)\b|srcdoc"
        )
        files = [path for kind in ("*.js", "*.xml") for path in (ROOT / "static" / "src").rglob(kind)]
        files += [path for room in ("data", "reports", "views") for path in (ROOT / room).rglob("*.xml")]
        self.assertGreater(len(files), 100)
        wrong = [
            str(path.relative_to(ROOT)) for path in files if pattern.search(path.read_text(encoding="utf-8"))
        ]
        self.assertEqual(wrong, [])

    def test_addresses_begin_with_what_the_programmer_wrote(self):
        """No text of a record is an address by itself: it could be ``javascript:``."""
        # a function that makes an address of an id; the picture of a user
        known = {'t-att-href="url(duplicate)"', "t-att-src=\"activity_image('res.users'"}
        pattern = re.compile(r"""t-att-(?:href|src|action)="[^",]*\"?|t-attf-(?:href|src|action)="[^"]*\"""")
        prefix = re.compile(
            r"""t-attf-\w+="(?:/odoo/|/web/image/|tel:|mailto:|\{\{ object\.get_base_url\(\) \}\})"""
        )
        files = list((ROOT / "static" / "src").rglob("*.xml"))
        files += [
            path for room in ("data", "reports", "views", "wizards") for path in (ROOT / room).rglob("*.xml")
        ]
        found = {one for path in files for one in pattern.findall(path.read_text(encoding="utf-8"))}
        self.assertGreater(len(found), 5)
        self.assertEqual({one for one in found if not prefix.match(one)} - known, set())

    def test_routes(self):
        """Routes only hand something out, to who has logged in: nothing to forge, and nowhere to be sent on to."""
        found = set()
        for endpoint in _find_endpoints():
            routing = endpoint.original_routing
            self.assertFalse(routing.keys() & {"csrf", "cors", "save_session"}, routing)
            if routing.get("routes"):
                found.update(routing["routes"])
                self.assertEqual(
                    (routing["type"], routing["auth"], list(routing["methods"])),
                    ("http", "user", ["GET"]),
                    routing,
                )
            else:
                # a route of core, whose own settings stay
                self.assertFalse(routing.keys() & {"auth", "methods"}, routing)
        self.assertEqual(
            found,
            {
                "/partner_relations/export/<int:export_id>",
                "/partner_relations/export_csv/<int:export_id>",
                "/partner_relations/contact_import/<int:import_id>/rejected",
            },
        )
        self.assertEqual([place for place, _call in self._calls("redirect", "redirect_query", "csrf")], [])

    def test_nothing_is_let_in_without_a_token(self):
        """Nobody switches off what tells a request of Odoo's own pages from one of another site."""
        self.assertEqual([place for path, tree in self.trees.items() for place in _find_csrf(path, tree)], [])
        for text in ("route('/x', csrf=False)", "route('/x', cors='*')", "route('/x', **{'csrf': False})"):
            self.assertTrue(list(_find_csrf("x", ast.parse(text))), text)
        self.assertFalse(list(_find_csrf("x", ast.parse("route('/x', auth='user')"))))


def _find_csrf(path, tree):
    """Where a program names the check of the token, or lets other sites in."""
    for node in ast.walk(tree):
        named = isinstance(node, ast.keyword) and node.arg in ("csrf", "cors")
        if named or (isinstance(node, ast.Constant) and node.value in ("csrf", "cors")):
            yield f"{path}:{node.lineno if isinstance(node, ast.Constant) else node.value.lineno}"


def _find_controllers():
    """The classes of all modules of the folder ``controllers``."""
    for info in pkgutil.walk_packages(controllers.__path__, f"{controllers.__name__}."):
        module = importlib.import_module(info.name)
        for one in vars(module).values():
            if isinstance(one, type) and one.__module__ == module.__name__ and issubclass(one, Controller):
                yield one


def _find_endpoints():
    for controller in _find_controllers():
        for endpoint in vars(controller).values():
            if hasattr(endpoint, "original_routing"):
                yield endpoint


def find_changed_routes():
    """The routes of core whose controllers the addon extends."""
    return {
        route
        for controller in _find_controllers()
        for base in controller.mro()
        if not base.__module__.startswith(controllers.__name__)
        for endpoint in vars(base).values()
        for route in getattr(endpoint, "original_routing", {}).get("routes") or ()
    }


class TestAttackFiles(BaseCase):
    """Files from outside: address books, photos, the employer's answer."""

    def test_doctests(self):
        for module in (arguments, workbook_read):
            failures, count = doctest.testmod(module)
            self.assertTrue(count)
            self.assertEqual(failures, 0, module.__name__)

    # ------------------------------------------------------------------
    # Excel
    # ------------------------------------------------------------------
    def test_an_honest_file(self):
        [row] = workbook_read.read_rows(pack_workbook(), 10)
        self.assertEqual((row[:2], len(row)), (("Anna", 10), workbook_read.MAX_COLUMNS))

    def test_rows_and_columns_beyond_the_limits(self):
        """What a sheet has beyond the rows and columns that are asked for is not read."""
        row = '<c t="inlineStr"><is><t>Anna</t></is></c>' * (workbook_read.MAX_COLUMNS + 1)
        rows = "".join(f'<row r="{number}">{row}</row>' for number in range(1, 6))
        sheet = _sheet("").partition("<row")[0] + rows + "</sheetData></worksheet>"
        for most, count in ((3, 3), (10, 5)):
            found = workbook_read.read_rows(pack_workbook(sheet=sheet), most)
            self.assertEqual(len(found), count)
            self.assertEqual({len(one) for one in found}, {workbook_read.MAX_COLUMNS})

    def test_what_a_formula_gives(self):
        """A cell with a formula is read as the amount that the employer's program worked out."""
        sheet = _sheet("Anna").replace("<v>10</v>", "<f>4+6</f><v>10</v>")
        [row] = workbook_read.read_rows(pack_workbook(sheet=sheet), 10)
        self.assertEqual(row[:2], ("Anna", 10))

    def test_zip_bombs(self):
        bomb = b"0" * (workbook_read.MAX_UNPACKED + 1)
        packed = pack_workbook(sheet=bomb)
        self.assertLess(len(packed), 1_000_000)
        self._refuse(workbook_read.TooBig, packed)
        self._refuse(workbook_read.TooBig, pack_workbook(**{f"x{number}": b"" for number in range(1_001)}))
        self._refuse(workbook_read.TooBig, b"0" * (workbook_read.MAX_BYTES + 1))
        # a directory that lies about the size: no more is unpacked than it says
        lying = packed.replace(struct.pack("<L", len(bomb)), struct.pack("<L", 10))
        self._refuse(workbook_read.NoWorkbook, lying)
        # an archive in the place of a sheet is only a damaged sheet
        self._refuse(workbook_read.NoWorkbook, pack_workbook(sheet=packed))

    def test_xml_entities(self):
        """Neither entities that grow without end nor files of the server get into a cell."""
        levels = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
        laughs = f'<!DOCTYPE x [<!ENTITY l0 "ha">{levels}]>' + _sheet("&l9;")
        self._refuse(workbook_read.NoWorkbook, pack_workbook(sheet=laughs))
        inside = '<!DOCTYPE x [<!ENTITY file "Small">]>' + _sheet("&file;")
        [row] = workbook_read.read_rows(pack_workbook(sheet=inside), 10)
        self.assertEqual(row[0], "Small", "an entity is read")
        with tempfile.NamedTemporaryFile("w") as file:
            # of plain text: a file that is no XML is refused as part of a sheet, though it was opened
            file.write("Secret of the server")
            file.flush()
            outside = f'<!DOCTYPE x [<!ENTITY file SYSTEM "file://{file.name}">]>' + _sheet("&file;")
            try:
                rows = workbook_read.read_rows(pack_workbook(sheet=outside), 10)
            except workbook_read.NoWorkbook:
                rows = []
        self.assertNotIn("Secret of the server", repr(rows))

    def test_damaged_files(self):
        good = pack_workbook()
        for data in (
            b"", b"PK", good[: len(good) // 2], good[:-10], pack_workbook(book=b"<"), pack_workbook(sheet=b"\xff\xfe"),
            pack_workbook(types=b""), pack_workbook(book_rels=b"<x/>"), bytes(reversed(good)),
        ):  # fmt: skip
            self._refuse(workbook_read.NoWorkbook, data)

    def _refuse(self, error, data):
        started = time.process_time()
        with self.assertRaises(error):
            workbook_read.read_rows(data, 10)
        self.assertLess(time.process_time() - started, 20)

    # ------------------------------------------------------------------
    # Address books
    # ------------------------------------------------------------------
    def test_endless_lines(self):
        """A megabyte without an end of line, or of what looks like a beginning, is read in seconds."""
        size = 1_000_000
        started = time.process_time()
        for name, data in (
            ("a.vcf", b"BEGIN:VCARD\nFN:" + b"x" * size + b"\nEND:VCARD\n"),
            ("b.vcf", b"BEGIN:VCARD\n" * (size // 12)),
            ("c.vcf", b"BEGIN:VCARD\nPHOTO;ENCODING=b:" + b"A" * size + b"\nEND:VCARD"),
            ("d.vcf", b"BEGIN:VCARD\nFN:" + b"=0D=0A=\n" * (size // 8) + b"\nEND:VCARD"),
            ("e.csv", b"Name,Email\n" + b"x" * size),
            ("f.csv", b'Name,Email\n"' + b'x","' * (size // 4)),
            ("g.csv", b"," * size),
            ("h.ldif", b"dn: cn=x\ncn:: " + b"A" * size),
            ("i.ldif", b"dn: " + b"\n " * (size // 2)),
            ("j.bin", b"\x00" * size),
        ):
            # too many columns are refused
            with self.subTest(name), contextlib.suppress(TooMany):
                read_contacts(data, name)
        self.assertLess(time.process_time() - started, 60)

    def test_rejected_contacts_are_no_formulas(self):
        """What the addon adds to the user's own rows is text to a spreadsheet; the rows stay as they were."""
        book = read_contacts(b"Name,Email\nAnna,x\n", "a.csv")
        for start in FORMULA_STARTS:
            reasons = {book.records[0].number: f"{start}HYPERLINK(1)"}
            last = write_rejected(book, reasons).decode().splitlines()[-1]
            self.assertTrue(last.startswith("Anna,x,"), last)
            cell = last.removeprefix("Anna,x,").strip('"')
            self.assertFalse(cell.startswith(("=", "+", "-", "@")), last)

    def test_photo_bombs(self):
        """A picture is refused by what its head says, without being unpacked."""
        # the second is let through by the library, which gives up at 180 megapixels
        for width, height, problem in ((60_000, 60_000, "photo_pixels"), (7_000, 6_000, "photo_pixels"),
                                       (2**31 - 1, 1, "photo_pixels"), (0, 0, "photo_format"),
                                       (8_000, 5_000, "")):  # fmt: skip
            self.assertEqual(check_photo(_png(width, height)), problem, (width, height))
            self.assertEqual(is_picture_bomb(_png(width, height)), problem == "photo_pixels", (width, height))
        # kinds that no address book has are not read, nor is what is damaged
        kinds = {kind: io.BytesIO() for kind in ("PNG", "PPM", "ICO")}
        for kind, stream in kinds.items():
            Image.new("RGB", (16, 16)).save(stream, kind)
            self.assertEqual(check_photo(stream.getvalue()), "" if kind == "PNG" else "photo_format", kind)
        damaged = bytearray(kinds["PNG"].getvalue())
        damaged[damaged.index(b"IDAT") + 6] ^= 0xFF
        self.assertEqual(check_photo(bytes(damaged)), "photo_format")
        self.assertEqual(check_photo(b"<svg onload='alert(1)'/>"), "photo_format")
        self.assertEqual(check_photo(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n"), "photo_format")


def pack_workbook(**parts):
    """An Excel file of these parts, by the names they have in it."""
    target = io.BytesIO()
    names = {
        "types": "[Content_Types].xml",
        "rels": "_rels/.rels",
        "book": "xl/workbook.xml",
        "book_rels": "xl/_rels/workbook.xml.rels",
        "sheet": "xl/worksheets/sheet1.xml",
        "strings": "xl/sharedStrings.xml",
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, content in {**_PARTS, **parts}.items():
            archive.writestr(names.get(key, key), content)
    return target.getvalue()


def _png(width, height):
    def part(kind, data):
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(b"0" * 100))
        + part(b"IEND", b"")
    )


def _sheet(text):
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        f'<c r="A1" t="inlineStr"><is><t>{text}</t></is></c><c r="B1"><v>10</v></c></row></sheetData></worksheet>'
    )


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "types": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>',
    "rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" Type="{_OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "book": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'xmlns:r="{_OFFICE}"><sheets><sheet name="x" sheetId="1" r:id="s"/></sheets></workbook>',
    "book_rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="s" Type="{_OFFICE}/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "sheet": _sheet("Anna"),
}


@tagged("post_install", "-at_install")
class TestAttackMail(LetterCommon):
    """Mails that come in and go out."""

    # ------------------------------------------------------------------
    # Scripts
    # ------------------------------------------------------------------
    def test_script_in_a_letter(self):
        """A letter with scripts in all its parts: what screens show has none, and an answer quotes none."""
        message = self._make(
            sender=f'"{SCRIPT.replace(chr(34), "")}" <evil@else.example.net>', subject=SCRIPT
        )
        message.set_content(f"<html><body onload='alert(1)'>{SCRIPT}<a href='javascript:alert(1)'>x</a></body></html>",
                            subtype="html")  # fmt: skip
        letter = self._receive(message=message).with_user(self.user_sales)
        self.assertEqual(letter.name, SCRIPT, "a text stays what it was: screens escape it")
        for html in (letter.body, letter._get_reply_body()):
            self.assertTrue(html)
            for sign in ("<script", "onerror", "onload", "javascript:"):
                self.assertNotIn(sign, _outside_of_text(html))

    def test_script_in_an_imported_contact(self):
        html = self.env["partner.contact.import"]._get_note_html([(SCRIPT, SCRIPT), ("", SCRIPT)])
        self.assertNotIn("<script", html)
        self.assertNotIn("<img", html)
        self.assertEqual(html.count("&lt;script&gt;alert(1)&lt;/script&gt;"), 3, "it stays, as a text")

    # ------------------------------------------------------------------
    # Templates
    # ------------------------------------------------------------------
    def test_letters_are_no_templates(self):
        """What somebody writes into a letter, a subject or a signature is sent as it stands."""
        self.mailbox.signature = '<p>{{ 6 * 7 }}<t t-out="6 * 7"/></p>'
        wizard = self.env["partner.letter.write"].with_user(self.user_sales).create(
            {
                "mailbox_id": self.mailbox.id,
                "partner_ids": [Command.set(self.person.ids)],
                "subject": "{{ object.env.user.login }}",
                "body": '<p>{{ 6 * 7 }}</p><p><t t-out="6 * 7"/>${6 * 7}</p>',
            }
        )  # fmt: skip
        letter = self.env["partner.letter"].browse(wizard.action_send()["res_id"])
        message = letter.sudo().mail_message_id
        mails = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
        for text in (message.subject, letter.name):
            self.assertEqual(text, "{{ object.env.user.login }}")
        for html in (message.body, *mails.mapped("body_html")):
            self.assertIn("{{ 6 * 7 }}", html)
            self.assertNotIn("42", html)

    def test_templates_of_rules(self):
        """Who may not write templates puts no expression into a rule, whose mails the system renders."""
        self.env["res.config.settings"].create({"restrict_template_rendering": True}).execute()
        director = new_test_user(self.env, "attack_director", groups="partner_relations.group_director")
        self.assertFalse(director.has_group("mail.group_mail_template_editor"))
        template = self.env["mail.template"].create(
            {"name": "Plain", "model_id": self.env["ir.model"]._get_id("res.partner"), "subject": "Hello"}
        )
        rules = self.env["partner.mail.rule"].with_user(director)
        rule = rules.create({"name": "{{ 6 * 7 }}", "trigger": "birthday", "template_id": template.id})
        self.assertEqual(rule._render([(self.person.id, None)])[self.person.id, None]["subject"], "Hello")
        for values in (
            {"subject": "{{ object.user_ids.password }}"},
            {"body_html": "<p><t t-out=\"object.env['res.users'].sudo().search([])\"/></p>"},
            {"email_from": "{{ object.user_id.email }}"},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                template.with_user(director).write(values)
        for sender in ("{{ object.email }}", "nobody", "x@"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                rule.email_from = sender

    # ------------------------------------------------------------------
    # Headers
    # ------------------------------------------------------------------
    def test_header_injection(self):
        """A line break in a name or subject, in one at a time, makes no header of its own; the letter is sent."""
        self.mailbox.sender_name = "both"
        for record in (self.user_sales, self.person, self.mailbox, None):
            with self.subTest(record=record):
                name = record and record.name
                if record:
                    record.name = EVIL
                letter = (
                    self.env["partner.letter"]
                    .with_user(self.user_sales)
                    ._send_new(
                        self.mailbox.with_user(self.user_sales),
                        self.person,
                        "Plain" if record else EVIL,
                        "<p>Text</p>",
                    )
                )
                message = letter.sudo().mail_message_id
                mails = self.env["mail.mail"].sudo().search([("mail_message_id", "=", message.id)])
                # as it goes to the mail server: Python's own object shows no header that a line break makes
                self.assertEqual(find_forged(mails), (set(), 1))
                if record:
                    record.name = name

    # ------------------------------------------------------------------
    # Forged senders, loops
    # ------------------------------------------------------------------
    def test_forged_sender(self):
        """A letter that says it is of a colleague comes in like any other: it answers nobody, and is no work of his."""
        self.user_director.email = "boss@our.example.com"
        letter = self._receive(sender="Boss <boss@our.example.com>", subject="Pay at once")
        self.assertEqual((letter.direction, letter.create_uid.id), ("in", self.env.ref("base.user_root").id))
        asked = self._receive()
        forged = self._receive(sender="Boss <boss@our.example.com>", In_Reply_To=asked.message_id)
        self.assertEqual(forged.direction, "in")
        self.assertFalse(asked.is_answered, "nobody of us has answered")
        logs = self.env["partner.contact.log"].search([("direction", "=", "out")])
        self.assertFalse(logs.filtered(lambda log: log.user_id == self.user_director))
        own = self._receive(sender="Service <service@our.example.com>", Auto_Submitted="auto-replied")
        self.assertEqual(own.kind, "loop")

    def test_programs_do_not_answer_each_other(self):
        """An automatic reply gets no executor, no deadline and no automatic mail; what we send says it is one."""
        mails = self.env["mail.mail"].sudo()
        before = mails.search_count([])
        for headers in ({"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}):
            letter = self._receive(subject="Away", **headers)
            self.assertNotEqual(letter.kind, "letter", headers)
            self.assertFalse(letter.user_id or letter.date_deadline, headers)
        self.assertEqual(mails.search_count([]), before)


def _outside_of_text(html):
    """The tags of HTML with their attributes, without the texts between them."""
    return " ".join(re.findall(r"<[^>]*>", str(html))).lower()


@tagged("post_install", "-at_install")
class TestAttackAnswer(TransactionCase):
    def test_the_answer_of_an_employer(self):
        """The dialog tells in words why a file is not read."""
        dialogs = self.env["partner.wage.deduction.answer"]
        for data in (b"0", b"0" * (workbook_read.MAX_BYTES + 1)):
            dialog = dialogs.new({"file": base64.b64encode(data), "filename": "list.xlsx"})
            with self.assertRaisesRegex(UserError, "list.xlsx"):
                dialog._read_rows()
