"""Asking the catalog: captures, documents, crawls."""

from __future__ import annotations

from datetime import timedelta

from storage.catalog import Catalog
from storage.model.capture import Capture
from storage.model.document import Extractor
from storage.model.night import Night
from storage.model.placed_document import PlacedDocument
from storage.surt import urlkey
from tests.storage.committed import HOME, TRAFILATURA, Cleaned, DraftCrawl, at, cleaned
from tests.storage.known_rows import find_known

A, B = f"{HOME}a", f"{HOME}b"


def publish(catalog: Catalog, *urls: str, day: int = 1) -> list[Capture]:
    night = DraftCrawl(day)
    for number, url in enumerate(urls):
        night.captured(url, f"P{day}-{number}")
    assert night.committed().apply(catalog)
    return night.captures


def uris(captures: list[Capture]) -> list[str]:
    return [capture.target_uri for capture in captures]


def test_captures_come_back_as_they_were_published(catalog: Catalog) -> None:
    first, second = DraftCrawl(1), DraftCrawl(2)
    first.captured(A, "P")
    second.unchanged(A, first.captures[0])
    bare = first.captures[0].replace(
        record_id="urn:uuid:bare", request=None, media_type=None, via=None, redirected_from=(), truncated="length"
    )
    first.captures.append(bare)
    for night in (first, second):
        night.committed().apply(catalog)
    found = catalog.find_captures(urlkey=urlkey(A))
    assert sorted(found, key=repr) == sorted(first.captures + second.captures, key=repr)
    assert [catalog.find_capture(capture.record_id) for capture in found] == found
    assert catalog.find_capture("urn:uuid:unknown") is None


def test_captures_are_listed_by_urlkey_then_date(catalog: Catalog) -> None:
    publish(catalog, B, A, day=2)
    publish(catalog, A, B, day=1)
    found = catalog.find_captures()
    assert uris(found) == [A, A, B, B]
    assert [capture.night.day for capture in found] == [1, 2, 1, 2]
    assert catalog.find_captures(limit=3) == found[:3]


def test_a_prefix_is_taken_literally_and_by_case(catalog: Catalog) -> None:
    inside = [f"{HOME}x_y", f"{HOME}x_y/z", f"{HOME}x_y?q=1"]
    publish(catalog, *inside, f"{HOME}xay", f"{HOME}x", f"{HOME}X_y", "http://faro.hemeroteca.tests/x_y", HOME)
    found = catalog.find_captures(urlkey_prefix="test,hemeroteca,faro)/x_y")
    assert sorted(uris(found)) == sorted(uris(catalog.find_captures(urlkey_prefix=urlkey(inside[0]))))
    assert set(inside) <= set(uris(found))
    assert all(capture.urlkey.startswith("test,hemeroteca,faro)/x_y") for capture in found)
    assert catalog.find_captures(urlkey_prefix="test,hemeroteca,faro)/X_Y") == []
    assert catalog.find_captures(urlkey_prefix="test,hemeroteca,faro)/x%") == []


def test_a_prefix_reaches_the_last_characters_there_are(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    for number, tail in enumerate(["", "\uffff", "\U0001f600", "\U0010ffff", "é"]):
        capture = night.captured(f"{HOME}{number}", "P")
        night.captures[-1] = capture.replace(urlkey=f"test)/p{tail}")
    night.captures.append(night.captures[0].replace(record_id="urn:uuid:next", urlkey="test)/q"))
    night.committed().apply(catalog)
    keys = [capture.urlkey for capture in catalog.find_captures(urlkey_prefix="test)/p")]
    assert keys == ["test)/p", "test)/pé", "test)/p\uffff", "test)/p\U0001f600", "test)/p\U0010ffff"]


def test_addresses_of_any_length_are_told_apart(catalog: Catalog) -> None:
    stem = HOME + "".join(f"{number:x}-" for number in range(3000))
    publish(catalog, f"{stem}b", f"{stem}a", f"{stem}ab")
    assert uris(catalog.find_captures(urlkey=urlkey(f"{stem}a"))) == [f"{stem}a"]
    assert uris(catalog.find_captures(urlkey_prefix=urlkey(f"{stem}a"))) == [f"{stem}a", f"{stem}ab"]
    assert uris(catalog.find_captures(urlkey_prefix=urlkey(HOME))) == [f"{stem}a", f"{stem}ab", f"{stem}b"]
    assert len(find_known(catalog)) == 3


def test_a_nul_in_a_header_does_not_stop_a_publication(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    night.captures.append(night.captured(A, "P").replace(record_id="urn:uuid:nul", media_type="text/\0html"))
    assert night.committed().apply(catalog)
    found = catalog.find_capture("urn:uuid:nul")
    assert found and found.media_type == "text/\ufffdhtml"


def test_times_bound_a_listing_and_are_inclusive(catalog: Catalog) -> None:
    for day in (1, 2, 3):
        publish(catalog, A, day=day)
    assert [str(c.night) for c in catalog.find_captures(urlkey=urlkey(A), since=at(2))] == ["2026-03-02", "2026-03-03"]
    assert [str(c.night) for c in catalog.find_captures(urlkey=urlkey(A), until=at(2))] == ["2026-03-01", "2026-03-02"]
    assert [str(c.night) for c in catalog.find_captures(since=at(2), until=at(2))] == ["2026-03-02"]
    assert [str(c.night) for c in catalog.find_captures(crawl_id="demo-faro-20260303-nightly")] == ["2026-03-03"]


def test_the_closest_capture_is_nearest_in_time_and_the_earlier_of_two(catalog: Catalog) -> None:
    publish(catalog, A, day=1)
    publish(catalog, A, B, day=3)
    ages, moment = timedelta(days=900), timedelta(microseconds=1)
    asked = {at(1) - ages: 1, at(1): 1, at(2) - moment: 1, at(2): 1, at(2) + moment: 3, at(3): 3, at(3) + ages: 3}
    found = {moment: catalog.find_closest(urlkey(A), moment) for moment in asked}
    assert {moment: capture and capture.date for moment, capture in found.items()} == {
        moment: at(day) for moment, day in asked.items()
    }
    assert catalog.find_closest(urlkey(f"{HOME}unknown"), at(1)) is None


def extracted_later(one: Cleaned, days: int) -> list[PlacedDocument]:
    return [
        placed._replace(
            document=placed.document.replace(extracted_at=placed.document.extracted_at + timedelta(days=days))
        )
        for placed in one.documents
    ]


def test_the_place_of_a_document_is_its_newest_extractors_unless_one_is_named(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    capture, other = night.captured(A, "P"), night.captured(B, "Q")
    crawl = night.committed()
    crawl.apply(catalog)
    newer = Extractor(name="trafilatura", version="2.4.0", settings_digest="cd" * 32)
    old = cleaned(crawl, [(other, "B"), (capture, "Old")])
    new = cleaned(crawl, [(capture, "New")], newer)
    later = extracted_later(new, 9)
    ended = new.manifest.replace(ended=new.manifest.ended + timedelta(days=9))
    assert old.apply(catalog) and new._replace(manifest=ended, documents=later).apply(catalog)
    place = catalog.find_document(capture.record_id)
    assert place and (place.extractor_id, place.row, place.fetched_at) == (newer.id, 0, capture.date)
    place = catalog.find_document(capture.record_id, TRAFILATURA.id)
    assert place and (place.key, place.row, place.url) == (old.documents[0].held.key, 1, A)
    assert place.held == old.documents[0].held
    assert catalog.find_document("urn:uuid:unknown") is None
    assert catalog.find_document(capture.record_id, "unknown-1-00000000") is None


def test_a_capture_that_the_newest_cleaning_found_no_text_in_has_no_document(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    capture, other = night.captured(A, "P"), night.captured(B, "Q")
    crawl = night.committed()
    crawl.apply(catalog)
    newer = Extractor(name="trafilatura", version="2.4.0", settings_digest="cd" * 32)
    old, new = cleaned(crawl, [(other, "B"), (capture, "Old")]), cleaned(crawl, [(other, "New")], newer)
    published = new.manifest.replace(ended=new.manifest.ended + timedelta(days=9))
    old.apply(catalog)
    assert catalog.find_document(capture.record_id) and catalog.find_cleanings(capture.record_id) == [old.key]
    new._replace(manifest=published).apply(catalog)
    assert catalog.find_document(capture.record_id) is None
    assert catalog.find_cleanings(capture.record_id) == [new.key]
    assert [place.extractor_id for place in catalog.find_documents(capture.record_id)] == [TRAFILATURA.id]
    assert catalog.find_document(capture.record_id, TRAFILATURA.id)


def test_the_cleaning_published_last_is_current_though_another_was_extracted_after_it(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    capture = night.captured(A, "P")
    crawl = night.committed()
    crawl.apply(catalog)
    newer = Extractor(name="trafilatura", version="2.4.0", settings_digest="cd" * 32)
    first, last = cleaned(crawl, [(capture, "Extracted last")], newer), cleaned(crawl, [(capture, "Published last")])
    later = extracted_later(first, 1)
    published = last.manifest.replace(ended=last.manifest.ended + timedelta(days=2))
    first._replace(documents=later).apply(catalog)
    last._replace(manifest=published).apply(catalog)
    place = catalog.find_document(capture.record_id)
    assert place and place.extractor_id == TRAFILATURA.id


def test_what_adds_to_a_cleaning_counts_with_it_and_makes_no_other_current(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    capture, other = night.captured(A, "P"), night.captured(B, "Q")
    crawl = night.committed()
    crawl.apply(catalog)
    newer = Extractor(name="trafilatura", version="2.4.0", settings_digest="cd" * 32)
    old, new = cleaned(crawl, [(capture, "Old")]), cleaned(crawl, [(other, "New")], newer)
    days = timedelta(days=1)
    new = new._replace(manifest=new.manifest.replace(ended=new.manifest.ended + days, confidence=0.5))
    more_old, more_new = cleaned(crawl, [(other, "Old")]), cleaned(crawl, [(capture, "New")], newer)
    facts = {"ended": new.manifest.ended + days, "confidence": 1, "flagged": 1}
    more_old = Cleaned(f"{old.key}-more", more_old.manifest.replace(adds_to=old.key, **facts), more_old.documents)
    more_new = Cleaned(f"{new.key}-more", more_new.manifest.replace(adds_to=new.key, **facts), more_new.documents)
    for applied in (more_old, more_new, new, old):
        assert applied.apply(catalog)
    (row,) = catalog.find_crawls(Night(2026, 3, 1))
    assert (row.documents, row.confidence, row.flagged) == (2, 0.75, 1)
    for one in (capture, other):
        place = catalog.find_document(one.record_id)
        assert place and place.extractor_id == newer.id
    assert catalog.find_cleanings(capture.record_id) == [more_new.key, new.key]


def test_a_manifest_in_whose_place_another_is_counts_as_applied(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    made = cleaned(night.committed(), [(night.captured(A, "P"), "Text")])
    again = made._replace(key=f"{made.key}-more", manifest=made.manifest.replace(replaces=(made.key,)))
    assert again.apply(catalog)
    assert catalog.find_published([made.key, again.key]) == {made.key, again.key}


def test_a_crawl_is_reported_with_its_counts_and_documents(catalog: Catalog) -> None:
    night, other = DraftCrawl(1), DraftCrawl(1, "demo-lantern")
    capture = night.captured(A, "P")
    night.failed(B, 404)
    for number in range(3):
        night.skipped(f"{HOME}s{number}")
    crawl = night.committed("manifests/crawl/before.json")
    assert crawl.apply(catalog) and other.committed().apply(catalog)
    [row] = catalog.find_crawls(crawl.manifest.crawl.night, "demo-faro")
    assert (row.manifest_key, row.previous, row.trigger) == (crawl.key, "manifests/crawl/before.json", "nightly")
    assert (row.discovered, row.wire_bytes, row.seconds, row.documents, row.late) == (5, 2000, 600.0, None, False)
    assert {(c.purpose, c.state, c.reason): c.urls for c in row.counts} == {
        ("article", "captured", None): 1,
        ("article", "failed", "http_404"): 1,
        ("article", "skipped", "budget"): 3,
    }
    cleaned(crawl, [(capture, "Text")]).apply(catalog)
    assert [row.documents for row in catalog.find_crawls(Night(2026, 3, 1))] == [1, None]
    assert catalog.find_crawls(Night(2026, 3, 2)) == []
    assert len(catalog.find_crawls(source_id="demo-lantern")) == 1


def test_the_last_manifest_of_a_source_is_the_one_that_ended_last(catalog: Catalog) -> None:
    assert catalog.find_last_manifest("demo-faro") is None
    crawls = {day: DraftCrawl(day).committed() for day in (2, 3, 1)}
    for crawl in crawls.values():
        crawl.apply(catalog)
    assert catalog.find_last_manifest("demo-faro") == crawls[3].key
    assert catalog.find_last_manifest("demo-lantern") is None


def test_every_object_that_rows_refer_to_has_its_least_size(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    pages = [night.captured(url, url[-1]) for url in (A, B)]
    crawl = night.committed()
    texts = cleaned(crawl, [(pages[0], "one")])
    for one in (crawl, texts):
        one.apply(catalog)
    found: dict[str, int] = {}
    for key, least in catalog.find_least_sizes():
        found[key] = max(least, found.get(key, 0))
    documents = catalog.find_documents(pages[0].record_id)[0].key
    assert found == {pages[0].location.key: 2000, documents: 1, crawl.key: 1, texts.key: 1}
