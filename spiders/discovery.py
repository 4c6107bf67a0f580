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
from typing import NamedTuple

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from spiders.feeds import NotAFeedError, read_entries
from spiders.scope import clean_url
from spiders.xml import elements, first_element, let_go, name

MAX_BODY_BYTES = 64 * 1024 * 1024
"""What an unpacked sitemap may be; sitemaps.org allows 50 MiB."""

_IMAGE_NAMESPACES = ("sitemap-image", "sitemap-video")


class Found(NamedTuple):
    """One announcement: an absolute URL (see ``clean_url``), the date it is given, and whether it is a sitemap."""

    url: str
    announced: datetime | None = None
    is_sitemap: bool = False


def parse_feed(body: bytes, url: str) -> list[Found]:
    """Return the entries of a feed (spiders.feeds)."""
    return _founds(read_entries(body), url)


def parse_sitemap(body: bytes, url: str) -> list[Found]:
    """Return what a sitemap, sitemap index or news sitemap lists, packed with gzip or not, or a text sitemap.

    The date is the news publication date, else lastmod. What stood before a fault is returned.
    """
    body = _unpack(body)
    root = first_element(body)
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


def _sitemap_entries(body: bytes, url: str) -> Iterator[Found]:
    for entry in elements(body, tags=("{*}url", "{*}sitemap")):
        parent = entry.getparent()
        if parent is None or name(parent) not in ("urlset", "sitemapindex"):
            continue
        address = _text(entry, "loc")
        location = clean_url(address, url) if address else None
        if location:
            dated = _text(entry, "publication_date") or _text(entry, "lastmod")
            yield Found(location, read_date(dated) if dated else None, name(entry) == "sitemap")
        let_go(entry)


def _text(element: etree._Element, name: str) -> str | None:
    """Return the text of the first descendant called *name* that is not part of an image or a video."""
    for child in element.iter(f"{{*}}{name}"):
        if not any(space in str(child.tag) for space in _IMAGE_NAMESPACES) and child.text and child.text.strip():
            return child.text.strip()
    return None
