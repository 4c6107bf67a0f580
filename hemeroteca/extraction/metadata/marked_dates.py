"""The dates of elements that markup names for them: itemprops, ``<time>``, and class names that say "date"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from hemeroteca.extraction.metadata.date_style import DateStyle
from hemeroteca.extraction.metadata.date_words import CHANGED_WORDS, CLOCK_WORDS, PUBLISHED_WORDS
from hemeroteca.extraction.metadata.declared_dates import DateClaim, DateOrigin, parse_first
from hemeroteca.extraction.page.markup import MarkedElement, Markup, read_shown_text

_TIME_ATTRIBUTES = re.compile(
    r"(?:data-(?:[a-z-]*(?:time|date|stamp|epoch|publish|unix|utime)[a-z-]*|ts)"
    r"|ts|timestamp|(?:created|published)-(?:timestamp|at|time|date))"
)
_TIME_VALUE = re.compile(r"\d{10}(?:\d{3})?\Z|\d{4}-\d\d-\d\d")
_OF_OTHERS = re.compile(
    r"comment|respon|repl|related|recommend|popular|trending|latest|recent|more-|widget|menu|nav|foot|clock|event|"
    r"calendar|archive|newsletter|current-(?:time|date)",
    re.IGNORECASE,
)
_BLOCK_TAGS = frozenset({"header", "article", "main", "nav", "aside"})
_CHANGED_NAMES = re.compile(
    r"last[-_]?(?:updated?|modified|changed|edited)|name-changed|date[-_]?modified|"
    r"(?:updated?|modified)[-_]?(?:date|time|on|at)\b|modification",
    re.IGNORECASE,
)
"""What the names of the boxes around a date of change contain."""

_PUBLISHED_NAMES = re.compile(
    r"(?:time|date)[-_]?of[-_]?publication|(?:publication|release)[-_]?(?:date|time)", re.IGNORECASE
)
_DATE_OF_ENTRY = re.compile(
    r"(?=.*(?:^|\s)updated(?:\s|$))(?=.*(?:published|(?:^|\s)(?:[\w-]*(?:entry|post)-)?date(?:\s|$)))"
)
"""Class names of hAtom, which calls the one date of an entry "updated"."""

_NEAR_HEADLINE = range(-20, 41)
"""How many elements before and after the headline the date beside it is."""


def is_near_headline(position: int, markup: Markup) -> bool:
    return position - markup.headline_position in _NEAR_HEADLINE


def read_marked_dates(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the dates of marked elements: itemprop first, then <time> near the headline."""
    for name, is_modification, marked in _list_itemprops(markup):
        element = marked.element
        text = element.get("datetime") or element.get("content") or element.get("title") or marked.text
        near = is_near_headline(marked.position, markup)
        yield from parse_first([text], style, DateOrigin(f"itemprop:{name}", 20, is_modification, near))
    for marked in find_near_headline(markup, "time"):
        yield from _read_time(marked, markup, style)


def _read_time(marked: MarkedElement, markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    element = marked.element
    before = find_text_before(element)
    if CLOCK_WORDS.search(before):
        return
    name = f"{element.get('class') or ''} {before}"
    exact = element.get("datetime") or read_data_attribute(element)
    near = is_near_headline(marked.position, markup)
    is_published = element.get("pubdate") is not None or "publish" in name.lower() or is_named_for_publication(element)
    rank = 22 if is_published else 32
    changed = CHANGED_WORDS.search(f"{before} {find_opening(marked.text)}") is not None
    is_modification = is_named_for_change(element) or (changed and not is_named_for_publication(element))
    rank += not near and not 0 <= marked.position - markup.headline_position <= 150
    origin = DateOrigin("time", rank, is_modification, near)
    found = list(parse_first([exact or marked.text, marked.text], style, origin))
    yield from found
    if exact and found:
        shown = parse_first([marked.text], style, origin)
        yield from (one for one in shown if one.date.day != found[0].date.day)


def is_named_for_change(element: HtmlElement) -> bool:
    """Say whether the names of *element*, or of the two boxes around it, are those of a date of change."""
    own = f"{element.get('class') or ''} {element.get('itemprop') or ''}"
    if CHANGED_WORDS.search(own) and not _DATE_OF_ENTRY.match(own):
        return True
    around = islice((element, *element.iterancestors()), 3)
    return any(_CHANGED_NAMES.search(f"{one.get('class') or ''} {one.get('id') or ''}") for one in around)


def is_named_for_publication(element: HtmlElement) -> bool:
    """Say whether *element*, or the box around it, is named for the publication, whatever words are printed in it."""
    boxes = islice((element, *element.iterancestors()), 2)
    return any(_PUBLISHED_NAMES.search(one.get("class") or "") for one in boxes)


def _list_itemprops(markup: Markup) -> list[tuple[str, bool, MarkedElement]]:
    """Return the first three elements of each itemprop of a date, and whether it is one of change.

    Where the headline's own item has such, those of other items are left out: of answers, comments and teasers.
    """
    found = [
        (name, is_modification, one)
        for name, is_modification in (("datepublished", False), ("datemodified", True), ("datecreated", False))
        for one in markup.marked.get(f"itemprop:{name}", ())
    ]
    own = [one for one in found if _find_item(one[2].element) in markup.headline_ancestors]
    kept = own if any(not is_modification for _, is_modification, _ in own) else found
    return [one for at, one in enumerate(kept) if sum(other[0] == one[0] for other in kept[:at]) < 3]


def _find_item(element: HtmlElement) -> HtmlElement | None:
    return next((one for one in element.iterancestors() if one.get("itemscope") is not None), None)


def find_opening(text: str) -> str:
    """Return what stands before the first digit of *text*."""
    return re.split(r"\d", text, maxsplit=1)[0][-40:]


def read_data_attribute(element: HtmlElement) -> str:
    """Return what an attribute of *element* has for its script to show as a time."""
    for name, value in element.attrib.items():
        if _TIME_ATTRIBUTES.fullmatch(str(name)) and _TIME_VALUE.match(str(value)):
            return str(value)
    return ""


def find_near_headline(markup: Markup, role: str) -> list[MarkedElement]:
    """Return the first ten elements of *role* at the headline or after it that belong to the article."""
    start = markup.headline_position
    near = (one for one in markup.marked.get(role, ()) if one.position > start - 40 and is_of_article(one, markup))
    return list(islice(near, 10))


def is_of_article(marked: MarkedElement, markup: Markup) -> bool:
    return not _is_header(marked, markup) and not markup.is_outside_article(marked.element)


def _is_header(marked: MarkedElement, markup: Markup) -> bool:
    """Say whether an element is in the site's header: before the headline, and in no block with it."""
    if marked.position >= markup.headline_position:
        return False
    around = [above for above in marked.element.iterancestors() if above.tag in _BLOCK_TAGS]
    if around and around[0].tag == "header" and any(one.tag == "article" for one in around):
        around = around[1:]  # the header of an article
    if around:
        return around[0] not in markup.headline_ancestors
    return marked.position - markup.headline_position < _NEAR_HEADLINE[0]


def read_dates_elsewhere(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the one day that elements named for dates have beside the article: in its own header, a box about it.

    Two days there are of several stories, unless words say that just one of them is the day of publication. Menus,
    comments and the site's header have other dates.
    """
    marked = [one for role in ("time", "date") for one in markup.marked.get(role, ()) if _may_be_beside(one)]
    claims: list[DateClaim] = []
    labelled: list[DateClaim] = []
    for one in marked[:20]:
        text = one.element.get("datetime") or read_data_attribute(one.element) or one.text
        before = f"{find_text_before(one.element)} {find_opening(one.text)}"
        changed = is_named_for_change(one.element) or CHANGED_WORDS.search(before) is not None
        found = list(parse_first([text, one.text], style, DateOrigin("text", 62, changed)))
        claims += found
        labelled += found if not changed and PUBLISHED_WORDS.search(before) else []
    for chosen in (claims, labelled):
        if len({one.date.day for one in chosen}) == 1:
            yield chosen[0]
            return


def _may_be_beside(marked: MarkedElement) -> bool:
    in_article = False
    for above in (marked.element, *marked.element.iterancestors()):
        if above.tag == "body":
            break
        names = f"{above.get('class') or ''} {above.get('id') or ''}"
        if above.tag in ("nav", "footer", "aside") or _OF_OTHERS.search(names):
            return False
        if above.tag == "header" and next(above.iterancestors("article"), None) is None:
            return False
        in_article = in_article or above.tag in ("article", "main")
    return in_article or "post" in (marked.element.get("class") or "") or "story" in (marked.element.get("class") or "")


def find_text_before(element: HtmlElement) -> str:
    """Return the words directly before an element, such as "Updated" before a <time>, back to a number or a heading."""
    words = ""
    for one in (element, *islice(element.iterancestors(), 2)):
        previous = one.getprevious()
        for _ in range(3):
            if previous is None or previous.tag == "h1":
                break
            shown = read_shown_text(previous, 41) if isinstance(previous.tag, str) else ""
            words = f"{shown if len(shown) <= 40 else ''} {previous.tail or ''} {words}"
            if len(shown) > 40 or re.search(r"\d", words):
                return _cut_after_number(words)
            previous = previous.getprevious()
        parent = one.getparent()
        if parent is None or words.strip() or previous is not None:
            break
        words = f"{parent.text or ''} {words}"
        if words.strip():
            break
    return _cut_after_number(words)


def _cut_after_number(words: str) -> str:
    return re.split(r"\d", words)[-1].strip()[-60:]
