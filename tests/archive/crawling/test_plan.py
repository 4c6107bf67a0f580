"""Plans: which crawls a run makes, under which ids, in which shards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.crawl_request import plan_request
from hemeroteca.archive.crawling.plan import (
    MAX_SHARDS,
    PlannedCrawl,
    RunRef,
    pack_shards,
    read_outline,
    read_plan,
    read_shard,
)
from hemeroteca.archive.crawling.planners import plan_night, plan_visits
from storage import keys
from storage.manifests import put_manifest
from storage.model.crawl import Crawl, Manifest, nightly_id
from storage.model.errors import SeedError
from storage.model.source import Source
from storage.objects import S3Settings
from tests.archive.homes import FIRST, demo_card, make_home, open_home
from tests.storage.committed import DraftCrawl, cleaned

RUN = RunRef(dag_id="nightly_crawl", run_id="scheduled__2026-03-01T03:00:00+00:00")
DAY = timedelta(days=1)


@pytest.fixture
def archive(tmp_path: Path, s3_settings: S3Settings) -> Iterator[Archive]:
    home = make_home(tmp_path / "home", demo_card("faro"), demo_card("courier", enabled=False))
    archive = open_home(home, s3_settings)
    yield archive
    archive.close()


def planned(name: str, *hosts: str, spider: str = "newspaper") -> PlannedCrawl:
    source = Source(
        id=name, title=name, homepage=f"https://{name}.test/", language="en", hosts=hosts or (f"{name}.test",),
        spider=spider,
    )  # fmt: skip
    crawl = Crawl(id=nightly_id(name, FIRST), source_id=name, night=FIRST, trigger="nightly", started=datetime.now(UTC))
    return PlannedCrawl(crawl=crawl, source=source)


def names(shards: tuple[tuple[PlannedCrawl, ...], ...]) -> list[set[str]]:
    return [{one.source.id for one in shard} for shard in shards]


def test_a_night_has_the_enabled_newspapers_under_the_ids_of_the_night(archive: Archive) -> None:
    assert plan_night(archive, RUN, FIRST) == [f"{RUN.key}#000"]
    assert [one.crawl.id for one in read_plan(archive, RUN).crawls()] == ["demo-faro-20260301-nightly"]
    assert read_outline(archive, RUN).crawl_ids() == ["demo-faro-20260301-nightly"]


def test_a_shard_is_found_by_its_name_whatever_the_run_is_called(archive: Archive) -> None:
    run = RunRef(dag_id="a", run_id="b#007/c")
    (name,) = plan_night(archive, run)
    assert read_shard(archive, name) == (run, 0, read_plan(archive, run).shards[0])


def test_a_plan_that_an_earlier_release_kept_in_one_piece_is_read_as_ever(archive: Archive) -> None:
    plan_night(archive, RUN)
    made = read_plan(archive, RUN)
    earlier = made.replace(run=RUN.replace(run_id="earlier"))
    archive.coordination.save_plan(earlier.run.key, earlier.model_dump_json(), [])
    (archive.settings.home.path / "cards" / "demo-faro.yaml").unlink()
    (name,) = plan_night(archive, earlier.run)
    assert read_plan(archive, earlier.run) == earlier
    assert read_outline(archive, earlier.run) == read_outline(archive, RUN)._replace(run=earlier.run)
    assert read_shard(archive, name) == (earlier.run, 0, made.shards[0])


@pytest.mark.parametrize("fresh", [False, True])
def test_a_retry_meets_the_plan_that_was_made_first(archive: Archive, fresh: bool) -> None:
    first = plan_night(archive, RUN, fresh=fresh)
    made = read_plan(archive, RUN)
    (archive.settings.home.path / "cards" / "demo-faro.yaml").unlink()
    assert plan_night(archive, RUN, fresh=fresh) == first
    assert read_plan(archive, RUN) == made


def test_another_run_of_the_night_meets_the_same_id_and_a_fresh_one_has_its_own(archive: Archive) -> None:
    made = {}
    for run_id, fresh in (("one", False), ("two", False), ("three", True), ("four", True)):
        run = RunRef(dag_id="nightly_crawl", run_id=run_id)
        plan_night(archive, run, fresh=fresh)
        made[run_id] = read_plan(archive, run).crawls()[0].crawl
    assert made["one"].id == made["two"].id == "demo-faro-20260301-nightly"
    assert made["three"].trigger == made["four"].trigger == "fresh"
    assert len({crawl.id for crawl in made.values()}) == 3


@pytest.mark.parametrize("night", [None, FIRST, FIRST - DAY])
def test_tonight_and_for_a_late_scheduler_the_night_before_can_be_crawled(archive: Archive, night: date | None) -> None:
    plan_night(archive, RUN, night)
    assert read_plan(archive, RUN).night == (night or FIRST)


def test_a_night_that_has_not_come_cannot(archive: Archive) -> None:
    with pytest.raises(SeedError, match=f"night of {FIRST + DAY} has not come yet"):
        plan_night(archive, RUN, FIRST + DAY)


def test_an_earlier_night_is_a_backfill_under_tonights_keys(archive: Archive) -> None:
    plan_night(archive, RUN, FIRST - 9 * DAY)
    (planned,) = read_plan(archive, RUN).crawls()
    assert (planned.crawl.trigger, planned.crawl.night) == ("backfill", FIRST)
    assert planned.crawl.for_nights == (FIRST - 9 * DAY, FIRST - 9 * DAY)


def test_nights_asked_for_by_hand_are_a_backfill(archive: Archive) -> None:
    plan_request(archive, RUN, {"sources": ["demo-faro"], "since": "2026-01-01", "until": "2026-01-31"})
    (planned,) = read_plan(archive, RUN).crawls()
    assert (planned.crawl.trigger, planned.crawl.night) == ("backfill", FIRST)
    assert planned.crawl.for_nights == (date(2026, 1, 1), date(2026, 1, 31))


def test_by_day_only_newspapers_with_visits_are_planned_and_not_too_soon(archive: Archive) -> None:
    card = archive.settings.home.path / "cards/demo-faro.yaml"
    assert plan_visits(archive, RUN) == []
    card.write_text(json.dumps(json.loads(card.read_text()) | {"visits": 4}))
    hours_ago = datetime.now(UTC) - timedelta(hours=2)
    crawl = Crawl(
        id=nightly_id("demo-faro", FIRST), source_id="demo-faro", night=FIRST, trigger="nightly", started=hours_ago
    )
    plan_visits(archive, RUN.replace(run_id="due"))
    (planned,) = read_plan(archive, RUN.replace(run_id="due")).crawls()
    assert (planned.crawl.trigger, planned.crawl.for_nights) == ("daytime", None)
    _publish(archive, crawl)
    assert plan_visits(archive, RUN.replace(run_id="soon")) == []
    _publish(archive, crawl.replace(id="demo-faro-b", started=hours_ago + timedelta(minutes=30)))
    card.write_text(json.dumps(json.loads(card.read_text()) | {"visits": 24}))
    assert len(plan_visits(archive, RUN.replace(run_id="hourly"))) == 1


def _publish(archive: Archive, crawl: Crawl) -> None:
    """Let the catalog know of *crawl*, which captured nothing."""
    manifest = Manifest(
        crawl=crawl, source=Source.model_validate(demo_card("faro")), source_digest="0", attempts=(),
        ended=datetime.now(UTC), end_reason="finished", software=archive.software, objects=(), discovered=0, counts=(),
    )  # fmt: skip
    archive.catalog.apply_manifest(keys.crawl_manifest(crawl), manifest, [], [])


def test_a_crawl_that_is_whole_is_present_and_not_planned_again(archive: Archive) -> None:
    crawl = commit(archive, "cleaned", "published")
    assert plan_night(archive, RUN) == []
    assert read_plan(archive, RUN).present == (crawl.id,)
    fresh = RUN.replace(run_id="fresh")
    assert len(plan_night(archive, fresh, fresh=True)) == 1


@pytest.mark.parametrize("has", [(), ("cleaned",), ("published",), ("cleaned", "published", "damaged")])
def test_a_crawl_that_lacks_its_cleaning_publication_or_manifest_is_planned_again(
    archive: Archive, has: tuple[str, ...]
) -> None:
    crawl = commit(archive, *has)
    assert len(plan_night(archive, RUN)) == 1
    made = read_plan(archive, RUN)
    assert made.present == made.lacking == tuple(one.crawl.id for one in made.crawls()) == (crawl.id,)


def commit(archive: Archive, *has: str) -> Crawl:
    """Put the manifest of a nightly crawl of El Faro, and what it *has*: ``cleaned``, ``published``, ``damaged``."""
    crawl = DraftCrawl(1).committed()
    texts = cleaned(crawl, [])
    if "damaged" in has:
        archive.store.put_new(crawl.key, b"{}", schema="manifest/1")
    else:
        put_manifest(archive.store, crawl.key, crawl.manifest)
    if "cleaned" in has:
        archive.store.put_new(texts.key, b"{}", schema="text-manifest/1")
    if "published" in has:
        crawl.apply(archive.catalog)
        texts.apply(archive.catalog)
    return crawl.manifest.crawl


def test_a_wrong_card_is_refused_and_the_others_run(archive: Archive) -> None:
    cards = archive.settings.home.path / "cards"
    (cards / "wrong.yaml").write_text("id: wrong\ntitle: Wrong\nhomepage: nowhere\nlanguage: en\n")
    plan_night(archive, RUN)
    made = read_plan(archive, RUN)
    assert [one.source.id for one in made.crawls()] == ["demo-faro"]
    assert any("wrong.yaml" in line and "homepage" in line for line in made.refused)


def test_sources_named_are_planned_though_disabled_and_unknown_ones_refused(archive: Archive) -> None:
    plan_night(archive, RUN, only=["demo-courier"])
    assert [one.source.id for one in read_plan(archive, RUN).crawls()] == ["demo-courier"]
    with pytest.raises(SeedError, match="es-nowhere: no such source"):
        plan_night(archive, RUN.replace(run_id="x"), only=["es-nowhere"])


def test_sources_that_share_a_host_stay_together_however_they_are_linked() -> None:
    crawls = [
        planned("aa", "one.test"),
        planned("bb", "two.test"),
        planned("cc", "three.test", "one.test"),
        planned("dd", "two.test", "three.test"),
        planned("ee"),
    ]
    assert sorted(names(pack_shards(crawls, 4)), key=len) == [{"ee"}, {"aa", "bb", "cc", "dd"}]


@pytest.mark.parametrize(("sources", "most", "shards"), [(3, 8, 3), (20, 8, 8), (1000, 1000, MAX_SHARDS)])
def test_there_are_no_more_shards_than_asked_for_and_they_are_of_a_size(sources: int, most: int, shards: int) -> None:
    packed = pack_shards([planned(f"s{number}") for number in range(sources)], most)
    assert len(packed) == shards
    assert sum(map(len, packed)) == sources
    assert max(map(len, packed)) - min(map(len, packed)) <= 1


def test_a_spider_of_its_own_has_shards_of_its_own() -> None:
    crawls = [planned(f"s{number}") for number in range(6)]
    crawls += [planned("odd", "s1.test", spider="odd"), planned("even", spider="even")]
    packed = pack_shards(crawls, 6)
    assert len(packed) <= 6
    assert {"odd"} in names(packed)
    assert {"even"} in names(packed)
    assert pack_shards(crawls, 2) == pack_shards(crawls, 3)  # three spiders cannot run in fewer than three processes


def test_no_source_is_no_shard() -> None:
    assert pack_shards([], 4) == ()


def test_twenty_thousand_newspapers_are_packed_in_seconds() -> None:
    source = planned("aa")
    crawls = [
        source.model_copy(update={"source": source.source.model_copy(update={"hosts": (f"h{number // 2}.test",)})})
        for number in range(20_000)
    ]
    begun = time.process_time()
    packed = pack_shards(crawls, 8)
    assert time.process_time() - begun < 5
    assert [len(shard) for shard in packed] == [2_500] * 8
