"""Reading untrusted XML: streamed and repaired if broken; no DTD, entity or address in it is followed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html.entities import html5
from itertools import islice, pairwise

from lxml import etree

from spiders.discovery.tidy import tidy_xml
from storage.model.errors import ParserLimitError

_LOOSE = re.compile(rb"&(?!(?:#\d+|#[xX][0-9a-fA-F]+|amp|lt|gt|quot|apos);)(?:(\w+);)?")
_CDATA, _CDATA_END = b"<![CDATA[", b"]]>"
MOST_ENTRIES = 100_000  # twice what sitemaps.org allows
_HEAD_BYTES = 1024 * 1024  # only comments and a DTD come before the root
_LEAF = rb"((?:\w{1,20}:)?(?:enclosure|content|thumbnail|image|player|category|credit|link))"
_LEAFS = re.compile(rb"<" + _LEAF + rb"\b([^<>]{0,4000})(?<!/)>")
"""Elements that carry what they say in attributes, and that some writers do not close."""
_CLOSED_LEAF = re.compile(rb"</" + _LEAF)


def iter_elements(body: bytes, tags: tuple[str, ...] | None = None, end: bool = True) -> Iterator[etree._Element]:
    """Stream the elements of a document, whatever their namespace; stop without an error where it is broken."""
    walk = etree.iterparse(
        io.BytesIO(_mended(tidy_xml(body))),
        events=("end",) if end else ("start",),
        tag=tags,
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
    )
    try:
        for _, element in walk:
            yield element
    except etree.XMLSyntaxError:
        return


def read_alone(body: bytes, starts: re.Pattern[bytes]) -> Iterator[etree._Element]:
    """Yield each element whose tag *starts* finds, read by itself: a fault in one does not reach the others.

    What some writers leave open in it is closed where it begins. One that cannot be read at all is left out.
    """
    text = _mended(tidy_xml(body))
    places = [found.start() for found in islice(starts.finditer(text), MOST_ENTRIES)]
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    for begin, end in pairwise([*places, len(text)]):
        element = etree.fromstring(_close_leafs(text[begin:end]), parser)
        if element is not None:
            yield element


def read_top(body: bytes, starts: re.Pattern[bytes]) -> Iterator[etree._Element]:
    """Yield the elements before the first whose tag *starts* finds."""
    text = _mended(tidy_xml(body))[:_HEAD_BYTES]
    first = starts.search(text)
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(text[: first.start()] if first else text, parser)
    if root is not None:
        yield from root.iter("*")


def count_entries(body: bytes, starts: re.Pattern[bytes]) -> int:
    """Return how many entries *body* seems to have. Raises ParserLimitError for more than a document may have."""
    count = sum(1 for _ in islice(starts.finditer(body), MOST_ENTRIES + 1))
    if count > MOST_ENTRIES:
        raise ParserLimitError(f"more than {MOST_ENTRIES:,} entries")
    return count


def _close_leafs(piece: bytes) -> bytes:
    """Close the leafs in *piece* of whose name none is ever closed."""
    closed = set(_CLOSED_LEAF.findall(piece))

    def close(found: re.Match[bytes]) -> bytes:
        return found[0] if found[1] in closed else b"<" + found[1] + found[2] + b"/>"

    return _LEAFS.sub(close, piece)


def find_root_name(body: bytes) -> str | None:
    return next((local_name(element) for element in iter_elements(body[:_HEAD_BYTES], end=False)), None)


def local_name(element: etree._Element) -> str:
    """Return the name of *element* without its prefix; empty for a comment or an instruction."""
    return re.split("[}:]", element.tag)[-1] if isinstance(element.tag, str) else ""


def free_element(element: etree._Element) -> None:
    """Free the memory of *element* and of what comes before it, once they are read."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _mended(body: bytes) -> bytes:
    """Replace entities that only HTML has, and escape a bare ``&``: an XML parser would drop both."""
    if b"&" not in body:
        return body
    pieces: list[bytes] = []
    place = 0
    while (start := body.find(_CDATA, place)) >= 0 and (end := body.find(_CDATA_END, start)) >= 0:
        pieces += _LOOSE.sub(_mend, body[place:start]), body[start:end]
        place = end
    return b"".join([*pieces, _LOOSE.sub(_mend, body[place:])])


def _mend(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if found[1] is None:
        return b"&amp;" + text[1:]
    characters = html5.get(f"{found[1].decode('latin-1')};", "")
    return "".join(f"&#{ord(character)};" for character in characters).encode() or text  # a name of its own: dropped
