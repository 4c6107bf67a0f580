"""Every date that a page, its address, or the discovery that listed it claims, and how far it is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from hemeroteca.extraction.metadata.date_style import UNKNOWN_STYLE, DateStyle, read_date_style
from hemeroteca.extraction.metadata.date_words import CHANGED_WORDS, PUBLISHED_WORDS, find_label_after
from hemeroteca.extraction.metadata.written_dates import (
    WrittenDate,
    find_written_dates,
    parse_written_date,
    write_plainly,
)
from hemeroteca.extraction.page.json_ld import read_texts
from hemeroteca.extraction.page.markup import READ_TAGS, MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line

MAX_DATED_LINES = 40
_TITLE_TAGS = frozenset({"h1", "title"})
_TIME_ATTRIBUTES = re.compile(r"data-(?:[a-z-]*(?:time|date|stamp|epoch|publish|unix|utime)[a-z-]*|ts)")
_BLOCK_TAGS = frozenset({"header", "article", "main", "nav", "aside"})
_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "rnews:datepublished",
    "article.published", "published_time", "article_date_original", "originalpublicationdate", "sailthru.date",
    "parsely-pub-date", "publication_date", "publication-date", "publishdate", "publish-date", "publish_date",
    "pubdate",
    "pub_date", "bt:pubdate", "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued",
    "dcterms.issued",
    "dc.date.published", "dc.date.created", "dcterms.created", "dc.date", "dcterms.date", "dc:date",
    "citation_publication_date",
    "citation_date", "article:post_date", "created", "datecreated", "date.created", "creation_date", "displaydate",
    "timestamp", "date", "article:published", "vr:published_time", "shareaholic:article_published_time", "release_date",
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "og:modified_time", "og:updated_time", "datemodified", "rnews:datemodified",
    "article:modified",
    "article.updated", "lastmod", "last-modified", "dc.date.modified", "dcterms.modified", "modified_time",
    "updated_time",
    "date_modified", "revised", "modificationdate",
)  # fmt: skip
_URL_DATES = (
    re.compile(r"[/_.-]((?:19|20)\d\d)[/_.-](0?[1-9]|1[0-2])[/_.-](0?[1-9]|[12]\d|3[01])(?=\D|\Z)"),
    re.compile(r"[/_.-](20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=\D|\Z)"),
)
_URL_DAY_FIRST = re.compile(r"[/_.~-](\d\d?)([._-])(\d\d?)\2((?:19|20)\d\d)(?=\D|\Z)")
_URL_MONTH = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])/")

_OPENING_DATE = re.compile(r"[^\W\d_]*,?\s*\d{1,2}[./]\s?(?:\d{1,2}[./]|[^\W\d_]{3,10}\s)\s?(?:19|20)\d\d")
"""How a paragraph begins that opens with a date."""


class DateOrigin(NamedTuple):
    """Where a date stands, how far that is trusted (the lower the more), and whether it is the date of a change."""

    source: str
    rank: int
    is_modification: bool = False


class DateClaim(NamedTuple):
    """A date and the source that claims it. The lower the ``rank``, the more the source is trusted."""

    date: WrittenDate
    source: str
    rank: int
    is_modification: bool = False


Announced = Iterable[tuple[str, datetime]]
"""The times that discoveries gave for the page, each with the kind that it counts as (``dates_count_as``)."""


def find_date_claims(markup: Markup, announced: Announced) -> Iterator[DateClaim]:
    style = read_date_style(markup)
    declared = list(_read_declared(markup, style))
    yield from declared
    times = list(_read_times(markup, style))
    yield from times
    yield from _read_url(markup.url, style)
    if not any(not one.is_modification and one.rank <= 30 for one in declared):
        if not any(not one.is_modification and one.rank < 40 for one in times):
            yield from _read_shown(markup, style)
        yield from _read_scripts(markup)
    for source, time in announced:
        yield DateClaim(WrittenDate(time.date(), time.time(), time.utcoffset()), source, 60)


def find_month_in_url(url: str) -> tuple[int, int] | None:
    """Return the year and the month that the address files its page under, as in ``/2020/05/``."""
    found = _URL_MONTH.search(_read_path(url))
    return (int(found[1]), int(found[2])) if found else None


def _read_declared(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    for position, node in enumerate(markup.nodes[:6]):
        for key, rank in (("datePublished", 0), ("dateCreated", 25), ("uploadDate", 30)):
            source = f"json-ld:{key}"
            yield from _parse_first(read_texts(node, key)[:1], style, DateOrigin(source, rank + min(position, 4)))
        changed = DateOrigin("json-ld:dateModified", position, is_modification=True)
        yield from _parse_first(read_texts(node, "dateModified")[:1], style, changed)
    for is_modification, names in ((False, _PUBLISHED_METAS), (True, _MODIFIED_METAS)):
        for position, name in enumerate(names):
            if name in markup.metas:
                origin = DateOrigin(f"meta:{name}", 5 + position // 3, is_modification)
                yield from _parse_first(markup.metas[name][:2], style, origin)


def _read_times(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the dates of marked elements: itemprop first, then <time> near the headline."""
    for name, is_modification in (("datepublished", False), ("datemodified", True), ("datecreated", False)):
        for marked in markup.marked.get(f"itemprop:{name}", ())[:3]:
            element = marked.element
            text = element.get("datetime") or element.get("content") or element.get("title") or marked.text
            yield from _parse_first([text], style, DateOrigin(f"itemprop:{name}", 20, is_modification))
    start = markup.headline_position
    for marked in _find_near_headline(markup, "time"):
        element = marked.element
        name = f"{element.get('class') or ''} {element.get('itemprop') or ''} {_find_text_before(marked)}"
        exact = element.get("datetime") or _read_data_attribute(element)
        rank = 22 if element.get("pubdate") is not None or "publish" in name.lower() else 32
        rank += marked.position < start or marked.position > start + 150
        origin = DateOrigin("time", rank, CHANGED_WORDS.search(f"{name} {_find_opening(marked.text)}") is not None)
        found = list(_parse_first([exact or marked.text, marked.text], style, origin))
        yield from found
        if exact and found:
            shown = _parse_first([marked.text], style, origin)
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


_SCRIPT_DATE = re.compile(
    r'"(?:datePublished|publishedAt|published_at|publishDate|publicationDate|publish_date|date_published|published|pubDate'
    r"|firstPublished(?:At|Date)?|datePublication|displayDate|createdAt|postDate)"
    r'\\?"\s*:\s*\\?"((?:19|20)\d\d-\d\d-\d\d[^"\\]{0,20})'
)


def _read_scripts(markup: Markup) -> Iterator[DateClaim]:
    """Yield the first date of publication in the page's scripts."""
    for script in markup.tree.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            continue
        found = _SCRIPT_DATE.search((script.text or "")[:2_000_000])
        if found:
            yield from _parse_first([found[1]], UNKNOWN_STYLE, DateOrigin("script", 58))
            return


def _read_path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def _read_url(url: str, style: DateStyle) -> Iterator[DateClaim]:
    path = _read_path(url)
    for pattern in _URL_DATES:
        found = pattern.search(path)
        if found:
            text = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
            yield from _parse_first([text], style, DateOrigin("url", 35))
            return
    found = _URL_DAY_FIRST.search(path)
    if found:
        yield from _parse_first([f"{found[1]}/{found[3]}/{found[4]}"], style, DateOrigin("url", 50))


def _parse_first(texts: Iterable[str], style: DateStyle, origin: DateOrigin) -> Iterator[DateClaim]:
    for text in texts:
        written = parse_written_date(clean_line(text, 200), style)
        if written:
            yield DateClaim(written, *origin)
            return


def _find_text_before(marked: MarkedElement) -> str:
    """Return the words directly before an element, such as "Updated" before a <time>."""
    previous = marked.element.getprevious()
    if previous is not None:
        return f"{read_shown_text(previous, 40) if len(previous) < 3 else ''} {previous.tail or ''}"[-60:]
    parent = marked.element.getparent()
    return (parent.text or "")[-60:] if parent is not None else ""
