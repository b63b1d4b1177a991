"""Vietnamese as it was written before Unicode: TCVN3 (ABC fonts), VNI and VISCII, which Python does not know.

The bytes of all of them are letters of Western European text, too: only what the words are tells them apart.
"""

import codecs
import re
import unicodedata

TCVN3, VNI, VISCII = "tcvn3", "vni", "viscii"
OLD_ENCODINGS = (TCVN3, VNI, VISCII)

_WINDOWS = bytes(range(256)).decode("cp1252", "replace")
# One letter for each byte from 0xA1 on; "?" where the fonts have none.
_TCVN3_LETTERS = (
    "ĂÂÊÔƠƯĐăâêôơưđ??????àảãáạ?ằẳẵắ???????ặầẩẫấậè?ẻẽéẹềểễếệìỉ???ĩíịò?ỏõóọồổỗốộờởỡớợù?ủũúụừửữứựỳỷỹýỵ?"
)
# from 0x80 on
_VISCII_LETTERS = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VISCII_CONTROLS = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_TABLES = {
    # what is no letter of ABC fonts stands as "undefined" for Python
    TCVN3: _WINDOWS[:0xA1] + _TCVN3_LETTERS.replace("?", "\ufffe"),
    VISCII: "".join(_VISCII_CONTROLS.get(code, chr(code)) for code in range(0x80)) + _VISCII_LETTERS,
}
# VNI: a letter, and the mark over or under it as a letter of its own
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT, _ROOF, _BOWL = "\u0300\u0301\u0309\u0303\u0323\u0302\u0306"
_VNI_MARKS = {
    "ù": _ACUTE, "ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _ROOF, "á": _ROOF + _ACUTE, "à": _ROOF + _GRAVE, "å": _ROOF + _HOOK, "ã": _ROOF + _TILDE, "ä": _ROOF + _DOT,
    "ê": _BOWL, "é": _BOWL + _ACUTE, "è": _BOWL + _GRAVE, "ú": _BOWL + _HOOK, "ü": _BOWL + _TILDE, "ë": _BOWL + _DOT,
}  # fmt: skip
_VNI_LETTERS = {"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
_VNI_PAIR = re.compile(
    f"[aeouy][{''.join(_VNI_MARKS)}]|[{''.join(_VNI_LETTERS)}][{''.join(_VNI_MARKS)}]?|[{''.join(_VNI_MARKS)}]",
    re.IGNORECASE,
)

_TONES = re.compile(f"[{_GRAVE}{_ACUTE}{_HOOK}{_TILDE}{_DOT}]")
_SYLLABLE = re.compile(
    r"(?:ngh?|[cknpt]h|g[hi]|qu|tr|[bcdđghklmnprstvx])?"
    r"(?:(?:oa|uê|uy|[aêiy])(?:nh|ch)"
    r"|(?:iê|yê|uô|ươ|uyê|uy|uâ|uê|oa|oă|oe|oo|[aăâeêioôơuưy])(?:ng|[ckmnpt])"
    r"|a[iouy]?|â[uy]|eo?|êu?|i[au]?|iêu|yêu|y|o[aei]?|oa[ioy]|oeo|ôi?|ơi?|u[aiyêơ]?|uây|uy[au]|uôi|ư[aiu]?|ươ[iu])"
)
_WORD = re.compile(rb"[A-Za-z\x02\x05\x06\x14\x19\x1e\x80-\xff]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SMALL, _SURE_CAPITAL = re.compile("[a-z]"), re.compile("[A-ZĂÂÊÔƠƯĐ]")
_CONSONANTS = re.compile(r"[bcdđghklmnpqrstvx]*", re.IGNORECASE)
_QUOTES = "‘’‚“”„–—…\xa0"
FEWEST_WORDS, MOST_WORDS, MOST_BYTES = 5, 2_000, 20


def decode_old(data, encoding):
    """Return the text of ``data`` in one of the :data:`OLD_ENCODINGS`; what it has no letter for is ``\\ufffd``.

    >>> decode_old("NguyÔn V¨n Tó, HuÕ".encode("cp1252"), TCVN3)
    'Nguyễn Văn Tú, Huế'
    >>> decode_old("Nguyeãn Vaên Tuù, ÑÖÔØNG".encode("cp1252"), VNI)
    'Nguyễn Văn Tú, ĐƯỜNG'
    >>> decode_old(b"Nguy\\xadn V\\xe5n T\\xfa", VISCII)
    'Nguyễn Văn Tú'
    """
    if encoding == VNI:
        return _VNI_PAIR.sub(_join_vni, data.decode("cp1252", "replace"))
    text = codecs.charmap_decode(data, "replace", _TABLES[encoding])[0]
    return _LETTERS.sub(_raise_capitals, text) if encoding == TCVN3 else text


def _raise_capitals(found):
    """Return a word of TCVN3 in capitals if it was in them: the fonts of capitals show small letters as capitals.

    >>> _LETTERS.sub(_raise_capitals, "TRầN VăN Tú, Lê HUế")
    'TRẦN VĂN Tú, Lê HUẾ'
    """
    word = found[0]
    return word.upper() if len(_SURE_CAPITAL.findall(word)) > 1 and not _SMALL.search(word) else word


def _join_vni(found):
    """Return the letter that a letter of VNI and its mark are.

    >>> [_join_vni(_VNI_PAIR.fullmatch(pair)) for pair in ("aá", "ÔÏ", "Ñ", "ø")]
    ['ấ', 'Ợ', 'Đ', '\ufffd']
    """
    letter, mark = found[0][0].lower(), found[0][1:].lower()
    if letter in _VNI_MARKS:
        return "\ufffd"
    joined = unicodedata.normalize("NFC", _VNI_LETTERS.get(letter, letter) + _VNI_MARKS.get(mark, ""))
    if len(joined) > 1:
        return "\ufffd"
    return joined.upper() if found[0][0].isupper() else joined


def _is_syllable(word):
    """Tell whether a word can be Vietnamese.

    >>> [_is_syllable(word) for word in ("Nguyễn", "ĐƯỜNG", "quý", "tươt", "Mỹller", "Bỡnh")]
    [True, True, True, False, False, False]
    """
    apart = unicodedata.normalize("NFD", word.lower())
    plain, tones = _TONES.subn("", apart)
    plain = unicodedata.normalize("NFC", plain)
    if not _SYLLABLE.fullmatch(plain) or tones > 1:
        return False
    # these ends have one of two tones only
    return not plain.endswith(("c", "ch", "k", "p", "t")) or _ACUTE in apart or _DOT in apart


def guess_old(sample):
    """Return in which of the :data:`OLD_ENCODINGS` nearly all words of ``sample`` are Vietnamese, else None.

    Words that are Vietnamese in the encodings of Windows say nothing, and few words are met by chance.

    >>> guess_old("Hä vµ tªn,§Þa chØ,§T\\nNguyÔn V¨n Tó,HuÕ,054".encode("cp1252"))
    'tcvn3'
    >>> guess_old("Nom,Prénom\\nLefèvre,Zoé\\nGarçon,Noël\\nHà,Lê\\nTô,Bình\\nLý,Tú".encode("cp1252"))
    """
    # what is longer than a syllable may be cut: it is none
    found = dict.fromkeys(word[:MOST_BYTES] for word in _WORD.findall(sample) if not word.isascii())
    words = list(found)[:MOST_WORDS]
    best, most = None, 0
    for encoding in OLD_ENCODINGS:
        told = fitting = chance = 0
        for word in words:
            text = decode_old(word, encoding).strip(_QUOTES)
            windows = [
                unicodedata.normalize("NFC", word.decode(name, "replace")) for name in ("cp1252", "cp1258")
            ]
            if len(text) < 2 or text in windows or _CONSONANTS.fullmatch(text):
                continue
            told += 1
            fitting += _is_syllable(text)
            chance += any(_is_syllable(other.strip(_QUOTES)) for other in windows)
        if fitting > max(most, FEWEST_WORDS - 1) and fitting >= 0.9 * told and chance <= 0.5 * told:
            best, most = encoding, fitting
    return best
