"""The main job on real pages: 96 newspapers' hosts under their own names, crawled in one night, against exact gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import read_plan
from hemeroteca.archive.reading.lookup import find_answer, find_closest, read_body
from hemeroteca.extraction.extractor import EXTRACTOR
from spiders.discovery.entries import parse_feed
from spiders.discovery.sitemaps import parse_sitemap
from storage import keys
from storage.manifests import read_text_manifest
from storage.model.crawl import Manifest
from storage.model.errors import NotArchivedError
from storage.model.outcome import Outcome
from storage.table_reads import read_table
from tests.archive.homes import (
    FIRST,
    ledger_of,
    make_home,
    manifest_of,
    open_home,
    pass_night,
    recorded,
    run_of,
    spooled,
    unlisted,
)
from tests.conftest import S3Server
from tests.localweb.server import LocalWeb, Sent
from tests.localweb.web import Web, source_id
from tests.shared import CountCases, needs_shared

pytestmark = needs_shared


class PassedNight(NamedTuple):
    """The night, passed: what the archive has, by source id, and what was sent."""

    web: Web
    archive: Archive
    manifests: dict[str, Manifest]
    outcomes: dict[str, dict[str, Outcome]]
    sent: list[Sent]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[PassedNight]:
    place = tmp_path_factory.mktemp("localweb")
    web = Web()
    home = make_home(place / "home", *web.cards(delay_seconds=0.02))
    with LocalWeb(web, place) as served:
        archive = open_home(
            home, s3_server.new_prefix(), connect_to=served.connect_to, ca_file=served.ca_file, crawl_slots=1
        )
        crawls = {planned.source.id: planned for planned in pass_night(archive)}
        made = {name: manifest_of(archive, planned) for name, planned in crawls.items()}
        outcomes = {name: ledger_of(archive.store, manifest) for name, manifest in made.items()}
        yield PassedNight(web, archive, made, outcomes, served.sent)
        archive.close()


def test_every_host_is_a_crawl_and_the_night_is_green(night: PassedNight, count_cases: CountCases) -> None:
    assert len(night.web.hosts) == 96
    count_cases("localweb/web", len(night.web.pages))
    assert night.manifests.keys() == {source_id(host) for host in night.web.hosts}
    assert len(read_plan(night.archive, run_of(night.archive)).shards) == 2
    tasks.judge_run(night.archive, run_of(night.archive))
    assert not spooled(night.archive)


def test_every_page_is_asked_for_once_and_no_forbidden_one(night: PassedNight) -> None:
    asked = Counter(one.url for one in night.sent)
    forbidden = night.web.urls("forbidden")
    assert len(forbidden) == 96
    reservations = {url for url in asked if url.endswith("/.well-known/tdmrep.json")}
    assert len(reservations) == 96
    assert asked == dict.fromkeys((night.web.pages.keys() - forbidden) | reservations, 1)


def test_every_connection_was_for_the_host_it_asked(night: PassedNight) -> None:
    for one in night.sent:
        parts = urlsplit(one.url)
        assert one.sni == (parts.netloc if parts.scheme == "https" else None)
    assert len({one.sni for one in night.sent}) == 96  # one of them, without TLS, has no name


def test_every_article_is_captured_once_with_the_bytes_that_were_served(night: PassedNight) -> None:
    articles = night.web.urls("article")
    found = [c for c in night.archive.catalog.find_captures() if c.purpose == "article"]
    assert Counter(capture.target_uri for capture in found) == dict.fromkeys(articles, 1)
    assert {capture.status for capture in found} == {200}
    for capture in found:
        assert find_closest(night.archive, capture.target_uri) == capture
        assert read_body(night.archive, capture) == night.web.pages[capture.target_uri].plain()


def test_every_announced_address_is_found_as_it_was_announced(night: PassedNight) -> None:
    """A feed and a sitemap may spell one article in two ways, of which one is asked for."""
    announced = set()
    for page in night.web.pages.values():
        if page.role == "feed":
            announced |= {entry.url for entry in parse_feed(page.plain(), page.url)}
        elif page.role.startswith("sitemap"):
            announced |= {entry.url for entry in parse_sitemap(page.plain(), page.url)}
    articles = {url for url in announced if urlsplit(url).netloc in night.web.hosts}
    missing = {url for url in articles if not _is_found(night.archive, url)}
    assert (missing, len(articles) > 190) == (set(), True)


def _is_found(archive: Archive, url: str) -> bool:
    try:
        return find_answer(archive, url).capture.status == 200
    except NotArchivedError:
        return False


def test_every_outcome_is_accounted_for(night: PassedNight) -> None:
    by_host: dict[str, dict[str, str]] = {}
    for url, page in night.web.pages.items():
        if page.role != "forbidden":
            by_host.setdefault(source_id(page.host), {})[url] = page.role
    purposes = {"sitemap-news": "sitemap", "home": "section"}
    for name, manifest in night.manifests.items():
        ends = {url: (one.purpose, one.state) for url, one in night.outcomes[name].items()}
        assert sum(count.urls for count in manifest.counts) == manifest.discovered == len(ends)
        reservations = [ends.pop(url) for url in list(ends) if url.endswith("/.well-known/tdmrep.json")]
        assert reservations == [("tdmrep", "captured")]  # a 404: no host of the suite has one
        assert ends == {url: (purposes.get(role, role), "captured") for url, role in by_host[name].items()}
    rows = read_table(night.archive.store, "ledger", FIRST).num_rows
    assert rows == sum(manifest.discovered for manifest in night.manifests.values())


def test_every_response_is_in_one_record(night: PassedNight) -> None:
    assert recorded(night.archive.store) == Counter(one.nonce for one in night.sent)
    assert not unlisted(night.archive.store)


def test_every_article_is_a_document_or_is_said_to_be_none(night: PassedNight) -> None:
    store = night.archive.store
    crawled = [keys.crawl_manifest(manifest.crawl) for manifest in night.manifests.values()]
    cleanings = [read_text_manifest(store, keys.text_manifest(key, EXTRACTOR)) for key in crawled]
    refused = [one.url for cleaning in cleanings for one in cleaning.not_cleaned]
    documents = read_table(store, "documents", FIRST)["url"].to_pylist()
    assert Counter(documents + refused) == dict.fromkeys(night.web.urls("article"), 1)
    assert len(documents) > 130
