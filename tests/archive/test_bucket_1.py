"""A bucket of schema 1, as the release that made it left it (tests/data/make_bucket.py): read for ever.

What it must answer was written down by hand from its own WARC files; nothing here may be made again by today's code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_captures, find_closest, read_body, read_document
from storage.known import KnownCapture
from storage.model.document import text_digest
from storage.objects import Store
from storage.table_reads import read_table
from tests.archive.homes import manifests, open_home, recorded
from tests.conftest import S3Server
from tests.data.bucket_1 import put_bucket_1
from tests.storage.known_rows import find_known

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
FARO, COURIER = "http://faro.hemeroteca.test", "http://courier.hemeroteca.test"
AMENDED = f"{FARO}/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html"
GONE = f"{FARO}/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html"
SAME = f"{FARO}/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html"

CAPTURES = {
    f"{COURIER}/2026/11/24/arts/a-small-museum-in-cawden-bridge-gets-its-great-altarpiece-2.html": ["response 200"],
    f"{COURIER}/2026/11/24/business/orchards-around-little-orrin-start-picking-two-weeks-early-1.html": [
        "response 200"
    ],
    f"{COURIER}/atom.xml": ["response 200"],
    f"{COURIER}/robots.txt": ["response 200"],
    GONE: ["response 200", "response 410"],
    SAME: ["response 200", "revisit 304"],
    AMENDED: ["response 200", "response 200"],
    f"{FARO}/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html": ["response 200"],
    f"{FARO}/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html": ["response 200"],
    f"{FARO}/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html": ["response 200"],
    f"{FARO}/atom.xml": ["response 200", "response 200"],
    f"{FARO}/robots.txt": ["response 200", "revisit 200"],
}
DOCUMENTS = {
    (GONE, MONDAY): (
        "El festival de Peñalonga mira este año hacia el sur",
        "Rosa Villalba",
        "c51af5d18ffa3bbe8cd82952b6490656ad67d490350867e4024b66d95ec0dce6",
    ),
    (SAME, MONDAY): (
        "Teresa Lumbreras bate en Puerto Alba la marca que nadie tocaba desde 2019",
        "Julián Seoane",
        "da65456e3ca64c13f5556cb457014a99444062bb84f12448f24262b543e2bf2f",
    ),
    (AMENDED, MONDAY): (
        "Los viticultores de Peñalonga adelantan la vendimia dos semanas",
        "Julián Seoane",
        "581af63c212d192e93b43108876caa2f7de4d14609273320f475fe7cb24ae8dd",
    ),
    (AMENDED, TUESDAY): (
        "Los viticultores de Peñalonga adelantan la vendimia dos semanas",
        "Julián Seoane",
        "5c5fb6496a913f3e7645803745060c14c4641359bc4095fbfa057cc506fe8c4a",
    ),
}
COUNTS = {
    (MONDAY, "demo-faro"): {
        ("article", "captured", None): 3,
        ("article", "refused", "scope"): 9,
        ("feed", "captured", None): 1,
        ("robots", "captured", None): 1,
    },
    (TUESDAY, "demo-faro"): {
        ("article", "captured", None): 4,
        ("article", "failed", "http_410"): 1,
        ("article", "not_modified", None): 1,
        ("article", "refused", "scope"): 9,
        ("feed", "captured", None): 1,
        ("robots", "unchanged", None): 1,
    },
    (TUESDAY, "demo-courier"): {
        ("article", "captured", None): 2,
        ("article", "failed", "interrupted"): 1,
        ("article", "refused", "scope"): 10,
        ("feed", "captured", None): 1,
        ("robots", "captured", None): 1,
    },
}


@pytest.fixture(scope="module")
def archive(s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The bucket in a store of today, and everything derived made by today's code."""
    s3 = s3_server.new_prefix()
    put_bucket_1(Store(s3))
    archive = open_home(tmp_path_factory.mktemp("bucket-1"), s3)
    rebuild(archive)
    yield archive
    archive.close()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_manifest_promises_what_is_there(archive: Archive) -> None:
    found = manifests(archive.store)
    assert {key.rpartition("/")[2]: len(manifest.objects) for key, manifest in found.items()} == {
        "demo-faro-20261123-nightly.json": 4,
        "demo-faro-20261124-nightly.json": 4,
        "demo-courier-20261124-nightly-late-29f5d2b1.json": 4,
    }
    for manifest in found.values():
        for stored in manifest.objects:
            archive.store.read(stored.key, sha256=stored.sha256, length=stored.bytes)
    assert found["manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json"].previous == (
        "manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json"
    )


def test_every_capture_is_found(archive: Archive) -> None:
    found: dict[str, list[str]] = {}
    for capture in archive.catalog.find_captures():
        found.setdefault(capture.target_uri, []).append(f"{capture.record_type} {capture.status}")
    assert found == CAPTURES
    assert sum(recorded(archive.store).values()) == 17


def test_every_end_is_counted(archive: Archive) -> None:
    rows = [row for night in (MONDAY, TUESDAY) for row in archive.catalog.find_crawls(night)]
    found = {(row.night, row.source_id): {(c.purpose, c.state, c.reason): c.urls for c in row.counts} for row in rows}
    assert found == COUNTS
    assert [(row.source_id, row.discovered, row.documents, row.late) for row in rows] == [
        ("demo-faro", 14, 3, False),
        ("demo-courier", 15, None, True),
        ("demo-faro", 17, 4, False),
    ]


def test_an_address_and_a_time_lead_to_the_text_of_then(archive: Archive) -> None:
    nights = {MONDAY: moment("2026-11-24T09:38:43Z"), TUESDAY: moment("2026-11-24T09:38:48Z")}
    for (url, night), (title, author, digest) in DOCUMENTS.items():
        document = read_document(archive, find_closest(archive, url, nights[night]))
        assert (document.title, document.authors, document.night) == (title, (author,), night)
        assert document.text_digest == text_digest(document.text) == f"sha256:{digest}"
        assert document.url == url
    words = "Una versión anterior"
    assert words in read_document(archive, find_closest(archive, AMENDED)).text
    assert words not in read_document(archive, find_closest(archive, AMENDED, nights[MONDAY])).text
    assert read_document(archive, find_closest(archive, SAME)).night == MONDAY  # a 304 has its original's


def test_a_capture_gives_its_bytes(archive: Archive) -> None:
    original, revisit = find_captures(archive, SAME)
    assert original.date == moment("2026-11-24T09:38:42.779016Z")
    assert revisit.refers_to == original.record_id == "urn:uuid:0bd05867-2181-4cb9-b9c3-4923b011148e"
    assert read_body(archive, revisit) == read_body(archive, original)
    assert b"<h1" in read_body(archive, original)
    assert read_body(archive, find_closest(archive, GONE)) != read_body(archive, next(find_captures(archive, GONE)))
    assert len(list(find_captures(archive, "courier.hemeroteca.test/*"))) == 4


def test_the_next_crawl_knows_what_is_held(archive: Archive) -> None:
    known: dict[str, KnownCapture] = {one.url: one for one in find_known(archive.catalog)}
    assert known.keys() == {url for url in CAPTURES if url.startswith(FARO)}
    assert {url: known[url].looks for url in (AMENDED, GONE, SAME)} == {AMENDED: 2, GONE: 2, SAME: 2}
    assert known[SAME].record_id == "urn:uuid:0bd05867-2181-4cb9-b9c3-4923b011148e"
    assert known[SAME].etag
    assert known[AMENDED].date > known[SAME].date
    assert known[GONE].last_night == str(TUESDAY)


def test_the_tables_have_every_row(archive: Archive) -> None:
    counted = {
        (table, night): read_table(archive.store, table, night).num_rows
        for table in ("ledger", "documents")
        for night in (MONDAY, TUESDAY)
    }
    assert counted == {
        ("ledger", MONDAY): 14,
        ("ledger", TUESDAY): 17 + 15,
        ("documents", MONDAY): 3,
        ("documents", TUESDAY): 4,
    }
    titles = read_table(archive.store, "documents", MONDAY)["title"].to_pylist()
    assert sorted(titles) == sorted(title for (_, night), (title, _, _) in DOCUMENTS.items() if night == MONDAY)
