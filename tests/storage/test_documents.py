"""Documents come back from the bucket as they went in, all of them or one."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from storage.documents import (
    DOCUMENT,
    DOCUMENT_SCHEMA,
    describe_object,
    join_parts,
    read_document_row,
    read_document_table,
    read_documents,
    write_documents,
)
from storage.ledger import write_ledger
from storage.model.capture import Location
from storage.model.crawl import Software, StoredObject
from storage.model.document import Candidate, Document, Extractor, Image, Post, text_digest
from storage.model.errors import FixityError, MissingObjectError
from storage.parquet import write_rows
from tests.storage.exchanges import CRAWL

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
KEY = "documents/x.parquet"


def document(number: int, text: str = "second line") -> Document:
    text = f"Ñandú {number}\n{text}"
    return Document(
        derived_from=f"urn:uuid:{number}",
        payload_record=f"urn:uuid:{number}",
        payload_digest="sha1:A",
        location=Location(key="warc/x", offset=number, length=10),
        crawl_id=CRAWL.id,
        source_id="faro",
        night=CRAWL.night,
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


FULL = document(1).replace(
    canonical_url="http://faro.hemeroteca.test/c",
    via="http://faro.hemeroteca.test/feed",
    extractor=Extractor(name="trafilatura", version="2.3.1", settings_digest="ab" * 32, base_digest="cd" * 32),
    software=Software(version="0.1.0", commit="c0ffee", lock_digest="cd" * 32, python="3.11.7"),
    title="Título",
    standfirst="Entradilla",
    published="2026-11-24",
    published_confidence=0.5,
    modified="2026-11-25T08:30:00+01:00",
    language="es",
    language_claimed="es-ES",
    agency="EFE",
    section="Cultura",
    tags=("puerto", "grúa"),
    images=(Image(url="http://faro.hemeroteca.test/i.jpg", caption="La grúa", credit="EFE", alt="grúa"),),
    paywall=False,
    live=False,
    opinion=False,
    sponsored=False,
    posts=(Post(time="2026-11-24T10:00:00+01:00", text="Gira"), Post(text="Sube")),
    candidates=(Candidate(field="title", value="Título", source="h1"),),
    known={"title": "h1", "published": "json-ld:datePublished"},
    encoding="utf-8",
    confidence=0.9,
    text_share=0.4,
    boilerplate_removed=1200,
    quality_flags=("too_short",),
    minhash="0123abcd" * 128,
    residue=("[las nuevas sanciones]",),
    model="ef" * 32,
    site_memory="01" * 32,
    repeated=("Follow the Faro",),
    lines_dropped=3,
    lines_added=1,
    without_text="truncated: length",
    robots_header="noarchive",
    robots_meta="noai",
    tdm_reservation=True,
    tdm_policy="http://faro.hemeroteca.test/policy",
    content_signal="ai-train=no",
)


def test_documents_are_read_whole_and_one_by_one() -> None:
    documents = [document(number) for number in range(150)]
    content = write_documents(documents)
    assert read_documents(content) == documents
    for row in (0, 63, 64, 149):
        assert read_document_row(content, row) == documents[row]
    for row in (150, -1):
        with pytest.raises(MissingObjectError):
            read_document_row(content, row)


def test_the_parts_of_an_object_are_held_and_two_of_them_give_a_document() -> None:
    documents = [document(number) for number in range(150)]
    content = write_documents(documents)
    held = describe_object(StoredObject.of(KEY, content, DOCUMENT, 150), content)
    assert [group.rows for group in held.groups] == [64, 64, 22]
    first, *others = sorted([*held.groups, held.footer], key=lambda part: part.offset)
    assert first.offset == len(b"PAR1")
    for part in others:
        assert part.offset == first.offset + first.bytes, "nothing lies between them"
        first = part
    assert first.offset + first.bytes == held.bytes == len(content)
    for row in (0, 63, 64, 149):
        parts = held.find_group(row), held.footer
        joined = join_parts(held, [(part, content[part.offset : part.offset + part.bytes]) for part in parts])
        assert read_document_row(joined, row) == documents[row]
    for row in (150, -1):
        with pytest.raises(MissingObjectError, match=KEY):
            held.find_group(row)


def test_every_field_of_a_document_has_its_column_and_comes_back() -> None:
    assert all(getattr(FULL, name) is not None for name in Document.model_fields)
    assert read_documents(write_documents([FULL])) == [FULL]
    (row,) = pa.Table.to_pylist(read_document_table(write_documents([FULL])))
    assert None not in row.values()
    assert (row["warc_key"], row["warc_offset"], row["warc_length"]) == ("warc/x", 1, 10)
    assert (row["extractor_version"], row["software_commit"]) == ("2.3.1", "c0ffee")


def test_plain_pyarrow_opens_the_file_and_finds_its_schema() -> None:
    table = pq.read_table(io.BytesIO(write_documents([document(1)])))
    assert table.schema.metadata[b"schema"] == b"document/1"
    assert table.schema.names == DOCUMENT_SCHEMA.names
    assert table.column("authors").to_pylist() == [["Ana", "Luis"]]


def test_sql_asks_how_a_field_is_known_and_reads_images_candidates_and_posts(tmp_path: Path) -> None:
    (tmp_path / "d.parquet").write_bytes(write_documents([FULL, document(2)]))
    query = (
        "SELECT known['title'], images[1].credit, candidates[1].source, posts[2].text, paywall,"
        f" 'too_short' IN quality_flags FROM '{tmp_path}/d.parquet' WHERE published::TIMESTAMPTZ < '2026-11-25'"
    )
    assert duckdb.connect().execute(query).fetchall() == [("h1", "EFE", "h1", "Sube", False, True)]


def test_the_footer_quotes_no_text() -> None:
    content = write_documents([document(1, "words of the article").replace(title="words of the title")])
    footer = content[-int.from_bytes(content[-8:-4], "little") - 8 :]
    assert b"faro.hemeroteca.test/1" in footer
    assert b"words of the" not in footer


def test_a_text_that_is_not_its_digests_is_a_fixity_error() -> None:
    wrong = write_documents([document(1).replace(text="another")])
    with pytest.raises(FixityError, match="urn:uuid:1"):
        read_documents(wrong)
    with pytest.raises(FixityError, match="urn:uuid:1"):
        read_document_row(wrong, 0)


def test_damage_and_other_schemas_are_fixity_errors() -> None:
    whole = write_documents([document(1).replace(title="recognisable" * 9)])
    flipped = bytearray(whole)
    flipped[whole.index(b"recognisable")] ^= 1
    for content in (b"", b"PAR1", whole[:-5], bytes(flipped), write_ledger([])):
        with pytest.raises(FixityError):
            read_documents(content)


def test_a_column_that_older_documents_have_not_is_null() -> None:
    missing = ["software_python", "encoding", "images", "known", "tags"]
    older = write_rows(read_document_table(write_documents([FULL])).drop_columns(missing), 64)
    bare = FULL.replace(encoding=None, images=(), known={}, tags=())
    assert read_documents(older) == [bare.replace(software=FULL.software.replace(python=None))]
    assert read_document_table(older).schema.equals(DOCUMENT_SCHEMA, check_metadata=True)
