"""Which manifests belong together is in their names."""

from __future__ import annotations

from datetime import date

from storage.night_listing import NightListing, list_month, list_night
from storage.objects import S3Settings, Store
from tests.conftest import replace_object

NIGHT = date(2026, 3, 1)
FARO, COURIER = "demo-faro-20260301-nightly", "demo-courier-20260301-nightly"
BY_HAND = "demo-faro-20260301T100000Z-manual-0badcafe"
CRAWL, TEXT = "manifests/crawl/2026/03/01/{}.json", "manifests/text/2026/03/01/{}.json"
LATE, LATER = f"{FARO}-late-00000000", f"{FARO}-late-ffffffff"
EXTRACTOR = "trafilatura-2.3.1-0a1b2c3d"


def listing(manifests: list[str], texts: list[str]) -> NightListing:
    return NightListing(
        *(dict.fromkeys(map(kind.format, names), "") for kind, names in ((CRAWL, manifests), (TEXT, texts)))
    )


def test_a_crawl_has_its_manifest_in_time_and_its_late_ones() -> None:
    found = listing([LATER, BY_HAND, COURIER, FARO, LATE], [])
    assert found.manifests_of(FARO) == [CRAWL.format(name) for name in (FARO, LATE, LATER)]
    assert found.manifests_of(BY_HAND) == [CRAWL.format(BY_HAND)]
    assert set(found.crawl_ids) == {FARO, COURIER, BY_HAND}
    assert found.manifests_of("demo-nobody-20260301-nightly") == []


def test_a_cleaning_belongs_to_the_longest_name_that_it_begins_with() -> None:
    texts = [f"{LATE}-{EXTRACTOR}", f"{COURIER}-{EXTRACTOR}", f"{COURIER}-{EXTRACTOR}-more-01234567"]
    found = listing([FARO, LATE, COURIER], texts)
    assert found.find_uncleaned(FARO) == [CRAWL.format(FARO)]
    assert found.cleanings_of(CRAWL.format(LATE)) == [TEXT.format(texts[0])]
    assert found.find_uncleaned(COURIER) == []
    assert found.keys_of(COURIER) == [CRAWL.format(COURIER), *map(TEXT.format, texts[1:])]


def test_a_cleaning_of_what_is_not_there_belongs_to_nothing() -> None:
    found = listing([COURIER], [f"{FARO}-{EXTRACTOR}"])
    assert found.crawl_ids == [COURIER]
    assert found.orphans == [TEXT.format(f"{FARO}-{EXTRACTOR}")]
    assert found.find_uncleaned(COURIER) == [CRAWL.format(COURIER)]


def test_a_night_is_listed_and_no_other(store: Store) -> None:
    for name in (CRAWL.format(FARO), TEXT.format(f"{FARO}-{EXTRACTOR}"), "manifests/crawl/2026/03/02/x.json"):
        store.put_new(name, b"{}", schema="manifest/1")
    found = list_night(store, NIGHT)
    assert found.keys == (CRAWL.format(FARO), TEXT.format(f"{FARO}-{EXTRACTOR}"))
    assert set(found.tags) == set(found.keys)


def test_a_month_is_listed_night_by_night_and_no_other(store: Store) -> None:
    last = "manifests/crawl/2026/03/31/x.json"
    others = ["manifests/crawl/2026/02/28/x.json", "manifests/text/2026/04/01/x.json"]
    for name in (CRAWL.format(FARO), TEXT.format(f"{FARO}-{EXTRACTOR}"), last, *others):
        store.put_new(name, b"{}", schema="manifest/1")
    found = list_month(store, date(2026, 3, 15))
    assert set(found) == {NIGHT, date(2026, 3, 31)}
    assert found[NIGHT].tags == list_night(store, NIGHT).tags
    assert found[date(2026, 3, 31)].keys == (last,)


def test_another_manifest_at_the_same_key_has_another_tag(store: Store, s3_settings: S3Settings) -> None:
    """As in a store that knows no If-None-Match, where a second try of a crawl replaces the manifest of the first."""
    store.put_new(CRAWL.format(FARO), b"[1]", schema="manifest/1")
    before = list_night(store, NIGHT).tags
    assert before == list_night(store, NIGHT).tags
    replace_object(s3_settings, CRAWL.format(FARO), b"[2]")
    assert list_night(store, NIGHT).tags != before
    replace_object(s3_settings, CRAWL.format(FARO), b"[1]")
    assert list_night(store, NIGHT).tags == before
