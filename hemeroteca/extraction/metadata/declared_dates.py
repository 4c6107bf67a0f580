"""The dates that a page declares: in JSON-LD, metas, scripts and its address; and how far each is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from hemeroteca.extraction.metadata.date_style import UNKNOWN_STYLE, DateStyle
from hemeroteca.extraction.metadata.written_dates import WrittenDate, parse_written_date
from hemeroteca.extraction.page.json_ld import read_texts
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.untrusted_strings import clean_line

_PUBLISHED_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished",
    "rnews:datepublished", "article.published", "published_time", "article_date_original", "originalpublicationdate",
    "sailthru.date", "parsely-pub-date", "publication_date", "publication-date", "publishdate", "publish-date",
    "publish_date", "pubdate", "pub_date", "bt:pubdate", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "dc.date.issued", "dcterms.issued", "dc.date.published", "citation_publication_date", "citation_date",
    "article:post_date", "displaydate", "article:published", "published", "published-date", "published_date",
    "publisheddate", "date_published", "date-published", "publication_time", "article_date", "article:publish_date",
    "vr:published_time", "shareaholic:article_published_time", "release_date",
)  # fmt: skip
_VAGUE_METAS = (
    "dc.date.created", "dcterms.created", "dc.date", "dcterms.date", "dc:date", "created", "datecreated",
    "date.created", "creation_date", "timestamp", "date",
)  # fmt: skip
"""Names that do not say what happened on the day: that of publication, or that on which the page was set up."""

VAGUE_RANKS = range(36, 40)

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


class DateOrigin(NamedTuple):
    """Where a date stands, how far that is trusted (the lower the more), and whether it is the date of a change.

    ``near`` says that readers see it beside the headline.
    """

    source: str
    rank: int
    is_modification: bool = False
    near: bool = False


class DateClaim(NamedTuple):
    """A date and the source that claims it. The lower the ``rank``, the more the source is trusted."""

    date: WrittenDate
    source: str
    rank: int
    is_modification: bool = False
    near: bool = False


def find_month_in_url(url: str) -> tuple[int, int] | None:
    """Return the year and the month that the address files its page under, as in ``/2020/05/``."""
    found = _URL_MONTH.search(_read_path(url))
    return (int(found[1]), int(found[2])) if found else None


def read_declared(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    for position, node in enumerate(markup.nodes[:6]):
        for key, rank in (("datePublished", 0), ("dateCreated", 25), ("uploadDate", 30)):
            source = f"json-ld:{key}"
            yield from parse_first(read_texts(node, key)[:1], style, DateOrigin(source, rank + min(position, 4)))
        changed = DateOrigin("json-ld:dateModified", position, is_modification=True)
        yield from parse_first(read_texts(node, "dateModified")[:1], style, changed)
    for is_modification, start, names in (
        (False, 5, _PUBLISHED_METAS),
        (False, VAGUE_RANKS[0], _VAGUE_METAS),
        (True, 5, _MODIFIED_METAS),
    ):
        for position, name in enumerate(names):
            if name in markup.metas:
                origin = DateOrigin(f"meta:{name}", start + position // 3, is_modification)
                yield from parse_first(markup.metas[name][:2], style, origin)


_SCRIPT_DATE = re.compile(
    r'"(?:datePublished|publishedAt|published_at|publishDate|publicationDate|publish_date|date_published|published|pubDate'
    r"|firstPublished(?:At|Date)?|datePublication|displayDate|createdAt|postDate)"
    r'\\?"\s*:\s*\\?"((?:19|20)\d\d-\d\d-\d\d[^"\\]{0,20})'
)


def read_scripts(markup: Markup) -> Iterator[DateClaim]:
    """Yield the first date of publication in the page's scripts, or in a meta that has an object as they do."""
    scripts = (one.text or "" for one in markup.tree.iter("script") if "ld+json" not in (one.get("type") or ""))
    metas = (content for contents in markup.metas.values() for content in contents if content.startswith("{"))
    for text in (*scripts, *metas):
        found = _SCRIPT_DATE.search(text[:2_000_000])
        if found:
            yield from parse_first([found[1]], UNKNOWN_STYLE, DateOrigin("script", 58))
            return


def _read_path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def read_url(url: str, style: DateStyle) -> Iterator[DateClaim]:
    path = _read_path(url)
    for pattern in _URL_DATES:
        found = pattern.search(path)
        if found:
            text = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
            yield from parse_first([text], style, DateOrigin("url", 35))
            return
    found = _URL_DAY_FIRST.search(path)
    if found:
        order = style if style.sure else UNKNOWN_STYLE  # most sites that file by the day's number first are European
        yield from parse_first([f"{found[1]}/{found[3]}/{found[4]}"], order, DateOrigin("url", 50))


def parse_first(texts: Iterable[str], style: DateStyle, origin: DateOrigin) -> Iterator[DateClaim]:
    for text in texts:
        written = parse_written_date(clean_line(text, 200), style)
        if written:
            yield DateClaim(written, *origin)
            return
