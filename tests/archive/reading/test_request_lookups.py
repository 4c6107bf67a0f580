"""Requests that are not GET, from an origin to the reader: their captures answer for themselves, never for the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from scrapy import FormRequest, Request
from scrapy.http.request.json_request import JsonRequest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_captures, find_closest, read_body, read_document
from hemeroteca.cli.reading_commands import print_captures
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.captures.index import INDEX_SCHEMA, RECORDS_SCHEMA, write_index
from storage.ledger import LEDGER, write_ledger
from storage.manifests import put_manifest
from storage.model.crawl import Attempt, Manifest, OutcomeCount, Software, StoredObject
from storage.model.errors import NotArchivedError
from storage.model.outcome import Outcome
from storage.model.source import Source
from tests.archive.homes import make_home, open_home, rows
from tests.conftest import S3Server
from tests.method_origin import MethodOrigin, make_page
from tests.spiders.lab import CRAWL, FACTS, Lab, run
from tests.storage.known_rows import find_known, find_superseded

ATTEMPT = Attempt(crawl_id=CRAWL.id, nonce="0badcafe", started=CRAWL.started)
WORDS = {"q": {"from": 1, "words": ["a", "b"]}}
ARTICLE = FACTS.model_copy(update={"kind": "article", "purpose": "article"})


class Searched(NamedTuple):
    """An archive of one crawl: a page that was searched and probed too, and an address that was only posted to."""

    archive: Archive
    page: str
    only_posted: str


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Searched]:
    place = tmp_path_factory.mktemp("searched")
    archive = open_home(make_home(place / "home"), s3_server.new_prefix())
    with MethodOrigin() as origin, WorkerPool(1) as workers:
        page, only_posted = f"{origin.url}/search", f"{origin.url}/api"
        requests = [
            FormRequest(page, formdata={"q": "peace"}),
            Request(page),
            FormRequest(page, formdata={"q": "war"}),
            Request(page, method="HEAD"),
            JsonRequest(only_posted, data=WORDS),
        ]
        commit(archive, *crawl(place, requests))
        clean_crawl(archive, CRAWL, workers)
        publish_crawl(archive, CRAWL)
        yield Searched(archive, page, only_posted)
    archive.close()


def crawl(place: Path, requests: list[Request]) -> tuple[Path, list[Outcome]]:
    """Send *requests*, and return the WARC file and how each ended."""
    lab = Lab(place)
    fetched = [
        run(lab.fetch_request(one.replace(meta=lab.request(one.url, facts=ARTICLE).meta))).outcome for one in requests
    ]
    return lab.close(), fetched


def commit(archive: Archive, path: Path, outcomes: list[Outcome]) -> None:
    """Put a WARC file, its indexes and the ledger, and the manifest that commits them."""
    key = keys.warc(CRAWL, keys.warc_name(ATTEMPT, 0))
    made = write_index(path, CRAWL, key)
    archive.store.put_new_file(key, path, schema="warc/1.1", content_type="application/warc")
    warc = StoredObject.of(key, path.read_bytes(), "warc/1.1", made.lines)
    contents = [
        (keys.cdxj_beside(key), made.cdxj, INDEX_SCHEMA, made.captures),
        (keys.records_beside(key), made.records, RECORDS_SCHEMA, made.lines),
        (keys.ledger(CRAWL, ATTEMPT), write_ledger(outcomes), LEDGER, len(outcomes)),
    ]
    for name, content, schema, _ in contents:
        archive.store.put_new(name, content, schema=schema)
    manifest = Manifest(
        crawl=CRAWL,
        source=Source(id=CRAWL.source_id, title="Test", homepage="http://a.test/", language="en"),
        source_digest="0" * 64,
        attempts=(ATTEMPT,),
        ended=CRAWL.started,
        end_reason="finished",
        software=Software(version="0"),
        objects=(warc, *(StoredObject.of(*one) for one in contents)),
        discovered=len(outcomes),
        counts=(OutcomeCount(purpose="article", state="captured", reason=None, urls=len(outcomes)),),
    )
    assert put_manifest(archive.store, keys.crawl_manifest(CRAWL), manifest)


def test_the_plain_address_gives_the_page_whatever_the_time(searched: Searched) -> None:
    archive, page = searched.archive, searched.page
    first, *_, last = sorted(archive.catalog.find_captures(), key=lambda one: one.date)
    for moment in (None, first.date, last.date):
        capture = find_closest(archive, page, moment)
        assert (capture.method, capture.urlkey.endswith("/search")) == (None, True)
        assert read_body(archive, capture) == make_page("GET", "/search", b"")
    assert [capture.method for capture in find_captures(archive, page)] == [None]


def test_an_address_that_was_only_posted_to_is_not_in_the_archive(searched: Searched) -> None:
    with pytest.raises(NotArchivedError):
        find_closest(searched.archive, searched.only_posted)
    assert not find_captures(searched.archive, searched.only_posted)


def test_the_request_url_finds_the_answer_to_that_request(searched: Searched) -> None:
    archive, page = searched.archive, searched.page
    for word in ("peace", "war"):
        capture = find_closest(archive, f"{page}?__wb_method=POST&q={word}")
        assert (capture.target_uri, capture.method, capture.request_query) == (page, "POST", f"q={word}")
        assert read_body(archive, capture) == make_page("POST", "/search", f"q={word}".encode())
    head = find_closest(archive, f"{page}?__wb_method=HEAD")
    assert (head.method, read_body(archive, head)) == ("HEAD", b"")
    posted = find_closest(archive, f"{searched.only_posted}?__wb_method=POST&from=1&words=a&words.2_=b")
    assert posted.target_uri == searched.only_posted


def test_a_listing_by_prefix_shows_which_are_no_pages(searched: Searched, capsys: pytest.CaptureFixture[str]) -> None:
    page = searched.page
    print_captures(find_captures(searched.archive, f"{page}*"), None, as_json=False)
    listed = [line.rpartition("  ")[2] for line in capsys.readouterr().out.splitlines()]
    asked = ("HEAD", "POST&q=peace", "POST&q=war")
    assert listed == [page, *(f"{page}?__wb_method={one}" for one in asked)]


def test_a_document_of_an_answer_has_the_real_address_and_the_key_of_its_request(searched: Searched) -> None:
    archive, page = searched.archive, searched.page
    capture = find_closest(archive, f"{page}?__wb_method=POST&q=war")
    document = read_document(archive, capture)
    assert (document.url, document.urlkey) == (page, capture.urlkey)
    assert "q=war" in document.text
    assert "GET /search" in read_document(archive, find_closest(archive, page)).text
    assert archive.catalog.find_versions(CRAWL.source_id, find_closest(archive, page).urlkey)


def test_the_next_crawl_knows_the_page_alone(searched: Searched) -> None:
    assert [one.url for one in find_known(searched.archive.catalog, CRAWL.source_id)] == [searched.page]
    assert find_superseded(searched.archive.catalog, CRAWL.source_id) == []


def test_a_rebuild_from_the_bucket_gives_the_same(searched: Searched) -> None:
    before = rows(searched.archive)
    assert rebuild(searched.archive).faults == ()
    assert rows(searched.archive) == before
