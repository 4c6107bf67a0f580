"""The character encoding of a page: byte order mark, the bytes themselves, header, meta, then windows-1252."""

from __future__ import annotations

import codecs
import re

PRESCAN_BYTES = 16 * 1024  # browsers look at 1024 first and later read again; long comments and scripts come before
MAX_DAMAGE = 0.3
MAX_STRAY_DAMAGE = 0.1  # UTF-8 that some software cut in the middle of characters has this much

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))

_WHATWG_NAMES = {
    "ascii": "windows-1252",
    "iso8859-1": "windows-1252",
    "iso8859-9": "windows-1254",
    "iso8859-11": "windows-874",
    "tis-620": "windows-874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "utf-16": "utf-16-le",
}
"""Encodings that browsers replace by a larger one of the same family (WHATWG Encoding, section 4.2)."""

_CODECS = {"big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949", "windows-874": "cp874"}
"""Python codecs to use where the one of that name lacks characters that the web uses."""

_KNOWN_TO_BROWSERS = re.compile(
    r"utf-8|utf-16-[lb]e|(windows-|cp)(125[0-8]|874|866)|iso8859-\d+|koi8-[ru]|mac-(roman|cyrillic)"
    r"|gb18030|big5|big5hkscs|euc_jp|euc_kr|iso2022_jp|shift_jis|cp932|cp949"
)
_SPACE = rb"[\s/]"
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta" + _SPACE + rb"((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([^\s/=>\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_XML = re.compile(rb"\A<\?xml[^>]*\sencoding\s*=\s*[\"']([^\"'>]+)[\"']", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';]+)", re.IGNORECASE)


def decode_html(body: bytes, content_type: str | None) -> tuple[str, str]:
    """Return the text of *body* and the encoding it was read with; bytes that this does not know become U+FFFD.

    Bytes beyond ASCII that are nearly all valid UTF-8 are read as UTF-8, whatever the header says. A declared encoding
    in which many of the bytes make no sense is ignored. Never raises.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name
    if not body.isascii():
        text = _decode_utf8(body)
        if _measure_damage(text) <= MAX_STRAY_DAMAGE:
            return text, "utf-8"
    for declared in (find_encoding(read_header_charset(content_type)), find_encoding(read_declared_charset(body))):
        if declared is not None:
            text = body.decode(_CODECS.get(declared, declared), "replace")
            if _measure_damage(text) <= MAX_DAMAGE:
                return text, declared
    name = "utf-8" if body.isascii() else "windows-1252"
    return body.decode(name, "replace"), name


def read_header_charset(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type header names."""
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None


def read_declared_charset(body: bytes) -> str | None:
    """Return the charset that the page's first bytes declare, as XML or in a meta; UTF-16 there can only mean UTF-8."""
    start = body[:PRESCAN_BYTES]
    declared = _XML.match(start)
    labels = [declared[1].decode("latin-1")] if declared else []
    labels += [label for tag in _META.findall(_COMMENT.sub(b"", start)) if (label := _read_meta_charset(tag))]
    for label in labels:
        name = find_encoding(label)
        if name is not None:
            return "utf-8" if name.startswith("utf-16") else label
    return None


def find_encoding(label: str | None) -> str | None:
    """Return the encoding that browsers use for *label*, None for a label they do not know."""
    try:
        name = codecs.lookup((label or "").strip()).name
    except (LookupError, ValueError):
        return None
    name = _WHATWG_NAMES.get(name, name)
    if not _KNOWN_TO_BROWSERS.fullmatch(name):
        return None
    return re.sub(r"^cp(?=125|874)", "windows-", name)


def _read_meta_charset(tag: bytes) -> str | None:
    attributes: dict[str, str] = {}
    for name, *values in _ATTRIBUTE.findall(tag):
        attributes.setdefault(name.decode("latin-1").lower(), b"".join(values).decode("latin-1"))
    if attributes.get("charset"):
        return attributes["charset"]
    if attributes.get("http-equiv", "").lower() == "content-type":
        return read_header_charset(attributes.get("content"))
    return None


def _decode_utf8(body: bytes) -> str:
    """Return *body* as UTF-8, without a last character that is cut."""
    return codecs.getincrementaldecoder("utf-8")("replace").decode(body)


def _measure_damage(text: str) -> float:
    """Return which share of the characters beyond ASCII is U+FFFD."""
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return text.count("\ufffd") / beyond if beyond else 0.0
