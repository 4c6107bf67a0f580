"""Site memory of an archive: learned from each night's documents, used from the night after on, and named by both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest

from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.cleaning.clean import make_cleaning
from hemeroteca.archive.cleaning.inputs import read_inputs
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reextraction.drafts import make_drafts, read_reextraction_request
from hemeroteca.archive_reader import Reader
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.manifests import list_all_text_manifests, read_manifest, read_text_manifest
from storage.model.document import Document, TextManifest
from storage.objects import Store
from storage.site_memory import SITE_MEMORY
from tests.archive.cleaned import documents_of
from tests.archive.homes import FIRST, make_home, open_home, parts, pass_night, rows, unlisted
from tests.conftest import S3Server, replace_object
from tests.spiders.press import Press, Reply, feed

P = "http://paper.test"
LABEL = "With the voice of Radio Vale, every hour on the hour"
STORIES = 4
NIGHTS = 3
CARD = {
    "id": "xx-paper",
    "title": "The Paper",
    "homepage": f"{P}/",
    "language": "en",
    "discoveries": [{"kind": "feed", "url": f"{P}/feed"}],
    "delay_seconds": 0,
    "recent_days": None,
    "allow_private": True,
}


class Nights(NamedTuple):
    """One archive after its last night: the cleanings in their order, the memories, and what no manifest lists."""

    archive: Archive
    cleanings: list[TextManifest]
    memories: list[str]
    unlisted: set[str]

    def documents(self, night: int) -> list[Document]:
        return list(documents_of(self.archive.store, self.cleanings[night]).values())


def story(number: int) -> Reply:
    body = "".join(
        f"<p>Council member {number} said in hearing {part} that bridge {number * part} would open again, as its "
        f"{number + 2} engineers had asked for {part + 2} years, and the hall applauded.</p>"
        for part in range(1, 5)
    )
    title = f"Bridge {number} opens"
    article = f"<article><h1>{title}</h1>{body}<p>{LABEL}</p></article>"
    html = f"<html lang=en><head><title>{title}</title></head><body><main>{article}</main></body></html>"
    return Reply(200, html.encode(), (("Content-Type", "text/html"),))


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Nights]:
    home = make_home(tmp_path_factory.mktemp("memory") / "home", CARD)
    s3 = s3_server.new_prefix()
    with Press() as press:
        for night in range(NIGHTS):
            numbers = range(night * STORIES, (night + 1) * STORIES)
            for number in numbers:
                press.put(f"{P}/news/{number}.html", story(number))
            press.put(f"{P}/feed", feed(*(f"{P}/news/{number}.html" for number in numbers)))
            archive = open_home(home, s3, FIRST + timedelta(days=night), connect_to=",".join(press.connect_to))
            pass_night(archive)
            if night + 1 < NIGHTS:
                archive.close()
    cleanings = [read_text_manifest(archive.store, key) for key in sorted(list_all_text_manifests(archive.store))]
    yield Nights(archive, cleanings, memories(archive.store), unlisted(archive.store))
    archive.close()


def memories(store: Store) -> list[str]:
    return sorted(store.list_keys("memory/"))


def test_the_first_night_knows_nothing_and_the_next_ones_what_it_taught(nights: Nights) -> None:
    first, second, third = (nights.documents(night) for night in range(NIGHTS))
    assert {document.text.endswith(LABEL) for document in first} == {True}
    for document in second + third:
        assert (LABEL in document.text, document.repeated) == (False, (LABEL,))
    assert [len(found) for found in (first, second, third)] == [STORIES] * NIGHTS


def test_documents_and_manifests_name_the_memory_they_were_made_with_and_the_one_they_made(nights: Nights) -> None:
    first, second, third = nights.cleanings
    assert first.site_memory is None and first.extractor == EXTRACTOR
    assert second.site_memory == first.learned and third.site_memory == second.learned
    assert second.extractor == third.extractor != EXTRACTOR  # what recurs did not change
    assert [one.learned and one.learned.records for one in nights.cleanings] == [STORIES] * NIGHTS, "what is new"
    (digest,) = {document.site_memory for night in (1, 2) for document in nights.documents(night)}
    assert digest and {document.site_memory for document in nights.documents(0)} == {None}
    assert nights.memories == sorted(one.learned.key for one in nights.cleanings if one.learned)
    assert not nights.unlisted
    for key in nights.memories:
        said = nights.archive.store.stat(key)
        assert said and said.schema_name == SITE_MEMORY


def test_a_crawl_has_the_memory_of_the_time_before_it_whenever_it_is_cleaned(nights: Nights) -> None:
    store = nights.archive.store
    second = read_manifest(store, nights.cleanings[1].crawl_manifest)
    known = read_inputs(nights.archive.holdings, second).memory.kept
    assert known and known.stored == nights.cleanings[0].learned
    earlier = second.crawl.replace(started=second.crawl.started - timedelta(days=1))
    assert nights.archive.holdings.read_site_memory_before(earlier) is None
    years_later = second.crawl.replace(night=second.crawl.night + timedelta(days=130))
    assert nights.archive.holdings.read_site_memory_before(years_later) is None


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_memory_gives_the_same_documents_whatever_the_workers(nights: Nights, workers: int) -> None:
    archive, third = nights.archive, nights.cleanings[2]
    crawled = read_manifest(archive.store, third.crawl_manifest)
    with WorkerPool(workers) as processes:
        made = make_cleaning(archive, third.crawl_manifest, processes, read_inputs(archive.holdings, crawled))
    again = documents_of(archive.store, made)
    for document in nights.documents(2):
        assert again[document.url].replace(extracted_at=document.extracted_at) == document
    assert (made.site_memory, made.learned) == (third.site_memory, None)


def test_a_reader_is_told_which_lines_the_site_repeats(nights: Nights) -> None:
    for night, repeated in ((0, []), (2, [LABEL])):
        held = Reader(nights.archive.settings).get(nights.documents(night)[0].url)
        reason = ("rule: the host's other pages have it too",)
        assert [verdict.text for verdict in held.explain().blocks if verdict.reasons == reason] == repeated


def test_extracting_again_and_rebuilding_change_nothing(nights: Nights) -> None:
    archive = nights.archive
    before = memories(archive.store), rows(archive), parts(archive.store)
    with WorkerPool(1) as workers:
        assert make_drafts(archive, read_reextraction_request({}), workers, Troubles()) == 0
    rebuild(archive)
    assert (memories(archive.store), rows(archive), parts(archive.store)) == before


def test_a_memory_of_no_committed_cleaning_is_passed_over_and_so_is_a_damaged_one(nights: Nights) -> None:
    archive, second, third = nights.archive, *nights.cleanings[1:3]
    later = read_manifest(archive.store, third.crawl_manifest).crawl
    later = later.replace(night=FIRST + timedelta(days=40), started=archive.settings.now() + timedelta(days=40))
    key = keys.site_memory(later, archive.settings.now() + timedelta(days=1), "0" * 8)
    archive.store.put_new(key, b"no memory", schema=SITE_MEMORY)
    found = archive.holdings.read_site_memory_before(later)
    assert found and third.learned and found.stored == third.learned
    assert len(found.pages) == NIGHTS * STORIES
    whole = archive.store.read(third.learned.key)
    replace_object(read_s3_settings(archive.settings), third.learned.key, b"\0" * third.learned.bytes)
    before = archive.holdings.read_site_memory_before(later)
    replace_object(read_s3_settings(archive.settings), third.learned.key, whole)
    assert before and before.stored == second.learned
