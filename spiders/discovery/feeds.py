"""Feeds: the links of their entries, in every dialect that newspapers write.

RSS 0.9x, 1.0 (RDF) and 2.0, Atom 0.3 and 1.0, CDF, JSON Feed 1.x. The page of an entry is the first of these that it
has: the address that a service put its own in place of (``feedburner:origLink``), its alternate links (RFC 4287,
4.2.7.2: no ``rel`` means ``alternate``), its id or guid, any other link to a page, a guid that is an address though it
says that it is no permanent link. Addresses are relative to ``xml:base``, else to the channel's own link, else to the
feed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urljoin

from lxml import etree

from spiders.discovery.packed_body import unpack_body
from spiders.discovery.xml import (
    count_entries,
    find_root_name,
    free_element,
    iter_elements,
    local_name,
    read_alone,
    read_top,
)

ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
_ENTRIES = ("{*}item", "{*}entry", "{*}Item", "{*}ITEM", "{*}Entry")
_ITEM = re.compile(rb"<(?:\w{1,20}:)?(?:item|entry)(?=[\s>])", re.IGNORECASE)
_PATH = re.compile(r"^https?://[^/?#]*", re.IGNORECASE)
_MARK_AND_SPACE = b"\xef\xbb\xbf \t\r\n"
_COMMA = re.compile(rb",\s*(?=[\]}])")
_ALTERNATE = frozenset({None, "", "alternate", "http://www.iana.org/assignments/relation/alternate"})
_NO_PAGES = frozenset({"enclosure", "edit", "edit-media", "hub", "replies", "license", "first", "next", "last"})
_DATES = ("pubdate", "published", "issued", "created", "date", "updated", "modified", "lastmod")
_JSON_DATES = ("date_published", "date_modified")
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


class NotAFeedError(ValueError):
    """The body is no feed, no sitemap or no page."""


class FeedLink(NamedTuple):
    """A link of a feed, relative to the feed's own address, and the date that its entry has."""

    address: str
    dated: str | None


def read_feed_links(body: bytes) -> Iterator[FeedLink]:
    """Yield the links of a feed, in its order. Raises NotAFeedError when *body* is no feed."""
    try:
        body = unpack_body(body)
    except ValueError as error:
        raise NotAFeedError(str(error)) from None
    if body.lstrip(_MARK_AND_SPACE)[:1] == b"{":
        yield from _json_entries(body)
        return
    root = find_root_name(body)
    if root is None or root.lower() in ("html", "urlset", "sitemapindex"):
        raise NotAFeedError(f"root element is {root or 'missing'}")
    links, read, entries = [], 0, count_entries(body, _ITEM)
    for item in iter_elements(body, tags=_ENTRIES):
        found = _item_links(item)
        read += bool(found)
        links += found
        free_element(item)
    if read < entries:
        alone = [link for item in read_alone(body, _ITEM) for link in _item_links(item)]
        links = alone if len(alone) > len(links) else links
    if not links and root.lower() not in ROOTS:
        raise NotAFeedError(f"root element is {root}")
    yield from links


def find_channel_link(body: bytes) -> str | None:
    """Return the address that a feed gives of its site, which its relative links are relative to."""
    body = unpack_body(body)
    if body.lstrip(_MARK_AND_SPACE)[:1] == b"{":
        feed = _read_json(body)
        page = feed.get("home_page_url") if isinstance(feed, dict) else None
        return page if isinstance(page, str) else None
    for element in read_top(body, _ITEM):
        parent = element.getparent()
        if local_name(element).lower() == "link" and parent is not None and local_name(parent).lower() in ROOTS:
            address = element.get("href") or _text(element)
            if address and element.get("rel") in _ALTERNATE:
                return _resolved(element, address)
    return None


def _item_links(item: etree._Element) -> list[FeedLink]:
    dated = _date(item)
    return [FeedLink(address, dated) for address in _pages(item)]


def _json_entries(body: bytes) -> Iterator[FeedLink]:
    """Yield the items of a JSON Feed: ``url``, else ``external_url``, else an id that is an address."""
    feed = _read_json(body)
    if feed is None:
        feed = _read_json(_COMMA.sub(b"", body))
    if feed is None:
        raise NotAFeedError("neither XML nor JSON")
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise NotAFeedError("root element is missing: JSON without items")
    for item in items:
        if isinstance(item, dict) and (address := _json_page(item)):
            dated = next((item[key] for key in _JSON_DATES if isinstance(item.get(key), str)), None)
            yield FeedLink(address, dated)


def _read_json(body: bytes) -> Any:
    """Return what *body* says; None when it is no JSON."""
    try:
        return json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None


def _json_page(item: dict[str, Any]) -> str | None:
    links = (item.get(key) for key in ("url", "external_url"))
    page = next((one for one in links if isinstance(one, str) and one.strip()), None)
    identity = item.get("id")
    return page or (identity if isinstance(identity, str) and identity.startswith(("http://", "https://")) else None)


def _pages(item: etree._Element) -> list[str]:
    if original := next(_originals(item), None):
        return [original]
    links = list(_links(item))
    alternates = [address for relation, address in links if relation in _ALTERNATE]
    identity, is_permanent = _identity(item)
    if is_permanent and identity and not item.get(_ABOUT) and all(_is_front_page(address) for address in alternates):
        alternates = []  # a link to the front page in each item, and the article's address as its guid
    if alternates:
        return list(dict.fromkeys(alternates))
    others = [address for relation, address in links if relation not in _NO_PAGES]
    found = [identity, *others] if is_permanent else [*others, identity]
    return [address for address in found if address][:1]


def _originals(item: etree._Element) -> Iterator[str]:
    for child in item.iterchildren("*"):
        address = _text(child) if local_name(child).lower() == "origlink" else None
        if address and address.startswith(("http://", "https://")):
            yield address


def _is_front_page(address: str) -> bool:
    return _PATH.sub("", address, count=1) in ("", "/")


def _links(item: etree._Element) -> Iterator[tuple[str | None, str]]:
    """Yield the relation and address of each link of *item*, an attribute of its own (CDF) included."""
    own = item.get("href") or item.get("HREF")
    if own:
        yield None, _resolved(item, own)
    for child in item.iterchildren("*"):
        if local_name(child).lower() == "link":
            address = child.get("href") or _text(child)
            if address:
                yield child.get("rel"), _resolved(child, address)


def _identity(item: etree._Element) -> tuple[str | None, bool]:
    """Return the id, guid or ``rdf:about`` of *item* as an address, and whether it claims to be one."""
    about = item.get(_ABOUT)
    if about:
        return _resolved(item, about), True
    child = next((child for child in item.iterchildren("*") if local_name(child).lower() in ("id", "guid")), None)
    text = _text(child) if child is not None else None
    if child is None or text is None:
        return None, False
    if child.get("isPermaLink", "true").lower() != "false":
        return _resolved(child, text), True
    return (text if text.startswith(("http://", "https://")) else None), False


def _date(item: etree._Element) -> str | None:
    texts = {local_name(child).lower(): _text(child) for child in item.iterchildren("*")}
    return next((texts[key] for key in _DATES if texts.get(key)), None)


def _text(element: etree._Element) -> str | None:
    return "".join(str(text) for text in element.itertext()).strip() or None


def _resolved(element: etree._Element, address: str) -> str:
    try:
        return urljoin(element.base or "", address.strip())
    except ValueError:
        return address
