"""Every date that a page, its address and its announcement say, with what it is trusted."""

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
_TITLES = frozenset({"h1", "title"})
_BLOCKS = frozenset({"header", "article", "main", "nav", "aside"})
_PUBLISHED = (
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
_MODIFIED = (
    "article:modified_time", "og:modified_time", "og:updated_time", "datemodified", "rnews:datemodified",
    "article:modified",
    "article.updated", "lastmod", "last-modified", "dc.date.modified", "dcterms.modified", "modified_time",
    "updated_time",
    "date_modified", "revised", "modificationdate",
)  # fmt: skip
_IN_URL = (
    re.compile(r"[/_.-]((?:19|20)\d\d)[/_.-](0?[1-9]|1[0-2])[/_.-](0?[1-9]|[12]\d|3[01])(?=\D|\Z)"),
    re.compile(r"[/_.-](20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=\D|\Z)"),
)
_CHANGED = re.compile(
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


_LEADS = re.compile(r"[^\W\d_]*,?\s*\d{1,2}[./]\s?(?:\d{1,2}[./]|[^\W\d_]{3,10}\s)\s?(?:19|20)\d\d")
"""How a paragraph begins that opens with its date."""


class DateClaim(NamedTuple):
    """One date that something says, and what. ``rank`` orders sources by trust, the least first."""

    moment: WrittenDate
    source: str
    rank: int
    is_modification: bool = False


Announced = Iterable[tuple[str, datetime]]
"""What a ``feed`` or a ``sitemap`` said of the page."""


def find_date_claims(markup: Markup, announced: Announced) -> Iterator[DateClaim]:
    declared = list(_declared(markup))
    yield from declared
    times = list(_times(markup))
    yield from times
    yield from _in_url(markup.url)
    if not any(not one.is_modification and one.rank <= 30 for one in declared):
        if not any(not one.is_modification and one.rank < 40 for one in times):
            yield from _shown(markup)
        yield from _in_scripts(markup)
    for source, moment in announced:
        yield DateClaim(WrittenDate(moment.date(), moment.time(), moment.utcoffset()), source, 60)


def _declared(markup: Markup) -> Iterator[DateClaim]:
    for position, node in enumerate(markup.nodes[:6]):
        for key, rank in (("datePublished", 0), ("dateCreated", 25), ("uploadDate", 30)):
            yield from _parsed(read_texts(node, key)[:1], f"json-ld:{key}", rank + min(position, 4))
        yield from _parsed(read_texts(node, "dateModified")[:1], "json-ld:dateModified", position, is_modification=True)
    for is_modification, names in ((False, _PUBLISHED), (True, _MODIFIED)):
        for position, name in enumerate(names):
            if name in markup.metas:
                yield from _parsed(markup.metas[name][:2], f"meta:{name}", 5 + position // 3, is_modification)


def _times(markup: Markup) -> Iterator[DateClaim]:
    """Yield the times of marked elements: itemprop first, then <time> near the headline."""
    for name, is_modification in (("datepublished", False), ("datemodified", True), ("datecreated", False)):
        for marked in markup.marked.get(f"itemprop:{name}", ())[:3]:
            element = marked.element
            text = element.get("datetime") or element.get("content") or element.get("title") or marked.text
            yield from _parsed([text], f"itemprop:{name}", 20, is_modification)
    start = markup.headline_position
    for marked in _near(markup, "time"):
        element = marked.element
        name = f"{element.get('class') or ''} {element.get('itemprop') or ''} {_before(marked)}"
        text = element.get("datetime") or marked.text
        rank = 22 if element.get("pubdate") is not None or "publish" in name.lower() else 32
        rank += marked.position < start or marked.position > start + 150
        yield from _parsed([text, marked.text], "time", rank, _CHANGED.search(name) is not None)


def _near(markup: Markup, role: str) -> list[MarkedElement]:
    """Return the elements at the headline and after it that are about this article, the first ten."""
    near = (
        one
        for one in markup.marked.get(role, ())
        if one.position > markup.headline_position - 40 and not _is_header(one, markup)
    )
    return list(islice((one for one in near if not markup.is_outside_article(one.element)), 10))


def _is_header(marked: MarkedElement, markup: Markup) -> bool:
    """Say whether an element stands in the site's header: before the headline, and in no block with it."""
    if marked.position >= markup.headline_position:
        return False
    around = next((above for above in marked.element.iterancestors() if above.tag in _BLOCKS), None)
    return around not in markup.headline_ancestors and (
        around is not None or marked.position < markup.headline_position - 15
    )


def _shown(markup: Markup) -> Iterator[DateClaim]:
    """Yield the dates that a reader sees of the article: in elements named for them, and lines of little else."""
    start = markup.headline_position
    day_first = not (markup.tree.get("lang") or "en").lower().startswith("en-us")
    for marked in _near(markup, "date"):
        title = marked.element.get("title") or marked.element.get("datetime") or ""
        text = f"{title} " if parse_written_date(title) else marked.text
        if len(text) < 200:
            yield from _read_line(text, "text", 40 + (marked.position > start + 150), day_first)
    left = MAX_DATED_LINES
    for position, element in enumerate(markup.tree.iter(*READ_TAGS)):
        if position < start - 12 or element.tag in _TITLES:
            continue
        for text in (element.text, element.tail):
            line = _dated_line(text)
            if line:
                rank = 45 + min(20, abs(position - start) // 40)
                found = list(_read_line(line, "text", rank, day_first, bare=True))
                if (
                    found
                    and not _is_header(MarkedElement(position, element), markup)
                    and not markup.is_outside_article(element)
                ):
                    yield from found
                    left -= 1
        if left <= 0:
            break


def _dated_line(text: str | None) -> str:
    """Return *text* when it is a short line with digits, or the date that a paragraph opens with."""
    if not text or not any(map(str.isdigit, text[:200])):
        return ""
    line = clean_line(text, 300)
    leads = _LEADS.match(line) if len(line) > 40 else None
    if leads:
        return line[: leads.end()]
    return line if 6 <= len(line) <= 120 else ""


def _read_line(line: str, source: str, rank: int, day_first: bool, bare: bool = False) -> Iterator[DateClaim]:
    """Yield the dates of a short line; of a *bare* one only where the line is a date, or says that it is."""
    for begin, end, moment in find_written_dates(line, day_first):
        before, rest = line[:begin], line[:begin] + line[end:]
        is_modification = _CHANGED.search(before[-40:]) is not None
        labelled = _PUBLISHED_WORDS.search(before[-40:]) is not None
        alone = sum(map(str.isalpha, rest)) <= 25
        if not bare or labelled or is_modification or alone:
            yield DateClaim(moment, source, rank - 3 * labelled, is_modification)


_SCRIPT_DATE = re.compile(
    r'"(?:datePublished|publishedAt|published_at|publishDate|publicationDate|publish_date|date_published|published|pubDate'
    r"|firstPublished(?:At|Date)?|datePublication|displayDate|createdAt|postDate)"
    r'\\?"\s*:\s*\\?"((?:19|20)\d\d-\d\d-\d\d[^"\\]{0,20})'
)


def _in_scripts(markup: Markup) -> Iterator[DateClaim]:
    """Yield the first date that the page's own data names as its publication."""
    for script in markup.tree.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            continue
        found = _SCRIPT_DATE.search((script.text or "")[:2_000_000])
        if found:
            yield from _parsed([found[1]], "script", 58)
            return


def _in_url(url: str) -> Iterator[DateClaim]:
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return
    for pattern in _IN_URL:
        found = pattern.search(path)
        if found:
            yield from _parsed([f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"], "url", 35)
            return


def _parsed(texts: Iterable[str], source: str, rank: int, is_modification: bool = False) -> Iterator[DateClaim]:
    for text in texts:
        moment = parse_written_date(clean_line(text, 200))
        if moment:
            yield DateClaim(moment, source, rank, is_modification)
            return


def _before(marked: MarkedElement) -> str:
    """Return the words directly before an element: "Updated" before a <time>."""
    previous = marked.element.getprevious()
    if previous is not None:
        return f"{read_shown_text(previous, 40) if len(previous) < 3 else ''} {previous.tail or ''}"[-60:]
    parent = marked.element.getparent()
    return (parent.text or "")[-60:] if parent is not None else ""
