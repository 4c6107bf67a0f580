"""The versions of an article, told from its captures by time."""

from __future__ import annotations

import random

import pytest

from storage.catalog import Catalog
from storage.model.capture import Capture
from storage.model.document import Extractor, text_digest
from storage.surt import urlkey
from tests.storage.committed import HOME, TRAFILATURA, Cleaned, Committed, DraftCrawl, at, cleaned

A = f"{HOME}a"
NEWER = Extractor(name="trafilatura", version="2.4.0", settings_digest="cd" * 32)


def versions(catalog: Catalog, url: str = A) -> list[tuple[str, int, int, str]]:
    """Return record id, first and last day, and the digest of the text, of each version."""
    found = catalog.find_versions("demo-faro", urlkey(url))
    return [(one.record_id, one.first_fetched.day, one.last_fetched.day, one.text_digest) for one in found]


def publish(catalog: Catalog, *committed: Committed | Cleaned, seed: int = 0) -> None:
    shuffled = list(committed)
    random.Random(seed).shuffle(shuffled)
    for one in shuffled:
        assert one.apply(catalog)


def night_with(day: int, payload: str) -> tuple[Committed, Capture]:
    night = DraftCrawl(day)
    capture = night.captured(A, payload)
    return night.committed(), capture


@pytest.mark.parametrize("seed", range(4))
def test_a_text_that_comes_back_is_a_version_again(catalog: Catalog, seed: int) -> None:
    texts = {1: "A", 2: "B", 3: "A", 4: "A"}
    nights = {day: night_with(day, f"P{day}") for day in texts}
    cleanings = [cleaned(nights[day][0], [(nights[day][1], text)]) for day, text in texts.items()]
    publish(catalog, *(crawl for crawl, _ in nights.values()), *cleanings, seed=seed)
    first, second, third = (nights[day][1].record_id for day in (1, 2, 3))
    expected = [(first, 1, 1, "A"), (second, 2, 2, "B"), (third, 3, 4, "A")]
    assert versions(catalog) == [(*rest, text_digest(text)) for *rest, text in expected]


@pytest.mark.parametrize("with_original", [False, True])
def test_a_revisit_has_the_text_of_its_original(catalog: Catalog, with_original: bool) -> None:
    (first, a), (second, b) = night_with(1, "P"), night_with(2, "Q")
    back, same = DraftCrawl(3), DraftCrawl(4)
    revisit = back.unchanged(A, a)
    same.not_modified(A, a)
    publish(catalog, second, back.committed(), same.committed(), cleaned(second, [(b, "B")]))
    if with_original:
        publish(catalog, first, cleaned(first, [(a, "A")]))
    chain = [(a.record_id, 1, 1, "A"), (b.record_id, 2, 2, "B"), (a.record_id, 3, 4, "A")]
    assert versions(catalog) == [(*rest, text_digest(text)) for *rest, text in (chain if with_original else chain[1:2])]
    assert revisit.record_id not in {row[0] for row in versions(catalog)}, "it has no document"


def test_a_revisit_of_another_address_has_the_text_that_lies_there(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    original = night.captured(f"{HOME}b", "P")
    night.unchanged(A, original)
    crawl = night.committed()
    publish(catalog, crawl, cleaned(crawl, [(original, "Text")]))
    assert versions(catalog) == [(original.record_id, 1, 1, text_digest("Text"))]


def test_another_extractor_makes_no_new_version(catalog: Catalog) -> None:
    nights = {day: night_with(day, f"P{day}") for day in (1, 2, 3)}
    crawls = {day: crawl for day, (crawl, _) in nights.items()}
    pages = {day: page for day, (_, page) in nights.items()}
    publish(
        catalog,
        *crawls.values(),
        cleaned(crawls[1], [(pages[1], "Text")]),
        cleaned(crawls[2], [(pages[2], "Text")]),
        cleaned(crawls[2], [(pages[2], "Text as another sees it")], NEWER),
        cleaned(crawls[3], [(pages[3], "Text as another sees it")], NEWER),
    )
    assert versions(catalog) == [(pages[1].record_id, 1, 3, text_digest("Text"))]


def test_of_two_extractors_that_read_both_the_newer_tells_versions_apart(catalog: Catalog) -> None:
    (first, a), (second, b) = night_with(1, "P"), night_with(2, "Q")
    older = [cleaned(first, [(a, "Text")]), cleaned(second, [(b, "Text")])]
    newer = [cleaned(first, [(a, "Text")], NEWER), cleaned(second, [(b, "Text, with a line more")], NEWER)]
    publish(catalog, first, second, *older, *newer)
    assert [row[1:3] for row in versions(catalog)] == [(1, 1), (2, 2)]


def test_of_one_family_the_last_text_of_a_capture_counts(catalog: Catalog) -> None:
    (first, a), (second, b) = night_with(1, "P"), night_with(2, "Q")
    card = TRAFILATURA.replace(settings_digest="cd" * 32, base_digest=TRAFILATURA.settings_digest)
    publish(catalog, first, second, cleaned(first, [(a, "Text")]), cleaned(second, [(b, "Text, corrected")], card))
    assert [row[1:3] for row in versions(catalog)] == [(1, 1), (2, 2)]
    again = cleaned(second, [(b, "Text")], card.replace(settings_digest="ef" * 32))
    later = [one._replace(document=one.document.replace(extracted_at=at(9))) for one in again.documents]
    publish(catalog, again._replace(documents=later))
    assert [row[1:3] for row in versions(catalog)] == [(1, 2)]


def test_one_payload_is_one_version_whatever_was_cleaned_with(catalog: Catalog) -> None:
    (first, a), (second, b) = night_with(1, "P"), night_with(2, "P")
    publish(catalog, first, second, cleaned(first, [(a, "Text")]), cleaned(second, [(b, "Other text")], NEWER))
    assert [row[1:3] for row in versions(catalog)] == [(1, 2)]


@pytest.mark.parametrize("seed", range(4))
def test_what_came_late_stands_where_it_was_fetched(catalog: Catalog, seed: int) -> None:
    (first, a), (third, c) = night_with(1, "P"), night_with(3, "R")
    late = DraftCrawl(1, late="0000aaaa")
    between = late.captured(A, "Q")
    committed = late.committed()
    parts: list[Committed | Cleaned] = [first, third, committed]
    parts += [cleaned(first, [(a, "A")]), cleaned(third, [(c, "A")]), cleaned(committed, [(between, "B")])]
    publish(catalog, *parts, seed=seed)
    assert [row[0] for row in versions(catalog)] == [a.record_id, between.record_id, c.record_id]


def test_versions_are_of_one_newspaper_and_of_articles_that_were_there(catalog: Catalog) -> None:
    night, other = DraftCrawl(1), DraftCrawl(2, "demo-lantern")
    page, foreign = night.captured(A, "P"), other.captured(A, "Q")
    gone = night.captured(A, "gone", status=404)
    listed = night.captured(A, "list").replace(purpose="section")
    night.captures[-1] = listed
    crawl, elsewhere = night.committed(), other.committed()
    texts = [(page, "Text"), (gone, "Not found"), (listed, "Headlines")]
    publish(catalog, crawl, elsewhere, cleaned(crawl, texts), cleaned(elsewhere, [(foreign, "Other")]))
    assert versions(catalog)[0][0] == page.record_id
    assert catalog.find_versions("demo-faro", urlkey(f"{HOME}unknown")) == []
