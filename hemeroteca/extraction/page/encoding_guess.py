"""The encoding of a page that declares none, or a wrong one: what reads its bytes as words of some language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from resiliparse.parse.encoding import detect_encoding

from hemeroteca.extraction.page.encoding_labels import decode_as, find_encoding
from hemeroteca.extraction.page.mojibake import MOJIBAKE_AT, measure_mojibake

SAMPLE_BYTES = 40_000
MAX_SAMPLES = 4_000
_PLAINLY = 0.02

_CYRILLIC = ("windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic")
_CENTRAL = ("windows-1250", "iso-8859-2")
_CHINESE = ("gbk", "big5")
_BY_LANGUAGE = {
    "ar": ("windows-1256", "iso-8859-6"), "fa": ("windows-1256",), "ur": ("windows-1256",),
    "az": ("windows-1254",), "ku": ("windows-1254",), "tr": ("windows-1254",),
    "be": _CYRILLIC, "bg": _CYRILLIC, "kk": _CYRILLIC, "ky": _CYRILLIC, "mk": _CYRILLIC, "mn": _CYRILLIC,
    "ru": _CYRILLIC, "sah": _CYRILLIC, "tg": _CYRILLIC, "tt": _CYRILLIC, "ba": _CYRILLIC,
    "uk": ("windows-1251", "koi8-u", *_CYRILLIC[2:]), "sr": ("windows-1251", *_CENTRAL, "iso-8859-5"),
    "bs": _CENTRAL, "cs": _CENTRAL, "hr": _CENTRAL, "hu": _CENTRAL, "pl": _CENTRAL, "ro": _CENTRAL, "sk": _CENTRAL,
    "sl": _CENTRAL, "sq": _CENTRAL,
    "el": ("windows-1253", "iso-8859-7"), "he": ("windows-1255", "iso-8859-8-i"), "yi": ("windows-1255",),
    "et": ("windows-1257", "iso-8859-13"), "lt": ("windows-1257", "iso-8859-13"), "lv": ("windows-1257", "iso-8859-13"),
    "ja": ("shift_jis", "euc-jp"), "ko": ("euc-kr",), "zh": _CHINESE, "th": ("windows-874",), "vi": ("windows-1258",),
}  # fmt: skip
"""The encodings in which a language was written before UTF-8, the usual one first: the defaults of browsers by locale
(HTML standard, section 13.2.3.2), and what else the web had."""

_OF_LATIN_LETTERS = frozenset({*_CENTRAL, "windows-1254", "windows-1257", "iso-8859-13", "windows-1258"})
"""Other answers of uchardet for texts in Latin letters are quotation marks taken for letters of DOS."""

_LANGUAGE = re.compile(rb"<html\b[^<>]{0,400}?\slang\s*=\s*[\"']?([a-zA-Z]{2,3})\b", re.IGNORECASE)
_TEXT_BEYOND_ASCII = re.compile(rb"[\x80-\xff][^<>]{0,4000}")
_CHARS_BEFORE = 200


def guess_encoding(body: bytes, declared: Sequence[str] = ()) -> str:
    """Return the encoding in which the bytes of *body* beyond ASCII look most like words. Never raises.

    *declared* are those that the page names: one of them stands where no other is plainly better. The name is that of
    the WHATWG standard, or of a Python codec for an encoding that browsers do not know.
    """
    sample = _sample(body)
    names = dict.fromkeys([*declared, *_list_candidates(body, sample)])
    scores = {name: measure_mojibake(decode_as(sample, name)) for name in names}
    best = min(scores.values())
    standing = next((name for name in declared if scores[name] < 2 * best + _PLAINLY), None)
    return standing or next(name for name, score in scores.items() if score <= best + _PLAINLY)


def _list_candidates(body: bytes, sample: bytes) -> list[str]:
    """Return what may be meant, the likeliest first: by the page's language, by uchardet, and windows-1252."""
    claimed = _LANGUAGE.search(body[:2_000])
    usual = _BY_LANGUAGE.get(claimed[1].decode().lower(), ()) if claimed else ()
    found = _name(detect_encoding(sample, html5_compatible=False))
    if found in _CYRILLIC:
        usual = (*usual, *_CYRILLIC, "koi8-u")
    if found in usual or _is_foreign(sample) or (found in _OF_LATIN_LETTERS and not claimed):
        return [*([found] if found else []), *usual, "windows-1252"]
    return [*usual, "windows-1252"]


def _is_foreign(sample: bytes) -> bool:
    """Say whether *sample* is wrong as Western European."""
    return measure_mojibake(decode_as(sample, "windows-1252")) > MOJIBAKE_AT


def _name(codec: str | None) -> str | None:
    """Return the standard's name of a Python codec, the codec's own where the standard has none."""
    if codec is None or codec.startswith(("utf", "ascii", "iso2022_kr", "hz")):
        return None
    for label in (codec, codec.replace("_", "-"), _OTHER_NAMES.get(codec, "")):
        if name := find_encoding(label):
            return name
    return codec


_OTHER_NAMES = {
    "mac_cyrillic": "x-mac-cyrillic", "mac_roman": "macintosh", "cp932": "shift_jis", "shift_jis_2004": "shift_jis",
    "cp949": "euc-kr", "uhc": "euc-kr", "johab": "euc-kr", "big5hkscs": "big5", "cp950": "big5", "cp874": "windows-874",
    "euc_jis_2004": "euc-jp", "euc_jisx0213": "euc-jp", "latin_1": "windows-1252",
}  # fmt: skip


def _sample(body: bytes) -> bytes:
    """Return the texts of *body* that are not ASCII, without the markup between them."""
    taken: list[bytes] = []
    length = end = 0
    for found in islice(_TEXT_BEYOND_ASCII.finditer(body), MAX_SAMPLES):
        before = body[max(end, found.start() - _CHARS_BEFORE) : found.start()]
        taken.append(before[max(before.rfind(b"<"), before.rfind(b">")) + 1 :] + found[0])
        end = found.end()
        length += len(taken[-1])
        if length > SAMPLE_BYTES:
            break
    return b"\n".join(taken)
