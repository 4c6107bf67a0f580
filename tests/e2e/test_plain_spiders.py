"""Four Scrapy spiders that know nothing of the archive, crawled nightly by the DAG as any newspaper is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from hemeroteca.demo import PAPERS, ServedResponse
from hemeroteca.services.airflow_client import DagRun
from storage.files import PRIVATE_FOLDER, replace_whole
from storage.model.crawl import Manifest
from storage.model.outcome import Outcome
from tests.e2e import invariants
from tests.e2e.home import Home, kill_session
from tests.e2e.invariants import Bucket, read_bucket
from tests.e2e.nights import Nights
from tests.waiting import wait_for

pytestmark = pytest.mark.e2e

SPIDERS = {"front_pages": "faro", "rules": "anzeiger", "search": "faro", "sitemap": "courier"}
FORBIDDEN = {paper.url(paper.secret_path) for paper in PAPERS}
VICTIM = "xx-sitemap"


class PlainNight(NamedTuple):
    """The night of the four: its run, what each crawl's manifest lists, and what the newspapers sent."""

    run: DagRun
    manifests: dict[str, Manifest]
    served: list[ServedResponse]
    bucket: Bucket

    def outcomes(self, spider: str) -> dict[str, Outcome]:
        return {one.url: one for one in self.bucket.outcomes(self.manifests[source_id(spider)])}


def source_id(spider: str) -> str:
    return f"xx-{spider.replace('_', '-')}"


def write_cards(folder: Path) -> None:
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    for spider, paper in SPIDERS.items():
        lines = (
            f"id: {source_id(spider)}",
            f"title: {spider}",
            f"homepage: http://{paper}.hemeroteca.test/",
            "language: es",
            f"spider: tests.plain_spiders.{spider}",
            *(["spider_arguments: {words: 'puerto,lonja'}"] if spider == "search" else []),
            "delay_seconds: 0.05",
            "allow_private: true",
            "enabled: false",
        )
        replace_whole(folder / f"{source_id(spider)}.yaml", "\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def night(nights: Nights, home: Home) -> Iterator[PlainNight]:
    """Crawl the four on the fifth night, and kill the process of one in the middle of its stories."""
    today = nights.crawl(3).day
    write_cards(home.path / "seeds")
    home.set_today(today + timedelta(days=2))
    begun = len(nights.served())
    run = home.trigger("nightly_crawl", {"sources": [source_id(spider) for spider in SPIDERS]})
    victim = kill_in_the_middle(nights, home, begun)
    run = home.wait(run)
    home.set_today(today)
    served = nights.served()[begun:]
    nights.cut_short |= {one.nonce for one in victim}
    with home.archive() as archive:
        bucket = read_bucket(archive)
    manifests = {one.source.id: one for one in bucket.crawls.values() if one.source.id.startswith("xx-")}
    yield PlainNight(run, manifests, served, bucket)


def kill_in_the_middle(nights: Nights, home: Home, begun: int) -> list[ServedResponse]:
    """Kill the victim's crawl process; return what was sent to it last, which may have died with it."""

    def stories() -> list[ServedResponse]:
        own = [one for one in nights.served()[begun:] if one.host.startswith(SPIDERS["sitemap"])]
        return [one for one in own if one.path.startswith("/20")]

    wait_for(lambda: len(stories()) > 5)
    [pid] = [pid for pid, crawls in home.crawl_processes().items() if any(VICTIM in crawl for crawl in crawls)]
    kill_session(pid)
    return stories()[-1:]


def test_the_run_is_green_and_each_has_its_manifest_and_its_texts(night: PlainNight, home: Home) -> None:
    assert night.run.state == "success", home.said(night.run, "report")
    assert night.manifests.keys() == {source_id(spider) for spider in SPIDERS}
    cleaned = {
        night.bucket.crawls[cleaning.crawl_manifest].source.id: sum(stored.records for stored in cleaning.objects)
        for cleaning in night.bucket.cleanings.values()
        if night.bucket.crawls[cleaning.crawl_manifest].source.id in night.manifests
    }
    assert all(cleaned[source_id(spider)] > 10 for spider in ("front_pages", "rules", "sitemap"))
    assert cleaned[source_id("search")] > 0


@pytest.mark.parametrize("paper", sorted(set(SPIDERS.values())))
def test_the_ledgers_are_the_origins(night: PlainNight, paper: str) -> None:
    """Each address that was asked for has its row, with the status that it last had, and no other row was asked for."""
    sent: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in night.served:
        if one.host.startswith(paper):
            sent[one.method, f"http://{one.host}{one.path}"].add(one.status)
    rows: dict[tuple[str, str], set[int]] = defaultdict(set)
    for spider, own in SPIDERS.items():
        for url, outcome in night.outcomes(spider).items() if own == paper else ():
            if outcome.fetched_at:
                method = "POST" if "__wb_method=POST" in url else "GET"
                rows[method, url.partition("?__wb_method")[0]].add(outcome.status or 0)
    assert rows == sent


def test_a_killed_spider_is_tried_again_and_ends_with_one_row_for_each_request(night: PlainNight, home: Home) -> None:
    tasks = home.client.list_task_runs(night.run.dag_id, night.run.run_id)
    assert sorted(task.try_number for task in tasks if task.task_id == "each_shard.crawl") == [1, 1, 1, 2]
    assert len(night.manifests[VICTIM].attempts) == 2
    assert "interrupted" not in {one.reason for one in night.outcomes("sitemap").values()}


def test_a_callback_that_raises_is_told_with_its_line_and_spares_the_others(night: PlainNight) -> None:
    by_reason = defaultdict(list)
    for url, outcome in night.outcomes("rules").items():
        by_reason[outcome.reason].append((url, outcome.detail))
    assert all("/hintergrund/" in url for url, _ in by_reason["callback_error"])
    assert {detail for _, detail in by_reason["callback_error"]} == {
        "tests/plain_spiders/rules.py:21: AttributeError: 'NoneType' object has no attribute 'strip'"
    }
    assert len(by_reason[None]) > 10


def test_what_the_spiders_tried_got_past_nothing(night: PlainNight) -> None:
    invariants.hosts_are_left_in_peace(night.served, 0.05, FORBIDDEN)
    assert {one.user_agent.partition("/")[0] for one in night.served} == {"hemeroteca"}
    refused = {url for url, one in night.outcomes("search").items() if one.reason == "robots"}
    assert refused and refused <= FORBIDDEN


def test_forms_are_requests_of_their_own(night: PlainNight, home: Home) -> None:
    outcomes = night.outcomes("search")
    posted = {url for url in outcomes if "__wb_method" in url}
    search = "http://faro.hemeroteca.test/search"
    assert posted == {f"{search}?__wb_method=POST&q={word}" for word in ("puerto", "lonja")}
    assert {outcomes[url].purpose for url in posted} == {"article"}
    shown = home.command("ls", search).stdout
    assert "POST" not in shown and len(shown.splitlines()) == 1


def test_every_response_is_in_exactly_one_record(night: PlainNight, nights: Nights) -> None:
    invariants.each_response_is_in_one_record(night.bucket, nights.served(), nights.cut_short)
    invariants.outcomes_add_up(night.bucket)


def test_their_items_are_read_back(night: PlainNight, home: Home) -> None:
    said = {spider: home.command("items", "--source", source_id(spider)) for spider in SPIDERS}
    items = {spider: [json.loads(line) for line in done.stdout.splitlines()] for spider, done in said.items()}
    for spider in SPIDERS:
        pages = {one.record_id for one in night.outcomes(spider).values()}
        assert items[spider] and {item["record_id"] for item in items[spider]} <= pages | {None}
    assert all(
        item["item"]["headline"]
        for item in items["front_pages"]
        if item["url"].startswith("http://faro.hemeroteca.test/20")
    )
    failures = [item["item"] for item in items["search"] if "error" in item["item"]]
    assert {failure["status"] for failure in failures} >= {404, 410, 500}
    assert {failure["error"] for failure in failures} >= {"HttpError", "IgnoreRequest"}
