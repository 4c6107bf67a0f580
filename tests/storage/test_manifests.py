"""A manifest is put once; whoever put it knows, and everyone finds it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from storage import keys
from storage.manifests import (
    list_all_manifests,
    list_all_text_manifests,
    put_manifest,
    read_manifest,
    read_text_manifest,
)
from storage.model.crawl import Attempt, Crawl, Manifest, OutcomeCount, Software, StoredObject, nightly_id
from storage.model.document import Extractor, NotCleaned, TextManifest
from storage.model.errors import FixityError, MissingObjectError
from storage.model.source import Source
from storage.night_listing import list_night
from storage.objects import Store

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
KEY = "manifests/crawl/2026/11/24/faro-20261124-nightly.json"
EXTRACTOR = Extractor(name="trafilatura", version="2.3.1", settings_digest="ab" * 32)


def crawl(night: date = date(2026, 11, 24)) -> Crawl:
    return Crawl(id=nightly_id("faro", night), source_id="faro", night=night, trigger="nightly", started=NOW)


def manifest(*nonces: str, ended: datetime = NOW) -> Manifest:
    source = Source(id="faro", title="El Faro", homepage="http://faro.hemeroteca.test/", language="es")
    return Manifest(
        crawl=crawl(),
        source=source,
        source_digest=source.digest(),
        attempts=tuple(Attempt(crawl_id=crawl().id, nonce=nonce, started=NOW) for nonce in nonces),
        ended=ended,
        end_reason="finished",
        software=Software(version="0.1.0"),
        objects=(stored(f"warc/{nonces[0]}.warc.gz", "warc/1.1"),),
        discovered=1,
        counts=(OutcomeCount(purpose="article", state="captured", urls=1),),
    )


def text_manifest(nonce: str, ended: datetime = NOW) -> TextManifest:
    return TextManifest(
        crawl_id=crawl().id,
        source_id="faro",
        night=date(2026, 11, 24),
        crawl_manifest=KEY,
        extractor=EXTRACTOR,
        ended=ended,
        software=Software(version="0.1.0"),
        objects=(stored(keys.documents(crawl(), EXTRACTOR, nonce), "document/1"),),
        documents=1,
        not_cleaned=(NotCleaned(record_id="urn:uuid:1", url="http://faro.hemeroteca.test/", reason="no_text"),),
    )


def stored(key: str, schema: str) -> StoredObject:
    return StoredObject.of(key, b"1", schema, 1)


def test_one_of_two_manifests_of_a_crawl_wins_and_knows_it(store: Store) -> None:
    assert put_manifest(store, KEY, manifest("00000001"))
    assert not put_manifest(store, KEY, manifest("00000002"))
    assert not put_manifest(store, KEY, manifest("00000002", "00000001"))
    assert read_manifest(store, KEY) == manifest("00000001")


def test_a_put_repeated_over_the_same_objects_has_won(store: Store) -> None:
    later = NOW.replace(hour=5)
    assert put_manifest(store, KEY, manifest("00000001", "00000002"))
    assert put_manifest(store, KEY, manifest("00000001", "00000002", ended=later))
    assert read_manifest(store, KEY).ended == NOW


def test_a_manifest_of_the_same_attempts_over_other_objects_is_anothers(store: Store) -> None:
    """Two machines had the spool of one attempt, and one of them had more of it."""
    first = manifest("00000001")
    more = first.replace(objects=(*first.objects, stored("warc/00000001-1.warc.gz", "warc/1.1")))
    other = first.replace(objects=(StoredObject.of(first.objects[0].key, b"2", "warc/1.1", 1),))
    assert put_manifest(store, KEY, first)
    assert not put_manifest(store, KEY, more)
    assert not put_manifest(store, KEY, other)


def test_of_tries_that_race_exactly_one_commits(store: Store) -> None:
    tries = [manifest(f"0000000{number}") for number in range(4)]
    with ThreadPoolExecutor(len(tries)) as threads:
        won = list(threads.map(lambda one: put_manifest(store, KEY, one), tries))
    assert sum(won) == 1
    assert read_manifest(store, KEY) == tries[won.index(True)]


def test_one_of_two_cleanings_wins_and_knows_it(store: Store) -> None:
    key = keys.text_manifest(keys.crawl_manifest(crawl()), EXTRACTOR)
    assert put_manifest(store, key, text_manifest("00000001"))
    assert put_manifest(store, key, text_manifest("00000001", ended=NOW.replace(hour=5)))
    assert not put_manifest(store, key, text_manifest("00000002"))
    assert read_text_manifest(store, key) == text_manifest("00000001")


def test_a_manifest_names_its_schema_in_itself_and_beside_itself(store: Store) -> None:
    put_manifest(store, KEY, manifest("00000001"))
    found = store.stat(KEY)
    assert found
    assert found.schema_name == "manifest/1"
    assert b'"schema": "manifest/1"' in store.read(KEY)


def test_a_field_of_a_later_release_is_kept_aside(store: Store) -> None:
    content = manifest("00000001").model_dump_json(by_alias=True).replace("{", '{"later":1,', 1).encode()
    store.put_new(KEY, content, schema="manifest/1")
    assert read_manifest(store, KEY).crawl == crawl()
    assert read_manifest(store, KEY).model_extra == {"later": 1}


@pytest.mark.parametrize("read", [read_manifest, read_text_manifest])
def test_what_is_no_manifest_is_a_fixity_error_and_none_is_not_archived(
    store: Store, read: Callable[[Store, str], object]
) -> None:
    with pytest.raises(MissingObjectError):
        read(store, KEY)
    store.put_new(KEY, b'{"schema": "manifest/99"}', schema="manifest/99")
    with pytest.raises(FixityError, match=KEY):
        read(store, KEY)


def test_manifests_are_found_by_night_and_altogether(store: Store) -> None:
    nights = [date(2026, 11, 24), date(2026, 11, 25)]
    late = keys.late_manifest(crawl(), manifest("00000001").objects)
    crawls = [*(keys.crawl_manifest(crawl(night)) for night in nights), late]
    texts = [keys.text_manifest(keys.crawl_manifest(crawl(night)), EXTRACTOR) for night in nights]
    for key in crawls:
        put_manifest(store, key, manifest("00000001"))
    for key in texts:
        put_manifest(store, key, text_manifest("00000001"))
    assert list_night(store, nights[0]).manifests == tuple(sorted([crawls[0], crawls[2]]))
    assert list_night(store, nights[1]).texts == (texts[1],)
    assert sorted(list_all_manifests(store)) == sorted(crawls)
    assert sorted(list_all_text_manifests(store)) == sorted(texts)
