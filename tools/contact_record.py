"""One contact of an address book, whatever file it comes from."""

import re
import unicodedata
from dataclasses import asdict, dataclass, field

from .names import fold

# The most frequent family names of Vietnam (folded): who has one is called family name first.
_VIETNAMESE_NAMES = """
    nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh trinh doan luu truong lam mai
    dao ta chu chau cao thai quach to vuong tong luong ha kieu thach phung nghiem ninh
"""
_VIETNAMESE_FAMILIES = frozenset(_VIETNAMESE_NAMES.split())
_FAMILY_FIRST_COUNTRIES = frozenset({"HU", "CN", "JP", "KR", "TW", "HK", "KP"})
FAMILY_FIRST_LANGUAGES = frozenset({"vi", "hu", "zh", "ja", "ko"})
# Values of one kind, or properties of a card, that are read of a contact.
MAX_VALUES = 1_000
# Longer texts are none of a name, a street or a number: they go into the note. Names are in an index of the database,
# which takes no entry of more than some 2,700 bytes; a company's name stands before its person's.
MAX_TEXT = 250
_SHORT = (
    *(
        "name",
        "given",
        "middle",
        "family",
        "prefix",
        "suffix",
        "nickname",
        "function",
        "company",
        "department",
    ),
    *("birthday", "language", "vat"),
)
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_VIETNAMESE_LETTERS = re.compile("[đơưăĐƠƯĂ\u1ea0-\u1ef9]")


class TooMany(ValueError):
    """More ``what`` (contacts, columns) than the ``limit``."""

    def __init__(self, what, limit):
        super().__init__(f"more than {limit} {what}")
        self.what, self.limit = what, limit


# What names how an address is opened; whoever reads a page of a contact is not to run ``javascript:`` by a click.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def is_page(text):
    """Tell whether an address is one of the web, as no other is written into a contact.

    >>> is_page("http://a.example"), is_page("a.example:8080/x"), is_page("www.a.example")
    (True, True, True)
    >>> is_page("javascript:alert(1)"), is_page(" Java\\tScript://%0aalert(1)"), is_page("data:text/html,x")
    (False, False, False)
    """
    # browsers pass over blanks and control characters there
    scheme = _SCHEME.match("".join(char for char in text if char > " "))
    return not scheme or scheme[1].lower() in ("http", "https") or "." in scheme[1]


ADDRESS_TEXTS = ("street", "street2", "city", "state", "zip", "country")
MAX_URL = 2_000


@dataclass
class Address:
    """A postal address; ``kind`` is work, home, other or empty."""

    kind: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = ""

    def __bool__(self):
        return any((self.street, self.street2, self.city, self.state, self.zip, self.country))

    def one_line(self):
        """Return the address in one line, for a note."""
        parts = (self.street, self.street2, self.city, self.state, self.zip, self.country)
        return ", ".join(" ".join(part.split()) for part in parts if part)


@dataclass
class ContactRecord:
    """A contact as read. What has no place of its own stands in ``notes`` and ``extras``."""

    number: int = 0
    """The contact's number in the file, from 1."""
    line: int = 0
    """The line of the file on which it begins."""
    name: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    prefix: str = ""
    suffix: str = ""
    nickname: str = ""
    function: str = ""
    company: str = ""
    department: str = ""
    is_company: bool = False
    emails: list = field(default_factory=list)
    """[(kind, address), ...], the preferred one first"""
    phones: list = field(default_factory=list)
    """[(kind, number), ...]; kinds: work, mobile, main, home, other, fax, pager and what the program says"""
    addresses: list = field(default_factory=list)
    websites: list = field(default_factory=list)
    birthday: str = ""
    photo: bytes = b""
    categories: list = field(default_factory=list)
    language: str = ""
    vat: str = ""
    notes: list = field(default_factory=list)
    extras: list = field(default_factory=list)
    """[(label, value), ...] without a place on a contact"""
    uid: str = ""
    problem: str = ""
    """Why it cannot be imported, as a key of :data:`PROBLEMS`; empty if it can."""
    warnings: list = field(default_factory=list)
    """[(key, value), ...] of what was read with doubts"""
    raw: str = ""
    """Its text in the file."""

    def is_empty(self):
        """Tell whether there is nothing to call a contact by."""
        return not (
            self.name
            or self.given
            or self.family
            or self.company
            or self.nickname
            or any(value for _kind, value in self.emails)
            or any(value for _kind, value in self.phones)
        )

    def full_name(self, language=""):
        """Return the name to show: as the program shows it, else put together from its parts.

        >>> ContactRecord(given="An", middle="Văn", family="Nguyễn").full_name()
        'Nguyễn Văn An'
        >>> ContactRecord(given="John", family="Doe").full_name()
        'John Doe'
        >>> ContactRecord(name="An Nguyễn", given="An", family="Nguyễn").full_name()
        'Nguyễn An'
        >>> ContactRecord(name="Doe, John", given="John", middle="F.", family="Doe").full_name()
        'John F. Doe'
        """
        western = _joined(self.given, self.middle, self.family)
        parts = self.given and self.family
        family_first = parts and self._is_family_first(language)
        shown = " ".join(self.name.split())
        if parts and self._is_filed(shown):
            shown = ""
        if shown and not (family_first and fold(shown) == fold(western)):
            return shown
        if family_first:
            name = _joined(self.family, self.middle, self.given)
            return name.replace(" ", "") if _all_east_asian(name) else name
        return (
            _joined(western, self.suffix)
            or self.nickname
            or self.company
            or next((value for _kind, value in self.emails if value), "")
            or next((value for _kind, value in self.phones if value), "")
        )

    def _is_filed(self, shown):
        """Tell whether a name is how programs file somebody, Doe, John: nobody is called so."""
        before, comma, _rest = shown.partition(",")
        words = set(fold(f"{self.given} {self.middle} {self.family} {self.prefix} {self.suffix}").split())
        return bool(comma) and fold(before) == fold(self.family) and set(fold(shown).split()) <= words

    def _is_family_first(self, language):
        text = f"{self.family}{self.middle}{self.given}"
        if _EAST_ASIAN.search(text):
            return True
        country = next((address.country for address in self.addresses if address.country), "")
        if country.upper() in _FAMILY_FIRST_COUNTRIES or language in FAMILY_FIRST_LANGUAGES - {"vi"}:
            return True
        families = fold(self.family).split()
        vietnamese = bool(families) and families[0] in _VIETNAMESE_FAMILIES
        spelled = bool(_VIETNAMESE_LETTERS.search(unicodedata.normalize("NFC", text)))
        # John Smith in Hanoi is none, Triệu An is one though few have that family name
        at_home = language == "vi" or fold(country) in ("vn", "vietnam", "viet nam")
        return vietnamese + spelled + at_home >= 2

    def shorten(self):
        """Cut what is too long for a field, and keep the whole in the note.

        >>> record = ContactRecord(name="x" * 300)
        >>> record.shorten()
        >>> len(record.name), len(record.notes[0]), record.warnings[0][0]
        (250, 300, 'too_long')
        """
        owners = [(self, _SHORT), *((address, ADDRESS_TEXTS) for address in self.addresses)]
        for owner, names in owners:
            for name in names:
                text = getattr(owner, name)
                if len(text) > MAX_TEXT:
                    self._note_long(text)
                    setattr(owner, name, text[:MAX_TEXT].strip())
        self.websites = [url for url in self.websites if len(url) <= MAX_URL or self._note_long(url)]
        for values in (self.emails, self.phones):
            values[:] = [pair for pair in values if len(pair[1]) <= MAX_TEXT or self._note_long(pair[1])]
            values[:] = [(kind[:MAX_TEXT], value) for kind, value in values]
        self.categories = [name for name in self.categories if len(name) <= MAX_TEXT or self._note_long(name)]

    def _note_long(self, text):
        self.notes.append(text)
        self.warnings.append(("too_long", text))

    def to_dict(self):
        """Return what is kept with a line of an import; photo and raw text are kept apart."""
        values = asdict(self)
        for key in ("photo", "raw"):
            del values[key]
        return {key: value for key, value in values.items() if value}

    @classmethod
    def from_dict(cls, values):
        """Return the record that :meth:`to_dict` has written."""
        values = dict(values)
        values["addresses"] = [Address(**address) for address in values.get("addresses", ())]
        return cls(**values)


def _joined(*parts):
    return " ".join(" ".join(part for part in parts if part).split())


def _all_east_asian(name):
    return all(_EAST_ASIAN.match(char) for char in name if not char.isspace())


PHONE_ORDER = ("pref", "work", "main", "", "mobile", "home", "other")


def best_phones(phones):
    """Return the numbers one may call, the best for business first, then fax and pager.

    >>> best_phones([("fax", "1"), ("home", "2"), ("mobile", "3"), ("work", "4")])
    [('work', '4'), ('mobile', '3'), ('home', '2'), ('fax', '1')]
    """

    def rank(phone):
        kind = phone[0]
        if "fax" in kind or "pager" in kind:
            return 99
        return PHONE_ORDER.index(kind) if kind in PHONE_ORDER else len(PHONE_ORDER)

    return sorted(phones, key=rank)
