"""Reader of vCards 2.1, 3.0 and 4.0 that takes what address books really write.

The lines of a card are vobject's where it reads them all (``vcard_library``); the reader of lines here is for the
others. It reads bytes, because every property of version 2.1 may have a character set of its own. Damaged cards are
read as far as they go: folds with wrong line ends or without a leading space, soft breaks of quoted-printable, base64
without an end, cards without END, cards within cards, unknown properties and parameters without a name.
"""

import base64
import binascii
import codecs
import quopri
import re
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote

from .birthday_parse import parse_birthday
from .contact_record import MAX_VALUES, Address, ContactRecord, TooMany
from .names import fold
from .text import clean_text, compose
from .vcard_library import read_lines

# What tells nothing about a person: identifiers and marks of programs.
_TECHNICAL_WORDS = """
    BEGIN END VERSION PRODID UID REV SOURCE MAILER NAME PROFILE CLASS SORT-STRING X-ABUID X-ABADR
    X-ABSHOWAS X-ABLABEL X-ID X-ETAG X-FC-TAGS X-FC-LIST-ID X-GENERATOR X-MS-OL-DESIGN
    X-MS-OL-DEFAULT-POSTAL-ADDRESS X-COUCHDB-APPLICATION-ANNOTATIONS X-EVOLUTION-FILE-AS X-IMAGEHASH
    X-IMAGETYPE CLIENTPIDMAP KIND X-ADDRESSBOOKSERVER-KIND KEY SOUND X-MS-CARDPICTURE X-CLASS
    X-SHARED-PHOTO-DISPLAY-PREF MEMBER X-ADDRESSBOOKSERVER-MEMBER XML X-SORT-STRING X-MOZILLA-HTML
    X-PREFERMAIL X-EVOLUTION-WEBDAV-HREF X-EVOLUTION-WEBDAV-ETAG AGENT X-IMPORT-PROBLEM
    X-APPLE-OMIT-YEAR
"""
_TECHNICAL = frozenset(_TECHNICAL_WORDS.split())
_LABELS = {
    "ANNIVERSARY": "Anniversary",
    "X-ANNIVERSARY": "Anniversary",
    "X-MS-ANNIVERSARY": "Anniversary",
    "X-EVOLUTION-ANNIVERSARY": "Anniversary",
    "X-SPOUSE": "Spouse",
    "X-MS-SPOUSE": "Spouse",
    "X-EVOLUTION-SPOUSE": "Spouse",
    "X-MS-MANAGER": "Manager",
    "X-EVOLUTION-MANAGER": "Manager",
    "X-MS-ASSISTANT": "Assistant",
    "X-EVOLUTION-ASSISTANT": "Assistant",
    "X-MS-IMADDRESS": "Instant Messenger",
    "IMPP": "Instant Messenger",
    "X-ABDATE": "Date",
    "X-ABRELATEDNAMES": "Related",
    "RELATED": "Related",
    "GENDER": "Gender",
    "X-GENDER": "Gender",
    "X-SOCIALPROFILE": "Social Profile",
    "X-PHONETIC-FIRST-NAME": "Phonetic First Name",
    "X-PHONETIC-MIDDLE-NAME": "Phonetic Middle Name",
    "X-PHONETIC-LAST-NAME": "Phonetic Last Name",
    "GEO": "Location",
    "TZ": "Time Zone",
    "X-MS-TEL": "Phone",
}
_ANDROID_EVENT, _ANDROID_BIRTHDAY = "vnd.android.cursor.item/contact_event", "3"
# the groups of Google's own
_GOOGLE_GROUPS = frozenset({"myContacts", "starred"})
_PROPERTY = re.compile(rb"(?:[A-Za-z0-9_-]+\.)?[A-Za-z][A-Za-z0-9-]*[ \t]*[;:]")
_BASE64_LINE = re.compile(rb"[ \t]*[A-Za-z0-9+/=]+[ \t]*$")
_BASE64 = re.compile(rb";[^:]*(?:ENCODING=\"?B(?:ASE64)?\"?|[;]BASE64)[;:]", re.IGNORECASE)
_BASE64_NAMES = ("B", "BASE64")
# Some telephones write texts in base64, too.
_TEXTS = frozenset(
    ["ADR", "CATEGORIES", "EMAIL", "FN", "LABEL", "N", "NICKNAME", "NOTE", "ORG", "ROLE", "TEL", "TITLE", "URL"]
)  # fmt: skip
_BARE_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT", "B"})
_AGENT = re.compile(rb"[ \t]*(?:[A-Za-z0-9_-]+\.)?AGENT[^:]*:[ \t]*$", re.IGNORECASE)
_EDGE = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*(?:BEGIN|END)[ \t]*:[ \t]*VCARD[ \t]*$", re.IGNORECASE)
_CARET = {"n": "\n", "'": '"', "^": "^"}
_APPLE_LABEL = re.compile(r"_\$!<(.*)>!\$_$", re.DOTALL)
# A card within a card is somebody's assistant; deeper ones stand beside it.
MAX_DEPTH = 10
# Name and parameters of a property; longer ones are damaged.
MAX_HEAD = 10_000


@dataclass
class Property:
    """One property of a card: ``TEL;TYPE=WORK:123``."""

    name: str
    value: str
    group: str = ""
    params: dict = field(default_factory=dict)
    """{name: [value, ...]}, names in upper case"""
    binary: bytes = b""

    @property
    def types(self):
        return {kind.lower() for kind in self.params.get("TYPE", ())}

    @property
    def preferred(self):
        return "pref" in self.types or "1" in self.params.get("PREF", ())


@dataclass
class Card:
    """What stands between BEGIN and END."""

    line: int
    version: str = "2.1"
    lines: list = field(default_factory=list)
    """(number, line) unfolded"""
    properties: list = field(default_factory=list)
    raw: list = field(default_factory=list)
    complete: bool = False
    broken: list = field(default_factory=list)
    agents: list = field(default_factory=list)
    labels: dict = field(default_factory=dict)
    """{group: what Apple's programs call its properties}"""
    surplus: bool = False
    """It had more properties than are read."""

    def all(self, name):
        return [prop for prop in self.properties if prop.name == name]

    def first(self, name):
        found = sorted(self.all(name), key=lambda prop: not prop.preferred)
        return next((prop.value for prop in found if prop.value), "")

    def read_properties(self, encoding):
        """Fill the properties from the lines: the library's if it reads all, else as far as they can be read."""
        known = None
        if self.complete and not self.agents:
            known = read_lines(self.raw, self.version, encoding)
        if known is not None:
            self.properties = [_to_property(*each) for each in known]
        else:
            for number, line in self.lines:
                prop = _parse(line, encoding)
                if prop:
                    self.properties.append(prop)
                else:
                    self.broken.append(number)
        self.version = self.first("VERSION") or "2.1"
        if len(self.properties) > MAX_VALUES and not _is_group(self):
            self.properties, self.surplus = self.properties[:MAX_VALUES], True
        for prop in self.all("X-ABLABEL"):
            self.labels.setdefault(prop.group, prop)
        for agent in self.agents:
            agent.read_properties(encoding)


def read_vcards(data, encoding="utf-8", limit=None):
    """Return the list of :class:`ContactRecord` in ``data``; lists of contacts become categories of theirs.

    :param bytes data: the file, without UTF-16 (decode that before)
    :param str encoding: of what does not name its own

    >>> card = b"BEGIN:VCARD\\nVERSION:2.1\\nN:Doe;John\\nTEL;CELL:123456\\nEND:VCARD"
    >>> [(record.full_name(), record.phones) for record in read_vcards(card)]
    [('John Doe', [('mobile', '123456')])]
    """
    cards = list(islice(_split_cards(data), limit and limit + 1))
    if limit and len(cards) > limit:
        raise TooMany("contacts", limit)
    for card in cards:
        card.read_properties(encoding)
    groups = [card for card in cards if _is_group(card)]
    records = []
    for card in cards:
        if not _is_group(card):
            records.append(_to_record(card, encoding))
            records[-1].number = len(records)
    by_uid = {record.uid: record for record in records if record.uid}
    by_mail = {}
    for record in records:
        for _kind, address in record.emails:
            by_mail.setdefault(address.lower(), record)
    for card in groups:
        for prop in card.all("MEMBER") + card.all("X-ADDRESSBOOKSERVER-MEMBER"):
            value = prop.value.strip()
            member = by_uid.get(value.removeprefix("urn:uuid:"))
            if value.lower().startswith("mailto:") and (
                address := unquote(value[7:].partition("?")[0]).strip()
            ):
                member = by_mail.get(address.lower())
                if not member:
                    if limit and len(records) >= limit:
                        raise TooMany("contacts", limit)
                    member = by_mail[address.lower()] = _make_member(card, address)
                    records.append(member)
                    member.number = len(records)
            name = card.first("FN").strip()
            if member and name and len(member.categories) < MAX_VALUES and name not in member.categories:
                member.categories.append(name)
    return records


def _make_member(card, address):
    """Return one of a list who has no card in the file: the address is all that is known."""
    raw = f"BEGIN:VCARD\nVERSION:4.0\nFN:{address}\nEMAIL:{address}\nEND:VCARD"
    return ContactRecord(line=card.line, emails=[("", address)], raw=raw)


def _is_group(card):
    kind = card.first("KIND") or card.first("X-ADDRESSBOOKSERVER-KIND")
    return kind.strip().lower() == "group"


# ----------------------------------------------------------------------
# Lines
# ----------------------------------------------------------------------
def _split_cards(data):
    """Yield the cards, those within cards left out, and one for lines that stand outside of any."""
    # line ends doubled on their way: \r\r\n
    lines = re.split(rb"\r*\n|\r", data)
    open_cards, position = [], 0
    while position < len(lines):
        start = position
        line, position = _unfold(lines, position, open_cards)
        text = line.strip()
        if not text:
            continue
        upper = text.upper().replace(b" ", b"").removeprefix(b"\xef\xbb\xbf")
        if upper.startswith(b"BEGIN:VCARD"):
            if open_cards and not _expects_agent(open_cards[-1]):
                # the card before has no END
                yield _closed(open_cards)
            open_cards.append(Card(line=start + 1))
        elif not open_cards:
            stray = Card(line=start + 1, complete=True, raw=lines[start:position], broken=[start + 1])
            yield stray
            continue
        elif not upper.startswith(b"END:VCARD"):
            open_cards[-1].lines.append((start + 1, line))
            if upper.startswith(b"VERSION:"):
                open_cards[-1].version = upper.removeprefix(b"VERSION:").decode("ascii", "replace")
        open_cards[0].raw += lines[start:position]
        if upper.startswith(b"END:VCARD"):
            open_cards[-1].complete = True
            card = open_cards.pop()
            if open_cards:
                open_cards[min(len(open_cards), MAX_DEPTH) - 1].agents.append(card)
            else:
                yield card
    if open_cards:
        yield _closed(open_cards)


def _closed(open_cards):
    card = open_cards[0]
    card.agents += open_cards[1:]
    open_cards.clear()
    return card


def _expects_agent(card):
    return bool(card.lines) and bool(_AGENT.match(card.lines[-1][1]))


def _unfold(lines, position, open_cards):
    """Return the property that begins on a line, with its continuations, and the position after it."""
    line = lines[position]
    position += 1
    if _EDGE.match(line):
        # what follows is no part of it, and would go with it
        return line, position
    old = bool(open_cards) and open_cards[-1].version == "2.1"
    if _BASE64.match(line[line.find(b";") :] if b";" in line else b""):
        parts = [line]
        while position < len(lines) and _BASE64_LINE.match(lines[position]):
            parts.append(lines[position].strip())
            position += 1
        return b"".join(parts), position
    quoted = _is_quoted_printable(line)
    # put together at the end: the time of a long text must not grow with the square of its length
    parts, filled = [line], bool(line.strip())
    while position < len(lines):
        following = lines[position]
        if quoted and parts[-1].rstrip().endswith(b"="):
            if following.strip().upper().startswith(b"END:VCARD"):
                break
            parts[-1] = parts[-1].rstrip()[:-1]
            parts.append(following)
        elif following[:1] in (b" ", b"\t") and following.strip():
            # 2.1 folds at a blank, which belongs to the text
            parts.append(following if old and not quoted else following[1:])
        elif following.strip() and filled and not _PROPERTY.match(following) and open_cards:
            # a fold whose blank was lost, as some exchanges do to long notes
            parts.append(b"\n" + following)
        else:
            break
        filled = filled or bool(following.strip())
        position += 1
    return b"".join(parts), position


def _is_quoted_printable(line):
    """Tell whether a parameter, between a semicolon and the next colon, says so.

    >>> _is_quoted_printable(b"NOTE;ENCODING=QUOTED-PRINTABLE:x"), _is_quoted_printable(b"NOTE:quoted-printable:")
    (True, False)
    """
    if b"QUOTED-PRINTABLE" not in line.upper():
        return False
    return any(b"QUOTED-PRINTABLE" in part.partition(b";")[2].upper() for part in line.split(b":")[:-1])


def _split_head(line):
    """Return the place of the colon that ends name and parameters, quoted values passed over."""
    if b'"' not in line:
        return line.find(b":")
    quoted = False
    for place, char in enumerate(line):
        if char == 0x22:
            quoted = not quoted
        elif char == 0x3A and not quoted:
            return place
    # a quotation mark without its end: the first colon counts
    return line.find(b":")


def _parse(line, encoding):
    place = _split_head(line)
    if place > MAX_HEAD:
        return None
    if b"LABEL=" in line[:place].upper() and b"^n" in line[place:]:
        # an address with a label that should be in quotation marks: its lines end with ^n
        place = line.find(b":", line.rfind(b"^n"))
    if place < 1:
        return None
    head = _decode(line[:place], encoding).strip().lstrip("\ufeff")
    names = [part.strip() for part in re.findall(r'(?:[^;"]|"[^"]*"?)+', head)]
    group, _dot, name = (names or [""])[0].rpartition(".")
    if not name or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name):
        return None
    params = []
    for param in names[1:]:
        key, equals, value = param.partition("=")
        values = re.findall(r'(?:[^,"]|"[^"]*"?)+', value if equals else key)
        params.append((key if equals else None, values))
    params = _read_params(params)
    raw = line[place + 1 :]
    coding = "".join(params.get("ENCODING", ())).upper()
    charset = next(iter(params.get("CHARSET", ())), "")
    if not _is_charset(charset):
        charset = ""
    if coding == "QUOTED-PRINTABLE":
        value = _decode(quopri.decodestring(raw), charset or encoding, bool(charset))
    elif coding in _BASE64_NAMES:
        return _with_binary(Property(name.upper(), _decode(raw, encoding), group.lower(), params), raw)
    else:
        value = _decode(raw, charset or encoding, bool(charset))
    return Property(name.upper(), value.strip(), group.lower(), params)


def _is_charset(name):
    """Tell whether a character set says how letters are written that ASCII does not have.

    Of Python's codecs, those of host names take the square of a text's length.

    >>> _is_charset("windows-1258"), _is_charset("US-ASCII"), _is_charset("punycode"), _is_charset("utf\\0")
    (True, False, False, False)
    """
    try:
        return codecs.lookup(name).name not in ("ascii", "punycode", "idna")
    except (LookupError, ValueError):
        return False


def _to_property(group, name, params, value):
    """Return what the library read."""
    value = compose(value)
    prop = Property(name, value.strip(), group.lower(), _read_params(params))
    if "".join(prop.params.get("ENCODING", ())).upper() in _BASE64_NAMES:
        return _with_binary(prop, value.encode("utf-8"))
    return prop


def _with_binary(prop, raw):
    prop.binary = decode_base64(raw)
    prop.value = "" if prop.binary else prop.value.strip()
    if prop.binary and prop.name in _TEXTS:
        charset = next(iter(prop.params.get("CHARSET", ())), "")
        prop.value = _decode(prop.binary, charset if _is_charset(charset) else "").strip()
        prop.binary = b""
    return prop


def _read_params(pairs):
    """Return the parameters by their names in upper case; those without a name are types or encodings.

    >>> _read_params([("type", ["work,voice"]), (None, ["BASE64"])])
    {'TYPE': ['work', 'voice'], 'ENCODING': ['BASE64']}
    """
    params = {}
    for key, values in pairs:
        values = [part.strip('" ') for part in values]
        if key is None:
            key = "ENCODING" if values and values[0].upper() in _BARE_ENCODINGS else "TYPE"
        key = key.strip().upper()
        if key == "TYPE":
            # TYPE="work,voice"
            values = [part.strip() for entry in values for part in entry.split(",")]
        values = [re.sub(r"\^([n'^])", lambda found: _CARET[found[1]], entry) for entry in values]
        params.setdefault(key, []).extend(values)
    return params


def _decode(raw, encoding, named=False):
    """Return the text, in which macOS and cp1258 have accents apart from their letters, with whole letters.

    An encoding that the property names itself is taken though a letter is damaged.
    """
    for name, errors in (
        (encoding or "utf-8", "replace" if named else "strict"),
        ("utf-8", "strict"),
        ("cp1252", "strict"),
    ):
        try:
            return compose(raw.decode(name, errors))
        except (LookupError, ValueError):
            # no encoding of that name, or not of that text
            continue
    return raw.decode("latin-1")


def decode_base64(raw):
    """Return the bytes, or nothing if ``raw`` is not base64."""
    packed = re.sub(rb"[\s]+", b"", raw)
    if not packed or not re.fullmatch(rb"[A-Za-z0-9+/]+=*", packed):
        return b""
    packed = packed.rstrip(b"=")
    if len(packed) % 4 == 1:
        packed = packed[:-1]
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        return b""


# ----------------------------------------------------------------------
# Values
# ----------------------------------------------------------------------
def _unescape(text, version):
    if version == "2.1":
        return re.sub(r"\\([;,:\\])", r"\1", text)
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text, flags=re.DOTALL)


def _split(text, separator, version):
    """Split at separators that are not escaped, and unescape the parts."""
    parts, start = [], 0
    for found in re.finditer(rf"\\.|{separator}", text, flags=re.DOTALL):
        if found[0] == separator:
            parts.append(text[start : found.start()])
            start = found.end()
    parts.append(text[start:])
    return [clean_text(_unescape(part, version)) for part in parts]


def _text(prop, version):
    return clean_text(_unescape(prop.value, version))


def _label(card, prop):
    """Return what the program calls this property: Apple writes it in a property beside it."""
    if not prop.group:
        return ""
    other = card.labels.get(prop.group)
    if not other:
        return ""
    label = _text(other, card.version)
    found = _APPLE_LABEL.match(label)
    return found[1] if found else label


def _phone_kind(card, prop):
    types = prop.types
    label = _label(card, prop)
    place = "work" if "work" in types else "home" if "home" in types else ""
    if "fax" in types:
        return f"{place} fax".strip()
    if "pager" in types:
        return "pager"
    if prop.preferred:
        return "pref"
    if types & {"cell", "mobile", "iphone", "car"}:
        return "mobile"
    if label:
        return label.lower()
    own = next((kind[2:] for kind in sorted(types) if kind.startswith("x-")), "")
    return next((kind for kind in ("main", "other") if kind in types), place or own)


def _kind_of_extra(prop):
    """Return how somebody is related, or of which network a name is, as far as it stands beside the value."""
    if prop.name not in ("RELATED", "IMPP", "X-SOCIALPROFILE"):
        return ""
    kinds = prop.params.get("X-SERVICE-TYPE") or sorted(prop.types - {"pref", "work", "home"})
    return ", ".join(kinds)


def _read_inner_cards(card, encoding):
    """Return the cards that stand in a value of version 3.0, as that of an assistant."""
    inner = []
    for prop in card.all("AGENT"):
        text = _unescape(prop.value, "3.0")
        if text[:20].strip().upper().startswith("BEGIN:VCARD"):
            inner += islice(_split_cards(text.encode()), 1)
    for agent in inner:
        # one within another stays what it is, a text
        agent.read_properties("utf-8")
        agent.properties = [prop for prop in agent.properties if prop.name != "AGENT"]
    return inner


def _to_record(card, encoding):
    version = card.version
    record = ContactRecord(line=card.line)
    record.raw = b"\n".join(line.rstrip() for line in card.raw).decode(encoding or "utf-8", "replace")
    if not card.properties:
        record.problem = "no_card" if card.complete and card.broken else "empty"
        return record
    record.name = " ".join(_unescape(card.first("FN"), version).split())
    for prop in card.all("FN"):
        # the same name in another writing
        name = " ".join(_text(prop, version).split())
        if set(fold(name).split()) - set(fold(record.name).split()):
            record.extras.append(("Name", name))
    _read_name(card, record, version)
    _read_organisation(card, record, version)
    used = {"FN", "N", "ORG", "TITLE", "ROLE", "LABEL", "LOGO"}
    # what only one program writes says less than what all do
    for prop in sorted(card.properties, key=lambda prop: (prop.name.startswith("X-"), not prop.preferred)):
        reader = _READERS.get(prop.name)
        if reader:
            reader(card, record, prop, version)
    if not record.addresses:
        # the address as it is written on a letter, where it is not taken apart as well
        record.extras += [("Address", text) for prop in card.all("LABEL") if (text := _text(prop, version))]
    if record.is_company:
        for prop in card.all("LOGO"):
            _read_photo(card, record, prop, version)
    used |= set(_READERS)
    for prop in card.properties:
        if prop.name in used or prop.name in _TECHNICAL or not prop.value:
            continue
        label = _label(card, prop) or _LABELS.get(prop.name) or _extra_label(prop.name)
        value = _join(prop, version)
        if kind := _kind_of_extra(prop):
            label = f"{label} ({kind})"
        if value:
            record.extras.append((label, value))
    for agent in [*card.agents, *_read_inner_cards(card, encoding)]:
        nested = _to_record(agent, encoding)
        words = ", ".join(
            [
                nested.full_name(),
                *[phone for _kind, phone in nested.phones],
                *[mail for _kind, mail in nested.emails],
            ]
        )
        if words.strip(", "):
            record.extras.append(("Agent", words))
    if not card.complete:
        record.warnings.append(("no_end", ""))
    if card.broken:
        record.warnings.append(("broken_lines", ", ".join(map(str, card.broken[:5]))))
    if card.surplus:
        record.warnings.append(("surplus_values", str(MAX_VALUES)))
    if record.is_empty():
        record.problem = "empty"
    return record


def _join(prop, version):
    return "; ".join(part for part in _split(prop.value, ";", version) if part)


def _extra_label(name):
    # FullContact writes the name of a field in hexadecimal
    if name.startswith("X-FCENCODED-"):
        try:
            return bytes.fromhex(name.removeprefix("X-FCENCODED-")).decode().rpartition(":")[2]
        except ValueError:
            return name
    return name.removeprefix("X-").replace("-", " ").capitalize()


def _read_name(card, record, version):
    names = card.all("N")
    if not names:
        return
    parts = [part.strip() for part in _split(names[0].value, ";", version)]
    parts = [" ".join(part.replace(",", " ").split()) for part in parts] + [""] * 5
    record.family, record.given, record.middle, record.prefix, record.suffix = parts[:5]


def _read_organisation(card, record, version):
    organisations = card.all("ORG")
    for place, prop in enumerate(organisations):
        name, *units = [*_split(prop.value, ";", version), ""]
        department = ", ".join(unit for unit in units if unit)
        if place == 0:
            record.company, record.department = " ".join(name.split()), department
        elif name:
            record.extras.append(("Company", ", ".join(filter(None, (name, department)))))
    titles = [text for prop in card.all("TITLE") if (text := _text(prop, version))]
    roles = [text for prop in card.all("ROLE") if (text := _text(prop, version))]
    functions = titles or roles
    record.function = functions[0] if functions else ""
    record.extras += [("Job Title", text) for text in functions[1:]]
    if titles:
        record.extras += [("Role", text) for text in roles if text not in titles]
    kind = (card.first("KIND") or card.first("X-ABSHOWAS")).strip().lower()
    person = record.given or record.family
    record.is_company = (
        kind in ("org", "organization", "company")
        or bool(record.company and not person and record.name in ("", record.company))
    )  # fmt: skip
    if record.is_company and record.company and not record.name:
        record.name = record.company


def _read_email(card, record, prop, version):
    address = re.sub("^mailto:", "", _text(prop, version), flags=re.IGNORECASE)
    if address and address not in [known for _kind, known in record.emails]:
        types = prop.types - {"internet", "pref"}
        kind = _label(card, prop) or next((kind for kind in ("work", "home") if kind in types), "")
        kind = kind or next(iter(sorted(types - {"x400"})), "").removeprefix("x-")
        record.emails.append((kind.lower(), address))


def _read_phone(card, record, prop, version):
    number = _text(prop, version)
    if number:
        record.phones.append((_phone_kind(card, prop), number))


def _read_address(card, record, prop, version):
    parts = [part.strip() for part in _split(prop.value, ";", version)] + [""] * 7
    box, extended, street, city, state, code, country = (part.strip(", ") for part in parts[:7])
    types = prop.types
    kind = next((kind for kind in ("work", "home", "other") if kind in types), "")
    street = "\n".join(filter(None, (box, street)))
    if not street:
        # Google writes an address it could not take apart into the second part
        street, extended = extended, ""
    first, _newline, rest = street.partition("\n")
    rest = ", ".join(filter(None, [extended, *rest.split("\n")]))
    address = Address(kind, first.strip(" ,"), rest.strip(" ,"), city, state, code, country)
    if address:
        if prop.preferred:
            record.addresses.insert(0, address)
        else:
            record.addresses.append(address)


def _read_url(card, record, prop, version):
    url = _text(prop, version)
    if url and url not in record.websites:
        record.websites.append(url)


def _read_birthday(card, record, prop, version):
    value = _text(prop, version)
    omitted = next(iter(prop.params.get("X-APPLE-OMIT-YEAR", ())), "")
    if omitted and value.startswith(omitted):
        value = "-" + value.removeprefix(omitted) if value[len(omitted) : len(omitted) + 1] == "-" else value
    _note_birthday(record, value)


def _note_birthday(record, value):
    record.birthday = record.birthday or value
    if value != record.birthday and parse_birthday(value) != parse_birthday(record.birthday):
        record.extras.append(("Birthday", value))


def _read_android(card, record, prop, version):
    """Android's own kinds of values: its backups have the birthday among them."""
    kind, day, meaning, *_more = [*_split(prop.value, ";", version), "", "", ""]
    if kind.strip().lower() == _ANDROID_EVENT and meaning.strip() == _ANDROID_BIRTHDAY and day.strip():
        _note_birthday(record, day.strip())
    elif value := _join(prop, version):
        record.extras.append((_extra_label(prop.name), value))


def _read_photo(card, record, prop, version):
    if record.photo:
        return
    if prop.binary:
        record.photo = prop.binary
        return
    value = prop.value
    if value.lower().startswith("data:"):
        record.photo = decode_base64(value.partition(",")[2].encode("ascii", "ignore"))
    elif value.lower().startswith(("http:", "https:")):
        # nothing is fetched from where a file points to
        record.extras.append(("Photo", value))
    else:
        record.photo = decode_base64(value.encode("ascii", "ignore"))


def _read_categories(card, record, prop, version):
    names = _split(prop.value, ",", version)
    if len(names) == 1 and prop.value.count("\\,") > 1:
        # an extension of Thunderbird escapes the commas between categories, too
        names = names[0].split(",")
    for name in (name.strip() for name in names):
        if name and name not in _GOOGLE_GROUPS and name not in record.categories:
            record.categories.append(name)


def _read_note(card, record, prop, version):
    text = _text(prop, version)
    if text and text not in record.notes:
        record.notes.append(text)


def _read_nickname(card, record, prop, version):
    record.nickname = record.nickname or ", ".join(
        part.strip() for name in _split(prop.value, ",", version) for part in name.split(",") if part.strip()
    )


def _read_language(card, record, prop, version):
    language = _text(prop, version)
    record.language = record.language or language
    if language != record.language:
        record.extras.append(("Language", language))


def _read_uid(card, record, prop, version):
    record.uid = record.uid or prop.value.strip().removeprefix("urn:uuid:")


_READERS = {
    "EMAIL": _read_email,
    "TEL": _read_phone,
    "ADR": _read_address,
    "URL": _read_url,
    "BDAY": _read_birthday,
    "X-ANDROID-CUSTOM": _read_android,
    "PHOTO": _read_photo,
    "CATEGORIES": _read_categories,
    "NOTE": _read_note,
    "NICKNAME": _read_nickname,
    "LANG": _read_language,
    "UID": _read_uid,
}
