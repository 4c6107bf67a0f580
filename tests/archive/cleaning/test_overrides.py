"""A card's overrides, from the crawl to the documents, and again when the card was changed since."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.reextraction.drafts import (
    find_differences,
    make_drafts,
    read_reextraction_request,
)
from hemeroteca.archive.reextraction.promotion import promote_drafts
from hemeroteca.archive.sources.override_check import find_unmatched_selectors
from hemeroteca.archive_reader import Reader
from hemeroteca.demo import Newspapers
from hemeroteca.extraction.extractor import EXTRACTOR, identify_extractor
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.manifests import list_text_manifests_of_crawl, read_manifest, read_text_manifest
from storage.model.document import Document
from storage.model.source import Source, TextOverrides
from tests.archive.cleaned import documents_of
from tests.archive.homes import FIRST, demo_card, make_home, open_home, pass_night
from tests.cli.conftest import Said, call
from tests.conftest import S3Server

NEVER = ".gone-since-the-relaunch"
OVERRIDES = {"keep": ["section.comments h3"], "drop": ["p.standfirst", NEVER]}
TODAY: dict[str, list[str]] = {"drop": ["p.standfirst"], "keep": []}
"""What the card says after it was changed."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Archive]:
    """One night of El Faro whose card has overrides."""
    card = demo_card("faro", nightly_budget=6, text=OVERRIDES)
    home = make_home(tmp_path_factory.mktemp("overrides") / "home", card)
    with Newspapers(night=FIRST) as newspapers:
        archive = open_home(home, s3_server.new_prefix(), connect_to=newspapers.connect_to)
        pass_night(archive)
        yield archive
        archive.close()


def card_says(archive: Archive, **changes: Any) -> Source:
    card = demo_card("faro", nightly_budget=6, **changes)
    (archive.settings.home.path / "cards/demo-faro.yaml").write_text(json.dumps(card))
    return Source.model_validate(card)


def crawl_of(archive: Archive) -> PlannedCrawl:
    (row,) = archive.catalog.find_crawls()
    manifest = read_manifest(archive.store, row.manifest_key)
    return PlannedCrawl(crawl=manifest.crawl, source=manifest.source)


def documents(archive: Archive, overrides: TextOverrides) -> list[Document]:
    key = keys.text_manifest(keys.crawl_manifest(crawl_of(archive).crawl), identify_extractor(overrides))
    return list(documents_of(archive.store, read_text_manifest(archive.store, key)).values())


def check(archive: Archive) -> Said:
    s3 = archive.settings
    place = {name: str(getattr(s3, name)) for name in ("s3_endpoint", "s3_bucket", "s3_prefix", "s3_access_key")}
    assert s3.s3_secret_key
    place["s3_secret_key"] = s3.s3_secret_key.get_secret_value()
    home = s3.home.path
    return call(home, "--demo", "sources", "check", seeds=str(home / "cards"), s3_addressing="path", **place)


def test_documents_are_made_with_the_overrides_of_the_card_and_say_so(archive: Archive) -> None:
    made = documents(archive, TextOverrides.model_validate(OVERRIDES))
    assert made
    for document in made:
        assert document.standfirst is None
        assert document.text.endswith("Deje un comentario")
        assert re.fullmatch(r"trafilatura, \d+ dropped, \d+ added, card", document.known["text"])
        assert document.extractor.id != EXTRACTOR.id


def test_a_crawl_is_cleaned_once_with_the_same_card(archive: Archive) -> None:
    crawl = crawl_of(archive).crawl
    before = sorted(archive.store.list_keys("documents/"))
    with WorkerPool(1) as workers:
        assert clean_crawl(archive, crawl, workers)
    assert sorted(archive.store.list_keys("documents/")) == before


def test_check_warns_of_a_selector_that_matches_nothing_on_the_newest_pages(archive: Archive) -> None:
    source = card_says(archive, text=OVERRIDES)
    [(field, selector, pages)] = find_unmatched_selectors(archive, source)
    assert (field, selector) == ("text.drop.1", NEVER) and pages > 3
    said = check(archive)
    assert said.returncode == 0
    assert said.stdout.splitlines()[0].endswith(
        f"demo-faro.yaml: text.drop.1: warning: {NEVER} matches nothing on the {pages} newest pages"
    )


def test_what_is_archived_is_extracted_again_by_the_card_of_today(archive: Archive) -> None:
    source = card_says(archive, text=TODAY)
    crawl = crawl_of(archive).crawl
    with WorkerPool(1) as workers:
        assert make_drafts(archive, read_reextraction_request({}), workers, Troubles()) == 1
        assert make_drafts(archive, read_reextraction_request({}), workers, Troubles()) == 0
    found = find_differences(archive, read_reextraction_request({}), Troubles())
    assert (found.changed, found.gained, found.lost) == (len(documents(archive, crawl_of(archive).source.text)), 0, 0)
    assert found.biggest[0].removed == ("Deje un comentario",)
    assert promote_drafts(archive, read_reextraction_request({"publish": True}), Troubles()) == 1
    assert not any("Deje un comentario" in document.text for document in documents(archive, source.text))
    assert len(list_text_manifests_of_crawl(archive.store, crawl)) == 2


def test_a_reader_is_told_what_the_card_of_today_decides(archive: Archive) -> None:
    card_says(archive, text=TODAY)
    url = documents(archive, crawl_of(archive).source.text)[0].url
    with Reader(archive.settings) as reader:
        reasons = {reason for verdict in reader.get(url).explain().blocks for reason in verdict.reasons}
    assert [reason for reason in reasons if reason.startswith("rule: card")] == ["rule: card drops: p.standfirst"]


def test_check_says_nothing_of_selectors_that_still_match(archive: Archive) -> None:
    card_says(archive, text=TODAY)
    assert check(archive).stdout == "1 cards are right, 1 enabled\n"
