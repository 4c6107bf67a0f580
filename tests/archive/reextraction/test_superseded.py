"""Going back to an extraction that was current before: the same documents, without reading a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_closest, read_document
from hemeroteca.archive.reextraction.drafts import (
    ReextractionRequest,
    find_differences,
    make_drafts,
    read_reextraction_request,
)
from hemeroteca.archive.reextraction.promotion import promote_drafts
from storage.table_reads import read_table
from tests.archive.asked import asking
from tests.archive.homes import FIRST, clean_workers, parts, rows
from tests.archive.reextraction.aged import Aged, open_aged
from tests.conftest import S3Server

PUBLISH = read_reextraction_request({"publish": True})
OF_ONE = read_reextraction_request({"publish": True, "sources": ["demo-faro"]})
DROPPED = '"text": {"drop": ["p.standfirst"]}'


@pytest.fixture
def aged(tmp_path: Path, s3_server: S3Server) -> Iterator[Aged]:
    with open_aged(tmp_path, s3_server) as aged:
        extract_again(aged.archive)
        yield aged


def extract_again(archive: Archive, request: ReextractionRequest = PUBLISH) -> tuple[int, int]:
    """Draft and publish, and return how many crawls were drafted and published."""
    troubles = Troubles()
    made = make_drafts(archive, request, clean_workers(), troubles)
    published = promote_drafts(archive, request, troubles)
    assert troubles.found == []
    return made, published


def write_card(aged: Aged, *fields: str) -> None:
    """Write the card as it is in the demo, with *fields*."""
    (path,) = (aged.archive.settings.home.path / "cards").glob("*.yaml")
    plain = path.read_text().replace(f", {DROPPED}", "").removesuffix("}")
    path.write_text("".join([plain, *(f", {field}" for field in fields), "}"]))


def texts(archive: Archive) -> dict[str, str]:
    table = read_table(archive.store, "documents", FIRST).select(["url", "text"]).to_pylist()
    return {row["url"]: row["text"] for row in table}


def counts(archive: Archive) -> list[tuple[object, ...]]:
    """Return what the coverage of each crawl says of its documents."""
    crawls = archive.catalog.find_crawls()
    return [(one.documents, one.without_text, one.flagged, one.confidence) for one in crawls]


@pytest.mark.parametrize("request_", [PUBLISH, OF_ONE])
def test_what_was_current_becomes_current_again_without_reading_a_page(
    aged: Aged, request_: ReextractionRequest
) -> None:
    archive = aged.archive
    first, counted = texts(archive), counts(archive)
    write_card(aged, DROPPED)
    assert extract_again(archive, request_) == (1, 1)
    other = texts(archive)
    assert other != first
    for number in range(2):
        write_card(aged)
        with asking(archive.store) as asked:
            assert extract_again(archive, request_) == (1, 1), number
        assert not [url for url in asked.put if "/documents/" in url and "/tables/" not in url], "nothing is extracted"
        assert (texts(archive), counts(archive)) == (first, counted)
        story = aged.today[0]
        assert read_document(archive, find_closest(archive, story.url)).text == story.text
        assert extract_again(archive, request_) == (0, 0)
        write_card(aged, DROPPED)
        assert extract_again(archive, request_) == (1, 1), number
        assert texts(archive) == other
    before = rows(archive), parts(archive.store)
    rebuild(archive)
    assert (rows(archive), parts(archive.store)) == before


def test_going_back_is_shown_before_it_is_published(aged: Aged) -> None:
    archive = aged.archive
    write_card(aged, DROPPED)
    assert extract_again(archive) == (1, 1)
    write_card(aged)
    before = rows(archive), parts(archive.store)
    for drafted in (1, 0):
        assert make_drafts(archive, PUBLISH, clean_workers(), Troubles()) == drafted
        found = find_differences(archive, PUBLISH, Troubles())
        assert (found.crawls, found.gained, found.lost) == (1, 0, 0)
        assert found.changed > 0 and found.fields["text"] == found.changed
    assert (rows(archive), parts(archive.store)) == before
