"""The character encoding of a page: byte order mark, the bytes themselves, header, meta, then a guess."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from hemeroteca.extraction.page.encoding_guess import guess_encoding
from hemeroteca.extraction.page.encoding_labels import decode_as, decode_replaced, find_encoding
from hemeroteca.extraction.page.mojibake import MOJIBAKE_AT, measure_mojibake

PRESCAN_BYTES = 16 * 1024  # browsers look at 1024 first and later read again; long comments and scripts come before
MAX_DAMAGE = 0.3
MAX_STRAY_DAMAGE = 0.1  # UTF-8 that some software cut in the middle of characters has this much

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_JAPANESE_ESCAPE = re.compile(rb"\x1b\$[@B]")
_SPACE = rb"[\s/]"
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_META = re.compile(rb"<meta" + _SPACE + rb"((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([^\s/=>\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+)))?")
_XML = re.compile(rb"\A<\?xml[^>]*\sencoding\s*=\s*[\"']([^\"'>]+)[\"']", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';]+)", re.IGNORECASE)


class DecodedPage(NamedTuple):
    """The text of a page and the encoding it was read with, by its name in the WHATWG standard, in lower case."""

    text: str
    encoding: str
    guessed: bool = False
    """Whether nothing on the page names the encoding, or names a wrong one."""


def decode_html(body: bytes, content_type: str | None) -> DecodedPage:
    """Return *body* decoded; bytes that its encoding does not know become U+FFFD. Never raises.

    Bytes beyond ASCII that are nearly all valid UTF-8 are read as UTF-8, whatever the header says. A declared encoding
    is ignored in which many of the bytes make no sense, or words of no language; then it is guessed.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return DecodedPage(body[len(mark) :].decode(name, "replace"), name.replace("utf-16-", "utf-16"))
    if utf_16 := _find_utf_16(body[:64]):
        return DecodedPage(body.decode(utf_16, "replace"), utf_16, guessed=True)
    if not body.isascii():
        text = _decode_utf8(body)
        if _measure_damage(text) <= MAX_STRAY_DAMAGE:
            return DecodedPage(text, "utf-8")
    elif _JAPANESE_ESCAPE.search(body):
        named = find_encoding(read_header_charset(content_type) or read_declared_charset(body))
        return DecodedPage(decode_as(body, "iso-2022-jp"), "iso-2022-jp", guessed=named != "iso-2022-jp")
    return _decode_legacy(body, [read_header_charset(content_type), read_declared_charset(body)])


def _find_utf_16(start: bytes) -> str | None:
    """Return the name of UTF-16 without a mark: every other byte of markup is zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) > 2 or max(even, odd) < 16:
        return None
    return "utf-16be" if even > odd else "utf-16le"


def _decode_legacy(body: bytes, labels: list[str | None]) -> DecodedPage:
    """Return *body*, which is not UTF-8 or only ASCII, as the first of *labels* says that reads it as words."""
    named = [(label, find_encoding(label)) for label in labels if label]
    declared = [(label, name) for label, name in named if name and not name.startswith("utf-16")]
    for label, name in declared:
        text = decode_replaced(body, label) if name == "replacement" else decode_as(body, name)
        if text is not None and _measure_damage(text) <= MAX_DAMAGE and measure_mojibake(text) <= MOJIBAKE_AT:
            return DecodedPage(text, name)
    if body.isascii():
        return DecodedPage(body.decode(), "utf-8")
    likely = [name for _, name in declared if name != "replacement"]
    name = guess_encoding(body, likely)
    return DecodedPage(decode_as(body, name), name, guessed=name not in likely)


def read_header_charset(content_type: str | None) -> str | None:
    """Return the charset that a Content-Type header names."""
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None


def read_declared_charset(body: bytes) -> str | None:
    """Return the charset that the page's first bytes declare, as XML or in a meta.

    UTF-16 there can only mean UTF-8, and ``x-user-defined`` windows-1252 (HTML standard, section 13.2.3.2).
    """
    start = body[:PRESCAN_BYTES]
    declared = _XML.match(start)
    labels = [declared[1].decode("latin-1")] if declared else []
    labels += [label for tag in _META.findall(_COMMENT.sub(b"", start)) if (label := _read_meta_charset(tag))]
    for label in labels:
        name = find_encoding(label)
        if name is not None:
            return "utf-8" if name.startswith("utf-16") else "windows-1252" if name == "x-user-defined" else label
    return None


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
