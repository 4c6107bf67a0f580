"""Catalogs that earlier releases filled answer as before once they are migrated."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.model.document import Extractor
from tests.storage.catalog.release_0010 import fill_catalog, make_rows
from tests.storage.catalog_rows import catalog_rows
from tests.storage.committed import HOME, TRAFILATURA, Cleaned, Committed, DraftCrawl, cleaned
from tests.storage.known_rows import find_known, find_superseded

A, B, LONG = f"{HOME}a", f"{HOME}b", HOME + "".join(f"{number:x}-" for number in range(3000))
CANONICAL = f"{HOME}Canonical?b=2&a=1"
COPIED = ("captures", "documents", "url_state")


def two_nights() -> list[Committed | Cleaned]:
    """Pages whose ids and digests have every form, a revisit, a late crawl, requests elsewhere, two extractors."""
    first, second, late = DraftCrawl(1), DraftCrawl(2), DraftCrawl(3, late="0000aaaa")
    a = first.captured(A, "P")
    b = first.captured(B, "A" * 32)
    first.captured(LONG, "lower case " + "a" * 21)
    first.captures += [
        b.replace(
            record_id=f"urn:uuid:{UUID(int=7)}",
            canonical=CANONICAL,
            amphtml=f"{B}/amp",
            redirected_from=(),
            flags=("paywall",),
            evidence=("paywall: it says so",),
            tdm_reservation=True,
            robots_meta="noarchive",
        ),
        b.replace(record_id="urn:uuid:" + "AB" * 18, request=None, via=None, media_type=None, truncated="length"),
        b.replace(record_id="elsewhere", request=b.request and b.request.replace(key="warc/another.warc.gz")),
    ]
    again = second.unchanged(A, a)
    late.captured(A, "late")
    night, next_night = first.committed(), second.committed()
    newer = Extractor(name="trafilatura", version="2.4.0", settings_digest="cd" * 32, base_digest="ef" * 32)
    texts = [cleaned(night, [(a, "one"), (b, "other")]), cleaned(night, [(a, "as another sees it")], newer)]
    return [night, late.committed(), next_night, *texts, cleaned(next_night, [(again, "one")])]


@pytest.fixture
def migrated(database_url: str, coordination: Coordination) -> Iterator[Catalog]:
    name = Catalog.beside_name(database_url, "0000000e")
    fill_catalog(database_url, name, "0010", make_rows(two_nights()))
    coordination.write_note("catalog", name)
    catalog = Catalog.open(database_url, coordination)
    yield catalog
    catalog.close()


@pytest.fixture
def fresh(database_url: str, coordination: Coordination) -> Iterator[Catalog]:
    catalog = Catalog.create_beside(database_url, coordination, Catalog.beside_name(database_url, "00000010"))
    for one in two_nights():
        one.apply(catalog)
    yield catalog
    catalog.close()


def test_a_filled_catalog_of_the_release_before_has_the_rows_of_one_filled_anew(
    migrated: Catalog, fresh: Catalog, database_url: str
) -> None:
    old, new = (catalog_rows(database_url, catalog.name) for catalog in (migrated, fresh))
    assert [len(new[table]) for table in COPIED] == [8, 4, 4]
    for table in COPIED:
        assert old[table] == new[table]


def test_a_filled_catalog_of_the_release_before_gives_every_answer_again(migrated: Catalog, fresh: Catalog) -> None:
    captures = fresh.find_captures()
    assert migrated.find_captures() == captures
    for capture in captures:
        assert migrated.find_capture(capture.record_id) == capture
        assert migrated.find_closest(capture.urlkey, capture.date) == fresh.find_closest(capture.urlkey, capture.date)
        found = migrated.find_documents(capture.record_id)
        assert found == [place.model_copy(update={"held": None}) for place in fresh.find_documents(capture.record_id)]
        versions = fresh.find_versions(capture.source_id, capture.urlkey)
        assert migrated.find_versions(capture.source_id, capture.urlkey) == versions
    for source_id in ("demo-faro", "demo-lantern"):
        assert sorted(find_known(migrated, source_id), key=repr) == sorted(find_known(fresh, source_id), key=repr)
        assert find_superseded(migrated, source_id) == find_superseded(fresh, source_id)


def test_what_is_published_after_a_migration_joins_what_was_there(migrated: Catalog, fresh: Catalog) -> None:
    night = DraftCrawl(4)
    night.captured(A, "R")
    for catalog in (migrated, fresh):
        assert night.committed().apply(catalog)
    assert migrated.find_captures() == fresh.find_captures()
    assert sorted(find_known(migrated), key=repr) == sorted(find_known(fresh), key=repr)


def test_documents_published_before_release_0008_have_no_digests_of_their_objects(
    database_url: str, coordination: Coordination
) -> None:
    name = Catalog.beside_name(database_url, "00000007")
    rows = make_rows(two_nights())
    fill_catalog(database_url, name, "0007", rows)
    coordination.write_note("catalog", name)
    with_digests, night = DraftCrawl(2), two_nights()[0]
    assert isinstance(night, Committed)
    page = with_digests.captured(B, "new")
    catalog = Catalog.open(database_url, coordination)
    texts = cleaned(with_digests.committed(), [(page, "new")])
    assert texts.apply(catalog)
    old = catalog.find_documents(night.captures[0].record_id)
    assert [place.extractor_id for place in old] == sorted((TRAFILATURA.id, old[0].extractor_id), reverse=True)
    assert [place.held for place in old] == [None, None], "their text manifest is asked"
    assert [place.held for place in catalog.find_documents(page.record_id)] == [texts.documents[0].held]
    catalog.close()
