"""Crawl processes that are killed: what they acknowledged is kept, and what they did not finish is done by others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from hemeroteca.demo import PAPERS, ServedResponse
from hemeroteca.services.airflow_client import DagRun
from spiders.policy.scope import KNOWN
from storage.cards import read_cards
from storage.model.crawl import Manifest
from storage.model.source import Source
from tests.e2e import invariants
from tests.e2e.home import Home, kill_session
from tests.e2e.invariants import Bucket, read_bucket
from tests.e2e.nights import Nights
from tests.e2e.presses import ARTICLES, HOSTS, DeadlyPress, article, source_id, write_cards
from tests.spiders.crawling import CHECKOUT
from tests.waiting import wait_for

pytestmark = pytest.mark.e2e

CARDS = {card.id: card for card in read_cards([CHECKOUT / "seeds/demo"])[0]}
FORBIDDEN = {paper.url(paper.secret_path) for paper in PAPERS}


class Killed(NamedTuple):
    """A run one of whose crawl processes was killed: before, after, and what came of it."""

    run: DagRun
    manifests: dict[str, Manifest]
    """Of the sources that the process crawled."""
    before: list[ServedResponse]
    after: list[ServedResponse]
    bucket: Bucket


def host_of(source: Source) -> str:
    return source.hosts[0]


def articles(served: list[ServedResponse], source: Source) -> list[ServedResponse]:
    """Return what was sent of a newspaper's articles."""
    discovery = {urlsplit(found.url).path for found in source.discoveries}
    own = [one for one in served if one.host == host_of(source)]
    return [one for one in own if one.path not in discovery and not one.path.startswith(("/robots", "/sitemaps/"))]


@pytest.fixture(scope="module")
def killed(nights: Nights, home: Home) -> Killed:
    """Crawl the third night afresh, and kill a process of two sources in the middle of their articles."""
    night, begun = nights.crawl(3), len(nights.served())
    run = home.trigger("nightly_crawl", {"fresh": True}, night.day)
    pid, crawl_ids = find_victim(home)
    sources = [card for card in CARDS.values() if any(crawl_id.startswith(f"{card.id}-") for crawl_id in crawl_ids)]
    wait_for(lambda: all(len(articles(nights.served()[begun:], source)) > 20 for source in sources))
    assert all(path.stat().st_size for path in home.settings.home.spool.rglob("*.warc.gz.open"))
    assert len(list(home.settings.home.spool.rglob("*.warc.gz.open"))) == len(sources)
    kill_session(pid)
    before = nights.served()[begun:]
    run = home.wait(run)
    after = nights.served()[begun + len(before) :]
    nights.cut_short |= {cut_short([*before, *after], source) for source in sources}
    with home.archive() as archive:
        bucket = read_bucket(archive)
    manifests = {m.source.id: m for m in bucket.crawls.values() if m.crawl.id in crawl_ids}
    return Killed(run, manifests, before, after, bucket)


def cut_short(served: list[ServedResponse], source: Source) -> str:
    """Return the nonce of the last response before the second try: it may have died with the first."""
    own = [one for one in served if one.host == host_of(source)]
    _, second = [number for number, one in enumerate(own) if one.path == "/robots.txt"]
    return own[second - 1].nonce


def find_victim(home: Home) -> tuple[int, set[str]]:
    """Return a crawl process that has begun with two sources, and their crawls."""
    found: list[tuple[int, set[str]]] = []

    def look() -> bool:
        found[:] = [(pid, crawls) for pid, crawls in home.crawl_processes().items() if len(crawls) == 2]
        return bool(found)

    wait_for(look)
    return found[0]


def test_a_killed_crawl_is_tried_again_and_its_manifest_lists_both_tries(killed: Killed, home: Home) -> None:
    assert killed.run.state == "success"
    tasks = home.client.list_task_runs(killed.run.dag_id, killed.run.run_id)
    assert sorted(task.try_number for task in tasks if task.task_id == "each_shard.crawl") == [1, 2]
    assert len(killed.manifests) == 2
    for name, manifest in killed.manifests.items():
        assert len(manifest.attempts) == 2
        files = [stored.key for stored in manifest.objects if stored.key.startswith("warc/")]
        for attempt in manifest.attempts:
            assert any(f"-{attempt.nonce}-" in key for key in files)
        held = {sighting.key for sighting in invariants.sightings(killed.bucket.warcs())}
        assert set(files) <= held
        fetched = len(articles(killed.before, CARDS[name]))
        assert 10 < fetched < fetched + len(articles(killed.after, CARDS[name])) - 10


def test_no_acknowledged_article_is_fetched_again(killed: Killed) -> None:
    again = {f"http://{one.host}{one.path}" for one in killed.after}
    for manifest in killed.manifests.values():
        first = min(manifest.attempts, key=lambda attempt: attempt.started)
        captures = [one for one in killed.bucket.captures(manifest) if f"-{first.nonce}-" in one.location.key]
        acknowledged = {one.target_uri for one in captures if one.purpose == "article"}
        assert len(acknowledged) > 10
        assert acknowledged & again == set()


def test_a_killed_crawl_accounts_for_all_that_the_night_announced(killed: Killed, nights: Nights) -> None:
    for name, manifest in killed.manifests.items():
        night = [one for one in killed.bucket.outcomes(nights.crawl(3).manifests[name]) if one.via != KNOWN]
        found = {one.url: one for one in killed.bucket.outcomes(manifest)}
        assert {one.url for one in night} <= found.keys()
        assert [one for one in found.values() if one.reason == "interrupted"] == []


def test_every_invariant_holds_after_a_kill(killed: Killed, nights: Nights, home: Home, tmp_path: Path) -> None:
    served = nights.served()
    with home.archive() as archive:
        bucket = read_bucket(archive)
        invariants.each_response_is_in_one_record(bucket, served, nights.cut_short)
        invariants.rows_and_records_are_the_same(bucket, archive)
        invariants.nothing_is_orphaned(bucket, archive)
        invariants.every_document_resolves(bucket, archive)
        invariants.every_capture_is_found_once(archive)
    invariants.objects_are_as_promised(bucket)
    invariants.warcs_are_whole(bucket, tmp_path)
    invariants.outcomes_add_up(bucket)
    for number in (1, 2, 3):
        night = nights.crawl(number)
        invariants.failures_are_the_origins(bucket, night.manifests.values(), night.served)
    hosts = {paper.host for paper in PAPERS if paper.id in killed.manifests}
    own = [one for one in (*killed.before, *killed.after) if one.host in hosts]
    invariants.failures_are_the_origins(bucket, killed.manifests.values(), own)
    invariants.hosts_are_left_in_peace(served, 0.05, FORBIDDEN)
    invariants.one_try_is_the_crawls(bucket)
    invariants.times_are_true(bucket, served)


class Deadly(NamedTuple):
    """A run with a page that kills whoever asks for it: the run, and the manifest of each source."""

    run: DagRun
    manifests: dict[str, Manifest]
    deaths: list[int]


@pytest.fixture(scope="module")
def deadly(nights: Nights, home: Home, press: DeadlyPress) -> Iterator[Deadly]:
    """Crawl three small newspapers in two shards, the night after the others; the first has the page."""
    tonight = nights.crawl(3).day
    write_cards(home.path / "seeds")
    deaths: list[int] = []

    def kill() -> None:
        for pid, crawl_ids in home.crawl_processes().items():
            if any(crawl_id.startswith(source_id(HOSTS[0])) for crawl_id in crawl_ids):
                deaths.append(len(crawl_ids))
                kill_session(pid)

    press.deadly[article(HOSTS[0], "deadly")] = kill
    home.set_today(tonight.replace(day=tonight.day + 1))
    run = home.run("nightly_crawl", {"sources": [source_id(host) for host in HOSTS]})
    home.set_today(tonight)
    press.deadly.clear()
    with home.archive() as archive:
        bucket = read_bucket(archive)
    manifests = {m.source.id: m for m in bucket.crawls.values() if m.source.id.startswith("xx-")}
    yield Deadly(run, manifests, deaths)


def test_a_page_that_kills_its_process_costs_its_own_source_alone(deadly: Deadly) -> None:
    first, *others = (source_id(host) for host in HOSTS)
    # its shard's, twice, unless the other of the shard was committed by then; then one of its own
    assert deadly.deaths in ([2, 2, 1], [2, 1, 1])
    for name in others:
        manifest = deadly.manifests[name]
        assert not manifest.late
        stored = {(count.purpose, count.state): count.urls for count in manifest.counts}
        assert stored["article", "captured"] == len(ARTICLES)
    assert deadly.manifests[first].late


def test_its_run_is_red_and_says_which_source_it_was(deadly: Deadly, home: Home) -> None:
    assert deadly.run.state == "failed"
    said = home.said(deadly.run, "report")
    assert f"{source_id(HOSTS[0])}: its crawl was not finished" in said
    assert not any(source_id(host) in said for host in HOSTS[1:])


def test_what_its_source_acknowledged_is_kept_and_the_rest_is_called_interrupted(
    deadly: Deadly, press: DeadlyPress, home: Home
) -> None:
    manifest = deadly.manifests[source_id(HOSTS[0])]
    counts = {(count.purpose, count.state, count.reason): count.urls for count in manifest.counts}
    assert counts["article", "captured", None] == 2
    assert counts["article", "failed", "interrupted"] == 2
    assert [press.times(article(HOSTS[0], name)) for name in ARTICLES] == [1, 1, 3, 0]
    with home.archive() as archive:
        bucket = read_bucket(archive)
        invariants.nothing_is_orphaned(bucket, archive)
        invariants.rows_and_records_are_the_same(bucket, archive)
    invariants.outcomes_add_up(bucket)
