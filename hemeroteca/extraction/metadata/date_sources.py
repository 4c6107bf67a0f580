"""Every date that a page, its address, or the discovery that listed it claims, and how far it is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from hemeroteca.extraction.metadata.date_style import DateStyle, read_date_style
from hemeroteca.extraction.metadata.date_words import CHANGED_WORDS, PUBLISHED_WORDS, find_label_after
from hemeroteca.extraction.metadata.declared_dates import (
    DateClaim,
    DateOrigin,
    parse_first,
    read_declared,
    read_scripts,
    read_url,
)
from hemeroteca.extraction.metadata.written_dates import (
    WrittenDate,
    find_written_dates,
    parse_written_date,
    write_plainly,
)
from hemeroteca.extraction.page.markup import READ_TAGS, MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line

MAX_DATED_LINES = 40
_TITLE_TAGS = frozenset({"h1", "title"})
_TIME_ATTRIBUTES = re.compile(r"data-(?:[a-z-]*(?:time|date|stamp|epoch|publish|unix|utime)[a-z-]*|ts)")
_OF_OTHERS = re.compile(
    r"comment|respon|repl|related|recommend|popular|trending|latest|recent|more-|widget|menu|nav|foot|clock|event|"
    r"calendar|archive|newsletter",
    re.IGNORECASE,
)
_BLOCK_TAGS = frozenset({"header", "article", "main", "nav", "aside"})
_OPENING_DATE = re.compile(r"[^\W\d_]*,?\s*\d{1,2}[./]\s?(?:\d{1,2}[./]|[^\W\d_]{3,10}\s)\s?(?:19|20)\d\d")
"""How a paragraph begins that opens with a date."""


Announced = Iterable[tuple[str, datetime]]
"""The times that discoveries gave for the page, each with the kind that it counts as (``dates_count_as``)."""


def find_date_claims(markup: Markup, announced: Announced) -> Iterator[DateClaim]:
    style = read_date_style(markup)
    declared = list(read_declared(markup, style))
    yield from declared
    times = list(_read_times(markup, style))
    yield from times
    yield from read_url(markup.url, style)
    if not any(not one.is_modification and one.rank <= 30 for one in declared):
        if not any(not one.is_modification and one.rank < 40 for one in times):
            yield from _read_shown(markup, style)
        yield from read_scripts(markup)
        if not any(not one.is_modification for one in (*declared, *times)):
            yield from _read_elsewhere(markup, style)
    for source, time in announced:
        yield DateClaim(WrittenDate(time.date(), time.time(), time.utcoffset()), source, 60)


def _read_times(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the dates of marked elements: itemprop first, then <time> near the headline."""
    for name, is_modification in (("datepublished", False), ("datemodified", True), ("datecreated", False)):
        for marked in markup.marked.get(f"itemprop:{name}", ())[:3]:
            element = marked.element
            text = element.get("datetime") or element.get("content") or element.get("title") or marked.text
            yield from parse_first([text], style, DateOrigin(f"itemprop:{name}", 20, is_modification))
    start = markup.headline_position
    for marked in _find_near_headline(markup, "time"):
        element = marked.element
        name = f"{element.get('class') or ''} {element.get('itemprop') or ''} {_find_text_before(marked)}"
        exact = element.get("datetime") or _read_data_attribute(element)
        rank = 22 if element.get("pubdate") is not None or "publish" in name.lower() else 32
        rank += marked.position < start or marked.position > start + 150
        origin = DateOrigin("time", rank, CHANGED_WORDS.search(f"{name} {_find_opening(marked.text)}") is not None)
        found = list(parse_first([exact or marked.text, marked.text], style, origin))
        yield from found
        if exact and found:
            shown = parse_first([marked.text], style, origin)
            yield from (one for one in shown if one.date.day != found[0].date.day)


def _find_opening(text: str) -> str:
    """Return what stands before the first digit of *text*."""
    return re.split(r"\d", text, maxsplit=1)[0][-40:]


def _read_data_attribute(element: HtmlElement) -> str:
    """Return what a data attribute of *element* has for its script to show as a time."""
    for name, value in element.attrib.items():
        if _TIME_ATTRIBUTES.fullmatch(str(name)) and re.match(r"\d{10}(?:\d{3})?\Z|\d{4}-\d\d-\d\d", str(value)):
            return str(value)
    return ""


def _find_near_headline(markup: Markup, role: str) -> list[MarkedElement]:
    """Return the first ten elements of *role* at the headline or after it that belong to the article."""
    start = markup.headline_position
    near = (one for one in markup.marked.get(role, ()) if one.position > start - 40 and _is_of_article(one, markup))
    return list(islice(near, 10))


def _is_of_article(marked: MarkedElement, markup: Markup) -> bool:
    return not _is_header(marked, markup) and not markup.is_outside_article(marked.element)


def _is_header(marked: MarkedElement, markup: Markup) -> bool:
    """Say whether an element is in the site's header: before the headline, and in no block with it."""
    if marked.position >= markup.headline_position:
        return False
    around = next((above for above in marked.element.iterancestors() if above.tag in _BLOCK_TAGS), None)
    return around not in markup.headline_ancestors and (
        around is not None or marked.position < markup.headline_position - 15
    )


def _read_shown(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the dates that a reader sees: in elements named for dates or authors, and in lines that are little else."""
    for role, base in (("date", 40), ("author", 42)):
        for marked in _find_near_headline(markup, role):
            title = marked.element.get("title") or marked.element.get("datetime") or ""
            title = title or _read_data_attribute(marked.element)
            text = f"{title} " if parse_written_date(title, style) else marked.text
            if len(text) < 200:
                rank = base + (marked.position > markup.headline_position + 150)
                yield from _read_line(text, DateOrigin("text", rank), style)
    yield from _read_dated_lines(markup, style)


def _read_dated_lines(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the dates of the first ``MAX_DATED_LINES`` lines that are little else, from the headline on."""
    left = MAX_DATED_LINES
    for position, element in enumerate(markup.tree.iter(*READ_TAGS)):
        if position < markup.headline_position - 12 or element.tag in _TITLE_TAGS:
            continue
        rank = 45 + min(20, abs(position - markup.headline_position) // 40)
        for line in filter(None, map(_cut_dated_line, (element.text, element.tail))):
            claims = list(_read_line(line, DateOrigin("text", rank), style, bare=True))
            if claims and _is_of_article(MarkedElement(position, element), markup):
                yield from claims
                left -= 1
        if left <= 0:
            return


def _read_elsewhere(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the one day that elements named for dates have beside the article: in its own header, a box about it.

    Two days there are of several stories; menus, comments and the site's header have other dates.
    """
    marked = [one for role in ("time", "date") for one in markup.marked.get(role, ()) if _may_be_beside(one)]
    claims: list[DateClaim] = []
    for one in marked[:20]:
        text = one.element.get("datetime") or _read_data_attribute(one.element) or one.text
        changed = CHANGED_WORDS.search(f"{_find_text_before(one)} {_find_opening(one.text)}") is not None
        claims += parse_first([text, one.text], style, DateOrigin("text", 62, changed))
    if len({one.date.day for one in claims}) == 1:
        yield claims[0]


def _may_be_beside(marked: MarkedElement) -> bool:
    in_article = False
    for above in (marked.element, *marked.element.iterancestors()):
        names = f"{above.get('class') or ''} {above.get('id') or ''}"
        if above.tag in ("nav", "footer", "aside") or _OF_OTHERS.search(names):
            return False
        if above.tag == "header" and next(above.iterancestors("article"), None) is None:
            return False
        in_article = in_article or above.tag in ("article", "main")
    return in_article or "post" in (marked.element.get("class") or "") or "story" in (marked.element.get("class") or "")


def _cut_dated_line(text: str | None) -> str:
    """Return *text* if it is a short line with digits, or the date that a paragraph opens with."""
    if not text or not any(map(str.isdigit, text[:200])):
        return ""
    line = clean_line(text, 300)
    leads = _OPENING_DATE.match(line) if len(line) > 40 else None
    if leads:
        return line[: leads.end()]
    return line if 6 <= len(line) <= 120 else ""


def _read_line(line: str, origin: DateOrigin, style: DateStyle, bare: bool = False) -> Iterator[DateClaim]:
    """Yield the dates in a short line; a *bare* one must be little else, or have a word such as "published".

    Each date is what the words between the one before and itself say: "Updated May 8, 2024 | Published May 7, 2024".
    """
    line = write_plainly(line)
    last = 0
    found = list(find_written_dates(line, style))
    follow = bool(found) and not _has_label(line[: found[0][0]])
    for begin, end, written in found:
        before, rest = line[last:begin][-40:], line[:begin] + line[end:]
        last = end
        after = find_label_after(line[end:]) if follow else None
        is_modification = CHANGED_WORDS.search(before) is not None if after is None else after
        labelled = after is False or (after is None and PUBLISHED_WORDS.search(before) is not None)
        alone = sum(map(str.isalpha, rest)) <= 25
        if not bare or labelled or is_modification or alone:
            yield DateClaim(written, origin.source, origin.rank - 3 * labelled, is_modification)


def _has_label(text: str) -> bool:
    return (CHANGED_WORDS.search(text) or PUBLISHED_WORDS.search(text)) is not None


def _find_text_before(marked: MarkedElement) -> str:
    """Return the words directly before an element, such as "Updated" before a <time>."""
    previous = marked.element.getprevious()
    if previous is not None:
        return f"{read_shown_text(previous, 40) if len(previous) < 3 else ''} {previous.tail or ''}"[-60:]
    parent = marked.element.getparent()
    return (parent.text or "")[-60:] if parent is not None else ""
