"""There is one door to what is kept: outside storage nobody reads evidence but through Holdings."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from hemeroteca.configuration import CHECKOUT
from tests.test_tree import code_files

READING = {"read", "read_range"}
"""Methods of a store that give bytes."""
PARSERS = {
    "read_announced", "read_cdxj", "read_document_row", "read_document_table", "read_documents", "read_items",
    "read_ledger", "read_ledger_table", "read_manifest", "read_records_index", "read_rows", "read_site_memory",
    "read_text_manifest",
}  # fmt: skip
"""Functions of storage that tell what bytes of the bucket say."""
BEHIND = {
    Path("storage/holdings.py"),
    Path("storage/captures/stored_records.py"),
    Path("storage/manifests.py"),
}
"""The door, and what it is made of."""
OTHERS = {
    Path("storage/night_tables.py"): "reads what is derived",
    Path("storage/closing_note.py"): "reads what is derived",
    Path("storage/analysis/table_dataset.py"): "reads what is derived",
    Path("hemeroteca/archive/crawling/upload.py"): "compares what it puts with what an earlier try put, listed nowhere",
}


def test_evidence_is_read_through_holdings_alone() -> None:
    found = [
        f"{file}:{line} {name}"
        for file in code_files(("dags", "hemeroteca", "spiders", "storage"))
        if file not in BEHIND | OTHERS.keys()
        for line, name in _reads(file, ast.parse((CHECKOUT / file).read_text()))
    ]
    assert found == []


def test_what_reads_past_the_door_is_found() -> None:
    code = """
from storage.captures.index import read_cdxj
from hemeroteca import something
archive.store.read(key)
self._store.read_range(key, 0, 1)
archive.holdings.read(stored)
"""
    assert [name for _, name in _reads(Path("hemeroteca/x.py"), ast.parse(code))] == [
        "read_cdxj",
        "archive.store.read",
        "self._store.read_range",
    ]


def _reads(file: Path, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield each place in *tree* that reads an object, or takes the function that parses one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("storage."):
            taken = PARSERS if file.parts[0] != "storage" else set()  # storage takes its own apart
            yield from ((node.lineno, one.name) for one in node.names if one.name in taken)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READING:
            called = ast.unparse(node.func)
            if "store" in called.lower().split(".")[-2]:
                yield node.lineno, called
