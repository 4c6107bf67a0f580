"""A schedule that nobody attends: the night commits by itself, a later run finds it there; and Airflow's backfill."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from hemeroteca.demo import PAPERS, read_served_log
from hemeroteca.demo.stories import list_announced
from hemeroteca.services.airflow_client import DagRun
from storage.manifests import list_all_manifests, read_manifest
from storage.model.night import Night
from tests.e2e.home import Home
from tests.waiting import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with a night every minute; one newspaper is enough.

    Its today is tomorrow and stays so, for the nights that Airflow's schedule names may pass midnight.
    """
    home = Home(tmp_path_factory.mktemp("scheduled") / "home", HEMEROTECA_NIGHTLY_CRON="* * * * *")
    cards = home.path / "seeds"
    cards.mkdir(parents=True)
    for name in ("demo-courier", "demo-anzeiger"):
        (cards / f"{name}.yaml").write_text(f"id: {name}\nenabled: false\n")
    home.set_today(datetime.now(UTC).date() + timedelta(days=1))
    home.start()
    try:
        yield home
    finally:
        home.stop()


@pytest.fixture(scope="module")
def runs(home: Home) -> tuple[DagRun, DagRun]:
    """Return two runs that followed each other in one night."""
    found: list[tuple[DagRun, DagRun]] = []

    def ended_twice() -> bool:
        ended = home.client.list_runs("nightly_crawl", ("success", "failed"))
        ordered = sorted(ended, key=lambda run: run.run_id)
        found[:] = [two for two in pairwise(ordered) if two[0].partition_key == two[1].partition_key]
        return bool(found)

    wait_for(ended_twice)
    return found[0]


def test_the_night_commits_by_itself(home: Home, runs: tuple[DagRun, DagRun]) -> None:
    first, _ = runs
    assert first.state == "success"
    assert first.run_id.startswith("scheduled__")
    with home.archive() as archive:
        manifests = [read_manifest(archive.store, key) for key in list_all_manifests(archive.store)]
    [manifest] = [manifest for manifest in manifests if str(manifest.crawl.night) == first.partition_key]
    assert (manifest.crawl.trigger, manifest.source.id, manifest.end_reason) == ("nightly", "demo-faro", "finished")
    assert first.start_date and first.end_date
    assert first.start_date < manifest.crawl.started < manifest.ended < first.end_date


def test_a_later_run_finds_it_there(home: Home, runs: tuple[DagRun, DagRun]) -> None:
    first, second = runs
    assert (second.state, second.run_id[:9]) == ("success", "scheduled")
    assert first.end_date and second.end_date
    served = read_served_log(home.path / "demo/ledger.jsonl")
    assert [one for one in served if first.end_date < one.time < second.end_date] == []
    with home.archive() as archive:
        assert [
            row.crawl_id for row in archive.catalog.find_crawls(Night.fromisoformat(first.partition_key or ""))
        ] == [f"demo-faro-{(first.partition_key or '').replace('-', '')}-nightly"]


def test_airflows_own_backfill_looks_for_an_earlier_night(home: Home, runs: tuple[DagRun, DagRun]) -> None:
    tonight = home.settings.tonight()
    night = tonight - timedelta(days=5)
    minute = f"{night}T00:00:00Z"  # of the night's many runs by this schedule the first
    home.client._ask("POST", "backfills", json={"dag_id": "nightly_crawl", "from_date": minute, "to_date": minute})
    ended: list[DagRun] = []

    def has_ended() -> bool:
        found = home.client.list_runs("nightly_crawl", ("success", "failed"))
        ended[:] = [run for run in found if run.run_id.startswith("backfill__")]
        return bool(ended)

    wait_for(has_ended)
    assert [(run.state, run.partition_key) for run in ended] == [("success", str(night))]
    [faro] = [paper for paper in PAPERS if paper.id == "demo-faro"]
    with home.archive() as archive:
        [crawl] = (one for one in archive.catalog.find_crawls() if one.trigger == "backfill")
        captures = archive.catalog.find_captures(crawl_id=crawl.crawl_id)
    assert (crawl.night, crawl.for_since, crawl.for_until) == (tonight, night, night)
    captured = {one.target_uri for one in captures if one.purpose == "article" and one.status == 200}
    assert captured == {story.url for story in list_announced(faro, tonight, [5])}
    assert crawl.documents == len(captured)
