"""What items say of a page is what its document says, where the card names their fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import JsonValue
from structlog.testing import capture_logs

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.cleaning.inputs import CardInputs, CleaningInputs
from hemeroteca.archive.cleaning.item_facts import use_said
from hemeroteca.archive.crawling.commit import read_outcomes
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.reextraction.drafts import find_differences, make_drafts, read_reextraction_request
from hemeroteca.archive.reextraction.promotion import promote_drafts
from hemeroteca.demo import Newspapers
from hemeroteca.extraction.extractor import EXTRACTOR, identify_extractor
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.manifests import read_text_manifest
from storage.model.capture import Capture
from storage.model.document import CleanText, Document
from storage.model.errors import FixityError
from storage.model.outcome import Outcome
from storage.model.source import ItemFields, TextOverrides
from storage.objects import S3Settings
from tests.archive.cleaned import documents_of
from tests.archive.faulty import tear
from tests.archive.homes import FIRST, demo_card, make_home, only_crawl, open_home, plan, run_of, take_steps
from tests.archive.scraped_items import crawl_to_commit, listed_items, pages, scrape_fields
from tests.conftest import S3Server
from tests.docs.test_format import whole_capture

FIELDS = ItemFields(title="headline", published="date", authors="byline")
SAID = {"headline": "Said by the spider", "date": "2026-02-27T08:15:00+01:00", "byline": ["Ada Byron", "Agencia Faro"]}


def fields_of(number: int, page: Outcome) -> list[tuple[Outcome, dict[str, Any]]]:
    """Return the items of a page: the first page has two, the second one that cannot be read, the third none."""
    if number == 0:
        return [(page, {"headline": SAID["headline"], "byline": None}), (page, {**SAID, "headline": "A second item"})]
    if number == 1:
        return [(page, {"headline": ["no text"], "date": "soon", "byline": {"name": "no list"}})]
    return [] if number == 2 else [(page, SAID)]


def open_scraped(place: Path, s3: S3Settings) -> Iterator[Archive]:
    """Crawl a few pages of El Faro, whose card names fields of items, and clean them."""
    card = demo_card("faro", nightly_budget=6, item_fields=FIELDS.model_dump())
    home = make_home(place / "home", card)
    with Newspapers(night=FIRST) as newspapers:
        archive = open_home(home, s3, connect_to=newspapers.connect_to)
        run = run_of(archive)
        (shard,) = plan(archive, run)
        ended = crawl_to_commit(archive, shard)
        articles = [one for one in pages(read_outcomes(ended)) if one.purpose == "article"]
        scrape_fields(ended, (item for number, page in enumerate(articles) for item in fields_of(number, page)))
        tasks.crawl_shard(archive, shard, last_try=False)
        yield archive
        archive.close()


class Night(NamedTuple):
    """A night that is cleaned, and what was logged of items that could not be used."""

    archive: Archive
    not_used: list[Any]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Night]:
    for archive in open_scraped(tmp_path_factory.mktemp("scraped"), s3_server.new_prefix()):
        run = run_of(archive)
        with capture_logs() as logs:
            take_steps(archive, run, plan(archive, run))
        yield Night(archive, [one for one in logs if one["event"] == "item field not used"])


def documents(archive: Archive, fields: ItemFields = FIELDS) -> list[Document]:
    """Return the documents by the extractor that uses *fields*, in the order in which their pages were scraped."""
    extractor = identify_extractor(TextOverrides(), None, fields)
    key = keys.text_manifest(keys.crawl_manifest(only_crawl(archive).crawl), extractor)
    made = documents_of(archive.store, read_text_manifest(archive.store, key))
    return [made[url] for url in sorted(made)]


def test_a_document_says_what_the_first_item_of_its_page_says(night: Night) -> None:
    first, unread, none, *others = documents(night.archive)
    for one in (first, *others):
        assert (one.title, one.published, one.authors) == (SAID["headline"], SAID["date"], tuple(SAID["byline"]))
        assert {one.known[field] for field in ("title", "published", "authors")} == {"spider"}
        assert (one.published_known, one.published_confidence) == ("spider", None)
        assert {one.source for one in one.candidates} > {"spider"}, "what the page says is told too"
        assert one.extractor.id != EXTRACTOR.id and one.extractor.family == EXTRACTOR.id
    for one in (unread, none):
        assert one.title and one.title != SAID["headline"]
        assert "spider" not in {*one.known.values(), one.published_known}


def test_what_cannot_be_read_is_logged(night: Night) -> None:
    assert {one["field"]: one["reason"] for one in night.not_used} == {
        "title": "not text, but list",
        "published": "no date before the page was fetched: soon",
        "authors": "not text, but dict",
    }
    assert {one["url"] for one in night.not_used} == {documents(night.archive)[1].url}


def test_extracting_again_gives_the_same_until_the_card_says_otherwise(night: Night) -> None:
    archive = night.archive
    before, asked = documents(archive), read_reextraction_request({"publish": True})
    with WorkerPool(1) as workers:
        assert clean_crawl(archive, only_crawl(archive).crawl, workers)
        assert make_drafts(archive, asked, workers, Troubles()) == 0
        fewer = FIELDS.replace(authors=None)
        card = demo_card("faro", nightly_budget=6, item_fields=fewer.model_dump())
        (archive.settings.home.path / "cards/demo-faro.yaml").write_text(json.dumps(card))
        assert make_drafts(archive, asked, workers, Troubles()) == 1
    assert find_differences(archive, asked, Troubles()).fields == {"authors": len(before) - 2}
    assert promote_drafts(archive, asked, Troubles()) == 1
    for old, new in zip(before, documents(archive, fewer), strict=True):
        assert (new.title, new.published, new.text) == (old.title, old.published, old.text)
        assert new.known["authors"] != "spider" and new.authors != tuple(SAID["byline"])


def test_nothing_is_cleaned_without_items_that_are_damaged(tmp_path: Path, s3_settings: S3Settings) -> None:
    for archive in open_scraped(tmp_path, s3_settings):
        (stored,) = listed_items(archive)
        tear(read_s3_settings(archive.settings), stored.key)
        with WorkerPool(1) as workers, pytest.raises(FixityError, match=stored.key):
            clean_crawl(archive, only_crawl(archive).crawl, workers)
        assert not list(archive.store.list_keys("manifests/text/"))


def capture() -> Capture:
    return whole_capture().replace(date=datetime(2026, 3, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("title", "  Es <b>&amp;</b> fue ", "Es & fue"),
        ("published", "27 de febrero de 2026", "2026-02-27"),
        ("published", "2026-02-27T08:15:00Z", "2026-02-27T08:15:00Z"),
        ("published", "2026-02-27T08:15:00", "2026-02-27"),
        ("authors", "Por Ana Pérez y Luis Gil", ("Ana Pérez", "Luis Gil")),
        ("authors", ["Ana Pérez", "Redacción", "Ana Pérez"], ("Ana Pérez", "Redacción")),
    ],
)
def test_a_field_is_read_as_the_pages_own(field: str, value: JsonValue, read: object) -> None:
    found = use_said(capture(), CleanText(text="x", published_known="none"), {field: value})
    assert getattr(found, field) == read
    assert found.known == {field: "spider"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 7), ("title", " "), ("published", 1772150000), ("published", "2031-01-01"), ("published", True),
        ("authors", []), ("authors", ["Ana Pérez", None]), ("authors", ""), ("title", "\u200b"),
    ],
)  # fmt: skip
def test_a_value_of_a_wrong_type_leaves_what_extraction_found(field: str, value: JsonValue) -> None:
    guessed = CleanText(text="x", title="Guessed", authors=("Guessed",), published="2026-01-01", published_known="time")
    assert use_said(capture(), guessed, {field: value}) == guessed


def test_the_extractor_says_which_fields_are_used() -> None:
    some = (ItemFields(), FIELDS, ItemFields(title="date", published="headline"), ItemFields(title="headline"))
    names = {CleaningInputs(CardInputs(item_fields=one)).extractor.id for one in some}
    assert len(names) == 4 and EXTRACTOR.id in names
