"""The tree that a browser shows: parsed again as HTML5 says where the quick parser leaves much of the text unseen.

libxml2 cuts a page into the same tags as a browser, but nests them otherwise: a ``div`` that is not closed within a
``button`` leaves the whole rest of the page in the button.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

from lxml.html import HtmlElement
from resiliparse.parse.html import HTMLTree

from hemeroteca.extraction.page.blocks import NEVER_TEXT, Layout, read_layout
from hemeroteca.extraction.page.shown_elements import rename_shown_elements
from storage.model.errors import NoMainTextError, ParserLimitError
from storage.model.markup_bounds import BOUNDS, check_markup

MIN_PROSE_CHARS = 250
"""Less is hardly an article."""
FEW_PROSE_CHARS = 1_000
"""A page that shows more has its text there; of one that shows less, other places are asked too."""

_LINE_CHARS = 60
_MANY_HIDDEN = 500
_NEST_OTHERWISE = frozenset({"button", "object", "applet", "canvas", "video", "audio", "map", "dialog"})
_MAY_HOLD_THE_PAGE = frozenset(
    {
        "applet", "button", "canvas", "dialog", "iframe", "noembed", "noframes", "noscript", "object", "script",
        "select", "svg", "template", "textarea",
    }
)  # fmt: skip
_REMOVED = frozenset({"button", "dialog", "noscript", "select", "svg", "template", "textarea"})
_MANY_TIMES = 10
_OVERLAY_NAMES = re.compile(
    r"cookie|consent|gdpr|newsletter|subscri|log-?in|modal|pop-?up|overlay|banner", re.IGNORECASE
)
_BOUNDS = BOUNDS._replace(depth=sys.maxsize)
_MOST_GROWTH = 3
_TEMPLATE_TYPES = re.compile(r"template|text/html|x-handlebars|mustache|ng-", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")

Parse = Callable[[str], HtmlElement]


def measure_prose(layout: Layout) -> int:
    """Return how many characters *layout* has in lines as long as sentences that are not mostly links."""
    return sum(
        len(block.text)
        for block in layout.blocks
        if len(block.text) >= _LINE_CHARS and 2 * block.link_chars < len(block.text)
    )


def show_tree(tree: HtmlElement, source: str, parse: Parse) -> tuple[HtmlElement, Layout]:
    """Return the tree that a browser shows of *source*, and its blocks; *tree*, just parsed, if nothing is amiss."""
    rename_shown_elements(tree)
    layout = read_layout(tree)
    if not _is_much_hidden(layout):
        return tree, layout
    with suppress(NoMainTextError, ParserLimitError):
        other = _parse_as_browsers_do(source, parse)
        rename_shown_elements(other)
        found = read_layout(other)
        if count_seen(found) > count_seen(layout):
            return other, found
    return tree, layout


def open_hidden_text(tree: HtmlElement, layout: Layout, parse: Parse) -> str | None:
    """Make the text of *tree* visible that is in elements of one kind which hide it; return which, None if in none.

    To be asked only where the page shows almost nothing else: what is hidden must be ten times as much.
    """
    hidden: dict[str, list[HtmlElement]] = {}
    for element in (*layout.hidden_chars, *_find_raw_parts(tree)):
        if element.tag in _MAY_HOLD_THE_PAGE and not _is_overlay(element):
            hidden.setdefault(element.tag, []).append(element)
    amounts = {tag: sum(map(_measure_hidden_prose, elements)) for tag, elements in hidden.items()}
    best = max(amounts, key=lambda tag: amounts[tag], default=None)
    if best is None or amounts[best] < max(MIN_PROSE_CHARS, _MANY_TIMES * measure_prose(layout)):
        return None
    for element in hidden[best]:
        if _measure_hidden_prose(element) > 0:
            _open(element, parse)
    return best


def remove_hidden_text(layout: Layout) -> None:
    """Remove from a tree what hides text, so that no extractor of last resort takes it for the page's."""
    for element in layout.hidden_chars:
        if element.tag in _REMOVED and next(element.iter("img"), None) is None:
            element.drop_tree()


def _is_overlay(element: HtmlElement) -> bool:
    return _OVERLAY_NAMES.search(f"{element.get('class')} {element.get('id')}"[:300]) is not None


def _is_much_hidden(layout: Layout) -> bool:
    hidden = layout.hidden_chars
    if not hidden:
        return False
    misplaced = any(count >= _MANY_HIDDEN and element.tag in _NEST_OTHERWISE for element, count in hidden.items())
    return misplaced or sum(hidden.values()) > count_seen(layout)


def count_seen(layout: Layout) -> int:
    """Return how many characters *layout* has."""
    return sum(len(block.text) for block in layout.blocks)


def _parse_as_browsers_do(source: str, parse: Parse) -> HtmlElement:
    """Return the tree that HTML5 gives *source*. Raises ParserLimitError and NoMainTextError."""
    check_markup(source.encode(), _BOUNDS)
    html = str(HTMLTree.parse(source))
    if len(html) > _MOST_GROWTH * len(source) + 1_000:
        raise ParserLimitError("formatting elements that are opened again")
    return parse(html)


def _find_raw_parts(tree: HtmlElement) -> list[HtmlElement]:
    """Return the scripts that are templates, and the frames whose page is in an attribute: now it is their text."""
    found = [one for one in tree.iter("script") if _TEMPLATE_TYPES.search(one.get("type") or "") and one.text]
    for frame in tree.iter("iframe"):
        if frame.get("srcdoc") and not frame.text:
            frame.text = frame.get("srcdoc")
            found.append(frame)
    return found


def _measure_hidden_prose(element: HtmlElement) -> int:
    """Return how many characters *element* has in pieces as long as sentences."""
    pieces = [piece for text in _read_texts(element) for piece in _TAG.sub("\n", text).split("\n")]
    return sum(len(piece) for piece in map(str.strip, pieces) if len(piece) >= _LINE_CHARS)


def _read_texts(element: HtmlElement) -> Iterator[str]:
    """Yield the texts within *element* but for those of the styles and scripts in it."""
    for inner in element.iter():
        if inner.text and (inner is element or inner.tag not in NEVER_TEXT):
            yield inner.text
        if inner.tail and inner is not element:
            yield inner.tail


def _open(element: HtmlElement, parse: Parse) -> None:
    """Make *element* a part of the page; what it holds as text is parsed."""
    is_raw = not len(element) and "<" in (element.text or "")
    if is_raw:
        with suppress(NoMainTextError):
            inner = parse(f"<html><body><div>{element.text}</div></body></html>").find("body")
            if inner is not None:
                element.text = None
                element.extend(list(inner))
    for inner in (element, *element.iter("option")):
        inner.tag = "div"
    element.attrib.clear()
