"""Sitemaps: the XML, index and text forms of sitemaps.org, gzipped or not; feeds that stand in for one; robots.txt.

The ``<loc>`` of an entry is announced. Its images, videos and other editions (hreflang) are not: those that are pages
have a ``<loc>`` of their own.
"""

from __future__ import annotations

import re

from lxml import etree

from spiders.discovery.entries import Entry, make_entries, parse_date, parse_feed
from spiders.discovery.feeds import ROOTS, NotAFeedError
from spiders.discovery.packed_body import unpack_body
from spiders.discovery.xml import count_entries, find_root_name, free_element, iter_elements, local_name, read_alone
from spiders.policy.scope import clean_url, is_web

_SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
_ENTRY = re.compile(rb"<(?:\w{1,20}:)?(?:url|sitemap)(?=[\s>])")
_IN_ROBOTS = re.compile(r"^[ \t]*site-?map[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_MARK_AND_SPACE = b"\xef\xbb\xbf \t\r\n"
_MOST_IN_ROBOTS = 500 * 1024


def parse_sitemap(body: bytes, url: str) -> list[Entry]:
    """Return what a sitemap, a sitemap index, a text sitemap or a feed lists.

    The date is the news publication date, else lastmod. Of a broken document, what comes before the fault is returned.
    """
    try:
        body = unpack_body(body)
    except ValueError as error:
        raise NotAFeedError(str(error)) from None
    if body.lstrip(_MARK_AND_SPACE).startswith(b"{"):
        return parse_feed(body, url)
    root = find_root_name(body)
    if root is not None and root.lower() in ROOTS:
        return parse_feed(body, url)
    if root in _SITEMAP_ROOTS:
        return _read_entries(body, url)
    lines = _text_entries(body)
    if root is not None or not lines:
        raise NotAFeedError(f"root element is {root or 'missing'}")
    return make_entries(((line, None) for line in lines), url)


def find_sitemaps_in_robots(body: bytes, url: str) -> tuple[str, ...]:
    """Return the sitemaps that a robots.txt names (sitemaps.org: in any group, on any host)."""
    text = body[:_MOST_IN_ROBOTS].decode("utf-8", "replace").replace("\r", "\n")
    named = (clean_url(address, url) for address in _IN_ROBOTS.findall(text))
    return tuple(dict.fromkeys(address for address in named if address and is_web(address)))


def _text_entries(body: bytes) -> list[str]:
    """Return the addresses of a text sitemap, one a line."""
    encoding = "utf-16" if body.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    lines = (line.strip() for line in body.decode(encoding, "replace").splitlines())
    return [line for line in lines if line.lower().startswith(("http://", "https://"))]


def _read_entries(body: bytes, url: str) -> list[Entry]:
    """Return the entries of a sitemap; where there are fewer than it has tags of them, each is read by itself."""
    found, entries = [], count_entries(body, _ENTRY)
    for element in iter_elements(body, tags=("{*}url", "{*}sitemap")):
        parent = element.getparent()
        if parent is not None and local_name(parent) in _SITEMAP_ROOTS:
            found += _entries(element, url)
            free_element(element)
    if len(found) < entries:
        alone = [entry for element in read_alone(body, _ENTRY) for entry in _entries(element, url)]
        return alone if len(alone) > len(found) else found
    return found


def _entries(element: etree._Element, url: str) -> list[Entry]:
    """Return what *element* of a sitemap announces: one entry, or none when it has no address."""
    fields: dict[str, etree._Element] = {}
    for child in element:
        fields.setdefault(local_name(child), child)
    address = (fields["loc"].text or "").strip() if "loc" in fields else ""
    location = clean_url(address, url) if address else None
    if location is None:
        return []
    dated = _news_date(fields["news"]) if "news" in fields else None
    dated = dated or ((fields["lastmod"].text or "") if "lastmod" in fields else None)
    return [Entry(location, parse_date(dated) if dated else None, local_name(element) == "sitemap")]


def _news_date(news: etree._Element) -> str | None:
    return next((child.text for child in news if local_name(child) == "publication_date"), None)
