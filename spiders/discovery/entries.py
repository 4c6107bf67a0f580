"""The entries of a discovery document: what it announces. Nothing here fetches anything.

Feeds are read here, other kinds in modules of their own: each parser takes a decoded body and the URL it came from, and
returns entries in document order. ``NotAFeedError`` means that the body is not what the card calls it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import NamedTuple

from spiders.discovery.feeds import find_channel_link, read_feed_links
from spiders.discovery.xml import find_root_name
from spiders.policy.scope import clean_url, is_web

_FIRST_YEAR = 1990
_YEAR_OF_MAIL = re.compile(r"\d{1,2}[ -][A-Za-z]{3,9}[ -](-?\d{3,})")
_ABSOLUTE = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*:")
_PERIOD = re.compile(r"(\d{4})(?:-(\d\d))?")
_IN_OUTLINE = re.compile(r"""\bxmlurl\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""", re.IGNORECASE)


class Entry(NamedTuple):
    """An absolute URL (see ``clean_url``), the date it is announced with, and whether it is a sitemap."""

    url: str
    announced: datetime | None = None
    is_sitemap: bool = False


def make_entries(entries: Iterable[tuple[str | None, str | None]], base: str) -> list[Entry]:
    """Make entries of links with their dates, each URL once."""
    found: dict[str, Entry] = {}
    for link, dated in entries:
        url = clean_url(link, base) if link else None
        if url and url not in found:
            found[url] = Entry(url, parse_date(dated) if dated else None)
    return list(found.values())


def parse_date(text: str) -> datetime | None:
    """Read an RFC 3339, W3C-DTF or RFC 5322 date; one without an offset is UTC, a month or a year is its last moment.

    None when it is no date, and for one from before there were newspapers on the web: that is an empty field of theirs.
    """
    text = text.strip()
    moment = _whole_period(text) or _moment(text)
    return moment if moment and moment.year >= _FIRST_YEAR else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        year = _YEAR_OF_MAIL.search(text)
        if year and int(year[1]) < _FIRST_YEAR:  # which the library takes for one of this century
            return None
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, OverflowError):
            return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def _whole_period(text: str) -> datetime | None:
    """Return the last moment of a month or a year that is given alone."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 12)
    if not year >= _FIRST_YEAR or not 1 <= month <= 12:
        return None
    return datetime(year, month, monthrange(year, month)[1], 23, 59, 59, tzinfo=UTC)


def parse_feed(body: bytes, url: str) -> list[Entry]:
    """Return the entries of a feed (spiders.discovery.feeds). Raises NotAFeedError."""
    links = list(read_feed_links(body))
    is_absolute = all(_ABSOLUTE.match(link.address) for link in links)
    return make_entries(links, url if is_absolute else _find_base(body, url))


def _find_base(body: bytes, url: str) -> str:
    base = clean_url(find_channel_link(body) or "", url)
    return base if base and is_web(base) else url


def find_feeds_in_outline(body: bytes, url: str) -> list[str]:
    """Return the feeds that an OPML outline lists, each once; none for any other document.

    It searches, because outlines often have quotes inside quoted titles, where an XML parser loses text.
    """
    if (find_root_name(body) or "").lower() != "opml":
        return []
    addresses = (unescape(one[1] or one[2]) for one in _IN_OUTLINE.finditer(body.decode("utf-8", "replace")))
    return [one.url for one in make_entries(((address, None) for address in addresses), url)]
