"""Documents and manifests come back from the bucket as they went in."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from storage.documents import read_document_row, read_documents, write_documents
from storage.manifests import put_manifest, read_manifest
from storage.model.capture import Location
from storage.model.crawl import Attempt, Manifest, OutcomeCount, Software
from storage.model.document import Document, Extractor, text_digest
from storage.model.errors import NotArchivedError
from storage.model.source import Source
from storage.objects import Store
from tests.storage.test_index import CRAWL

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


def document(number: int) -> Document:
    text = f"Ñandú {number}\nsecond line"
    return Document(
        derived_from=f"urn:uuid:{number}",
        payload_record=f"urn:uuid:{number}",
        payload_digest="sha1:A",
        location=Location(key="warc/x", offset=number, length=10),
        crawl_id=CRAWL.id,
        source_id="faro",
        night="2026-11-24",
        url=f"http://faro.hemeroteca.test/{number}",
        urlkey=f"test,hemeroteca,faro)/{number}",
        redirected_from=("http://faro.hemeroteca.test/old",) if number % 2 else (),
        fetched_at=NOW,
        status=200,
        extractor=Extractor(name="trafilatura", version="2.3.1", settings_digest="ab" * 32),
        extracted_at=NOW,
        software=Software(version="0.1.0"),
        authors=("Ana", "Luis"),
        published_known="no_reliable_date",
        text=text,
        text_digest=text_digest(text),
    )


def test_documents_are_read_whole_and_one_by_one(store: Store) -> None:
    documents = [document(number) for number in range(150)]
    content = write_documents(documents)
    store.put_new("documents/x.parquet", content, schema="document/1")
    assert read_documents(content) == documents
    for row in (0, 63, 64, 149):
        assert read_document_row(store, "documents/x.parquet", row) == documents[row]
    with pytest.raises(NotArchivedError):
        read_document_row(store, "documents/x.parquet", 150)


def test_plain_pyarrow_opens_the_file_and_finds_its_schema() -> None:
    table = pq.read_table(io.BytesIO(write_documents([document(1)])))
    assert table.schema.metadata[b"schema"] == b"document/1"
    assert table.column("authors").to_pylist() == [["Ana", "Luis"]]


def manifest(nonce: str) -> Manifest:
    source = Source(id="faro", title="El Faro", homepage="http://faro.hemeroteca.test/", language="es")
    return Manifest(
        crawl=CRAWL,
        source=source,
        source_digest=source.digest(),
        attempts=(Attempt(crawl_id=CRAWL.id, nonce=nonce, started=NOW),),
        ended=NOW,
        end_reason="finished",
        software=Software(version="0.1.0"),
        objects=(),
        discovered=1,
        counts=(OutcomeCount(purpose="article", state="captured", urls=1),),
    )


def test_one_of_two_manifests_of_a_crawl_wins_and_knows_it(store: Store) -> None:
    assert put_manifest(store, "manifests/crawl/x.json", manifest("00000001"))
    assert put_manifest(store, "manifests/crawl/x.json", manifest("00000001"))
    assert not put_manifest(store, "manifests/crawl/x.json", manifest("00000002"))
    assert read_manifest(store, "manifests/crawl/x.json") == manifest("00000001")


def test_a_field_of_a_later_release_is_kept_aside(store: Store) -> None:
    content = manifest("00000001").model_dump_json(by_alias=True).replace("{", '{"later":1,', 1).encode()
    store.put_new("manifests/crawl/y.json", content, schema="manifest/1")
    assert read_manifest(store, "manifests/crawl/y.json").crawl == CRAWL
