"""Rows that were written to a file are read back by the tools of analysts."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas
import polars
import pyarrow.parquet as pq
import pytest

from storage.analysis import table_export
from storage.analysis.arrow_rows import ArrowRows
from storage.analysis.document_search import SEARCH_SCHEMA, DocumentSearch, open_documents
from storage.analysis.table_export import export_rows, find_format
from storage.model.errors import MissingExtraError, SeedError
from storage.night_tables import write_table
from storage.objects import Store
from tests.storage.analysis.week import MONDAY, Told, rows_of

NASTY = [
    '=HYPERLINK("http://evil.test")',
    "+1",
    "-1",
    "@sum",
    "\tx",
    "\rx",
    'said "yes", and\nleft\r\n',
    "a\rb",
    "'=1",
    "",
]


@pytest.fixture
def nasty(store: Store) -> Store:
    write_table(store, "documents", MONDAY, [rows_of(MONDAY, *(Told("a", text, title=text) for text in NASTY))])
    return store


def export(store: Store, folder: Path, ending: str, *columns: str) -> Path:
    file = folder / f"out.{ending}"
    rows = open_documents(store, DocumentSearch(columns=columns or None))
    with file.open("wb") as opened:
        assert export_rows(rows, opened, file) > 0
        opened.write(b"")  # it is still open: who opened it closes it
    return file


def test_csv_is_read_by_pandas_polars_and_duckdb(nasty: Store, tmp_path: Path) -> None:
    file = export(nasty, tmp_path, "csv")
    frame = pandas.read_csv(file, keep_default_na=False)
    safe = [f"'{text}" if text[:1] in tuple("=+-@\t\r") else text for text in NASTY]
    assert list(frame.columns) == SEARCH_SCHEMA.names
    assert list(frame["text"]) == list(frame["title"]) == safe
    assert json.loads(frame["authors"][0]) == ["Ana", "Luis"]
    assert pandas.to_datetime(frame["fetched_at"][0]).isoformat() == "2026-03-02T03:00:00+00:00"
    assert len(polars.read_csv(file)) == len(NASTY)
    assert duckdb.read_csv(str(file), all_varchar=True).fetchall()[1]


def test_no_cell_of_csv_is_a_formula(nasty: Store, tmp_path: Path) -> None:
    with export(nasty, tmp_path, "csv", "title", "text", "status").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))] == []


def test_json_lines_and_parquet_have_every_value_exactly(nasty: Store, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in export(nasty, tmp_path, "jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == NASTY
    assert lines[0]["published_date"] == "2026-03-01" and lines[0]["published_at"] == "2026-03-02T04:30:00Z"
    assert lines[0]["known"] == {} and lines[0]["warc_offset"] == 0
    table = pq.read_table(export(nasty, tmp_path, "parquet"))
    assert table["text"].to_pylist() == NASTY
    assert table["published_date"][0].as_py() == date(2026, 3, 1)
    assert table.schema.names == SEARCH_SCHEMA.names


def test_few_rows_of_many_batches_are_one_row_group(
    week: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pq.read_metadata(export(week, tmp_path, "parquet")).num_row_groups == 1
    monkeypatch.setattr(table_export, "_ROW_GROUP_BYTES", 1)
    assert pq.read_metadata(export(week, tmp_path, "parquet")).num_row_groups == 3


@pytest.mark.parametrize("name", ["articles", "articles.xlsx", "articles.csv.gz"])
def test_an_ending_that_says_no_format_is_named(name: str) -> None:
    with pytest.raises(SeedError, match=r"must end with \.parquet, \.csv, \.jsonl"):
        find_format(Path(name))


def test_rows_are_data_frames(week: Store) -> None:
    def rows() -> ArrowRows:
        return open_documents(week, DocumentSearch())

    frame = rows().to_pandas()
    assert frame["published_date"].dt.day.tolist()[:2] == [1, 2] and frame["fetched_at"].dt.tz is not None
    assert rows().to_polars()["version"].to_list() == frame["version"].tolist() == [1, 1, 2, 1, 2, 1]
    assert polars.DataFrame(rows()).height == 6
    assert duckdb.from_arrow(rows()).aggregate("count(*)").fetchall() == [(6,)]


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_without_the_package_the_extra_is_named(week: Store, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"{package} is not installed: .*\[analysis\]"):
        getattr(open_documents(week, DocumentSearch()), f"to_{package}")()


def test_nothing_found_is_a_header(week: Store) -> None:
    file = io.BytesIO()
    rows = open_documents(week, DocumentSearch(contains="nowhere", columns=("url", "text")))
    assert export_rows(rows, file, Path("x.csv")) == 0
    assert file.getvalue() == b"url,text\r\n"
