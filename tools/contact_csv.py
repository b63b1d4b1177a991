"""Reader of address books in rows: Google, Outlook, Thunderbird and whatever has a column with names or addresses.

Columns are recognised by their names in the languages of the programs (:mod:`contact_headers`), by Outlook's fixed
order where its language is not known, and by their values where there are no names at all.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from .birthday_parse import guess_order, may_be_fraction, parse_birthday
from .contact_headers import (
    ADDRESS_PARTS,
    AMBIGUOUS_NAMES,
    PARTNER_NAMES,
    birthday_order,
    header_language,
    header_target,
    may_be,
)
from .contact_record import MAX_VALUES, Address, ContactRecord, TooMany
from .ldif_read import join_birthday
from .names import fold
from .phone_import import normalise_phone
from .text import clean_text

SEPARATORS = (",", ";", "\t", "|")
SAMPLE_ROWS = 200
# a quotation mark that is not closed within so many lines was never meant to open anything
MAX_CELL_LINES = 200
# Letters that are looked at in vain for marks that close a cell, beside twice those of the file.
MAX_LOOKED = 10_000_000
_BLANKS = re.compile(" *")
# ="0901234567", as exports keep spreadsheet programs from dropping a zero
_FORCED_TEXT = re.compile(r'="([^"]*)"$')
EMAIL = re.compile(r"[^@\s<>\"',;]+@[^@\s<>\"',;]+")
_GOOGLE_EMAIL = re.compile(r"E-mail (\d+) - Value$", re.IGNORECASE)
_DAY = re.compile(r"\d{1,2}\.?")
# What a program says of an address or a number, where it has none: whether, how often, when.
_SAID = re.compile(r"\d{1,3}")
_YES = frozenset(
    map(
        fold,
        ("true", "yes", "ja", "oui", "sí", "si", "sim", "wahr", "vrai", "да", "có", "không", "nein", "x"),
    )
)
# How many rows may stand above the names of the columns: a title, a note of the program.
MAX_ABOVE = 10
_WEBSITE = re.compile(r"(?:https?://|www\.)\S+$", re.IGNORECASE)
# How the file of rejected rows names its last column; it is passed over when that file is read.
REASON_HEADER = "Import problem"

# The columns of Outlook's export up to where the order depends on the language.
_OUTLOOK_ORDER_WORDS = """
    title given middle family suffix company department function street.work street2.work
    street3.work city.work state.work zip.work country.work street.home street2.home street3.home
    city.home state.home zip.home country.home street.other street2.other street3.other city.other
    state.other zip.other country.other extra fax.work phone.work phone.work extra phone.mobile
    phone.main fax.home phone.home phone.home extra phone.mobile fax.other phone.other pager
    phone.main extra extra extra
"""
OUTLOOK_ORDER = _OUTLOOK_ORDER_WORDS.split()
OUTLOOK_COLUMNS = 60
# Thunderbird's order, up to the address, of a file without names of columns
THUNDERBIRD_START = ("given", "family", "name", "nickname", "email")

_MONTH_WORDS = """
    month monat mois mes mese mês maand месяц місяць miesiąc tháng
"""
_DAY_WORDS = """
    day tag jour día giorno dia dag день dzień ngày
"""
_MONTH_NAMES = frozenset(map(fold, _MONTH_WORDS.split()))
_DAY_NAMES = frozenset(map(fold, _DAY_WORDS.split()))

_PREFIXES_WORDS = """
    mr mrs ms miss dr prof herr frau m mme mlle sr sra srta dott sig dhr mevr ông bà anh chị ing mag
"""
_PREFIXES = frozenset(map(fold, _PREFIXES_WORDS.split()))
# What Outlook writes where nothing was chosen.
_NOISE = frozenset(
    map(
        fold,
        (
            *(
                "normal",
                "false",
                "falsch",
                "faux",
                "falso",
                "onwaar",
                "ложь",
                "false",
                "nein",
                "non",
                "no",
                "0",
                "0:0:0",
            ),
            *(
                "unspecified",
                "keine angabe",
                "non spécifié",
                "no especificado",
                "не определен",
                "обычная",
                "обычный",
            ),
            *(
                "privat nein",
                "fałsz",
                "normalny",
                "標準",
                "なし",
                "普通",
                "未指定",
                "không xác định",
                "bình thường",
                "smtp",
            ),
            *("false", "no specificado", "normale", "bajo", "неопределен", "média", "não especificado"),
        ),
    )
)
_KIND_WORDS = (
    # (words in a label of Google, kind)
    (("fax",), "fax"),
    (("pager",), "pager"),
    (("mobile", "cell", "di dong", "mobil"), "mobile"),
    (("work", "business", "company"), "work"),
    (("home", "privat"), "home"),
    (("main",), "main"),
    (("other",), "other"),
)


@dataclass
class Row:
    """A row of the file: where it begins, its cells and its text."""

    line: int
    cells: list
    raw: str
    problem: str = ""


# ----------------------------------------------------------------------
# Rows
# ----------------------------------------------------------------------
def _split_lines(text):
    return re.split(r"\r\n|\n|\r", text)


def guess_separator(text):
    """Return the separator that divides most lines into the same number of cells.

    >>> guess_separator("a;b;c\\n1,5;2;3\\n4;5;6"), guess_separator("name\\tmail\\nx\\ty")
    (';', '\\t')
    """
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    if match := re.fullmatch(r"sep=(.)", first, re.IGNORECASE):
        return match[1]
    sample = "\n".join(_split_lines(text)[:60])
    best, best_score = ",", 0
    for separator in SEPARATORS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
        try:
            counts = Counter(len(row) for row in reader if row)
        except csv.Error:
            continue
        cells, rows = max(
            counts.items(), key=lambda found: (found[1] * min(found[0] - 1, 5), found[0]), default=(1, 0)
        )
        score = rows * min(cells - 1, 5)
        if score > best_score:
            best, best_score = separator, score
    return best


def read_rows(text, separator, limit=None):
    """Return the :class:`Row` of each line that is not blank; a quoted cell may go over several lines.

    :raises TooMany: for more contacts than ``limit``
    """
    lines = _split_lines(text.lstrip("\ufeff"))
    if lines and re.fullmatch(r"sep=.", lines[0].strip(), re.IGNORECASE):
        lines[0] = ""
    rows, position = [], 0
    # many marks that nothing closes: after some of them nothing is looked for any more
    looked, most_looked = 0, MAX_LOOKED + 2 * len(text)
    while position < len(lines):
        # beside the contacts, the names of the columns
        if limit and len(rows) > limit + 1:
            raise TooMany("contacts", limit)
        start = position
        raw = lines[position]
        position += 1
        if not raw.strip(separator + ' \t"'):
            continue
        problem = ""
        if raw.count('"') % 2 and _opens_quote(raw, separator):
            end = min(start + MAX_CELL_LINES, len(lines)) if looked < most_looked else position
            end = _find_end(lines, start, end, separator)
            if end is None:
                # only this line is damaged: the quotation mark must not swallow those that follow
                problem = "unclosed_quote"
                # beside its letters each line costs a look
                looked += sum(20 + len(line) for line in lines[start : start + MAX_CELL_LINES])
            else:
                raw, position = "\n".join(lines[start:end]), end
        rows.append(Row(start + 1, _split_row(raw, separator), raw, problem))
    return rows


def _opens_quote(raw, separator):
    """Tell whether a cell begins with a quotation mark; within a cell it is a letter like any other: 5\" pipe."""
    # blanks without the separator, which may be a tab: what is looked at once is not looked at again
    separator = re.escape(separator)
    return bool(re.search(rf'(?:^|{separator})(?:(?!{separator})\s)*"', raw))


def _find_end(lines, start, end, separator):
    """Return the number of the line before which a row that begins on ``start`` ends, None if that is after ``end``.

    Only a mark at the end of a cell closes it.

    >>> lines = ['a,"b', 'c"', "d"]
    >>> _find_end(lines, 0, 3, ","), _find_end(lines[:1], 0, 1, ",")
    (2, None)
    """
    is_open = False
    for number in range(start, end):
        is_open = _is_open(lines[number], separator, is_open)
        if not is_open:
            return number + 1
    return None


def _is_open(text, separator, is_open):
    """Tell whether a quoted cell goes on after a line, at whose beginning one ``is_open`` or not."""
    place, length = 0, len(text)
    while place < length or is_open:
        if is_open or text[place] == '"':
            close = place if is_open else place + 1
            is_open = False
            while True:
                close = text.find('"', close)
                if close < 0:
                    return True
                if text.startswith('""', close):
                    close += 2
                    continue
                after = _BLANKS.match(text, close + 1).end()
                if after == length or text[after] == separator:
                    break
                close += 1
            place = close + 1
        following = text.find(separator, place)
        if following < 0:
            return False
        place = following + 1
        if separator != " ":
            place = _BLANKS.match(text, place).end()
    return False


def _split_row(raw, separator):
    cells = _parse(raw, separator)
    if len(cells) == 1 and not raw.startswith('"'):
        # programs that changed their separator between two exports into one file
        for other in SEPARATORS:
            if other != separator and other in raw:
                cells = _parse(raw, other)
                if len(cells) > 2:
                    break
    return [_unforced(clean_text(cell)) for cell in cells]


def _unforced(cell):
    match = _FORCED_TEXT.match(cell)
    return match[1] if match else cell


def _parse(raw, separator):
    try:
        rows = list(csv.reader(io.StringIO(raw, newline=""), delimiter=separator, skipinitialspace=True))
    except csv.Error:
        return raw.split(separator)
    cells = rows[0] if rows else []
    for row in rows[1:]:
        # a quotation mark that was not doubled: the reader takes the line break within the cell for the end
        cells[-1:] = ["\n".join([*cells[-1:], *row[:1]]), *row[1:]]
    return cells


# ----------------------------------------------------------------------
# Columns
# ----------------------------------------------------------------------
def guess_header(rows):
    """Tell whether the first row names the columns."""
    if not rows:
        return False
    first = [cell for cell in rows[0].cells if cell]
    if not first or any(EMAIL.fullmatch(cell) for cell in first):
        return False
    known = sum(bool(header_target(cell)) for cell in first)
    if known >= 2 and known * 4 >= len(first):
        return True
    if known * 2 >= len(first):
        return True
    if len(first) != len(set(first)) and len(first) < OUTLOOK_COLUMNS:
        return False
    # names in an unknown language: no address and no figure, where the rows below have some
    figures = any(re.search(r"\d{4}", cell) for cell in first)
    body = [row.cells for row in rows[1:SAMPLE_ROWS]]
    if figures or any(EMAIL.fullmatch(cell) for cells in body for cell in cells):
        return not figures
    columns = (
        [cells[place] for cells in body if place < len(cells) and cells[place]]
        for place in range(len(rows[0].cells))
    )
    return known > 0 and any(values and _target_of_values(values) for values in columns)


def skip_title(rows):
    """Return the rows from the names of the columns on, without the title or note that some programs put above them.

    >>> rows = [Row(1, ["Customers", ""], ""), Row(3, ["Full Name", "Email", "Phone"], ""), Row(4, ["An"], "")]
    >>> [row.line for row in skip_title(rows)], [row.line for row in skip_title(rows[1:])]
    ([3, 4], [3, 4])
    """
    for place, row in enumerate(rows[:MAX_ABOVE]):
        cells = [cell for cell in row.cells if cell]
        if any(EMAIL.fullmatch(cell) for cell in cells):
            # the contacts begin
            break
        known = sum(bool(header_target(cell)) for cell in cells)
        if known >= 3 and known * 2 >= len(cells):
            return rows[place:]
        if known >= 2 or len(cells) > 2:
            # names of columns, or a contact
            break
    return rows


def guess_targets(rows, header):
    """Return what each column holds, as a list of targets; "extra" goes into the note, "skip" nowhere."""
    names = rows[0].cells if header else []
    body = [row.cells for row in rows[bool(header) : SAMPLE_ROWS]]
    width = max((len(row.cells) for row in rows), default=0)
    targets = [header_target(name) for name in names] + [None] * (width - len(names))
    for place, name in enumerate(names):
        if fold(name) == fold(REASON_HEADER):
            targets[place] = "skip"
    if header and width >= OUTLOOK_COLUMNS and sum(map(bool, targets)) < 15:
        targets[: len(OUTLOOK_ORDER)] = OUTLOOK_ORDER
    columns = [
        [cells[place] for cells in body if place < len(cells) and cells[place]] for place in range(width)
    ]
    told = {(target or "").partition(".")[0] for target in targets}
    is_told = bool(told & {"name", "given", "family", "company"}) or sum(map(bool, targets)) * 2 >= width
    for place, values in enumerate(columns):
        if targets[place] or not values:
            continue
        target = _target_of_values(values)
        name = names[place] if place < len(names) else ""
        # of a file whose names are understood, a column of another name has something else
        is_second = is_told and name and target in (*told, "birthday")
        targets[place] = None if is_second and not may_be(name, target) else target
    _settle_values(targets, columns)
    _settle_places(targets)
    _settle_born(targets, names)
    if not header or not {"name", "given", "family", "company"} & set(targets):
        _guess_names(targets, columns, body)
    _settle_names(targets, names, body)
    _settle_titles(targets, columns)
    for place, values in enumerate(columns):
        if not targets[place] or targets[place] == "extra":
            # a program's mark that nobody has chosen; in a list of one's own it says something of all
            constant = width >= OUTLOOK_COLUMNS and len(set(values)) == 1 and len(values) >= 20
            noise = bool(values) and all(
                fold(value) in _NOISE or parse_birthday(value).problem == "empty" for value in values
            )
            targets[place] = "skip" if not values or noise or constant else "extra"
    return targets


def _settle_values(targets, columns):
    """What a name says is put right by the values where it can mean two things.

    *Adresse* may be that of a mailbox; *Geburtstag* and *Birth Day* are the day beside a month, else the whole date.
    """
    for place, values in enumerate(columns):
        base = (targets[place] or "").partition(".")[0]
        if base == "street" and values and all(map(EMAIL.fullmatch, values)):
            targets[place] = "email"
        elif base in ("email", "phone", "fax") and values and all(map(_is_said, values)):
            targets[place] = "extra"
        elif base == "birthday" and "birth_month" in targets and values and all(map(_DAY.fullmatch, values)):
            targets[place] = "birth_day"
        elif base == "birth_day" and "birth_month" not in targets:
            targets[place] = "birthday"


def _settle_places(targets):
    """A city, a postal code and the like belong to the street before them: French says of that alone whose it is."""
    kind = ""
    for place, target in enumerate(targets):
        base, _dot, own = (target or "").partition(".")
        if base.startswith("street"):
            kind = own
        elif base not in ADDRESS_PARTS:
            kind = ""
        elif kind and not own:
            targets[place] = f"{base}.{kind}"


def _settle_born(targets, names):
    """A month and a day behind the year of birth are of the birth."""
    for place, target in enumerate(targets):
        if target == "birth_year":
            for next_place, words, part in (
                (place + 1, _MONTH_NAMES, "birth_month"),
                (place + 2, _DAY_NAMES, "birth_day"),
            ):
                if next_place < len(names) and fold(names[next_place]) in words:
                    targets[next_place] = part


def _is_said(value):
    word = fold(value)
    return word in _NOISE or word in _YES or bool(_SAID.fullmatch(value))


def _is_date(value):
    # numbers of houses and flats are written like a day without its year
    birthday = parse_birthday(value)
    return not may_be_fraction(value) and (birthday or birthday.problem == "ambiguous")


def _target_of_values(values):
    def share(test):
        return sum(bool(test(value)) for value in values) / len(values)

    if share(EMAIL.fullmatch) > 0.6:
        return "email"
    if share(_WEBSITE.match) > 0.6:
        return "website"
    if share(_is_date) > 0.7:
        return "birthday"
    if share(lambda value: normalise_phone(value) and len(re.sub(r"\D", "", value)) >= 7) > 0.7:
        return "phone"
    return None


def _guess_names(targets, columns, body):
    """Find the columns with names among those that nothing else is known of."""
    mail = targets.index("email") if "email" in targets else None
    texts = [place for place, target in enumerate(targets) if not target and columns[place]]
    if mail == 4 and all(not targets[place] for place in range(4)):
        targets[:4] = THUNDERBIRD_START[:4]
        return
    # running numbers and the codes of customers stand before the names
    texts = [place for place in texts if not _mostly_codes(columns[place])] or texts
    before = [place for place in texts if mail is None or place < mail] or texts
    if len(before) >= 3:
        for whole, one, two in ((0, 1, 2), (2, 0, 1)):
            order = _name_order(body, *(before[place] for place in (whole, one, two)))
            if order:
                for place, target in zip((whole, one, two), ("name", *order), strict=True):
                    targets[before[place]] = target
                return
    if len(before) == 1 or (len(before) > 1 and _mostly_words(columns[before[0]])):
        targets[before[0]] = "name"
    elif before:
        targets[before[0]], targets[before[1]] = "given", "family"


def _name_order(body, whole, one, two):
    found = Counter()
    for cells in body:
        if max(whole, one, two) < len(cells) and cells[one] and cells[two]:
            found["gf"] += fold(cells[whole]) == fold(f"{cells[one]} {cells[two]}")
            found["fg"] += fold(cells[whole]) == fold(f"{cells[two]} {cells[one]}")
    order, count = found.most_common(1)[0] if found else ("", 0)
    if count * 2 < len(body) or not count:
        return None
    return ("given", "family") if order == "gf" else ("family", "given")


def _are_parts(body, whole, parts):
    """Tell whether a column has the names of which others have both parts, or one has the beginning or end."""
    if len(parts) != 1:
        return bool(parts) and bool(_name_order(body, whole, *parts))
    pairs = [
        (fold(cells[whole]).split(), fold(cells[parts[0]]).split())
        for cells in body
        if max(whole, parts[0]) < len(cells) and cells[whole] and cells[parts[0]]
    ]
    same = sum(part in (name[: len(part)], name[-len(part) :]) for name, part in pairs if part)
    return same > 0 and same * 2 >= len(pairs)


def _mostly_words(values):
    return sum(" " in value for value in values) * 2 >= len(values)


def _mostly_codes(values):
    codes = sum(bool(re.search(r"\d", value)) and not re.search(r"\s", value) for value in values)
    return codes * 2 > len(values)


def _settle_names(targets, names, body):
    """The whole name stands in the only column with a name, whatever its title."""
    named = [place for place, target in enumerate(targets) if target in ("name", "given", "family")]
    partners = [place for place, name in enumerate(names) if fold(name) in PARTNER_NAMES]
    if len(named) > 1 and len(partners) == 1 and targets[partners[0]] == "name":
        # the customer, and whom one speaks to there, unless both are the same name, whole and in parts
        parts = [targets.index(part) for part in ("given", "family") if part in targets]
        if not _are_parts(body, partners[0], parts):
            targets[partners[0]] = "extra" if "company" in targets else "company"
    if "family" not in targets and "given" in targets and "name" not in targets:
        place = targets.index("given")
        if place >= len(names) or fold(names[place]) in AMBIGUOUS_NAMES:
            targets[place] = "name"
    if "given" not in targets and "family" in targets and "name" not in targets:
        targets[targets.index("family")] = "name"


def _settle_titles(targets, columns):
    """*Title* is Mr. or a job; French programs call both of them *Titre*, the form of address first."""
    prefixes = [place for place, target in enumerate(targets) if target == "prefix"]
    for place in prefixes[1:]:
        targets[place] = "function"
    for place, target in enumerate(targets):
        if target == "title":
            addressed = columns[place] and all(
                set(fold(value).split()) & _PREFIXES for value in columns[place]
            )
            others = "function" in targets
            targets[place] = "prefix" if addressed or others else "function"


# ----------------------------------------------------------------------
# Records
# ----------------------------------------------------------------------
def read_records(rows, header, targets):
    """Return the :class:`ContactRecord` of each row that says something."""
    names = rows[0].cells if header and rows else []
    language = header_language(names)
    body = rows[bool(header) :]
    records = []
    for row in body:
        if not any(row.cells):
            continue
        record = _to_record(row, names, targets)
        record.number = len(records) + 1
        record.name = record.full_name(language) if record.given or record.family else record.name
        if not record.problem and record.is_empty():
            record.problem = "empty"
        records.append(record)
    order = guess_order(record.birthday for record in records) or birthday_order(names, targets)
    # the same program has written anniversaries and the like
    return records, order or guess_order(value for record in records for _label, value in record.extras)


def _to_record(row, names, targets):
    record = ContactRecord(line=row.line, raw=row.raw, problem=row.problem)
    addresses, labels, born, phones = {}, {}, {}, []
    surplus = [cell for cell in row.cells[len(targets) :] if cell]
    for cell, target in zip(row.cells, targets, strict=False):
        if cell and target.startswith("label."):
            labels[target.removeprefix("label.")] = cell
    for place, (cell, target) in enumerate(zip(row.cells, targets, strict=False)):
        if not cell or target == "skip" or target.startswith("label."):
            continue
        base, _dot, kind = target.partition(".")
        if base in (
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
            "birthday",
            "language",
            "vat",
        ):
            if base == "birthday" and parse_birthday(cell).problem == "empty":
                continue
            if not getattr(record, base):
                setattr(record, base, " ".join(cell.split()))
            elif " ".join(cell.split()) != getattr(record, base):
                record.extras.append((names[place] if place < len(names) else base, cell))
        elif base == "email":
            number = _GOOGLE_EMAIL.match(names[place]) if place < len(names) else None
            _add_emails(record, cell, _label_kind(labels.get(f"e_mail.{number[1]}", "")) if number else "")
        elif base in ("phone", "fax", "pager"):
            phones += [(_phone_kind(base, kind, labels), part) for part in _several(cell)]
        elif base in (
            "street",
            "street2",
            "street3",
            "city",
            "state",
            "zip",
            "country",
            "pobox",
            "formatted",
        ):
            # the first address counts: the one of deliveries stands behind it
            if addresses.setdefault(kind, {}).setdefault(base, cell) != cell:
                record.extras.append((names[place] if place < len(names) else base, cell))
        elif base == "website":
            record.websites = list(dict.fromkeys([*record.websites, *_several(cell)]))[:MAX_VALUES]
        elif base.startswith("birth_"):
            born[base] = cell
        elif base == "notes":
            record.notes.append(cell)
        elif base == "categories":
            record.categories += _categories(cell)
        else:
            if fold(cell) in _NOISE or parse_birthday(cell).problem == "empty":
                continue
            label = labels.get(kind) or (
                names[place] if place < len(names) and names[place] else f"Column {place + 1}"
            )
            record.extras.append((label, cell))
    record.phones = phones
    if any(born.values()) and not record.birthday:
        year = born.get("birth_year", "")
        # a year alone is told as no birthday; under "Năm sinh" a whole date may stand
        record.birthday = join_birthday(year, born.get("birth_month"), born.get("birth_day")) or year
    record.addresses = [_to_address(kind, parts, labels) for kind, parts in addresses.items()]
    record.addresses.sort(
        key=lambda address: (
            ("work", "", "home", "other").index(address.kind)
            if address.kind in ("work", "", "home", "other")
            else 9
        )
    )
    if surplus:
        record.extras.append(("", ", ".join(surplus)))
        record.warnings.append(("surplus_cells", ", ".join(surplus)))
    if record.company and record.name.startswith(f"{record.company}, "):
        # the whole name as Odoo exports it
        record.name = record.name.removeprefix(f"{record.company}, ")
    person = record.given or record.family
    record.is_company = bool(record.company and not person and record.name in ("", record.company))
    if record.is_company:
        record.name = record.company
    return record


def _several(cell):
    """Google writes several values of one kind into one cell."""
    return [part.strip() for part in cell.split(":::", MAX_VALUES)[:MAX_VALUES] if part.strip()]


def _add_emails(record, cell, kind=""):
    for part in re.split(r":::|[;,]\s|[;,]$", cell, maxsplit=MAX_VALUES)[:MAX_VALUES]:
        part = part.strip()
        if len(record.emails) >= MAX_VALUES:
            break
        if not part or part.lower().startswith("/o="):
            # Exchange's own addresses are none for others
            continue
        # no address is longer than 320 characters
        found = EMAIL.search(part) if len(part) <= 1_000 else None
        address = found[0] if found and ("<" in part or part.lower().startswith("mailto:")) else part
        address = re.sub("^mailto:", "", address, flags=re.IGNORECASE)
        if address not in [known for _kind, known in record.emails]:
            record.emails.append((kind, address))


def _phone_kind(base, kind, labels):
    if kind.startswith("google"):
        return _label_kind(labels.get(f"phone.{kind.removeprefix('google')}", ""))
    return f"{kind} {base}".strip() if base != "phone" else kind


def _label_kind(label):
    """Return the kind that a label of Google means, or what somebody has written there."""
    words = fold(label)
    return next(
        (name for stems, name in _KIND_WORDS if any(stem in words for stem in stems)),
        label.strip("* ").lower(),
    )


def _to_address(kind, parts, labels):
    if kind.startswith("google"):
        words = fold(labels.get(f"address.{kind.removeprefix('google')}", ""))
        kind = next(
            (name for stems, name in _KIND_WORDS if any(stem in words for stem in stems)),
            "other" if words else "",
        )
    # Google has what it could not take apart in the whole text alone
    is_whole = not any(parts.get(name) for name in ADDRESS_PARTS)
    street = parts.get("formatted" if is_whole else "street", "")
    first, _newline, rest = street.partition("\n")
    more = [parts.get("pobox", ""), parts.get("street2", ""), *rest.split("\n"), parts.get("street3", "")]
    return Address(
        kind,
        first.strip(" ,"),
        ", ".join(part.strip(" ,") for part in more if part.strip(" ,")),
        *(" ".join(parts.get(part, "").split()) for part in ("city", "state", "zip", "country")),
    )


def _categories(cell):
    names = re.split(r":::|;|,", cell, maxsplit=MAX_VALUES)[:MAX_VALUES]
    # the groups of Google's own have an asterisk
    return list(
        dict.fromkeys(name.strip() for name in names if name.strip() and not name.strip().startswith("*"))
    )
