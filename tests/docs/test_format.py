"""docs/format.md: every object, schema and name that is stored is described, and its examples run."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import BaseModel

from docs.code_map import ROOT
from docs.field_tables import RECORDS
from storage import keys
from storage.analysis.data_dictionary import UNITS
from storage.captures.index import read_cdxj, write_cdxj
from storage.documents import DOCUMENT_SCHEMA
from storage.ledger import LEDGER_SCHEMA
from storage.model.capture import Capture, IndexedRecord, Location
from storage.model.crawl import Attempt, Crawl, Manifest
from storage.model.document import Document, Extractor, TextManifest
from storage.model.remembered import StoredSiteMemory
from storage.model.scraped_item import ScrapedItem
from storage.model.source import Source
from tests.docs.examples import run_blocks, steps

PAGE = (ROOT / "docs/format.md").read_text(encoding="utf-8")
BUCKET = ROOT / "tests/data/bucket-1"
STEPS = [step for step in steps(PAGE) if not step.command.startswith("cd ")]
HAS_JQ = shutil.which("jq") is not None

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
CRAWL = Crawl(
    id="es-elpais-20260301-nightly", source_id="es-elpais", night=date(2026, 3, 1), trigger="nightly", started=NOW
)
ATTEMPT = Attempt(crawl_id=CRAWL.id, nonce="0123abcd", started=NOW)
EXTRACTOR = Extractor(name="trafilatura", version="2.3.1", settings_digest="f" * 64)


def described_objects() -> dict[str, set[str]]:
    """Return the schemas of each kind of object, by the pattern of its key."""
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", PAGE.partition("## Objects")[2].partition("## ")[0], re.MULTILINE)
    return {pattern: set(schemas.strip().split(", ")) for pattern, schemas in rows}


def described_names(heading: str) -> set[str]:
    """Return the names in the tables below *heading*."""
    section = re.split(rf"^#+ {re.escape(heading)}\n", PAGE, flags=re.MULTILINE)[1]
    return set(re.findall(r"^\| `([^`]+)` \|", re.split(r"^#+ ", section, flags=re.MULTILINE)[0], re.MULTILINE))


def patterns_of(key: str) -> list[str]:
    """Return the patterns that *key* fits."""
    parts = {
        "source": r"[a-z0-9-]+",
        "attempt": r"[0-9a-f]{8}",
        "digest": r"[0-9a-f]{8}",
        "serial": r"\d{5}",
        "n": r"\d+",
        "more": r"[0-9a-f]{8}",
    }
    parts |= {"yyyy": r"\d{4}", "mm": r"\d\d", "dd": r"\d\d", "yyyy-mm-dd": r"\d{4}-\d\d-\d\d"}
    parts |= {"time": r"\d{8}T\d{6}\.\d{6}Z", "crawl": r"[a-z0-9-]+-(?:\d{8}-nightly|\d{8}T\d{6}Z-[a-z]+-[0-9a-f]{8})"}
    parts |= {"extractor": r"[a-z]+-[\d.]+-[0-9a-f]{8}"}

    def compiled(pattern: str) -> str:
        pieces = re.split(r"\{([^}]+)\}", pattern)
        return "".join(parts[piece] if number % 2 else re.escape(piece) for number, piece in enumerate(pieces))

    return [pattern for pattern in described_objects() if re.fullmatch(compiled(pattern), key)]


def made_keys() -> Iterator[str]:
    """Yield a key of every kind that storage.keys makes."""
    warc = keys.warc(CRAWL, keys.warc_name(ATTEMPT, 0))
    yield from (warc, keys.cdxj_beside(warc), keys.records_beside(warc), keys.ledger(CRAWL, ATTEMPT))
    yield keys.items(CRAWL, ATTEMPT)
    yield keys.documents(CRAWL, EXTRACTOR, ATTEMPT.nonce)
    for manifest in (keys.crawl_manifest(CRAWL), keys.late_manifest(CRAWL, [])):
        texts = keys.text_manifest(manifest, EXTRACTOR), keys.text_draft(manifest, EXTRACTOR)
        yield from (manifest, *texts, *(keys.text_more(text, [CRAWL.id]) for text in texts))
    yield keys.site_memory(CRAWL, NOW, ATTEMPT.nonce)
    yield from (keys.table_part("documents", CRAWL.night), keys.table_part("ledger", CRAWL.night, 3))


def files() -> list[Path]:
    return [file for file in BUCKET.rglob("*") if file.is_file()]


def test_each_kind_of_key_is_described_once_and_none_that_is_not_made() -> None:
    found = [patterns_of(key) for key in made_keys()]
    assert sorted(pattern for (pattern,) in found) == sorted(described_objects())


def test_every_object_of_an_early_bucket_is_described() -> None:
    for file in files():
        (pattern,) = patterns_of(str(file.relative_to(BUCKET)))
        assert schema_in(file) in described_objects()[pattern], file


def schema_in(file: Path) -> str:
    if file.suffix == ".parquet":
        return str(pq.read_schema(file).metadata[b"schema"], "utf-8")
    if file.suffix == ".json":
        return str(json.loads(file.read_text())["schema"])
    first = gzip.decompress(file.read_bytes()).partition(b"\n")[0].decode().strip()
    return first.lower() if first.startswith("WARC") else str(json.loads(first.removeprefix("!meta 0 "))["schema"])


def test_every_schema_that_the_code_names_is_described() -> None:
    source = "".join(file.read_text() for floor in ("storage", "hemeroteca") for file in (ROOT / floor).rglob("*.py"))
    named = set(re.findall(r'"((?:warc|[a-z-]+(?<!http)(?<!tls))/[0-9.]+)"', source))
    assert named == set().union(*described_objects().values())


def test_every_record_that_is_stored_has_its_table() -> None:
    stored = set().union(*(records_in(model) for model in (Manifest, TextManifest, StoredSiteMemory, Document)))
    assert stored | {IndexedRecord, ScrapedItem} == set(RECORDS) | {Source, Document, Location}


def records_in(model: type[BaseModel]) -> set[type[BaseModel]]:
    """Return *model* and the records within it, but not those of a card."""
    found = {model}
    for field in model.model_fields.values() if model is not Source else ():
        found |= set().union(*map(records_in, _models(field.annotation)))
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def test_every_number_has_a_unit_and_every_unit_a_number() -> None:
    models: list[type[BaseModel]] = [*RECORDS, Document, Capture, Location]
    numbers = {
        name
        for model in models
        for name, field in model.model_fields.items()
        if {int, float} & {field.annotation, *get_args(field.annotation)}
    }
    numbers |= {field.name for field in LEDGER_SCHEMA if pa.types.is_primitive(field.type) and _is_number(field.type)}
    assert numbers == set(UNITS)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def test_the_names_of_a_cdxj_line_are_those_described() -> None:
    line = gzip.decompress(write_cdxj([whole_capture()])).decode().splitlines()[1]
    said = json.loads(line.split(" ", 2)[2])
    assert {*said, "mime"} - {"mediaType"} == described_names("Captures (CDXJ)")
    assert said["mime"] == "warc/revisit" and said["mediaType"] == "text/html"
    assert read_cdxj(write_cdxj([whole_capture()])) == [whole_capture()]


def whole_capture() -> Capture:
    """Return a capture of which everything is known."""
    place = Location(key="warc/x.warc.gz", offset=1, length=2)
    known: dict[str, Any] = {
        name: "x"
        for name, field in Capture.model_fields.items()
        if str in {field.annotation, *get_args(field.annotation)}
    }
    known |= {"record_type": "revisit", "kind": "article", "purpose": "article", "media_type": "text/html"}
    known |= {
        "date": NOW,
        "refers_to_date": NOW,
        "status": 200,
        "location": place,
        "request": place,
        "night": "2026-03-01",
    }
    known |= {"redirected_from": ("x",), "flags": ("paywall",), "evidence": ("paywall: x",), "tdm_reservation": True}
    assert known.keys() == Capture.model_fields.keys()
    return Capture.model_validate(known)


OLD_NAMES: dict[str, Callable[[], set[str]]] = {
    "records.jsonl.gz": lambda: described_names("Records") | {"target_uri", "date", "concurrent_to"},
    "cdxj.gz": lambda: described_names("Captures (CDXJ)") | {"mediaType"},
}


@pytest.mark.parametrize("kind", OLD_NAMES)
def test_every_name_in_the_indexes_of_an_early_bucket_is_described(kind: str) -> None:
    found = set()
    for file in BUCKET.rglob(f"*.{kind}"):
        for line in gzip.decompress(file.read_bytes()).decode().splitlines()[1:]:
            found |= json.loads(line[line.index("{") :]).keys()
    assert len(found) > 5
    assert found - OLD_NAMES[kind]() == set()
    assert all(f"`{name}`" in PAGE for name in OLD_NAMES[kind]())


def test_every_column_of_an_early_bucket_is_described() -> None:
    for heading, folder in (("Ledger", "ledger"), ("Documents", "documents")):
        columns = {name for file in (BUCKET / folder).rglob("*.parquet") for name in pq.read_schema(file).names}
        assert columns and columns <= described_names(heading)
    assert described_names("Ledger") == set(LEDGER_SCHEMA.names)
    assert described_names("Documents") == set(DOCUMENT_SCHEMA.names)


@pytest.mark.parametrize("step", [s for s in STEPS if HAS_JQ or "jq" not in s.command], ids=lambda step: step.command)
def test_a_command_of_the_page_works(step: Any) -> None:
    done = subprocess.run(["bash", "-ec", step.command], cwd=BUCKET, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    if step.output:
        assert done.stdout.strip() == step.output.strip()


@pytest.mark.parametrize("code", run_blocks(PAGE, "python"), ids=["a record", "the ledger", "documents"])
def test_python_of_the_page_works(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=BUCKET, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
