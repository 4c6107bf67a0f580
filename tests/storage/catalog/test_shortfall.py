"""What the catalog is known to lack is noted, and forgotten once it is there."""

from __future__ import annotations

from datetime import date

from storage.catalog import Catalog
from storage.catalog.shortfall import note_damaged, note_night, settle_new
from storage.coordination import Coordination
from tests.storage.committed import HOME, DraftCrawl, cleaned

NIGHT = date(2026, 3, 1)
NONCE = "0123abcd"


def test_a_catalog_made_anew_is_marked_until_it_is_compared(
    database_url: str, coordination: Coordination, catalog: Catalog
) -> None:
    assert catalog.find_shortfall().is_new
    again = Catalog.open(database_url, coordination)
    assert again.find_shortfall().is_new
    settle_new(coordination, catalog.name, None)
    assert again.find_shortfall() == (False, None, {}, ())
    Catalog.open(database_url, coordination).close()
    assert not again.find_shortfall().is_new, "it was there already"
    settle_new(coordination, catalog.name, NIGHT)
    assert again.find_shortfall().since == NIGHT
    again.close()


def test_what_is_applied_since_is_no_longer_lacking(coordination: Coordination, catalog: Catalog) -> None:
    first, other = DraftCrawl(1), DraftCrawl(1, "demo-lantern")
    page = first.captured(f"{HOME}a", "A")
    other.captured(f"{HOME}b", "B")
    crawl = first.committed()
    texts = cleaned(crawl, [(page, "one")])
    found = note_night(coordination, catalog.name, NIGHT, [crawl.key, texts.key, other.committed().key])
    assert (found.crawls, found.texts) == (2, 1)
    assert catalog.find_shortfall().nights == {NIGHT: found}
    crawl.apply(catalog)
    assert (catalog.find_shortfall().nights[NIGHT].crawls, catalog.find_shortfall().nights[NIGHT].texts) == (1, 1)
    texts.apply(catalog)
    other.committed().apply(catalog)
    assert catalog.find_shortfall().nights == {}


def test_of_a_night_that_lacks_many_the_rest_is_counted(coordination: Coordination, catalog: Catalog) -> None:
    keys = [f"manifests/crawl/2026/03/01/demo-{number:03}-20260301-nightly.json" for number in range(400)]
    note_night(coordination, catalog.name, NIGHT, keys)
    assert catalog.find_shortfall().nights[NIGHT].crawls == 400
    note_night(coordination, catalog.name, NIGHT, [])
    assert catalog.find_shortfall().nights == {}


def test_manifests_that_no_rebuild_can_apply_are_told_apart(coordination: Coordination, catalog: Catalog) -> None:
    crawl = DraftCrawl(1).committed()
    note_damaged(coordination, catalog.name, [crawl.key])
    assert note_night(coordination, catalog.name, NIGHT, [crawl.key]).crawls == 0
    assert catalog.find_shortfall().damaged == (crawl.key,)
    crawl.apply(catalog)
    assert catalog.find_shortfall().damaged == ()


def test_a_catalog_that_a_rebuild_made_lacks_nothing(
    database_url: str, coordination: Coordination, catalog: Catalog
) -> None:
    note_night(coordination, catalog.name, NIGHT, [DraftCrawl(1).committed().key])
    old = catalog.name
    fresh = Catalog.create_beside(database_url, coordination, Catalog.beside_name(database_url, NONCE))
    catalog.switch_to(fresh.name)
    assert catalog.find_shortfall() == (False, None, {}, ())
    catalog.remove(old)
    assert coordination.read_notes("catalog ") == {}
    fresh.close()


def test_publications_are_found_by_the_beginning_of_their_keys(catalog: Catalog) -> None:
    for day in (1, 2, 10):
        DraftCrawl(day).committed().apply(catalog)
    assert catalog.find_publications("manifests/crawl/2026/03/01/") == {DraftCrawl(1).committed().key}
    assert len(catalog.find_publications("manifests/crawl/2026/03/")) == 3
    assert catalog.find_publications("manifests/crawl/2026/02/") == set()
