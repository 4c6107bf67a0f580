"""``hemeroteca items`` and ``open_archive().items``: what spiders scraped, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive_reader import Reader
from hemeroteca.demo import Newspapers
from storage.items import ITEMS
from storage.model.errors import FixityError
from storage.objects import S3Settings
from tests.archive.faulty import torn
from tests.archive.homes import FIRST, demo_card, make_home, open_home, plan, run_of
from tests.archive.scraped_items import crawl_to_commit, listed_items, scrape_ended
from tests.cli.conftest import Said, call
from tests.conftest import S3Server

NEXT = FIRST + timedelta(days=1)


def crawl_night(home: Path, s3: S3Settings, newspapers: Newspapers, night: date) -> Archive:
    """Crawl a night of two newspapers, with items of each, and return the archive."""
    newspapers.set_night(night)
    archive = open_home(home, s3, night, connect_to=newspapers.connect_to, crawl_slots=2)
    for shard in plan(archive, run_of(archive)):
        scrape_ended(crawl_to_commit(archive, shard), str(night))
        tasks.crawl_shard(archive, shard, last_try=False)
    return archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Archive]:
    """Two nights of El Faro and the Anzeiger."""
    cards = [demo_card(name, nightly_budget=3) for name in ("faro", "anzeiger")]
    home, s3 = make_home(tmp_path_factory.mktemp("items") / "home", *cards), s3_server.new_prefix()
    with Newspapers(night=FIRST) as newspapers:
        crawl_night(home, s3, newspapers, FIRST).close()
        with crawl_night(home, s3, newspapers, NEXT) as archive:
            yield archive


def ask(archive: Archive, *arguments: str) -> Said:
    s3 = archive.settings
    place = {name: str(getattr(s3, name)) for name in ("s3_endpoint", "s3_bucket", "s3_prefix", "s3_access_key")}
    assert s3.s3_secret_key
    place["s3_secret_key"] = s3.s3_secret_key.get_secret_value()
    return call(s3.home.path, "--demo", "items", *arguments, s3_addressing="path", **place)


def test_each_line_is_an_item_with_the_way_back_to_its_page(archive: Archive) -> None:
    said = ask(archive)
    assert (said.returncode, said.stderr) == (0, "")
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(found) == sum(stored.records for stored in listed_items(archive)) > 12
    assert list(found[0]) == ["source_id", "night", "crawl_id", "url", "record_id", "spider", "item"]
    crawls = [(one["night"], one["source_id"]) for one in found]
    assert crawls == sorted(crawls)
    assert set(crawls) == {(str(night), source) for source in ("demo-faro", "demo-anzeiger") for night in (FIRST, NEXT)}
    for one in found:
        assert one["crawl_id"].startswith(one["source_id"]) and one["item"] == {"try": one["night"]}
        assert one["record_id"].startswith("urn:uuid:")


def test_a_source_a_night_and_a_number_narrow_them(archive: Archive) -> None:
    everything = ask(archive).stdout.splitlines()
    for arguments, wanted in {
        ("--source", "demo-faro"): {"source_id": "demo-faro"},
        ("--night", str(NEXT)): {"night": str(NEXT)},
        ("--source", "demo-anzeiger", "--night", str(FIRST)): {"source_id": "demo-anzeiger", "night": str(FIRST)},
    }.items():
        expected = [line for line in everything if wanted.items() <= json.loads(line).items()]
        assert ask(archive, *arguments).stdout.splitlines() == expected != []
    assert ask(archive, "--limit", "2").stdout.splitlines() == everything[:2]


def test_nothing_found_is_no(archive: Archive) -> None:
    said = ask(archive, "--source", "demo-courier")
    assert (said.returncode, said.stdout) == (1, "") and said.stderr.startswith("hemeroteca: no items")
    assert ask(archive, "--night", "2020-01-01").returncode == 1
    assert ask(archive, "--night", "yesterday").returncode == 2


def test_python_reads_the_same_as_it_is_used(archive: Archive) -> None:
    with Reader(archive.settings) as reader:
        found = list(reader.items(str(FIRST), source_id="demo-faro"))
        printed = map(json.loads, ask(archive, "--source", "demo-faro", "--night", str(FIRST)).stdout.splitlines())
        assert [(one.url, one.item) for one in found] == [(one["url"], one["item"]) for one in printed]
        assert next(reader.items()).night == FIRST


def test_a_damaged_object_is_named_once_its_siblings_are_printed(archive: Archive) -> None:
    everything = ask(archive).stdout.splitlines()
    damaged = listed_items(archive)[0]
    assert damaged.schema_name == ITEMS
    with torn(read_s3_settings(archive.settings), damaged.key):
        said = ask(archive)
        with Reader(archive.settings) as reader, pytest.raises(FixityError, match=damaged.key):
            list(reader.items())
    assert said.returncode == 1 and damaged.key in said.stderr.splitlines()[-1]
    assert len(said.stdout.splitlines()) == len(everything) - damaged.records
    assert ask(archive).stdout.splitlines() == everything
