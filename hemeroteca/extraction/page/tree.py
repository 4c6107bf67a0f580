"""A page parsed once: the tree and the source that both text and metadata are read from."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.etree import ElementDefaultClassLookup, ErrorLevels, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring, tostring
from trafilatura.utils import repair_faulty_html

from hemeroteca.extraction.extractor import HTML_MEDIA_TYPES, MAX_PAGE_BYTES
from hemeroteca.extraction.page.blocks import Layout, read_layout
from hemeroteca.extraction.page.browser_tree import (
    FEW_PROSE_CHARS,
    MIN_PROSE_CHARS,
    count_seen,
    measure_prose,
    open_hidden_text,
    remove_hidden_text,
    show_tree,
)
from hemeroteca.extraction.page.data_text import DataText, add_article, find_data_texts, hide_json_ld
from hemeroteca.extraction.page.encoding import decode_html
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.page.unseen_characters import mend_characters
from storage.model.errors import NoMainTextError, ParserLimitError
from storage.model.markup_bounds import MarkupBounds, check_markup

_HIDING = re.compile(r"<!--|<(script|style)\b", re.IGNORECASE)
_ENDS = {
    None: re.compile("-->"),
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
}
_BOUNDS = MarkupBounds(depth=sys.maxsize, formatting=sys.maxsize, reopened=sys.maxsize, attributes=25_000)
"""What libraries need more than proportionate time for. Too deep a page is told by its parser."""
_TAG = re.compile(r"<[^<>]*>")
_BINARY = re.compile(rb"\A(%PDF-|\x89PNG|\xff\xd8\xff|GIF8|PK\x03\x04|\x1f\x8b)")
_LOOKS_HTML = re.compile(
    rb"<(!doctype\s+html|html|head|body|meta|title|div|p|article)\b|\A\s*<(!--|(script|iframe|h1|font|table|a|style|b|br)\b)",
    re.IGNORECASE,
)
"""Tags in the first lines of any page, and the beginnings that WHATWG MIME Sniffing, section 7.1, takes for HTML."""

_EMPTY_IN_XML = re.compile(r"<(title|script|style|textarea|iframe|noscript|a|div|span|button|select)\b([^<>]*)/>")
_MENU_CHARS = 3_000
"""A page that shows more than a menu has other data for many things."""
_REPAIRED_CHARACTERS = 4_096
_CONTROL_BYTES = bytes({*range(32)} - set(b"\t\n\r"))

_ONE_CLASS = ElementDefaultClassLookup(element=HtmlElement)
"""One class for all elements: lxml.html's own lookup calls Python for every element, and again for every copy."""


class ParsedPage(NamedTuple):
    """A decoded and parsed page. Nobody changes ``tree``: whoever needs another tree copies it."""

    tree: HtmlElement
    """Without comments and processing instructions; scripts are there, for their JSON."""
    source: str
    """Without characters that show nothing."""
    encoding: str
    url: str
    fetched: datetime
    layout: Layout
    """The blocks of ``tree``."""
    guessed_encoding: bool = False
    """Whether the page does not say, or says wrongly, what encoding it is in."""
    text_origin: str | None = None
    """Where the text is from that a reader of the page does not see: ``data:__NEXT_DATA__``, ``noscript``."""
    data_text: HtmlElement | None = None
    """The article that was added to ``tree`` because the page has it only as data."""


def parse_page(page: Page) -> ParsedPage:
    """Return *page* decoded and parsed. Raises NoMainTextError: not_html, too_large, parser_limit, no_main_text."""
    _check_html(page)
    decoded, encoding, guessed = decode_html(page.body, page.content_type)
    source = mend_characters(_close_empty(decoded) if _is_xml(page.content_type) else decoded)
    tree, layout = show_tree(_parse(source), source, _parse)
    parsed = ParsedPage(tree, source, encoding, _check_address(page.url), page.fetched, layout, guessed)
    return parsed if measure_prose(layout) >= FEW_PROSE_CHARS else _show_unseen_text(parsed)


def _is_xml(content_type: str | None) -> bool:
    return (content_type or "").partition(";")[0].strip().lower() == "application/xhtml+xml"


def _close_empty(source: str) -> str:
    """Return *source*, which is XML, with elements closed that end at once there and in HTML would hide all after."""
    return _EMPTY_IN_XML.sub(r"<\1\2></\1>", source)


def _show_unseen_text(parsed: ParsedPage) -> ParsedPage:
    """Return *parsed*, which shows almost no text, with the article that it has as data or hides, if any.

    What is hidden stands back behind the page's own article, and other data behind both.
    """
    hide_json_ld(parsed.tree)
    least = max(MIN_PROSE_CHARS, 2 * measure_prose(parsed.layout))
    own, other = find_data_texts(parsed.tree, parsed.url)
    shows_menu_only = count_seen(parsed.layout) < _MENU_CHARS
    return (
        _add_data_text(parsed, own, least)
        or _open_hidden_text(parsed)
        or (_add_data_text(parsed, other, max(least, count_seen(parsed.layout))) if shows_menu_only else None)
        or _remove_hidden_text(parsed)
    )


def _add_data_text(parsed: ParsedPage, text: DataText | None, least: int) -> ParsedPage | None:
    """Return *parsed* with *text* as an article in its tree; None where it has fewer than *least* characters."""
    added = add_article(parsed.tree, text, _parse) if text and text.chars >= least else None
    return (
        _read_again(parsed)._replace(text_origin=text.origin, data_text=added) if text and added is not None else None
    )


def _open_hidden_text(parsed: ParsedPage) -> ParsedPage | None:
    opened = open_hidden_text(parsed.tree, parsed.layout, _parse)
    return _read_again(parsed)._replace(text_origin=opened) if opened else None


def _remove_hidden_text(parsed: ParsedPage) -> ParsedPage:
    remove_hidden_text(parsed.layout)
    return parsed


def _read_again(parsed: ParsedPage) -> ParsedPage:
    """Return *parsed*, whose tree was changed, with the source and the blocks of its tree."""
    return parsed._replace(source=tostring(parsed.tree, encoding="unicode"), layout=read_layout(parsed.tree))


def count_visible_characters(source: str) -> int:
    """Return how many characters *source* has outside of tags, scripts, styles and white space."""
    return count_solid_characters(_TAG.sub(" ", _drop_hidden(source)))


def _drop_hidden(source: str) -> str:
    """Return *source* with a space for each comment, script and style that ends."""
    shown: list[str] = []
    endless: set[str | None] = set()
    place, start = 0, 0
    while found := _HIDING.search(source, start):
        start = found.end()
        kind = found[1].lower() if found[1] else None
        end = None if kind in endless else _ENDS[kind].search(source, start)
        if end is None:
            endless.add(kind)
            continue
        shown += source[place : found.start()], " "
        place = start = end.end()
    return "".join([*shown, source[place:]])


def count_solid_characters(text: str) -> int:
    """Return the length of *text* without white space."""
    return sum(map(len, text.split()))


def _check_address(url: str) -> str:
    """Return *url*, or an empty string where it is no address."""
    try:
        return urlsplit(url).geturl() and url
    except ValueError:
        return ""


def _check_html(page: Page) -> None:
    if len(page.body) > MAX_PAGE_BYTES:
        raise NoMainTextError("too_large", f"{len(page.body)} bytes")
    media_type = (page.content_type or "").partition(";")[0].strip().lower()
    if media_type and media_type not in HTML_MEDIA_TYPES:
        raise NoMainTextError("not_html", media_type)
    if _BINARY.match(page.body):
        raise NoMainTextError("not_html", "begins like a file of another kind")
    if not media_type and not _LOOKS_HTML.search(page.body[:4096]):
        raise NoMainTextError("not_html", "no Content-Type, and no HTML in its beginning")


def _repair(source: str) -> bytes:
    """Return *source* as trafilatura repairs it before parsing.

    trafilatura's own function repairs the beginning; on the whole page it would take two fifths of the parsing time.
    After the beginning it only removes characters that XML does not allow.
    """
    end = source.find("\n", _REPAIRED_CHARACTERS) + 1 or len(source)
    beginning: bytes = repair_faulty_html(source[:end], source[:50].lower()).encode()
    rest = source[end:].encode().translate(None, _CONTROL_BYTES)
    return beginning + rest.replace("\ufffe".encode(), b"").replace("\uffff".encode(), b"")


def _parse(source: str) -> HtmlElement:
    """Return the tree of a page. Raises NoMainTextError where there is no tree, or only a part of it.

    trafilatura's own parser stops silently at 256 nested elements and at texts of some megabytes, this one at 2048
    nested elements; the part read until then would pass for the whole page.
    """
    repaired = _repair(source)
    try:
        check_markup(repaired, _BOUNDS)
    except ParserLimitError as error:
        raise NoMainTextError("parser_limit", str(error)) from None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        tree = document_fromstring(repaired, parser)
    except (ParserError, ValueError):
        raise NoMainTextError("no_main_text", "nothing that parses as HTML") from None
    stop = next((entry for entry in parser.error_log if entry.level == ErrorLevels.FATAL), None)
    if stop is not None:
        kept = sum(count_solid_characters(str(text)) for text in tree.itertext())
        raise NoMainTextError(
            "no_main_text", f"{stop.message.strip()}; {kept} of {count_visible_characters(source)} characters parsed"
        )
    return tree
