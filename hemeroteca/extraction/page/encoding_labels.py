"""The encodings of the web: every label of the WHATWG Encoding standard, and a decoder for each."""

from __future__ import annotations

import codecs
import re

_LABELS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    "ibm866": "866 cp866 csibm866 ibm866",
    "iso-8859-2": "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "iso-8859-3": "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    "iso-8859-4": "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    "iso-8859-5": "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    "iso-8859-6": (
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e iso-8859-6-i "
        "iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987"
    ),
    "iso-8859-7": (
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
        "iso_8859-7:1987 sun_eu_greek"
    ),
    "iso-8859-8": (
        "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
        "iso_8859-8:1988 visual"
    ),
    "iso-8859-8-i": "csiso88598i iso-8859-8-i logical",
    "iso-8859-10": "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "iso-8859-13": "iso-8859-13 iso8859-13 iso885913",
    "iso-8859-14": "iso-8859-14 iso8859-14 iso885914",
    "iso-8859-15": "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
    "iso-8859-16": "iso-8859-16",
    "koi8-r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8-u": "koi8-ru koi8-u",
    "macintosh": "csmacintosh mac macintosh x-mac-roman",
    "windows-874": "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "windows-1250": "cp1250 windows-1250 x-cp1250",
    "windows-1251": "cp1251 windows-1251 x-cp1251",
    "windows-1252": (
        "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 iso_8859-1 "
        "iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252"
    ),
    "windows-1253": "cp1253 windows-1253 x-cp1253",
    "windows-1254": (
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
        "windows-1254 x-cp1254"
    ),
    "windows-1255": "cp1255 windows-1255 x-cp1255",
    "windows-1256": "cp1256 windows-1256 x-cp1256",
    "windows-1257": "cp1257 windows-1257 x-cp1257",
    "windows-1258": "cp1258 windows-1258 x-cp1258",
    "x-mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
    "gbk": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
    "gb18030": "gb18030",
    "big5": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc-jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso-2022-jp": "csiso2022jp iso-2022-jp",
    "shift_jis": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "euc-kr": (
        "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 windows-949"
    ),
    "replacement": "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement",
    "utf-16be": "unicodefffe utf-16be",
    "utf-16le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
    "x-user-defined": "x-user-defined",
}
"""WHATWG Encoding, section 4.2 (as of 2025): the labels of each encoding, 228 in all. (``webencodings`` has 214.)"""

ENCODINGS = {label: name for name, labels in _LABELS.items() for label in labels.split()}
"""By label in lower case, the encoding that browsers read such a page in."""

_CODECS = {
    "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932", "euc-kr": "cp949", "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8", "macintosh": "mac-roman", "x-mac-cyrillic": "mac-cyrillic", "euc-jp": "euc_jp",
}  # fmt: skip
"""The codec of Python's that reads an encoding, where it has another name."""

_REPLACED = {"hz-gb-2312": "hz", "iso-2022-kr": "iso2022_kr", "csiso2022kr": "iso2022_kr"}
"""Browsers show nothing of pages in these, for fear of scripts. We run no scripts."""

_TRANSLATIONS = {
    "euc-jp": str.maketrans("\u301c\u2016\u2212\u00a2\u00a3\u00ac", "\uff5e\u2225\uff0d\uffe0\uffe1\uffe2"),
    "koi8-u": str.maketrans("\u255d\u256c", "\u045e\u040e"),
    "big5": str.maketrans("\u2022", "\u2027"),
}
"""Where Python's codec gives another character than the standard's index."""

_USER_DEFINED = {byte: 0xF700 + byte for byte in range(0x80, 0x100)}
_MOST_REPAIRED_BYTES = 1_000_000
"""Beyond, a page is no newspaper's; a call of Python for each byte that makes no sense would take too long."""

_ESCAPES = re.compile(rb"\x1b(\(B|\(J|\(I|\$@|\$B|\$\(D)")
_ASCII_SPACE = "\t\n\f\r "


def find_encoding(label: str | None) -> str | None:
    """Return the encoding that browsers use for *label* (its name in lower case), None for a label they do not know."""
    return ENCODINGS.get((label or "").strip(_ASCII_SPACE).lower())


def decode_as(body: bytes, name: str) -> str:
    """Return *body* read in the encoding *name* of the standard; what it does not know becomes U+FFFD."""
    if name == "replacement":
        return "\ufffd" if body else ""
    if name == "x-user-defined":
        return body.decode("latin-1").translate(_USER_DEFINED)
    if name == "iso-2022-jp":
        return _decode_iso_2022_jp(body)
    repair = _REPAIRS.get(name, "replace") if len(body) <= _MOST_REPAIRED_BYTES else "replace"
    text = body.decode(_CODECS.get(name, name), repair)
    table = _TRANSLATIONS.get(name)
    return text.translate(table) if table else text


def decode_replaced(body: bytes, label: str) -> str | None:
    """Return *body* where *label* names one of the encodings that browsers refuse and Python reads."""
    codec = _REPLACED.get(label.strip(_ASCII_SPACE).lower())
    return body.decode(codec, "replace") if codec else None


def _decode_iso_2022_jp(body: bytes) -> str:
    """Python's codec lacks NEC's row 13 (①, ㈱) and half-width kana; EUC-JP has both at the same places."""
    first, *rest = _ESCAPES.split(body)
    parts = [first.decode("ascii", "replace")]
    for escape, run in zip(rest[::2], rest[1::2], strict=True):
        if escape in (b"(B", b"(J"):
            parts.append(run.decode("ascii", "replace"))
            continue
        high = bytes(byte | 0x80 if 0x21 <= byte <= 0x7E else byte for byte in run)
        if escape == b"(I":
            parts.append(high.decode("cp932", "replace"))
        else:
            if escape == b"$(D":
                high = re.sub(rb"([\xa1-\xfe]{2})", b"\x8f\\1", high)
            parts.append(decode_as(high, "euc-jp"))
    return "".join(parts)


def _repair_euc_jp(error: UnicodeError) -> tuple[str | bytes, int]:
    """Read the pairs that NEC and IBM added, as Shift_JIS has them."""
    assert isinstance(error, UnicodeDecodeError)
    pair = error.object[error.start : error.start + 2]
    if len(pair) == 2 and min(pair) >= 0xA1:
        row, cell = pair[0] - 0xA1, pair[1] - 0xA1
        lead = (row >> 1) + (0x81 if row < 62 else 0xC1)
        trail = cell + (0x9F if row % 2 else 0x40 + (cell >= 63))
        with_nec = bytes((lead, trail)).decode("cp932", "replace")
        if "\ufffd" not in with_nec:
            return with_nec, error.start + 2
    return "\ufffd", error.start + 1


def _repair_gbk(error: UnicodeError) -> tuple[str | bytes, int]:
    """Read 0x80 as the euro sign, as Windows did."""
    assert isinstance(error, UnicodeDecodeError)
    is_euro = error.object[error.start] == 0x80
    return "\u20ac" if is_euro else "\ufffd", error.start + 1 if is_euro else error.end


codecs.register_error("hemeroteca-euc-jp", _repair_euc_jp)
codecs.register_error("hemeroteca-gbk", _repair_gbk)
_REPAIRS = {"euc-jp": "hemeroteca-euc-jp", "gbk": "hemeroteca-gbk", "gb18030": "hemeroteca-gbk"}
