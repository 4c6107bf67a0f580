"""What feeds, sitemaps and pages announce. Nothing here fetches, and no DTD or entity is ever followed.

Each ``parse_…`` takes a content-decoded body and the URL it came from, and returns what it announces in document
order. ``NotAFeedError`` means that the body is not what the card calls it.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import fastfeedparser
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from spiders.scope import clean_url

MAX_BODY_BYTES = 64 * 1024 * 1024
"""What an unpacked sitemap may be; sitemaps.org allows 50 MiB."""

_IMAGE_NAMESPACES = ("sitemap-image", "sitemap-video")


class NotAFeedError(ValueError):
    """The body is no feed, no sitemap or no page."""


class Found(NamedTuple):
    """One announcement: an absolute URL (see ``clean_url``), the date it is given, and whether it is a sitemap."""

    url: str
    announced: datetime | None = None
    is_sitemap: bool = False


def parse_feed(body: bytes, url: str) -> list[Found]:
    """Return the entries of an RSS, RDF, Atom or JSON feed."""
    try:
        feed = fastfeedparser.parse(body, include_content=False, include_tags=False, include_media=False)
        entries = [(_page_of(entry), entry.get("published") or entry.get("updated")) for entry in feed.entries]
    except Exception:  # it raises whatever its inner parsers do
        entries = []
    if not any(link for link, _ in entries):
        entries = list(_lxml_entries(body))
    return _founds(entries, url)


def _page_of(entry: dict[str, Any]) -> str | None:
    """Return the link of a feed's entry that stands for its page (RFC 4287, 4.2.7.2: no rel means alternate)."""
    links = (link.get("href") for link in entry.get("links") or () if link.get("rel") in (None, "", "alternate"))
    page: str | None = next(filter(None, links), None) or entry.get("link")
    return page


def parse_sitemap(body: bytes, url: str) -> list[Found]:
    """Return what a sitemap, sitemap index or news sitemap lists, packed with gzip or not, or a text sitemap.

    The date is the news publication date, else lastmod. What stood before a fault is returned.
    """
    body = _unpack(body)
    root = _first_element(body)
    if root in ("rss", "feed", "RDF"):
        return parse_feed(body, url)
    if root is None and body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"http://", b"https://")):
        return _founds(((line, None) for line in body.decode("utf-8", "replace").splitlines()), url)
    if root not in ("urlset", "sitemapindex"):
        raise NotAFeedError(f"root element is {root or 'missing'}")
    return list(_sitemap_entries(body, url))


def parse_page(body: bytes, url: str) -> list[Found]:
    """Return the links of an HTML page, each once."""
    if not body.strip():
        raise NotAFeedError("empty body")
    tree = LexborHTMLParser(body)
    base_node = tree.css_first("base[href]")
    base = clean_url(base_node.attributes.get("href") or "", url) if base_node else None
    links = ((node.attributes.get("href"), None) for node in tree.css("a[href], area[href]"))
    return _founds(links, base or url)


def _founds(entries: Iterable[tuple[str | None, str | None]], base: str) -> list[Found]:
    found: dict[str, Found] = {}
    for link, dated in entries:
        url = clean_url(link, base) if link else None
        if url and url not in found:
            found[url] = Found(url, read_date(dated) if dated else None)
    return list(found.values())


def read_date(text: str) -> datetime | None:
    """Read an RFC 3339, W3C-DTF or RFC 5322 date; one without an offset is UTC. None when it is no date."""
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return _year_and_month(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def _year_and_month(text: str) -> datetime | None:
    for layout in ("%Y-%m", "%Y"):
        try:
            return datetime.strptime(text, layout).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _unpack(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            plain = packed.read(MAX_BODY_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise NotAFeedError(f"gzip: {error}") from None
    if len(plain) > MAX_BODY_BYTES:
        raise NotAFeedError("unpacks to more than 64 MiB")
    return plain


def _elements(body: bytes, tags: tuple[str, ...] | None = None, end: bool = True) -> Iterator[etree._Element]:
    """Stream the elements of a document, whatever their namespace; stop without an error where it is broken."""
    walk = etree.iterparse(
        io.BytesIO(body.lstrip()),
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


def _first_element(body: bytes) -> str | None:
    return next((_name(element) for element in _elements(body, end=False)), None)


def _sitemap_entries(body: bytes, url: str) -> Iterator[Found]:
    for entry in _elements(body, tags=("{*}url", "{*}sitemap")):
        parent = entry.getparent()
        if parent is None or _name(parent) not in ("urlset", "sitemapindex"):
            continue
        address = _text(entry, "loc")
        location = clean_url(address, url) if address else None
        if location:
            dated = _text(entry, "publication_date") or _text(entry, "lastmod")
            yield Found(location, read_date(dated) if dated else None, _name(entry) == "sitemap")
        entry.clear()
        while entry.getprevious() is not None:
            del parent[0]


def _lxml_entries(body: bytes) -> Iterator[tuple[str | None, str | None]]:
    """Read what a feed library gave up on: items and entries wherever they stand."""
    root = _first_element(body)
    if root is None or root.lower() in ("html", "urlset", "sitemapindex"):
        raise NotAFeedError(f"root element is {root or 'missing'}")
    seen = False
    for item in _elements(body, tags=("{*}item", "{*}entry")):
        seen = True
        dates = (_text(item, name) for name in ("pubDate", "date", "published", "updated"))
        yield _link(item), next(filter(None, dates), None)
        item.clear()
    if not seen and root not in ("rss", "RDF", "feed"):
        raise NotAFeedError(f"root element is {root}")


def _link(item: etree._Element) -> str | None:
    for child in item.iterchildren("{*}link"):
        if child.get("href"):
            if child.get("rel", "alternate") == "alternate":
                return child.get("href")
        elif child.text and child.text.strip():
            return child.text
    guid = next(item.iterchildren("{*}guid"), None)
    permanent = guid is not None and guid.get("isPermaLink", "true") != "false"
    return guid.text if permanent and guid is not None and (guid.text or "").startswith("http") else None


def _text(element: etree._Element, name: str) -> str | None:
    """Return the text of the first descendant called *name* that is not part of an image or a video."""
    for child in element.iter(f"{{*}}{name}"):
        if not any(space in str(child.tag) for space in _IMAGE_NAMESPACES) and child.text and child.text.strip():
            return child.text.strip()
    return None


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
