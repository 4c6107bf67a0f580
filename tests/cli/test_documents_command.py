"""`hemeroteca documents` and `archive.documents()`: articles come out as files and data frames."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pyarrow.parquet as pq
import pytest

import hemeroteca
from storage.model.errors import SeedError
from storage.objects import S3Settings, Store
from tests.cli.conftest import Run, call
from tests.cli.pseudo_terminal import run_in_terminal
from tests.conftest import flip_bit
from tests.storage.analysis.week import MONDAY, TUESDAY, put_week

READERS: dict[str, Callable[[Path], Any]] = {
    "csv": pandas.read_csv,
    "jsonl": lambda file: pandas.read_json(file, lines=True),
    "parquet": pandas.read_parquet,
}


@pytest.fixture
def week(store: Store) -> Store:
    return put_week(store)


@pytest.fixture
def ask(week: Store, home: Path, bucket: dict[str, str]) -> Run:
    """Run one command on an archive that has a week of documents, and the cards of their newspapers."""
    (home / "seeds").mkdir(parents=True, mode=0o700)
    for name in ("faro", "courier"):
        card = f"id: {name}\ntitle: {name}\nlanguage: es\nhomepage: http://{name}.test/\n"
        (home / f"seeds/{name}.yaml").write_text(
            card + f"discoveries: [{{kind: feed, url: 'http://{name}.test/feed'}}]\n"
        )
    return lambda *arguments: call(home, *arguments, **bucket)


def test_articles_are_json_lines_on_stdout(ask: Run) -> None:
    said = ask(
        "documents", "--lang", "es", "--from", "2026-03-03", "--contains", "SEQUÍA", "--columns", "night,url,version"
    )
    assert said.returncode == 0, said.stderr
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    url = "http://faro.test/sequia"
    assert lines == [{"night": night, "url": url, "version": 1} for night in ("2026-03-03", "2026-03-04")]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_file_has_what_is_asked_for(ask: Run, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"articles.{ending}"
    said = ask("documents", "--latest", "--source", "faro", "--source", "courier", "-o", str(file))
    assert (said.returncode, said.stdout, said.stderr) == (0, "", f"{file}: 3 documents\n")
    reads = {
        "csv": pandas.read_csv,
        "jsonl": lambda file: pandas.read_json(file, lines=True),
        "parquet": pandas.read_parquet,
    }
    frame = reads[ending](file)
    assert list(frame["url"].str.rpartition("/")[2]) == ["rain", "sequia", "fiesta"]
    assert list(frame["night"].astype(str).str[:10]) == ["2026-03-03", "2026-03-04", "2026-03-04"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~0o022


def test_an_earlier_file_is_replaced_only_by_a_whole_one(ask: Run, tmp_path: Path, s3_settings: S3Settings) -> None:
    file = tmp_path / "articles.parquet"
    file.write_bytes(b"mine")
    flip_bit(s3_settings, f"tables/documents/night={TUESDAY}/part-0.parquet", 100)
    said = ask("documents", "-o", str(file))
    assert said.returncode == 1 and "part-0.parquet: its SHA-256 is not" in said.stderr
    assert file.read_bytes() == b"mine" and list(tmp_path.glob(".*.part")) == []
    assert ask("documents", "--to", str(MONDAY), "-o", str(file)).returncode == 0
    assert pq.read_metadata(file).num_rows == 2


def test_a_terminal_shows_how_far_the_reading_is(ask: Run, home: Path, bucket: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "articles.csv"
    status, lines = run_in_terminal(home, 80, "documents", "-o", str(file), **bucket)
    assert status == 0 and "night 2026-03-04, 2 of 3" in "".join(lines)
    assert lines[-1].endswith(f"{file}: 6 documents")


def test_nothing_found_is_a_no_and_a_file_without_rows(ask: Run, tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    said = ask("documents", "--contains", "nowhere", "--columns", "url", "-o", str(file))
    assert said.returncode == 1 and "no documents" in said.stderr
    assert list(csv.reader(file.open(newline=""))) == [["url"]]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--columns", "url,txt"], "columns: txt: no such column; did you mean text?"),
        (["--columns", ","], "columns: name at least one"),
        (["--contains", " "], "contains: ' ': name a word"),
        (["--from", "2026-03-04", "--to", "2026-03-02"], "2026-03-04 is after 2026-03-02"),
        (["-o", "articles.xlsx"], "articles.xlsx: the name must end with .parquet, .csv, .jsonl"),
        (["-o", "/no/such/folder/a.csv"], "/no/such/folder/a.csv: No such file or directory"),
        (["--from", "soon"], "soon"),
        (["--source", "farro"], "sources: farro: no such source; did you mean faro?"),
    ],
)
def test_what_is_asked_wrongly_ends_with_2(ask: Run, arguments: list[str], line: str) -> None:
    said = ask("documents", *arguments)
    assert said.returncode == 2 and line in said.stderr
    assert "Traceback" not in said.stderr


def test_python_gives_data_frames(
    week: Store, home: Path, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.items():
        monkeypatch.setenv(f"HEMEROTECA_{name.upper()}", value)
    with hemeroteca.open_archive(home=home) as archive:
        found = archive.documents(since="2026-03-02", until=TUESDAY, sources="faro", lang=["es"], columns="url, text")
        assert found.to_pandas()["text"].tolist() == ["La sequía sigue.", "Hoy hay fiesta.", "La sequía acaba."]
        assert archive.documents(contains="rains", columns=["url"]).to_polars().height == 1
        assert archive.documents("2026-03-03", latest=True).read_all().num_rows == 2
        assert archive.documents(source_id="courier").read_all().num_rows == 1
        assert sum(batch.num_rows for batch in archive.documents(since=TUESDAY)) == 4
        with pytest.raises(SeedError, match="no such column"):
            archive.documents(columns=["txt"])
