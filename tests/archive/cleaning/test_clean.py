"""Cleaning what a real crawl of the demo's German paper archived, two nights in a row."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from datetime import date, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.recordloader import ArcWarcRecord

from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.reading.lookup import find_captures, find_closest, find_payload_capture, read_document
from hemeroteca.demo.papers import PAPERS
from hemeroteca.demo.stories import Story, build_edition, build_features
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.model.document import text_digest
from storage.model.errors import NotArchivedError
from tests.archive.cleaned import CleanedNight, new_payloads
from tests.archive.copies import CopyOf, clean_copy
from tests.archive.homes import FIRST, manifest_of

PAPER = next(paper for paper in PAPERS if paper.language == "de")
ALSO_READ = PAPER.labels["also_read"]


def stories(night: date) -> dict[str, Story]:
    """What the paper has to be read on *night*, from four days, and its features."""
    printed = [story for back in range(4) for story in build_edition(PAPER, night - timedelta(days=back))]
    return {story.url: story for story in [*printed, *build_features(PAPER).values()] if not story.is_gone_on(night)}


def payload(record: ArcWarcRecord) -> bytes:
    """The body without its transfer coding, as warcio undoes it."""
    chunked = record.http_headers.get_header("Transfer-Encoding") == "chunked"
    stream = ChunkedDataReader(record.raw_stream, decomp_type=None) if chunked else record.raw_stream
    body: bytes = stream.read()
    return body


def test_every_article_that_was_stored_has_one_document(nights: list[CleanedNight]) -> None:
    first, second = nights
    assert set(first.documents) == set(stories(FIRST)) == set(new_payloads(first))
    assert first.cleaning.not_cleaned == second.cleaning.not_cleaned == ()
    assert len(first.documents) == 52 + 5  # stories of four days; features and what redirects lead to
    assert len(second.documents) == 14 + 4  # the new edition; an amended story, a restored one, two that were reverted


def test_every_document_leads_to_its_capture_its_record_and_the_bytes_in_it(nights: list[CleanedNight]) -> None:
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


def test_texts_begin_with_the_standfirst_and_hold_every_paragraph_in_order(nights: list[CleanedNight]) -> None:
    for night in nights:
        tonight = night.crawl.night
        for url, story in stories(tonight).items():
            document = night.documents.get(url)
            if document is None:
                continue
            if story.treatment != "film":
                lines = [line for line in document.text.split("\n") if not line.startswith(ALSO_READ)]
                assert lines == [story.standfirst, *story.body_on(tonight)]
                assert document.standfirst == story.standfirst
            assert document.title == story.headline
            assert document.authors == (story.author,)
            assert datetime.fromisoformat(document.published or "") == story.published
            assert (document.language, document.canonical_url) == ("de", url)


def test_a_documents_date_counts_what_the_feed_announced(nights: list[CleanedNight]) -> None:
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


def test_pictures_have_caption_and_credit_apart_and_neither_is_in_the_text(nights: list[CleanedNight]) -> None:
    for url, story in stories(FIRST).items():
        document = nights[0].documents[url]
        shown = [(image.caption, image.credit) for image in document.images]
        assert shown == ([(None, None)] if story.treatment == "film" else [(story.caption, story.author)])
        assert story.caption not in document.text


def test_a_film_has_a_document_without_a_text_that_says_why(nights: list[CleanedNight]) -> None:
    for night in nights:
        day = night.crawl.night
        film = next(story for story in build_edition(PAPER, day) if story.treatment == "film")
        document = night.documents[film.url]
        assert (document.text, document.standfirst, document.confidence, document.minhash) == ("", None, None, None)
        assert re.fullmatch(r"no_main_text: \d+ visible characters on the page", document.without_text or "")
        assert (document.known["text"], document.title) == ("none: no_main_text", film.headline)
        assert night.cleaning.without_text == sum(one.without_text is not None for one in night.documents.values()) > 0


def test_the_agency_s_story_is_whole(nights: list[CleanedNight]) -> None:
    wire = build_edition(PAPER, FIRST)[0]
    document = nights[0].documents[wire.url]
    assert wire.treatment == "wire"
    assert document.authors == ("Agentur Meridian",)
    assert [line for line in document.text.split("\n") if not line.startswith(ALSO_READ)][1:] == list(wire.paragraphs)


def test_a_page_in_windows_1252_keeps_its_umlauts_and_quotes(nights: list[CleanedNight]) -> None:
    old = next(story for story in build_edition(PAPER, FIRST) if story.treatment == "old_charset")
    document = nights[0].documents[old.url]
    assert document.encoding == "windows-1252"
    assert document.text.startswith(old.standfirst)
    assert "„" in document.text and "ü" in document.text and "\ufffd" not in document.text


def test_a_redirect_s_end_names_the_way_there(nights: list[CleanedNight]) -> None:
    end = nights[0].documents[PAPER.url(PAPER.feature_path(PAPER.pages["moved_to"]))]
    names = ("moved", "moved_again")
    assert end.redirected_from == tuple(PAPER.url(PAPER.feature_path(PAPER.pages[name])) for name in names)


def test_a_revisit_has_the_document_of_the_record_it_refers_to(nights: list[CleanedNight]) -> None:
    first, second = nights
    revisits = [c for c in second.captures if c.record_type == "revisit" and c.purpose == "article"]
    assert len(revisits) == 45 + 7 + 1  # unchanged, not modified, the 304 asked for again: tests/demo/expected.py
    assert not {revisit.target_uri for revisit in revisits} & set(second.documents)
    for revisit in revisits:
        document = read_document(second.archive, revisit)
        assert document == first.documents[revisit.target_uri]
        assert find_payload_capture(second.archive, revisit).record_id == document.payload_record


def test_what_another_try_of_the_crawl_fetched_alike_has_the_one_document_of_both(
    nights: list[CleanedNight], copy: CopyOf, workers: WorkerPool
) -> None:
    archive, night = copy(nights[0]), nights[0]
    clean_copy(archive, night, workers)
    publish_crawl(archive, night.crawl)
    capture = next(iter(new_payloads(night).values()))
    alike = capture.replace(record_id="urn:uuid:another", date=capture.date + timedelta(seconds=1))
    other = alike.replace(record_id="urn:uuid:changed", payload_digest="sha1:OTHER")
    late = manifest_of(archive, night.planned).model_copy(update={"late": True})
    assert archive.catalog.apply_manifest("late", late, [alike, other], [])
    assert read_document(archive, alike) == read_document(archive, capture)
    with pytest.raises(NotArchivedError):
        read_document(archive, other)


def test_an_amended_story_has_a_second_document_and_keeps_the_first(nights: list[CleanedNight]) -> None:
    first, second = nights
    amended = next(story for story in build_edition(PAPER, FIRST) if story.treatment == "amended")
    before, after = first.documents[amended.url], second.documents[amended.url]
    assert amended.amended is not None
    assert amended.paragraphs[0] in before.text.split("\n")
    assert amended.amended[0] in after.text.split("\n")
    assert read_document(second.archive, find_closest(second.archive, amended.url)) == after
    assert len(list(find_captures(second.archive, amended.url))) == 2
