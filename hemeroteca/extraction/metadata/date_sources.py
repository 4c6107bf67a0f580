"""Every date that a page, its address, or the discovery that listed it claims, and how far it is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from hemeroteca.extraction.metadata.written_dates import WrittenDate, find_written_dates, parse_written_date
from hemeroteca.extraction.page.json_ld import read_texts
from hemeroteca.extraction.page.markup import READ_TAGS, MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line

MAX_DATED_LINES = 40
_TITLE_TAGS = frozenset({"h1", "title"})
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
_CHANGE_WORDS = re.compile(
    r"updat|modif|aktualisiert|geändert|stand\s?:|actualizad|aggiorna|mis à jour|maj\b|bijgewerkt|gewijzigd|atualizad|"
    r"uppdaterad|opdateret|oppdatert|zaktualiz|обновл|güncel|edited|last\s+changed|更新",
    re.IGNORECASE,
)
_PUBLISHED_WORDS = re.compile(
    r"publi[sc]|pubbl|posted|veröffentlicht|erschienen|erstellt|gepubliceerd|geplaatst|publié|opublik|опублик|"
    r"eklenme|yayın|"
    r"created|release|first|datum|date|written|^by\b|^von\b|^am\b|^on\b|^le\b|fecha|julkaistu|\bposted\b|megjelent|"
    r"kirjutas",
    re.IGNORECASE,
)


_OPENING_DATE = re.compile(r"[^\W\d_]*,?\s*\d{1,2}[./]\s?(?:\d{1,2}[./]|[^\W\d_]{3,10}\s)\s?(?:19|20)\d\d")
"""How a paragraph begins that opens with a date."""


class DateClaim(NamedTuple):
    """A date and the source that claims it. The lower the ``rank``, the more the source is trusted."""

    date: WrittenDate
    source: str
    rank: int
    is_modification: bool = False


Announced = Iterable[tuple[str, datetime]]
"""The times that discoveries gave for the page, each with the kind that it counts as (``dates_count_as``)."""


def find_date_claims(markup: Markup, announced: Announced) -> Iterator[DateClaim]:
    declared = list(_read_declared(markup))
    yield from declared
    times = list(_read_times(markup))
    yield from times
    yield from _read_url(markup.url)
    if not any(not one.is_modification and one.rank <= 30 for one in declared):
        if not any(not one.is_modification and one.rank < 40 for one in times):
            yield from _read_shown(markup)
        yield from _read_scripts(markup)
    for source, time in announced:
        yield DateClaim(WrittenDate(time.date(), time.time(), time.utcoffset()), source, 60)


def _read_declared(markup: Markup) -> Iterator[DateClaim]:
    for position, node in enumerate(markup.nodes[:6]):
        for key, rank in (("datePublished", 0), ("dateCreated", 25), ("uploadDate", 30)):
            yield from _parse_first(read_texts(node, key)[:1], f"json-ld:{key}", rank + min(position, 4))
        yield from _parse_first(
            read_texts(node, "dateModified")[:1], "json-ld:dateModified", position, is_modification=True
        )
    for is_modification, names in ((False, _PUBLISHED_METAS), (True, _MODIFIED_METAS)):
        for position, name in enumerate(names):
            if name in markup.metas:
                yield from _parse_first(markup.metas[name][:2], f"meta:{name}", 5 + position // 3, is_modification)


def _read_times(markup: Markup) -> Iterator[DateClaim]:
    """Yield the dates of marked elements: itemprop first, then <time> near the headline."""
    for name, is_modification in (("datepublished", False), ("datemodified", True), ("datecreated", False)):
        for marked in markup.marked.get(f"itemprop:{name}", ())[:3]:
            element = marked.element
            text = element.get("datetime") or element.get("content") or element.get("title") or marked.text
            yield from _parse_first([text], f"itemprop:{name}", 20, is_modification)
    start = markup.headline_position
    for marked in _find_near_headline(markup, "time"):
        element = marked.element
        name = f"{element.get('class') or ''} {element.get('itemprop') or ''} {_find_text_before(marked)}"
        text = element.get("datetime") or marked.text
        rank = 22 if element.get("pubdate") is not None or "publish" in name.lower() else 32
        rank += marked.position < start or marked.position > start + 150
        yield from _parse_first([text, marked.text], "time", rank, _CHANGE_WORDS.search(name) is not None)


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


def _read_shown(markup: Markup) -> Iterator[DateClaim]:
    """Yield the dates that a reader sees: in elements named for dates, and in lines that are little else."""
    day_first = not (markup.tree.get("lang") or "en").lower().startswith("en-us")
    for marked in _find_near_headline(markup, "date"):
        title = marked.element.get("title") or marked.element.get("datetime") or ""
        text = f"{title} " if parse_written_date(title) else marked.text
        if len(text) < 200:
            rank = 40 + (marked.position > markup.headline_position + 150)
            yield from _read_line(text, "text", rank, day_first)
    yield from _read_dated_lines(markup, day_first)


def _read_dated_lines(markup: Markup, day_first: bool) -> Iterator[DateClaim]:
    """Yield the dates of the first ``MAX_DATED_LINES`` lines that are little else, from the headline on."""
    left = MAX_DATED_LINES
    for position, element in enumerate(markup.tree.iter(*READ_TAGS)):
        if position < markup.headline_position - 12 or element.tag in _TITLE_TAGS:
            continue
        rank = 45 + min(20, abs(position - markup.headline_position) // 40)
        for line in filter(None, map(_cut_dated_line, (element.text, element.tail))):
            claims = list(_read_line(line, "text", rank, day_first, bare=True))
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


def _read_line(line: str, source: str, rank: int, day_first: bool, bare: bool = False) -> Iterator[DateClaim]:
    """Yield the dates in a short line; a *bare* one must be little else, or have a word such as "published"."""
    for begin, end, written in find_written_dates(line, day_first):
        before, rest = line[:begin], line[:begin] + line[end:]
        is_modification = _CHANGE_WORDS.search(before[-40:]) is not None
        labelled = _PUBLISHED_WORDS.search(before[-40:]) is not None
        alone = sum(map(str.isalpha, rest)) <= 25
        if not bare or labelled or is_modification or alone:
            yield DateClaim(written, source, rank - 3 * labelled, is_modification)


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
            yield from _parse_first([found[1]], "script", 58)
            return


def _read_url(url: str) -> Iterator[DateClaim]:
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return
    for pattern in _URL_DATES:
        found = pattern.search(path)
        if found:
            yield from _parse_first([f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"], "url", 35)
            return


def _parse_first(texts: Iterable[str], source: str, rank: int, is_modification: bool = False) -> Iterator[DateClaim]:
    for text in texts:
        written = parse_written_date(clean_line(text, 200))
        if written:
            yield DateClaim(written, source, rank, is_modification)
            return


def _find_text_before(marked: MarkedElement) -> str:
    """Return the words directly before an element, such as "Updated" before a <time>."""
    previous = marked.element.getprevious()
    if previous is not None:
        return f"{read_shown_text(previous, 40) if len(previous) < 3 else ''} {previous.tail or ''}"[-60:]
    parent = marked.element.getparent()
    return (parent.text or "")[-60:] if parent is not None else ""
