"""What an older extraction had and the published one has not: no text now, and the old one by its extractor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_closest, read_document, tell_textless
from hemeroteca.archive.reextraction.drafts import make_drafts, read_reextraction_request
from hemeroteca.archive.reextraction.promotion import promote_drafts
from hemeroteca.archive_reader import Reader
from hemeroteca.demo import Newspapers
from hemeroteca.extraction.extractor import EXTRACTOR, identify_extractor
from storage.model.document import Document
from storage.model.errors import NotArchivedError
from storage.model.source import TextOverrides
from storage.table_reads import read_table
from tests.archive.cleaned import work
from tests.archive.homes import FIRST, clean_workers, demo_card, make_home, open_home, parts, rows
from tests.cli.conftest import Said, call
from tests.conftest import S3Server

NOTHING_IS_TEXT = TextOverrides(drop=("body",))


class Superseded(NamedTuple):
    archive: Archive
    before: list[Document]


@pytest.fixture(scope="module")
def superseded(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Superseded]:
    """One night of El Faro, extracted again by a card that leaves no text on any page, and published."""
    home = make_home(tmp_path_factory.mktemp("superseded") / "home", demo_card("faro", nightly_budget=6))
    with Newspapers(night=FIRST) as newspapers:
        archive = open_home(home, s3_server.new_prefix(), connect_to=newspapers.connect_to)
        before = list(work(archive).documents.values())
    card = demo_card("faro", nightly_budget=6, text=NOTHING_IS_TEXT.model_dump(mode="json"))
    (home / "cards/demo-faro.yaml").write_text(json.dumps(card))
    assert make_drafts(archive, read_reextraction_request({}), clean_workers(), Troubles()) == 1
    for document in before:
        assert read_document(archive, find_closest(archive, document.url)) == document, "a draft is nobody's document"
    assert promote_drafts(archive, read_reextraction_request({"publish": True}), Troubles()) == 1
    yield Superseded(archive, before)
    archive.close()


def get(archive: Archive, *arguments: str) -> Said:
    s3 = archive.settings
    place = {name: str(getattr(s3, name)) for name in ("s3_endpoint", "s3_bucket", "s3_prefix", "s3_access_key")}
    assert s3.s3_secret_key
    place["s3_secret_key"] = s3.s3_secret_key.get_secret_value()
    home = s3.home.path
    return call(home, "--demo", "get", *arguments, seeds=str(home / "cards"), s3_addressing="path", **place)


def test_a_page_without_text_by_the_published_extraction_keeps_its_title_and_says_why(superseded: Superseded) -> None:
    today = identify_extractor(NOTHING_IS_TEXT).id
    for document in superseded.before:
        found = read_document(superseded.archive, find_closest(superseded.archive, document.url))
        assert (found.text, found.title, found.extractor.id) == ("", document.title, today)
        said = tell_textless(superseded.archive, found)
        assert said.startswith(f"has no text by {today}: no_main_text: ")
        assert said.endswith(f"; there is an older one by {EXTRACTOR.id} (`get --extractor`)")


def test_what_the_older_extractor_had_is_still_read_by_its_id(superseded: Superseded) -> None:
    for document in superseded.before:
        capture = find_closest(superseded.archive, document.url)
        assert read_document(superseded.archive, capture, EXTRACTOR.id) == document
    with (
        Reader(superseded.archive.settings) as reader,
        pytest.raises(NotArchivedError, match=f"has no document by unknown-1; there is one by .*{EXTRACTOR.id}"),
    ):
        _ = reader.get(superseded.before[0].url, extractor_id="unknown-1").text


def test_tables_coverage_and_look_up_agree_and_a_rebuild_gives_the_same(superseded: Superseded) -> None:
    archive = superseded.archive
    count = len(superseded.before)
    assert read_table(archive.store, "documents", FIRST)["text"].to_pylist() == [""] * count
    assert [(row.documents, row.without_text) for row in archive.catalog.find_crawls()] == [(count, count)]
    before = rows(archive), parts(archive.store)
    rebuild(archive)
    assert (rows(archive), parts(archive.store)) == before
    assert read_document(archive, find_closest(archive, superseded.before[0].url)).text == ""


def test_the_command_says_so_too_and_gives_the_old_one_when_asked(superseded: Superseded) -> None:
    document = superseded.before[0]
    none = get(superseded.archive, document.url)
    assert (none.returncode, none.stdout) == (1, "")
    assert "has no text by" in none.stderr
    assert f"there is an older one by {EXTRACTOR.id} (`get --extractor`)" in none.stderr
    old = get(superseded.archive, document.url, "--extractor", EXTRACTOR.id)
    assert (old.returncode, old.stdout) == (0, document.text)
    wrong = get(superseded.archive, document.url, "--as", "raw", "--extractor", EXTRACTOR.id)
    assert wrong.returncode == 2 and "--extractor belongs to --as text and --as document" in wrong.stderr
