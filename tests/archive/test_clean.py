"""Cleaning what a real crawl of the demo's German paper archived, two nights in a row."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.recordloader import ArcWarcRecord

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.clean import clean_crawl
from hemeroteca.archive.lookup import closest, find_captures, payload_of, read_document
from hemeroteca.archive.plan import Plan, shard_names
from hemeroteca.demo.papers import PAPERS
from hemeroteca.demo.server import Newspapers
from hemeroteca.demo.stories import Story, edition, features
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers import Workers
from storage import keys
from storage.manifests import read_manifest
from storage.model.document import TextManifest, text_digest
from storage.model.errors import FixityError
from tests.archive.cleaned import Night, by_place, documents_of, new_payloads, work
from tests.archive.homes import FIRST, demo_card, make_home, open_home, run_of
from tests.conftest import S3Server, s3_client

PAPER = next(paper for paper in PAPERS if paper.language == "de")
ALSO_READ = PAPER.labels["also_read"]
_numbers = count(1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose only card is the German paper's."""
    return make_home(tmp_path_factory.mktemp("nights") / "home", demo_card("anzeiger"))


@pytest.fixture(scope="module")
def nights(home: Path, s3_server: S3Server) -> Iterator[list[Night]]:
    s3 = s3_server.new_prefix()
    with Newspapers(night=FIRST) as newspapers:
        passed = []
        for day in (0, 1):
            night = FIRST + timedelta(days=day)
            newspapers.set_night(night)
            archive = open_home(home, s3, night, connect_to=newspapers.connect_to)
            passed.append(work(archive))
        yield passed
        for one in passed:
            one.archive.close()


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2) as workers:
        yield workers


def stories(night: date) -> dict[str, Story]:
    """What the paper has to be read on *night*, from four days, and its features."""
    printed = [story for back in range(4) for story in edition(PAPER, night - timedelta(days=back))]
    return {story.url: story for story in [*printed, *features(PAPER).values()] if not story.gone_on(night)}


def payload(record: ArcWarcRecord) -> bytes:
    """The body without its transfer coding, as warcio undoes it."""
    chunked = record.http_headers.get_header("Transfer-Encoding") == "chunked"
    stream = ChunkedDataReader(record.raw_stream, decomp_type=None) if chunked else record.raw_stream
    body: bytes = stream.read()
    return body


def test_every_article_that_was_stored_has_one_document(nights: list[Night]) -> None:
    first, second = nights
    assert set(first.documents) == set(stories(FIRST)) == set(new_payloads(first))
    assert first.cleaning.not_cleaned == second.cleaning.not_cleaned == ()
    assert len(first.documents) == 52 + 5  # stories of four days; features and what redirects lead to
    assert len(second.documents) == 14 + 4  # the new edition; an amended story, a restored one, two that were reverted


def test_every_document_leads_to_its_capture_its_record_and_the_bytes_in_it(nights: list[Night]) -> None:
    for night in nights:
        captures = {capture.record_id: capture for capture in night.captures}
        for document in night.documents.values():
            capture = captures[document.derived_from]
            where = document.location
            stored = night.archive.store.read_range(where.key, where.offset, where.length)
            assert document.text_digest == text_digest(document.text)
            assert (capture.record_type, capture.location, capture.target_uri) == ("response", where, document.url)
            assert capture.record_digest == f"sha256:{hashlib.sha256(stored).hexdigest()}"
            assert (document.payload_record, document.payload_digest) == (capture.record_id, capture.payload_digest)
            assert (document.fetched_at, document.status, document.via) == (capture.date, 200, capture.via)
            assert document.redirected_from == capture.redirected_from
            record = next(iter(ArchiveIterator(io.BytesIO(stored))))
            assert record.rec_headers.get_header("WARC-Record-ID") == f"<{document.derived_from}>"
            assert record.rec_headers.get_header("WARC-Target-URI") == document.url
            assert record.rec_headers.get_header("WARC-Payload-Digest") == document.payload_digest
            assert (
                document.payload_digest == f"sha1:{base64.b32encode(hashlib.sha1(payload(record)).digest()).decode()}"
            )


def test_texts_begin_with_the_standfirst_and_hold_every_paragraph_in_order(nights: list[Night]) -> None:
    for night in nights:
        tonight = night.crawl.night
        for url, story in stories(tonight).items():
            document = night.documents.get(url)
            if document is None:
                continue
            lines = [line for line in document.text.split("\n") if not line.startswith(ALSO_READ)]
            assert lines == [story.standfirst, *story.body_on(tonight)]
            assert (document.title, document.standfirst) == (story.headline, story.standfirst)
            assert document.authors == (story.author,)
            assert datetime.fromisoformat(document.published or "") == story.published
            assert (document.language, document.canonical_url) == ("de", url)


def test_a_documents_date_counts_what_the_feed_announced(nights: list[Night]) -> None:
    announced = {
        candidate.source
        for document in nights[0].documents.values()
        for candidate in document.candidates
        if candidate.field == "published"
    }
    assert {"json-ld:datePublished", "meta:article:published_time", "time"} <= announced
    assert announced & {"feed", "sitemap"}
    for document in nights[0].documents.values():
        assert (document.published_known, document.known["title"]) == ("json-ld:datePublished", "h1")


def test_pictures_have_caption_and_credit_apart_and_neither_is_in_the_text(nights: list[Night]) -> None:
    for url, story in stories(FIRST).items():
        document = nights[0].documents[url]
        shown = [(image.caption, image.credit) for image in document.images]
        assert shown == [(story.caption, story.author)]
        assert story.caption not in document.text


def test_the_agency_s_story_is_whole(nights: list[Night]) -> None:
    wire = edition(PAPER, FIRST)[0]
    document = nights[0].documents[wire.url]
    assert wire.treatment == "wire"
    assert document.authors == ("Agentur Meridian",)
    assert [line for line in document.text.split("\n") if not line.startswith(ALSO_READ)][1:] == list(wire.paragraphs)


def test_a_page_in_windows_1252_keeps_its_umlauts_and_quotes(nights: list[Night]) -> None:
    old = next(story for story in edition(PAPER, FIRST) if story.treatment == "old_charset")
    document = nights[0].documents[old.url]
    assert document.encoding == "windows-1252"
    assert document.text.startswith(old.standfirst)
    assert "„" in document.text and "ü" in document.text and "\ufffd" not in document.text


def test_a_redirect_s_end_names_the_way_there(nights: list[Night]) -> None:
    end = nights[0].documents[PAPER.url(PAPER.feature_path(PAPER.pages["moved_to"]))]
    names = ("moved", "moved_again")
    assert end.redirected_from == tuple(PAPER.url(PAPER.feature_path(PAPER.pages[name])) for name in names)


def test_a_revisit_has_the_document_of_the_record_it_refers_to(nights: list[Night]) -> None:
    first, second = nights
    revisits = [c for c in second.captures if c.record_type == "revisit" and c.purpose == "article"]
    assert len(revisits) == 45 + 7 + 1  # unchanged, not modified, the 304 asked for again: tests/demo/expected.py
    assert not {revisit.target_uri for revisit in revisits} & set(second.documents)
    for revisit in revisits:
        document = read_document(second.archive, revisit)
        assert document == first.documents[revisit.target_uri]
        assert payload_of(second.archive, revisit).record_id == document.payload_record


def test_an_amended_story_has_a_second_document_and_keeps_the_first(nights: list[Night]) -> None:
    first, second = nights
    amended = next(story for story in edition(PAPER, FIRST) if story.treatment == "amended")
    before, after = first.documents[amended.url], second.documents[amended.url]
    assert amended.amended is not None
    assert amended.paragraphs[0] in before.text.split("\n")
    assert amended.amended[0] in after.text.split("\n")
    assert read_document(second.archive, closest(second.archive, amended.url)) == after
    assert len(find_captures(second.archive, amended.url)) == 2


def test_cleaning_again_is_the_same_one_manifest(nights: list[Night], workers: Workers) -> None:
    night = nights[0]
    before = sorted(night.archive.store.keys(""))
    assert clean_crawl(night.archive, night.crawl, workers) == [night.cleaning]
    assert sorted(night.archive.store.keys("")) == before


def test_two_cleanings_at_once_give_the_same_texts_and_one_manifest(
    nights: list[Night], copy: CopyOf, workers: Workers
) -> None:
    night = nights[1]
    archive = copy(night)
    ours = _Overtaken(workers, lambda: clean_crawl(archive, night.crawl, workers))
    cleaning = clean_copy(archive, night, ours)
    assert len(list(archive.store.keys("documents/"))) == 2
    assert len(list(archive.store.keys("manifests/text/"))) == 1
    assert ours.first == [cleaning]
    assert cleaning.documents == len(night.documents)


def test_a_damaged_record_is_not_cleaned_and_its_siblings_are(
    nights: list[Night], copy: CopyOf, workers: Workers
) -> None:
    night = nights[1]
    hurt = by_place(night)[7]
    where = hurt.location

    def flip(key: str, content: bytes) -> bytes:
        middle = where.offset + where.length // 2
        return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :] if key == where.key else content

    cleaning = clean_copy(copy(night, change=flip), night, workers)
    [refused] = cleaning.not_cleaned
    assert (refused.record_id, refused.url, refused.reason) == (hurt.record_id, hurt.target_uri, "fixity")
    assert refused.detail and f"the {where.length} bytes at {where.offset}" in refused.detail
    assert cleaning.documents == len(night.documents) - 1


def test_of_a_file_that_was_cut_what_is_left_is_cleaned(nights: list[Night], copy: CopyOf, workers: Workers) -> None:
    night = nights[1]
    lost = by_place(night)[-3:]
    first = lost[0].location

    def cut(key: str, content: bytes) -> bytes:
        return content[: first.offset + 10] if key == first.key else content

    cleaning = clean_copy(copy(night, change=cut), night, workers)
    assert {one.record_id for one in cleaning.not_cleaned} == {capture.record_id for capture in lost}
    assert {one.reason for one in cleaning.not_cleaned} == {"fixity"}
    assert cleaning.documents == len(night.documents) - 3


def test_of_a_file_that_is_gone_every_article_is_listed(nights: list[Night], copy: CopyOf, workers: Workers) -> None:
    night = nights[1]
    key = by_place(night)[0].location.key
    cleaning = clean_copy(copy(night, change=lambda of, content: None if of == key else content), night, workers)
    assert {one.url for one in cleaning.not_cleaned} == set(night.documents)
    assert {(one.reason, one.detail) for one in cleaning.not_cleaned} == {("fixity", f"{key}: is gone")}
    assert (cleaning.documents, cleaning.objects) == (0, ())


@pytest.mark.parametrize("change", [lambda content: content[:-9], lambda content: None], ids=["cut", "gone"])
def test_a_crawl_whose_index_is_damaged_is_an_error_and_its_siblings_are_cleaned(
    nights: list[Night], copy: CopyOf, change: Callable[[bytes], bytes | None]
) -> None:
    hurt, whole = nights
    indexes = {
        capture.location.key: keys.cdxj(hurt.crawl, capture.location.key.rpartition("/")[2])
        for capture in hurt.captures
    }
    archive = copy(*nights, change=lambda key, content: change(content) if key in indexes.values() else content)
    run = run_of(archive)
    plan = Plan(run=run, night=FIRST, shards=((hurt.planned, whole.planned),))
    archive.coordination.save_plan(run.key, plan.model_dump_json())
    with pytest.raises(FixityError, match="cdxj"):
        tasks.clean_shard(archive, shard_names(run, plan)[0])
    cleaned = keys.text_manifest(keys.crawl_manifest(whole.crawl), EXTRACTOR)
    assert list(archive.store.keys("manifests/text/")) == [cleaned]


Change = Callable[[str, bytes], bytes | None]
CopyOf = Callable[..., Archive]


@pytest.fixture
def copy(s3_server: S3Server, tmp_path: Path) -> CopyOf:
    """Copy a night's evidence without its cleaning into an archive of its own, each object as *change* has it."""

    def make(*nights: Night, change: Change = lambda key, content: content) -> Archive:
        s3 = s3_server.new_prefix()
        client = s3_client(s3)
        for night in nights:
            manifest = keys.crawl_manifest(night.crawl)
            objects = read_manifest(night.archive.store, manifest).objects
            for key in [manifest, *(stored.key for stored in objects)]:
                content = change(key, night.archive.store.read(key))
                if content is not None:
                    client.put_object(Bucket=s3.bucket, Key=s3.prefix + key, Body=content)
        return open_home(make_home(tmp_path / f"copy-{next(_numbers)}", demo_card("anzeiger")), s3)

    return make


def clean_copy(archive: Archive, night: Night, workers: Workers | _Overtaken) -> TextManifest:
    """Clean a copy of *night*: every document that comes of it has the text that *night*'s has."""
    (cleaning,) = clean_crawl(archive, night.crawl, workers)  # type: ignore[arg-type]
    for url, document in documents_of(archive.store, cleaning).items():
        assert document.text_digest == night.documents[url].text_digest
    return cleaning


class _Overtaken:
    """Workers; between their last page and the commit another cleaning of the same crawl comes first."""

    def __init__(self, workers: Workers, other: Callable[[], list[TextManifest]]) -> None:
        self.first: list[TextManifest] = []
        self._workers = workers
        self._other = other

    def map(self, jobs: Any) -> Iterator[Any]:
        yield from self._workers.map(jobs)
        self.first = self._other()
