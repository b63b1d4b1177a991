"""The translation template is that of the source as it is, and Vietnamese is complete."""

import ast
import re
from collections import Counter
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path

from .translations import MODULE, export_terms

# %s, %(name)s, %d and such; ${...}; {{...}}; {name} -- and "50 %", which is none
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdifr]\b|%%|\$\{[^}]*\}|\{\{[^}]*\}\}|\{\w*\}")
TAG = re.compile(r"</?\w+[^>]*>")


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = polib.pofile(file_path(f"{MODULE}/i18n/{MODULE}.pot"))
        cls.vietnamese = polib.pofile(file_path(f"{MODULE}/i18n/vi.po"))

    def test_template_is_current(self):
        """`dev/i18n` was run after the last change of a string."""
        exported = {entry.msgid for entry in export_terms(self.env)}
        committed = {entry.msgid for entry in self.template}
        self.assertGreater(len(exported), 300, "the export finds the terms of models, views, code and client")
        self.assertFalse(exported - committed, "strings that are not in the template: run dev/i18n")
        self.assertFalse(committed - exported, "strings that are no longer used: run dev/i18n")

    def test_export_reads_every_kind_of_source(self):
        """One known term per kind, so that an export that misses a kind does not pass as current."""
        places = {
            entry.msgid: " ".join(place for place, _line in entry.occurrences)
            for entry in export_terms(self.env)
        }
        for term, place in [
            ("same phone", "code:addons/partner_relations/models/"),
            ("Outgoing", "code:addons/partner_relations/static/src/"),
            ("Show earlier contacts", "code:addons/partner_relations/static/src/"),
            ("Visit", "model:ir.model.fields.selection,name:"),
            ("Planned Contacts", "model:ir.ui.menu,name:"),
            ("Log Contact", "model_terms:ir.ui.view,arch_db:"),
            ("Thinking it over", "model:partner.contact.outcome,name:"),
            ("Customer & Supplier Relations", "model:ir.module.module,shortdesc:base."),
        ]:
            self.assertIn(place, places.get(term, ""), term)

    def test_vietnamese_is_complete(self):
        wanted = {entry.msgid for entry in self.template}
        done = {
            entry.msgid
            for entry in self.vietnamese
            if entry.msgstr.strip() and not entry.fuzzy and not entry.obsolete
        }
        self.assertFalse(wanted - done, "not translated")
        self.assertFalse({entry.msgid for entry in self.vietnamese} - wanted, "translated but not used")

    def test_placeholders_and_tags_match(self):
        for entry in self.vietnamese:
            for pattern in (PLACEHOLDER, TAG):
                with self.subTest(term=entry.msgid):
                    self.assertEqual(
                        Counter(pattern.findall(entry.msgid)), Counter(pattern.findall(entry.msgstr))
                    )

    def test_no_words_within_tags(self):
        """They would stay English: tags are to be the same in a translation."""
        inside = re.compile(r"""<[^>]*\b(?:title|placeholder|aria-label|alt)="[^"]*[^\W\d_]""")
        self.assertTrue(inside.search('<i class="fa" title="Warning"/>'))
        self.assertFalse([entry.msgid for entry in self.template if inside.search(entry.msgid)])

    def test_no_words_within_f_strings(self):
        """They would stay English: the export does not look into them."""

        def find(source):
            return [
                call.lineno
                for text in ast.walk(ast.parse(source))
                if isinstance(text, ast.JoinedStr)
                for call in ast.walk(text)
                if isinstance(call, ast.Call)
                and getattr(call.func, "attr", getattr(call.func, "id", None)) in ("_", "_lt")
            ]

        self.assertEqual(
            find("""name = f"{self.env._('rejected')}.csv"\nother = self.env._("rejected")"""), [1]
        )
        root = Path(file_path(MODULE))
        sources = [
            path
            for folder in ("controllers", "models", "tools", "wizards")
            for path in (root / folder).rglob("*.py")
        ]
        self.assertGreater(len(sources), 300)
        self.assertFalse([f"{path.name}:{line}" for path in sources for line in find(path.read_text())])

    def test_placeholder_pattern(self):
        """The check above sees what it is to see."""
        self.assertEqual(
            PLACEHOLDER.findall("%s of %(name)s: ${price}, {{ today }}, 50 % done, 100 %"),
            ["%s", "%(name)s", "${price}", "{{ today }}"],
        )

    def test_vietnamese_reaches_the_screen(self):
        """Loaded as a user's language is, the translations show in menus, views, selections and data."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env["ir.module.module"].search([("name", "=", MODULE)])._update_translations(["vi_VN"])
        env = self.env(context={**self.env.context, "lang": "vi_VN"})
        self.assertEqual(env.ref("partner_relations.menu_planned_contacts").name, "Liên hệ theo kế hoạch")
        self.assertEqual(env.ref("partner_relations.outcome_interested").name, "Quan tâm")
        selection = env["partner.contact.log"].fields_get(["channel"])["channel"]["selection"]
        self.assertEqual(dict(selection)["visit"], "Đến thăm")
        self.assertIn("Ghi liên hệ", env.ref("partner_relations.res_partner_view_form_log").arch_db)
        self.assertEqual(dict(selection)["chat"], "Chat")
        for model, field, word in [
            # words that mean something else in other places
            ("partner.source.report", "medium_id", "Phương tiện marketing"),
            ("partner.turnover.report", "cost", "Giá vốn bán hàng"),
            ("partner.turnover.report", "state_id", "Tỉnh/Thành phố"),
            ("partner.inquiry.report", "state_id", "Tỉnh/Thành phố"),
            ("partner.letter", "is_bounced", "Bị trả về"),
            ("partner.wage.deduction.list", "transfer_id", "Bút toán"),
            ("supplier.delivery.report", "quantity_returned", "Trả lại"),
            # as Odoo's screens have it
            ("partner.deal.report", "user_id", "Nhân viên sales"),
            ("partner.deal.report", "team_id", "Bộ phận sales"),
        ]:
            with self.subTest(model=model, field=field):
                self.assertEqual(env[model].fields_get([field])[field]["string"], word)
        module = env.ref(f"base.module_{MODULE}")
        self.assertEqual(module.shortdesc, "Quan hệ khách hàng & nhà cung cấp")
