"""Which captures answer for an address: its own, or those of a double that was fetched, or of a canonical address.

Its http, https and ``www`` twins have the same urlkey, so that the first try finds them too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Literal

from hemeroteca.archive.archive import Archive
from spiders.policy.url_variants import strip_tracking
from storage.catalog import Address, Selection
from storage.catalog.other_addresses import MOST_ADDRESSES
from storage.model.capture import Capture
from storage.surt import urlkey

FoundBy = Literal["address", "twin", "double", "canonical", "prefix"]
"""How an address led to a capture, in the order of trying; a prefix is only asked for."""

_WORDS: dict[FoundBy, str] = {
    "twin": "which differs only in http, https or www",
    "double": "which was fetched in its place: they differ only in tracking parameters",
    "canonical": "going by the canonical address that a captured page names",
}
_SITE = re.compile(r"(?:([a-z][a-z0-9+.-]*)://)?(?:[^/?#@]*@)?(www\d*\.)?", re.IGNORECASE)


class FoundCaptures(Iterator[Capture]):
    """Captures of an address or a prefix, by address and time, read as they are used. False where there are none."""

    def __init__(self, asked: str, by: FoundBy | None, captures: Iterator[Capture]) -> None:
        self._asked = asked
        self._by = by
        self._captures = captures

    def __bool__(self) -> bool:
        """Say whether anything was found, even if all of it is before the cursor."""
        return self._by is not None

    def __next__(self) -> Capture:
        return next(self._captures)

    def found_by(self, capture: Capture) -> FoundBy:
        """Say how the address led to *capture*, one of these."""
        return name_way(self._asked, self._by or "address", capture)

    def describe_way(self, capture: Capture) -> str | None:
        """Return the same in one line; None where *capture* is of the address itself."""
        return describe_way(self._asked, self.found_by(capture), capture)


def find_addresses(archive: Archive, url: str) -> Iterator[tuple[FoundBy, list[str]]]:
    """Yield, one try after the other, the urlkeys under which captures of *url* may lie; one query each."""
    key = urlkey(url)
    yield "address", [key]
    yield "double", _keys_of(archive.catalog.find_doubles(key), key)
    yield "canonical", _keys_of(_find_canonicals(archive, key), key)


def choose_captures(archive: Archive, url: str, wanted: Selection, after: str | None) -> FoundCaptures:
    """Return the captures *wanted* of *url*: those of the first try that finds any, even before *after*."""
    for by, keys in find_addresses(archive, url):
        own = [wanted._replace(urlkey=key) for key in keys]
        if any(next(archive.catalog.list_captures(one), None) for one in own):
            parts = (archive.catalog.list_captures(one, after) for one in own)
            return FoundCaptures(url, by, chain.from_iterable(parts))
    return FoundCaptures(url, None, iter(()))


def describe_way(asked: str, by: FoundBy, capture: Capture) -> str | None:
    """Return in one line which address answered for *asked*, and how it was found; None where it is that one."""
    words = _WORDS.get(by)
    return f"{asked}: answered by {capture.target_uri}, {words}" if words else None


def name_way(asked: str, by: FoundBy, capture: Capture) -> FoundBy:
    """Return how *asked* led to *capture*, which the try *by* found: tell a twin from the address itself."""
    return "twin" if by == "address" and _is_twin(asked, capture.target_uri) else by


def _is_twin(asked: str, answered: str) -> bool:
    one, other = (_SITE.match(url.strip().lower()) for url in (asked, answered))
    return bool(one and other and (one[1] not in (None, other[1]) or one[2] != other[2]))


def _keys_of(found: list[Address], asked: str) -> list[str]:
    return sorted({address.urlkey for address in found} - {asked})


def _find_canonicals(archive: Archive, key: str) -> list[Address]:
    """Return the page that names *key* as canonical, and what the page at *key* names, where they can be believed.

    They cannot where the address is on another host or is a home page, or where several pages name it: then it is
    a section's address or a mistake, and stands for no one article.
    """
    links = archive.catalog.find_canonical_links(key)
    pages: dict[Address, list[Address]] = defaultdict(list)
    for page, named in links if len(links) < MOST_ADDRESSES else ():
        if page.urlkey != named.urlkey:
            pages[named].append(page)
    found = []
    for named, own in pages.items():
        is_one = len({urlkey(strip_tracking(page.url)) for page in own}) == 1
        if is_one and _site_of(named) == _site_of(own[0]) and not _is_home(named):
            found += own if named.urlkey == key else [named]
    return found


def _site_of(address: Address) -> str:
    return address.urlkey.partition(")")[0]


def _is_home(address: Address) -> bool:
    return address.urlkey.partition(")")[2] in ("", "/")
