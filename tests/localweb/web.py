"""96 real newspapers' hosts, served on loopback under their own names, and the expected result of a crawl.

The pages are the shared suite ``localweb`` (HEMEROTECA_SHARED, default ../shared): ``web.jsonl`` lists every path.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.shared import SUITES, read_cases

SUITE = SUITES / "localweb"

INCLUDE = {"www.asahi.com": ["/articles/"], "www.bbc.com": ["/articles/", r"-\d{8}$"]}
"""Where an address does not look like an article's, the card says so."""


class Page(NamedTuple):
    """One path of a host. ``file`` is None for what nobody is to ask for; ``packed``: its file is gzip."""

    url: str
    role: str
    media_type: str
    file: Path | None
    packed: bool

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def body(self) -> bytes:
        """Return the page, packed or not as its file is."""
        return self.file.read_bytes() if self.file else b"not for robots"

    def plain(self) -> bytes:
        return gzip.decompress(self.body()) if self.packed else self.body()


class Web:
    """The suite's pages. Of two pages with one address the first is the edition of these tests."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        for row in read_cases("localweb/web"):
            page = _page(row)
            self.pages.setdefault(page.url, page)

    def urls(self, role: str) -> set[str]:
        return {url for url, page in self.pages.items() if page.role == role}

    @property
    def roots(self) -> list[str]:
        """The front pages: one a host."""
        return sorted(self.urls("home"))

    @property
    def hosts(self) -> list[str]:
        return sorted({page.host for page in self.pages.values()})

    def cards(self, delay_seconds: float) -> Iterator[dict[str, Any]]:
        """Yield a card for each host: its feed, its sitemap and its front page, articles of any age."""
        for root in self.roots:
            host = urlsplit(root).netloc
            yield {
                "id": source_id(host),
                "title": host,
                "homepage": root,
                "language": "und",
                "discoveries": [
                    {"kind": "feed", "url": f"{root}feed.xml"},
                    {"kind": "sitemap", "url": f"{root}sitemap.xml"},
                    {"kind": "section", "url": root},
                ],
                "include": INCLUDE.get(host, []),
                "delay_seconds": delay_seconds,
                "recent_days": None,
                "allow_private": True,
            }


def source_id(host: str) -> str:
    return f"local-{host.replace('.', '-')}"


def _page(row: dict[str, Any]) -> Page:
    file = SUITE / row["file"] if row["file"] else None
    role = row["role"].partition(":")[0]
    url = f"{row['scheme']}://{row['host']}{row['path']}"
    return Page(url, role, row["content_type"], file, row.get("gzip_on_disk", False))
