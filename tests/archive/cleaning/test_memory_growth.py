"""A site memory grows by what a night adds, and what any night knew can be read again, by a few objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.learning import recall_memory, update_memory
from hemeroteca.extraction.recurring_lines import keep_newest_pages, list_learnable_lines, remember_page
from storage import keys
from storage.documents import DOCUMENT, write_documents
from storage.model.crawl import Crawl, StoredObject, nightly_id
from storage.model.document import Document, TextManifest
from storage.model.errors import FixityError
from storage.model.remembered import RememberedPage
from storage.objects import S3Settings
from storage.site_memory import MOST_OBJECTS, SITE_MEMORY, read_site_memory
from tests.archive.asked import asking
from tests.archive.homes import make_home, open_home
from tests.conftest import flip_bit
from tests.data.bucket_1 import BUCKET_1
from tests.storage.test_documents import FULL, document

FIRST = date(2026, 3, 1)
MEMORY_1 = BUCKET_1.with_name("site-memory-1.json.gz")
"""As the release before site-memory/2 put it."""
PAGES_1 = 3
LONG_AFTER = datetime(2099, 1, 1, tzinfo=UTC)


class Night(NamedTuple):
    """A night after it was cleaned."""

    crawl: Crawl
    learned: StoredObject | None
    known: set[RememberedPage]
    """What was remembered then, told without any store."""


@pytest.fixture
def archive(tmp_path: Path, s3_settings: S3Settings) -> Iterator[Archive]:
    with open_home(make_home(tmp_path / "home"), s3_settings) as archive:
        yield archive


def crawl_of(night: date) -> Crawl:
    """Return a crawl of *night* that starts after all that was learned until then."""
    return Crawl(id=nightly_id("faro", night), source_id="faro", night=night, trigger="nightly", started=LONG_AFTER)


def commit(archive: Archive, crawl: Crawl, made: TextManifest) -> None:
    key = keys.text_manifest(keys.crawl_manifest(crawl), made.extractor)
    archive.store.put_new(key, made.model_dump_json(by_alias=True).encode(), schema="text-manifest/1")


def clean(archive: Archive, crawl: Crawl, documents: list[Document]) -> TextManifest:
    """Put *documents*, learn from them, and commit that as the cleaning of *crawl*."""
    objects: list[StoredObject] = []
    if documents:
        content, key = write_documents(documents), keys.documents(crawl, FULL.extractor, "00000000")
        archive.store.put_new(key, content, schema=DOCUMENT)
        objects.append(StoredObject.of(key, content, DOCUMENT, len(documents)))
    made = TextManifest(
        crawl_id=crawl.id,
        source_id=crawl.source_id,
        night=crawl.night,
        crawl_manifest=keys.crawl_manifest(crawl),
        extractor=FULL.extractor,
        ended=LONG_AFTER,
        software=FULL.software,
        objects=tuple(objects),
        documents=len(documents),
    )
    made = made.replace(learned=update_memory(archive, crawl, recall_memory(archive.holdings, crawl), made))
    commit(archive, crawl, made)
    return made


def pass_nights(archive: Archive, count: int, apart: int = 1) -> list[Night]:
    """Pass nights of five new pages and one that changes each time, so many days apart."""
    nights: list[Night] = []
    known: tuple[RememberedPage, ...] = ()
    for number in range(count):
        crawl = crawl_of(FIRST + timedelta(days=apart * number))
        documents = [document(1 + 5 * number + one, f"of night {number}") for one in range(5)]
        documents.append(document(0, f"changed in night {number}"))
        texts = [remember_page(one.url, list_learnable_lines(one), crawl.night) for one in documents]
        known = keep_newest_pages([*known, *texts], crawl.night)
        nights.append(Night(crawl, clean(archive, crawl, documents).learned, set(known)))
    return nights


def test_what_any_night_knew_can_be_read_again_by_a_few_objects_though_each_added_only_what_was_new(
    archive: Archive,
) -> None:
    nights = pass_nights(archive, 40, apart=3)  # so that pages grow too old
    for night in nights:
        with asking(archive.store) as asked:
            kept = archive.holdings.read_site_memory_before(night.crawl)
        assert kept and (set(kept.pages), kept.stored) == (night.known, night.learned)
        assert kept.objects <= MOST_OBJECTS
        assert asked.requests["GetObject"] <= MOST_OBJECTS + 1, "and a text manifest"
    put = [night.learned for night in nights if night.learned]
    assert {one.schema_name for one in put} == {SITE_MEMORY}
    whole = [one for one in put if read_site_memory(archive.store.read(one.key)).adds_to is None]
    assert len(whole) == 1 + len(nights) // MOST_OBJECTS
    assert sum(one.bytes for one in put) < len(nights) * max(one.bytes for one in whole) / 3


def test_a_night_without_a_new_text_puts_nothing_and_forgets_nothing(archive: Archive) -> None:
    (night,) = pass_nights(archive, 1)
    later = crawl_of(FIRST + timedelta(days=2))
    assert clean(archive, later, []).learned is None
    kept = archive.holdings.read_site_memory_before(crawl_of(FIRST + timedelta(days=3)))
    assert kept and (kept.stored, set(kept.pages)) == (night.learned, night.known)
    assert len(list(archive.store.list_keys("memory/"))) == 1


def test_a_memory_of_the_schema_before_is_read_and_grown_from(archive: Archive) -> None:
    crawl = crawl_of(FIRST)
    key, content = keys.site_memory(crawl, datetime(2026, 3, 1, 4, tzinfo=UTC), "00000000"), MEMORY_1.read_bytes()
    archive.store.put_new(key, content, schema="site-memory/1")
    stored = StoredObject.of(key, content, "site-memory/1", PAGES_1)
    made = clean(archive, crawl, [])
    archive.store.put_new(
        keys.text_more(keys.text_manifest(keys.crawl_manifest(crawl), made.extractor), []),
        made.replace(learned=stored).model_dump_json(by_alias=True).encode(),
        schema="text-manifest/1",
    )
    kept = archive.holdings.read_site_memory_before(crawl)
    assert kept and (kept.stored, kept.objects, len(kept.pages)) == (stored, 1, PAGES_1)
    grown = clean(archive, crawl_of(FIRST + timedelta(days=1)), [document(7)]).learned
    assert grown and read_site_memory(archive.store.read(grown.key)).adds_to == stored
    after = archive.holdings.read_site_memory_before(crawl_of(FIRST + timedelta(days=1)))
    assert after and len(after.pages) == PAGES_1 + 1 and set(kept.pages) < set(after.pages)


def test_a_memory_that_adds_to_a_damaged_one_is_passed_over(archive: Archive) -> None:
    nights = pass_nights(archive, 3)
    assert nights[1].learned
    flip_bit(archive.store._settings, nights[1].learned.key, 30)
    kept = archive.holdings.read_site_memory_before(nights[2].crawl)
    assert kept and (kept.stored, set(kept.pages)) == (nights[0].learned, nights[0].known)


def test_what_adds_to_too_many_objects_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    nights = pass_nights(archive, 3)
    assert nights[2].learned
    monkeypatch.setattr("storage.holdings.MOST_OBJECTS", 2)
    with pytest.raises(FixityError, match="adds to more than 1 objects"):
        archive.holdings._read_site_memory(nights[2].learned)
