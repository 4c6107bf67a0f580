"""Feeds and sitemaps that nobody here made, judged as their suites' READMEs say."""

from __future__ import annotations

import base64
import gzip
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from spiders.discovery.entries import find_feeds_in_outline, parse_feed
from spiders.discovery.feeds import NotAFeedError
from spiders.discovery.sitemaps import parse_sitemap
from spiders.policy.scope import clean_url, is_web
from storage.model.source import Discovery
from tests.shared import SUITES, CountCases, needs_shared, read_cases
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, Reply

pytestmark = needs_shared
FEEDS = ("feedparser", "gofeed", "feedvalidator", "feedjira")


def entries_of(row: dict[str, Any]) -> set[str]:
    """Return what the feed of *row* announces; nothing when it is none."""
    try:
        return {one.url for one in parse_feed((SUITES / "feeds" / row["file"]).read_bytes(), document_url(row))}
    except NotAFeedError:
        return set()


def document_url(row: dict[str, Any]) -> str:
    return f"http://127.0.0.1:8097/{row['file']}"  # where feedparser's own tests are served


@pytest.mark.parametrize("name", FEEDS)
def test_no_feed_of_the_suites_crashes_or_hangs(
    name: str, monkeypatch: pytest.MonkeyPatch, count_cases: CountCases
) -> None:
    def no_network(*_: Any) -> None:
        raise AssertionError("a feed made us connect")

    monkeypatch.setattr("socket.socket.connect", no_network)
    cases = read_cases(f"feeds/{name}")
    for row in cases:
        begun = time.thread_time()
        entries_of(row)
        assert time.thread_time() - begun < 1, row["file"]
    count_cases(f"feeds/{name}", len(cases))


def test_every_link_and_id_that_feedparser_expects_is_discovered(count_cases: CountCases) -> None:
    cases = [row for row in read_cases("feeds/feedparser") if row["checks"] and not _is_relocated(row)]
    missed = [(row["file"], url) for row in cases for url in _expected(row) - entries_of(row)]
    count_cases("feeds/feedparser", sum(bool(_expected(row)) for row in cases), "entries")
    assert missed == []


def _is_relocated(row: dict[str, Any]) -> bool:
    """Content-Location no longer gives a base (RFC 9110, 8.7)."""
    return any(name.lower() == "content-location" for name in row["headers"] or {})


def _expected(row: dict[str, Any]) -> set[str]:
    """Return the link of each entry that has one checked, else its id when it is an address."""
    fields: dict[int, dict[str, str]] = {}
    for check in row["checks"]:
        path = check["path"]
        if path[:1] == ["entries"] and len(path) == 3 and path[2] in ("link", "id") and check.get("equals"):
            fields.setdefault(path[1], {})[path[2]] = check["equals"]
    named = [one.get("link") or _address(one["id"]) for one in fields.values()]
    return {url for one in named if one and (url := clean_url(one, document_url(row)))}


def _address(text: str) -> str | None:
    return text if is_web(text) else None


def test_every_link_and_id_that_gofeed_finds_is_discovered(count_cases: CountCases) -> None:
    cases = [row for row in read_cases("feeds/gofeed") if (row.get("expected") or {}).get("items")]
    missed = []
    for row in cases:
        for item in row["expected"]["items"]:
            wanted = {clean_url(one, document_url(row)) for one in _named(item)}
            missed += [(row["file"], url) for url in wanted - entries_of(row)]
    count_cases("feeds/gofeed", len(cases), "entries")
    assert missed == []


def _named(item: dict[str, Any]) -> list[str]:
    """Return the links of an item of gofeed's, or its id when it has none and that is an address."""
    links = [one for one in [item.get("link"), *(item.get("links") or [])] if isinstance(one, str) and one]
    guid = item.get("guid") or item.get("id") or ""
    guid = guid.get("value") or "" if isinstance(guid, dict) else guid
    return links or ([guid] if is_web(guid) else [])


def test_every_feed_of_an_outline_is_found(count_cases: CountCases) -> None:
    cases = read_cases("feeds/opml")
    for row in cases:
        body = (SUITES / "feeds" / row["file"]).read_bytes()
        listed = re.findall(r'xmlUrl="([^"]*)"', body.decode("utf-8", "replace"))
        assert len(listed) == row["xmlUrl_count"]
        assert find_feeds_in_outline(body, document_url(row)) == list(
            dict.fromkeys(map(clean_url, map(unescape, listed)))
        )
    count_cases("feeds/opml", len(cases))


def test_sitemap_files_give_their_locations(count_cases: CountCases) -> None:
    """Judged by a plain search for <loc>, or by the lines of a text."""
    cases = read_cases("sitemaps/files")
    for row in cases:
        body = (SUITES / "sitemaps" / row["file"]).read_bytes()
        try:
            found = {one.url for one in parse_sitemap(body, "http://h.test/")}
        except NotAFeedError:
            found = set()
        assert found == {clean_url(one) for one in _locations(body)}, row["file"]
    count_cases("sitemaps/files", len(cases))


def _locations(body: bytes) -> set[str]:
    text = (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode("utf-8-sig", "replace")
    if "<" not in text:
        return {line.strip() for line in text.splitlines() if line.strip()}
    entries = re.findall(r"<(?:\w+:)?(url|sitemap|item)\b[^>]*>(.*?)</(?:\w+:)?\1>", text, re.DOTALL)
    tags = "link" if "<rss" in text else "loc"
    without_media = (re.sub(r"<(image|video):\1.*?</\1:\1>", "", entry, flags=re.DOTALL) for _, entry in entries)
    found = (re.search(rf"<(?:\w+:)?{tags}>\s*(.*?)\s*</", entry, re.DOTALL) for entry in without_media)
    return {one[1].removeprefix("<![CDATA[").removesuffix("]]>").replace("&amp;", "&") for one in found if one}


SITES = read_cases("sitemaps/minisites") if SUITES.is_dir() else []


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Crawl each site of the suite from its front page and robots.txt, all in one process, and hand out what came."""
    spool = tmp_path_factory.mktemp("sites")
    with Press() as press:
        tasks = [_task(press, spool, number, site) for number, site in enumerate(SITES)]
        run = Run(press, *tasks).wait()
        yield {site["id"]: (run.outcomes(number), press) for number, site in enumerate(SITES)}


def _task(press: Press, spool: Path, number: int, site: dict[str, Any]) -> Any:
    """Serve *site* on a port of its own name and return its crawl: a card that names nothing but the front page."""
    host = _host(number)
    for answer in site["responses"]:
        body = base64.b64decode(answer["body_b64"]) if answer.get("body_b64") else b""
        headers = tuple((answer.get("headers") or {}).items())
        moved = tuple((name, value.replace(urlsplit(site["homepage"]).netloc, host)) for name, value in headers)
        press.put(_moved(answer["url"], site, host), Reply(answer["status"], _rehosted(body, site, host), moved))
    homepage = f"http://{host}/"
    source = card(f"site-{number}", host, discoveries=(Discovery(kind="section", url=homepage),), recent_days=None)
    return task_of(spool, source, page_budget=1)


def _host(number: int) -> str:
    return f"site-{number}.test"


def _moved(url: str, site: dict[str, Any], host: str) -> str:
    parts = urlsplit(clean_url(url.replace(urlsplit(site["homepage"]).netloc, host)) or url)
    return f"http://{parts.netloc}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def _rehosted(body: bytes, site: dict[str, Any], host: str) -> bytes:
    old, new = urlsplit(site["homepage"]).netloc.encode(), host.encode()
    if body.startswith(b"\x1f\x8b"):
        return gzip.compress(gzip.decompress(body).replace(old, new))
    return body.replace(old, new)


@pytest.mark.parametrize("number", range(len(SITES)), ids=lambda number: SITES[number]["id"])
def test_every_page_of_a_site_is_discovered_and_nothing_else(
    crawled: dict[str, Any], number: int, count_cases: CountCases
) -> None:
    site, host = SITES[number], _host(number)
    outcomes, press = crawled[site["id"]]
    pages = {url for url, outcome in outcomes.items() if outcome.kind == "article"}
    wanted = {_moved(page["url"], site, host) for page in site["expected_pages"]}
    assert wanted <= pages
    assert all(urlsplit(url).hostname == host for url, outcome in outcomes.items() if outcome.status)
    assert max((press.times(url) for url in press.arrived), default=0) <= 1, "asked twice for one address"
    count_cases("sitemaps/minisites", 1)
