"""A home as the first commit with a catalog left it (tests/data/home-1), and a whole night with today's code."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_doubts import describe_shortfall
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_captures, find_closest, read_body, read_document
from hemeroteca.demo import Newspapers
from storage.night_tables import SCHEMAS, Table
from storage.objects import S3Settings, Store
from tests.archive.homes import demo_card, make_home, open_home, rows, run_of, take_steps
from tests.archive.test_bucket_1 import CAPTURES, DOCUMENTS, FARO, MONDAY, TUESDAY
from tests.conftest import S3Server, table_dataset
from tests.data.bucket_1 import BUCKET_1, put_bucket_1, put_tables_1

HOME_1 = BUCKET_1.with_name("home-1")
WEDNESDAY = date(2026, 11, 25)
CYCLING = f"{FARO}/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html"
TABLES: tuple[Table, ...] = ("documents", "ledger")
OLD_ROWS = {"documents": 3 + 4 + 2, "ledger": 14 + 17 + 15}
"""Two documents are of a crawl that was committed late: nothing had cleaned those in the first days."""


@pytest.fixture(scope="module")
def s3(s3_server: S3Server) -> S3Settings:
    """A place in the bucket with two nights, and their tables as they were then."""
    s3 = s3_server.new_prefix()
    store = Store(s3)
    put_bucket_1(store)
    put_tables_1(store)
    return s3


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory, s3: S3Settings) -> Iterator[Archive]:
    """That home after the night that follows, of the newspaper that it had."""
    feed = {"kind": "feed", "url": f"{FARO}/atom.xml"}
    home = make_home(
        tmp_path_factory.mktemp("upgraded") / "home", demo_card("faro", discoveries=[feed], include=[r"-[123]\.html$"])
    )
    for name in ("catalog", "coordination"):
        with closing(sqlite3.connect(home / f"{name}.sqlite")) as database:
            database.executescript((HOME_1 / f"{name}.sql").read_text())
    with Newspapers(night=WEDNESDAY) as newspapers:
        archive = open_home(home, s3, WEDNESDAY, connect_to=newspapers.connect_to)
        run = run_of(archive)
        take_steps(archive, run, tasks.plan_night(archive, run))
    yield archive
    archive.close()


def test_the_night_is_green_and_the_catalog_whole(upgraded: Archive) -> None:
    (crawl,) = upgraded.catalog.find_crawls(WEDNESDAY)
    assert crawl.previous == "manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json"
    assert crawl.documents == 6
    assert describe_shortfall(upgraded, with_doubts=True) is None


def test_what_was_captured_before_is_read_as_ever(upgraded: Archive) -> None:
    for url, expected in CAPTURES.items():
        found = [c for c in find_captures(upgraded, url) if c.night != WEDNESDAY]
        assert [f"{capture.record_type} {capture.status}" for capture in found] == expected
        assert all(read_body(upgraded, capture) for capture in found if capture.status == 200)
    for (url, night), (title, author, digest) in DOCUMENTS.items():
        (capture,) = (c for c in find_captures(upgraded, url) if c.night == night and c.record_type == "response")
        document = read_document(upgraded, capture)
        assert (document.title, document.authors, document.text_digest) == (title, (author,), f"sha256:{digest}")


def test_the_crawl_knew_what_was_held(upgraded: Archive) -> None:
    newest = find_closest(upgraded, CYCLING)
    original, *_ = find_captures(upgraded, CYCLING)
    assert (newest.night, newest.record_type) == (WEDNESDAY, "revisit")
    assert (original.night, newest.refers_to) == (TUESDAY, original.record_id)


@pytest.mark.parametrize("table", TABLES)
def test_engines_read_the_tables_of_all_nights_as_one(
    upgraded: Archive, s3: S3Settings, tmp_path: Path, table: Table
) -> None:
    """Each takes the columns of the first file it finds: one of an older schema would hide those that came since."""
    place, filesystem = table_dataset(s3, table)
    found = ds.dataset(place, filesystem=filesystem, partitioning="hive").to_table()
    assert set(found.schema.names) == set(SCHEMAS[table].names)
    nights = found["night"].to_pylist()
    assert nights.count(str(MONDAY)) + nights.count(str(TUESDAY)) == OLD_ROWS[table]
    assert nights.count(str(WEDNESDAY)) > 0
    assert pq.read_table(place, filesystem=filesystem).num_rows == len(nights)
    for key in upgraded.store.list_keys(f"tables/{table}/"):
        file = tmp_path / key
        file.parent.mkdir(parents=True)
        file.write_bytes(upgraded.store.read(key))
    seen = duckdb.execute(f"SELECT * FROM '{tmp_path}/tables/{table}/*/*.parquet'")
    assert {column[0] for column in seen.description or ()} == set(SCHEMAS[table].names)
    assert len(seen.fetchall()) == len(nights)


def test_a_rebuild_would_give_the_same_rows(upgraded: Archive) -> None:
    """All but the digests of objects that were published before, whose text manifests are asked instead, and what is
    pending, which only a rebuild finds in ledgers from before.
    """
    before = rows(upgraded)
    rebuild(upgraded)
    after = rows(upgraded)
    assert not before.pop("pending") and after.pop("pending")
    known, all_of_them = (found.pop("document_objects") for found in (before, after))
    assert after == before
    assert 0 < len(known) < len(all_of_them)
    assert [one for one in known if one not in all_of_them] == []
