"""`hemeroteca columns`: the data dictionary, as docs/format.md has it."""

from __future__ import annotations

import json

import pytest

from storage.analysis.document_search import SEARCH_SCHEMA
from storage.ledger import LEDGER_SCHEMA
from tests.cli.conftest import Run
from tests.docs.test_format import PAGE


@pytest.mark.parametrize(
    ("arguments", "names"),
    [([], SEARCH_SCHEMA.names), (["documents"], SEARCH_SCHEMA.names), (["ledger"], LEDGER_SCHEMA.names)],
)
def test_every_column_is_shown_with_its_meaning(hemeroteca: Run, arguments: list[str], names: list[str]) -> None:
    lines = hemeroteca("columns", *arguments).stdout.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == names
    assert max(map(len, lines)) <= 80
    rows = [json.loads(line) for line in hemeroteca("columns", *arguments, "--json").stdout.splitlines()]
    assert [row["name"] for row in rows] == names
    assert all(row["meaning"] and row["type"] for row in rows)


def test_it_says_what_the_page_says(hemeroteca: Run) -> None:
    for line in hemeroteca("columns", "--json").stdout.splitlines():
        row = json.loads(line)
        if row["name"] != "version":
            assert f"| `{row['name']}` | {row['type']} | {row['unit']} | {row['meaning']} |".replace("||", "|") in PAGE


def test_another_table_is_asked_wrongly(hemeroteca: Run) -> None:
    said = hemeroteca("columns", "captures")
    assert said.returncode == 2 and "documents" in said.stderr and "ledger" in said.stderr
