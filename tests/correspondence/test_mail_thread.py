import doctest

from odoo.tests import BaseCase, tagged

from ...tools import mail_thread
from ...tools.mail_thread import base_subject, clean_message_ids, is_answer


@tagged("post_install", "-at_install")
class TestMailThread(BaseCase):
    def test_examples_in_docstrings(self):
        failures, count = doctest.testmod(mail_thread)
        self.assertEqual(failures, 0)
        self.assertGreaterEqual(count, 8)

    def test_prefixes_of_mail_programs(self):
        for prefix in (
            *(
                "Re:",
                "RE:",
                "re :",
                "Re[2]:",
                "Re[14]: Re[13]:",
                "Re^3:",
                "RE(2):",
                "Re2:",
                "Fwd:",
                "FW:",
                "AW:",
            ),
            *(
                "Antwort:",
                "Antw:",
                "WG:",
                "SV:",
                "VS:",
                "VB:",
                "TR :",
                "RÉP :",
                "RIF:",
                "R:",
                "I:",
                "RV:",
                "RES:",
            ),
            *(
                "ENC:",
                "ODP:",
                "PD:",
                "Vá:",
                "YNT:",
                "İLT:",
                "Отв:",
                "Ответ:",
                "Trả lời:",
                "TRẢ LỜI:",
                "Hồi âm:",
            ),
            *("Chuyển tiếp:", "回复:", "回复：", "答复:", "转发：", "返信:", "답장:", "رد:", "תגובה:"),
            *("Re: AW: Fwd:", "Re: Trả lời: RE :", "RE:RE:RE:", "  re:   "),
            "Tra\u0309 lo\u031b\u0300i:",  # decomposed, as a Mac writes it
            "\u200eRe:\u200e",
        ):
            with self.subTest(prefix=prefix):
                self.assertEqual(base_subject(f"{prefix} Báo giá tre"), "Báo giá tre")
                self.assertTrue(is_answer(f"{prefix} Báo giá tre"))

    def test_subjects_that_look_like_prefixes(self):
        for subject in (
            *(
                "Ref: 4711",
                "Research: bamboo",
                "Reminder: invoice",
                "Return: goods",
                "Resale",
                "Forwarder: prices",
            ),
            *(
                "Order 12: 3 pieces",
                "Regarding: delivery",
                "Ad: bamboo",
                "Re",
                "Fwd",
                "TP:HCM delivery",
                "Reply: yes",
            ),
        ):
            with self.subTest(subject=subject):
                self.assertEqual(base_subject(subject), subject)
                self.assertFalse(is_answer(subject))

    def test_tags_stay(self):
        for subject, expected in [
            ("[list] Hello", "[list] Hello"),
            ("Re: [list] Hello", "[list] Hello"),
            ("[list] Re: Hello", "[list] Hello"),
            ("Re: [list] Re: [list] Hello", "[list] Hello"),
            ("[a] [b] AW: Hello", "[a] [b] Hello"),
            ("[Fwd: Hello]", "Hello"),
            ("Re: [Fwd: Re: Hello]", "Hello"),
            ("Hello (fwd)", "Hello"),
            ("[SO0042]", "[SO0042]"),
            ("Re:", ""),
            ("", ""),
            (None, ""),
            (False, ""),
        ]:
            with self.subTest(subject=subject):
                self.assertEqual(base_subject(subject), expected)
                self.assertEqual(base_subject(expected), expected, "the base of a base is itself")

    def test_an_own_letter_is_no_answer(self):
        for subject in (
            "[list] Hello",
            "[a] [a] Hello world",
            "Báo giá",
            "Ba\u0301o gia\u0301",
            " two  spaces ",
        ):
            with self.subTest(subject=subject):
                self.assertEqual(is_answer(subject), subject == "[a] [a] Hello world")

    def test_message_ids(self):
        for header, expected in [
            ("<a@x>", ["<a@x>"]),
            ("<a@x><b@x>", ["<a@x>", "<b@x>"]),
            ("<a@x>\r\n\t<b@x>\r\n <c@x>", ["<a@x>", "<b@x>", "<c@x>"]),
            ("<a@x>, <b@x>; <a@x>", ["<a@x>", "<b@x>"]),
            ('Message of "Mon, 1 Jan" from Mai <a@x>', ["<a@x>"]),
            ("<AAA\r\n BBB@x.prod.outlook.com>", ["<AAABBB@x.prod.outlook.com>"]),
            ("=?utf-8?q?=3Ca=40x=3E?= =?utf-8?q?_=3Cb=40x=3E?=", ["<a@x>", "<b@x>"]),
            ("a@x", ["<a@x>"]),
            ("<no-at-sign>", ["<no-at-sign>"]),
            ("<xxxx>", ["<xxxx>"]),
            ("<[1.2.3.4]@[5.6.7.8]>", ["<[1.2.3.4]@[5.6.7.8]>"]),
            (["<a@x>", "<b@x>"], ["<a@x>", "<b@x>"]),
            ("<>", []),
            ("nothing", []),
            ("=?utf-8?q?broken", []),
            ("", []),
            (None, []),
            (False, []),
        ]:
            with self.subTest(header=header):
                self.assertEqual(clean_message_ids(header), expected)

    def test_the_last_of_very_many_message_ids(self):
        """The letter that is answered stands last; what stands before a long header's end is not looked at."""
        self.assertEqual(clean_message_ids(f"<first@x>{' ' * 100_000}<last@x>"), ["<last@x>"])
