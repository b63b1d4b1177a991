"""Reader of LDIF (RFC 2849) as address books write it: Thunderbird, Mozilla, Outlook Express, directories."""

import base64
import binascii
import re
from itertools import islice

from .contact_record import MAX_VALUES, Address, ContactRecord, TooMany
from .names import fold
from .text import clean_text, compose

_LISTS = frozenset({"groupofnames", "groupofuniquenames", "mozillaabmailinglist", "group"})
# What a directory holds beside people and companies.
_NO_CONTACTS = frozenset(
    {"organizationalunit", "domain", "domaindns", "container", "builtindomain", "computer", "printqueue"}
)
_TECHNICAL_WORDS = """
    dn objectclass modifytimestamp createtimestamp changetype mozillausehtmlmail xmozillausehtmlmail
    uid objectguid entryuuid userpassword usercertificate usercertificate;binary usersmimecertificate
    creatorsname modifiersname structuralobjectclass entrycsn displayname-lang version control
    distinguishedname instancetype whencreated whenchanged usncreated usnchanged objectsid sidhistory objectcategory
    useraccountcontrol badpwdcount badpasswordtime codepage countrycode lastlogon lastlogoff lastlogontimestamp
    pwdlastset primarygroupid accountexpires logoncount logonhours samaccounttype samaccountname userprincipalname
    dscorepropagationdata admincount lockouttime memberof directreports managedobjects serviceprincipalname
    legacyexchangedn mailnickname showinaddressbook homemdb homemta textencodedoraddress
"""
_TECHNICAL = frozenset(_TECHNICAL_WORDS.split())
_TECHNICAL_STARTS = ("msexch", "msds-", "ms-ds-")
_EXTRAS = {
    "nsaimid": "Instant Messenger",
    "mozilla_aimscreenname": "Instant Messenger",
    "manager": "Manager",
    "secretary": "Assistant",
    "roomnumber": "Office",
    "physicaldeliveryofficename": "Office",
    "ipphone": "IP Phone",
    "employeenumber": "Employee Number",
}
# attribute: kind
_PHONES = {
    "telephonenumber": "work",
    "homephone": "home",
    "mobile": "mobile",
    "cellphone": "mobile",
    "mobiletelephonenumber": "mobile",
    "facsimiletelephonenumber": "fax",
    "fax": "fax",
    "pager": "pager",
    "pagerphone": "pager",
    # of Active Directory
    "othertelephone": "work",
    "othermobile": "mobile",
    "otherhomephone": "home",
    "otherfacsimiletelephonenumber": "fax",
    "otherpager": "pager",
}
_EMAILS = (
    "mail",
    "rfc822mailbox",
    "email",
    "mozillasecondemail",
    "xmozillasecondemail",
    "mailalternateaddress",
    "proxyaddresses",
    "othermailbox",
)
_ADDRESSES = {
    # part: (attributes of work, attributes of home)
    "street": (("street", "streetaddress", "postaladdress"), ("mozillahomestreet", "homepostaladdress")),
    "street2": (("mozillaworkstreet2", "postofficebox"), ("mozillahomestreet2",)),
    "city": (("l", "locality", "localityname"), ("mozillahomelocalityname",)),
    "state": (("st", "region", "stateorprovincename"), ("mozillahomestate",)),
    "zip": (("postalcode",), ("mozillahomepostalcode",)),
    "country": (
        ("c", "co", "countryname", "friendlycountryname"),
        ("mozillahomecountryname", "mozillahomecountry"),
    ),
}
_WEBSITES = ("mozillaworkurl", "workurl", "labeleduri", "mozillahomeurl", "homeurl", "url", "wwwhomepage")


def read_ldif(text, limit=None):
    """Return the list of :class:`ContactRecord`; lists become categories of their members.

    >>> [record.full_name() for record in read_ldif("dn: cn=A\\nobjectclass: person\\ncn:: w4FydsOtegpu\\nsn: x")]
    ['Árvíz n']
    """
    entries = list(islice(_split_entries(text), limit and limit + 1))
    if limit and len(entries) > limit:
        raise TooMany("contacts", limit)
    lists = [(line, entry) for line, entry, _raw in entries if _is_list(entry)]
    records, by_dn = [], {}
    for line, entry, raw in entries:
        if _is_list(entry):
            continue
        record = _to_record(entry)
        record.line, record.raw, record.number = line, raw, len(records) + 1
        records.append(record)
        by_dn[_dn_key(_first(entry, "dn"))] = record
    for _line, entry in lists:
        name = _first(entry, "cn")
        for dn in entry.get("member", []) + entry.get("uniquemember", []):
            record = by_dn.get(_dn_key(dn))
            if record and name and len(record.categories) < MAX_VALUES and name not in record.categories:
                record.categories.append(name)
    return records


def _is_list(entry):
    return bool(_LISTS & {kind.lower() for kind in entry.get("objectclass", [])})


def _dn_key(dn):
    return "".join(part.strip() for part in re.split("([,=])", dn or "")).lower()


def _first(entry, *names):
    return next((value for name in names for value in entry.get(name, ()) if value), "")


def _split_entries(text):
    """Yield (line number, {attribute: [value, ...]}, raw text) of each entry."""
    lines = re.split(r"\r\n|\n|\r", text.lstrip("\ufeff"))
    entry, raw, start = {}, [], 0
    position = 0
    while position <= len(lines):
        if position == len(lines) or not lines[position].strip():
            if entry and set(entry) - {"version"}:
                yield start, entry, "\n".join(raw)
            entry, raw = {}, []
            position += 1
            continue
        line, begin = lines[position], position
        position += 1
        while position < len(lines) and lines[position][:1] in (" ", "\t") and lines[position].strip():
            line += lines[position][1:]
            position += 1
        if not raw:
            start = begin + 1
        raw += lines[begin:position]
        if line.startswith("#"):
            continue
        if line.strip() == "-":
            # between the changes of a record that modifies an entry
            continue
        name, colon, value = line.partition(":")
        if not colon:
            continue
        name = name.strip().lower()
        if name in ("add", "replace", "delete", "changetype") and _is_change(entry, name):
            entry.setdefault("changetype", []).append(value.strip().lower())
            continue
        entry.setdefault(name.partition(";")[0], []).append(_value(name, value))


def _is_change(entry, name):
    """Tell whether the line is an order of a change and not an attribute that has such a name."""
    return "dn" in entry and (name == "changetype" or "changetype" in entry)


def _value(name, value):
    if value.startswith("<"):
        # a file or an address elsewhere: not fetched
        return value[1:].strip()
    if not value.startswith(":"):
        return clean_text(value)
    try:
        decoded = base64.b64decode(re.sub(r"\s", "", value[1:]) + "==")
    except (binascii.Error, ValueError):
        return clean_text(value[1:])
    if name.partition(";")[0] in ("jpegphoto", "thumbnailphoto", "photo"):
        return decoded
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            # a file's own text has whole letters already
            return clean_text(compose(decoded.decode(encoding)))
        except UnicodeDecodeError:
            continue
    return ""


def _to_record(entry):
    record = ContactRecord()
    used = set(_TECHNICAL)
    if any(len(values) > MAX_VALUES for values in entry.values()):
        entry = {name: values[:MAX_VALUES] for name, values in entry.items()}
        record.warnings.append(("surplus_values", str(MAX_VALUES)))

    def take(*names, label=""):
        """Return the first value; what others of them say beside it goes into the note under a label."""
        used.update(names)
        chosen = _first(entry, *names)
        values = [value for name in names for value in entry.get(name, ()) if isinstance(value, str)]
        seen = {fold(chosen)}
        for value in values if label else ():
            if fold(value) not in seen:
                seen.add(fold(value))
                record.extras.append((label, value))
        return chosen

    # what a directory shows is the name in full
    record.name = " ".join(take("displayname", "cn", "commonname", "name", label="Name").split())
    record.given = take("givenname", "gn")
    record.family = take("sn", "surname")
    if not (record.name or record.given or record.family):
        # what an entry is changed in is told without its name
        record.name = _common_name(_first(entry, "dn"), "")
    record.middle = take("middlename", "initials")
    record.nickname = take("mozillanickname", "xmozillanickname", "nickname", label="Nickname")
    record.function = take("title", label="Job Title")
    record.prefix = take("personaltitle")
    record.company = take("o", "company", "organizationname", label="Company")
    record.department = take("ou", "orgunit", "department", "departmentnumber", label="Department")
    record.language = take("preferredlanguage")
    record.notes = [
        note for name in ("description", "notes", "info", "comment") for note in entry.get(name, []) if note
    ]
    used.update(("description", "notes", "info", "comment"))
    record.categories = [name for name in entry.get("category", []) + entry.get("categories", []) if name]
    used.update(("category", "categories"))
    addresses = {""}
    for name in _EMAILS:
        used.add(name)
        for mail in entry.get(name, ()):
            # Exchange: SMTP:an@example.com, beside addresses of its own
            address = re.sub("^smtp:", "", mail, flags=re.IGNORECASE)
            if address.lower() not in addresses and not (name == "proxyaddresses" and "@" not in address):
                addresses.add(address.lower())
                record.emails.append(("", address))
    for name, kind in _PHONES.items():
        used.add(name)
        record.phones += [(kind, number) for number in entry.get(name, ()) if number]
    for place, kind in enumerate(("work", "home")):
        address = Address(kind, **{part: take(*names[place]) for part, names in _ADDRESSES.items()})
        # addresses in one value have their lines between dollar signs
        if "$" in address.street:
            first, _dollar, rest = address.street.partition("$")
            address.street = first.strip()
            address.street2 = ", ".join(
                filter(None, [*(part.strip() for part in rest.split("$")), address.street2])
            )
        if address:
            record.addresses.append(address)
    for name in _WEBSITES:
        used.add(name)
        for value in entry.get(name, ()):
            # labeledURI: the address, a blank, a label
            url = value.split(" ", 1)[0]
            if url and url not in record.websites:
                record.websites.append(url)
    year, month, day = take("birthyear"), take("birthmonth"), take("birthday")
    record.birthday = join_birthday(year, month, day) or take("dateofbirth", "birthdate") or year
    used.update(("dateofbirth", "birthdate"))
    for name in ("jpegphoto", "thumbnailphoto", "photo"):
        used.add(name)
        photo = next((value for value in entry.get(name, ()) if isinstance(value, bytes)), b"")
        record.photo = record.photo or photo
    for name, values in entry.items():
        if name in used or name.startswith(_TECHNICAL_STARTS):
            continue
        if name in ("manager", "secretary"):
            values = [_common_name(value, value) for value in values if isinstance(value, str)]
        label = _EXTRAS.get(name) or re.sub(r"^x?mozilla", "", name).capitalize()
        record.extras += [(label, value) for value in values if value and isinstance(value, str)]
    if entry.get("changetype", [""])[0] in ("delete", "modrdn", "moddn"):
        record.problem = "change"
    elif _NO_CONTACTS & {kind.lower() for kind in entry.get("objectclass", [])}:
        record.problem = "no_contact"
    elif record.is_empty():
        record.problem = "empty"
    person = record.given or record.family
    record.is_company = bool(record.company and not person and record.name in ("", record.company))
    return record


def _common_name(dn, default):
    r"""Return the name in a distinguished name, or ``default`` if there is none.

    >>> _common_name("CN=Lan\\, Le,OU=Sales,DC=corp", ""), _common_name("Lan", "?")
    ('Lan, Le', '?')
    """
    match = re.match(r"cn=((?:\\.|[^,\\+])+)", dn, re.IGNORECASE)
    return re.sub(r"\\(.)", r"\1", match[1]).strip() if match else default


def join_birthday(year, month, day):
    """Return the ISO form of a birthday that is given in parts, the year left out if it is not known.

    >>> join_birthday("1900", "1", "2"), join_birthday("", "3", "14"), join_birthday("1980", "", "")
    ('1900-01-02', '--03-14', '')
    >>> join_birthday("1985", "April", "12"), join_birthday("", "", "1985-04-12")
    ('12 April 1985', '1985-04-12')
    """
    texts = [str(part or "").strip() for part in (day, month, year)]
    if not texts[1] and len(texts[0]) > 3:
        # the whole date
        return texts[0]
    if texts[1] and not re.search(r"\d", texts[1]):
        return " ".join(filter(None, texts))
    parts = [re.sub(r"\D", "", str(part or "")) for part in (year, month, day)]
    # so many figures are no year; Python refuses to make a number of thousands
    year, month, day = (int(part[:9]) if part else 0 for part in parts)
    if not month and not day:
        return ""
    return f"{year:04}-{month:02}-{day:02}" if year else f"--{month:02}-{day:02}"
