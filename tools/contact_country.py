"""Countries as people write them."""

from functools import lru_cache

from babel import Locale

from .names import fold

_LOCALES_WORDS = """
    en vi de fr es it pt nl pl ru uk sv da nb fi cs hu ro tr ja zh ko
"""
_LOCALES = _LOCALES_WORDS.split()
_ALIASES = {
    "usa": "US",
    "us": "US",
    "america": "US",
    "unitedstatesofamerica": "US",
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "greatbritain": "GB",
    "holland": "NL",
    "southkorea": "KR",
    "korea": "KR",
    "republicofkorea": "KR",
    "vietnam": "VN",
    "russianfederation": "RU",
    "prchina": "CN",
    "uae": "AE",
    "czechrepublic": "CZ",
}


@lru_cache(maxsize=1)
def _names():
    names = {}
    for code in _LOCALES:
        for territory, name in Locale.parse(code).territories.items():
            if len(territory) == 2 and territory.isalpha():
                names.setdefault(fold(name).replace(" ", ""), territory)
    return {**names, **_ALIASES}


def country_code(text):
    """Return the ISO code of the country that ``text`` names in some language, or "".

    >>> [country_code(text) for text in ("U.S.A.", "Deutschland", "Việt Nam", "vn", "日本", "Nowhere")]
    ['US', 'DE', 'VN', 'VN', 'JP', '']
    """
    key = fold(text).replace(" ", "")
    if not key:
        return ""
    names = _names()
    if len(key) == 2 and key.isascii() and key.upper() in names.values():
        return names.get(key, key.upper())
    return names.get(key, "")
