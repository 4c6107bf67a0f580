"""Batches of files: one result row for each row, in order, whatever is in the rows."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.batch import PageRow, extract_rows, extract_rows_with_memory
from hemeroteca.extraction.workers.pool import Limits, WorkerPool
from tests.extraction.pages import BODY, FETCHED, HEADLINE, URL, article, page
from tests.extraction.workers.test_pool import HOSTILE

TEXT = "\n".join(BODY)
SLOW = "<title>x</title>" + "<a " + " ".join(f"a{n}=1" for n in range(60_000)) + ">x</a>"


@pytest.fixture(scope="module")
def workers() -> Iterator[WorkerPool]:
    with WorkerPool(2, Limits(seconds=5)) as started:
        yield started


def extracted(workers: WorkerPool, folder: Path, *lines: str | Mapping[str, object]) -> list[dict[str, Any]]:
    rows = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return list(extract_rows(rows, folder, workers, FETCHED))


def write(folder: Path, name: str, content: str | bytes) -> str:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return name


def test_answers_come_in_the_order_of_their_rows_with_the_ids_as_given(workers: WorkerPool, tmp_path: Path) -> None:
    slow = write(tmp_path, "slow.html", SLOW)
    quick = write(tmp_path, "quick.html", article())
    rows = [{"id": number, "path": slow if number == 0 else quick} for number in range(12)]
    found = extracted(workers, tmp_path, *rows)
    assert [one["id"] for one in found] == list(range(12))
    assert [one["text"] for one in found[1:]] == [TEXT] * 11


def test_an_answer_has_the_fields_of_a_document_as_plain_values(workers: WorkerPool, tmp_path: Path) -> None:
    write(tmp_path, "page.html.gz", gzip.compress(article().encode()))
    row = {"id": "a", "path": "page.html.gz", "url": URL, "fetched": "2026-11-24T03:00:00"}
    [found] = extracted(workers, tmp_path, row)
    assert found == {"id": "a", **extract_page(page(article(), None)).model_dump(mode="json")}
    assert (found["title"], found["authors"], found["published"]) == (HEADLINE, [], None)
    assert found["known"]["text"].startswith("trafilatura, ")


def test_every_row_that_fails_says_why_and_costs_no_other(workers: WorkerPool, tmp_path: Path) -> None:
    write(tmp_path, "good.html", article())
    write(tmp_path, "cut.html.gz", gzip.compress(article().encode())[:-20])
    write(tmp_path, "paper.pdf", "%PDF-1.7 ...")
    write(tmp_path, "empty.html", "")
    found = extracted(
        workers, tmp_path, "no json", {"id": "b"}, '{"id": "c", "path": "absent.html"}', "", {"id": "d", "path": "."},
        {"id": "e", "path": "cut.html.gz"}, {"id": "f", "path": "paper.pdf"}, {"id": "g", "path": "empty.html"},
        {"id": "j", "path": "a\0b"}, {"id": "h", "path": "good.html", "fetched": "soon"},
        {"id": "i", "path": "good.html"}, "[1]",
    )  # fmt: skip
    assert [(one["id"], one.get("reason")) for one in found] == [
        (None, "row"), ("b", "row"), ("c", "file"), ("d", "file"), ("e", "undecodable"), ("f", "not_html"),
        ("g", "no_main_text"), ("j", "file"), ("h", "row"), ("i", None), (None, "row"),
    ]  # fmt: skip
    for one in found[:-2]:
        assert (one["text"], one["authors"], one["published"]) == ("", [], None) and one["detail"]


def test_what_is_no_regular_file_is_never_opened(workers: WorkerPool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    write(tmp_path, "good.html", article())
    found = extracted(workers, tmp_path, *({"id": 1, "path": path} for path in ("pipe.html", "/dev/zero", "good.html")))
    assert [one.get("reason") for one in found] == ["file", "file", None]
    assert [one["detail"].partition(": ")[2] for one in found[:2]] == ["is no regular file"] * 2


@pytest.mark.parametrize("row_id", [True, False, 1.0, 0.5, "1", 10**30, ""])
def test_an_id_comes_back_as_it_was_given(workers: WorkerPool, tmp_path: Path, row_id: object) -> None:
    write(tmp_path, "good.html", article())
    [found] = extracted(workers, tmp_path, {"id": row_id, "path": "good.html"})
    assert json.dumps(found["id"]) == json.dumps(row_id)
    assert ("reason" in found) == isinstance(row_id, float | bool)


def test_a_worker_that_is_lost_is_told_with_the_row(tmp_path: Path) -> None:
    write(tmp_path, "hang", article())
    with capture_logs() as events, WorkerPool(1, Limits(seconds=1), HOSTILE) as started:
        [found] = extracted(started, tmp_path, {"id": 7, "path": "hang"})
    assert (found["reason"], found["detail"]) == ("timeout", "1 s")
    assert [event["url"] for event in events] == ["row 1: hang"]


def test_a_row_that_names_its_type_is_believed(workers: WorkerPool, tmp_path: Path) -> None:
    write(tmp_path, "page", article())
    [found] = extracted(workers, tmp_path, {"id": 1, "path": "page", "content_type": "application/json"})
    assert found["reason"] == "not_html"


def test_a_bare_time_of_a_row_is_utc() -> None:
    assert PageRow.model_validate({"id": 1, "path": "x", "fetched": "2026-11-24T03:00"}).fetched == FETCHED


def test_a_fold_takes_the_model_that_never_saw_its_hosts(tmp_path: Path) -> None:
    write(tmp_path, "page.html", article())
    with WorkerPool(1, fold=3) as started:
        [found] = extracted(started, tmp_path, {"id": 1, "path": "page.html", "url": URL, "fetched": str(FETCHED)})
    expected = extract_page(page(article(), None), 3)
    assert found["confidence"] == expected.confidence
    assert expected.confidence != extract_page(page(article(), None)).confidence


def test_pages_of_one_host_inform_each_other_where_that_is_wanted(workers: WorkerPool, tmp_path: Path) -> None:
    rows = []
    for number in range(6):
        story = [f"{sentence} It was day {number} of the {number}th week." for sentence in BODY]
        write(tmp_path, f"{number}.html", article(*story[:2], "Our app brings you the port", story[2]))
        rows.append({"id": number, "path": f"{number}.html", "url": f"https://faro.hemeroteca.test/port/{number}"})
    write(tmp_path, "other.html", article())
    rows += [{"id": "other", "path": "other.html", "url": "https://other.test/"}, {"id": "absent", "path": "absent"}]
    lines = [json.dumps(row) for row in rows]
    alone = list(extract_rows(lines, tmp_path, workers, FETCHED))
    found = list(extract_rows_with_memory(lines, tmp_path, workers, FETCHED))
    assert "Our app brings you the port" in alone[0]["text"]
    assert [one["id"] for one in found] == [row["id"] for row in rows]
    for before, after in zip(alone[:6], found[:6], strict=True):
        kept = [line for line in before["text"].split("\n") if line != "Our app brings you the port"]
        assert (after["text"], after["repeated"]) == ("\n".join(kept), ["Our app brings you the port"])
    assert found[6:] == alone[6:]
