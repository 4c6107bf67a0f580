"""The judge of the drills: it knows public tools alone, and finds each kind of harm that the drills are about."""

from __future__ import annotations

import ast
import gzip
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tests.drills import evidence, judge
from tests.drills.evidence import Evidence, StoredObject, read_evidence, read_members, read_rows, sha256
from tests.drills.judge import Judge, Printed, Verdict
from tests.drills.stage import Stage

PUBLIC = {"boto3", "botocore", "pyarrow", "warcio"}

Objects = dict[str, StoredObject]


def test_the_judge_shares_no_code_with_the_archive() -> None:
    for module in (evidence, judge):
        tree = ast.parse(Path(module.__file__ or "").read_text())
        names = {name for node in ast.walk(tree) for name in _imported(node)}
        ours = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names | PUBLIC}
        assert ours <= {"tests.drills.evidence"}, module


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


def first(objects: Objects, begin: str, end: str = "") -> str:
    return next(key for key in sorted(objects) if key.startswith(begin) and key.endswith(end))


def drop_record(objects: Objects) -> None:
    """Take a record out of a WARC file, whose manifest is made to promise what is left."""
    key = first(objects, "warc/")
    content = objects[key].content
    captures = [(at, plain) for at, plain in read_members(content) if b"\r\nX-Nonce: " in plain]
    at, plain = captures[3]
    end = next(place for place, _ in read_members(content) if place > at)
    promise(objects, key, content[:at] + content[end:])


def double_record(objects: Objects) -> None:
    key = first(objects, "warc/")
    content = objects[key].content
    _, plain = [one for one in read_members(content) if b"\r\nX-Nonce: " in one[1]][3]
    promise(objects, key, content + gzip.compress(plain))


def edit_record(objects: Objects) -> None:
    """Change a letter of an article in a WARC file, digests and all."""
    key = first(objects, "warc/demo-faro/")
    members = [plain for _, plain in read_members(objects[key].content)]
    edited = [plain.replace(b"</article>", b"</artikel>", 1) for plain in members]
    promise(objects, key, b"".join(gzip.compress(plain) for plain in edited))


def edit_text(objects: Objects) -> None:
    key = first(objects, "documents/")
    rows = read_rows(objects[key].content)
    rows[2]["text"] += "."
    promise(objects, key, _write_rows(rows, objects[key].content))


def edit_table(objects: Objects) -> None:
    key = first(objects, "tables/documents/")
    rows = read_rows(objects[key].content)
    rows[0]["text"] = rows[1]["text"]
    objects[key] = StoredObject(_write_rows(rows, objects[key].content), {})


def double_row(objects: Objects) -> None:
    key = first(objects, "tables/documents/")
    rows = read_rows(objects[key].content)
    objects[key] = StoredObject(_write_rows([*rows, rows[0]], objects[key].content), {})


def drop_documents(objects: Objects) -> None:
    del objects[first(objects, "manifests/text/")]


def drop_manifest(objects: Objects) -> None:
    del objects[first(objects, "manifests/crawl/")]


def tear_manifest(objects: Objects) -> None:
    key = first(objects, "manifests/crawl/")
    objects[key] = objects[key]._replace(content=objects[key].content[:900])


def flip_index(objects: Objects) -> None:
    key = first(objects, "index/", ".cdxj.gz")
    objects[key] = objects[key]._replace(content=objects[key].content[:-1] + b"x")


def promise(objects: Objects, key: str, content: bytes) -> None:
    """Put *content* at *key* and have its manifest promise just that."""
    before = objects[key]
    objects[key] = StoredObject(content, {"sha256": sha256(content)})
    for name, one in list(objects.items()):
        if name.startswith("manifests/") and sha256(before.content).encode() in one.content:
            manifest = json.loads(one.content)
            (listed,) = (stored for stored in manifest["objects"] if stored["key"] == key)
            listed |= {"sha256": sha256(content), "bytes": len(content)}
            objects[name] = StoredObject(json.dumps(manifest).encode(), {})


def _write_rows(rows: list[dict[str, Any]], like: bytes) -> bytes:
    schema = pyarrow.parquet.read_schema(io.BytesIO(like))
    written = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), written)
    return written.getvalue()


FOUND: list[tuple[Callable[[Objects], None], str]] = [
    (drop_record, "lost"),
    (double_record, "twice"),
    (edit_record, "wrong"),
    (edit_text, "wrong"),
    (edit_table, "wrong"),
    (double_row, "twice"),
    (drop_documents, "textless"),
    (drop_manifest, "lost"),
    (tear_manifest, "damaged"),
    (flip_index, "damaged"),
]


@pytest.fixture(scope="module")
def objects(passed: Stage) -> Objects:
    return read_evidence(passed.place).objects


def judge_objects(stage: Stage, objects: Objects) -> Verdict:
    return Judge(Evidence(objects), stage.origin.sent()).judge()


@pytest.mark.parametrize(("harm", "found"), FOUND, ids=[harm.__name__ for harm, _ in FOUND])
def test_the_judge_finds(harm: Callable[[Objects], None], found: str, passed: Stage, objects: Objects) -> None:
    assert judge_objects(passed, dict(objects)).faults == []
    harmed = dict(objects)
    harm(harmed)
    assert getattr(judge_objects(passed, harmed), found)


def test_the_judge_holds_what_a_command_prints_to_what_was_sent(passed: Stage, objects: Objects) -> None:
    judge = Judge(Evidence(objects), passed.origin.sent())
    sent = passed.origin.sent()
    one = next(record for record in judge.captures() if sent[record.nonce].text)
    text = sent[one.nonce].text or ""
    printed = Printed(one.url, one.date, 0, text, "")
    assert judge.judge_printed(printed) is None
    assert judge.judge_printed(printed._replace(output=text[:-1])) is not None
    assert judge.judge_printed(printed._replace(status=1, error="damaged: call a person")) is None
    assert judge.judge_printed(printed._replace(status=1, error="not in the archive")) is not None
    assert judge.judge_printed(printed._replace(status=1)) is not None
    assert judge.judge_printed(printed._replace(status=70, error="Traceback …")) is not None
    assert judge.judge_listed(one.url, [(one.date, one.status)], "") == []
    assert judge.judge_listed(one.url, [], "") != []
    assert judge.judge_listed(one.url, [(one.date, 404)], "") != []
