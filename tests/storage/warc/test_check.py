"""WARC files of twenty other projects, sound and not: all are read as far as they go, and what is wrong is said."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.configuration import CHECKOUT
from storage.surt import urlkey
from storage.warc.check import survey_warc
from tests.storage.exchanges import PAGE, exchange, writer

CDX = "%Y%m%d%H%M%S"
SUITE = Path(os.environ.get("HEMEROTECA_SHARED", CHECKOUT.parent / "shared")) / "suites" / "warc"


def cases() -> list[dict[str, Any]]:
    if not SUITE.is_dir():
        pytest.skip("no shared test data")
    return [json.loads(line) for line in (SUITE / "warc.jsonl").open()]


def test_what_is_declared_invalid_is_said_to_be_with_its_place() -> None:
    found = cases()
    for case in found:
        survey = survey_warc(SUITE / case["file"])
        assert survey.problems or case["declared"] != "invalid", case["file"]
        assert all(0 <= problem.offset <= case["bytes"] for problem in survey.problems)
        for fatal in (problem for problem in survey.problems if problem.fatal):
            assert all(capture.offset + capture.length <= max(fatal.offset, 1) for capture in survey.captures)
    print(f"suite warc: {len(found)} cases")


def test_the_captures_of_a_sound_file_are_those_that_jwarc_finds() -> None:
    for case in cases():
        if case["jwarc_validate"] != 0:
            continue
        found = survey_warc(SUITE / case["file"]).captures
        gold = case.get("jwarc_cdxj") or []
        if isinstance(gold, dict):
            assert len(found) == gold["count"], case["file"]
            continue
        ours = [
            (
                _key(c.uri, urlkey(c.uri)),
                c.date.strftime(CDX),
                c.uri,
                c.status,
                c.payload_digest,
                c.offset,
                c.length,
            )
            for c in found
        ]
        theirs = [_gold(line) for line in gold]
        assert sorted(ours, key=repr) == sorted(theirs, key=repr), case["file"]


def _gold(line: dict[str, str]) -> tuple[Any, ...]:
    status = int(line["status"]) if "status" in line else None
    place = (int(line["offset"]), int(line["length"]))
    return _key(line["url"], line["urlkey"]), line["timestamp"], line["url"], status, line.get("digest"), *place


def _key(uri: str, key: str) -> str | None:
    """jwarc leaves the key of an address that is none of the web's to each tool."""
    return key if uri.startswith(("http:", "https:", "metadata:")) else None


def test_of_our_own_files_nothing_is_wrong(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    written = [warc.write(exchange(PAGE.replace(b"hello", b"hell%d" % n)), None) for n in range(3)]
    (path,) = warc.close()
    survey = survey_warc(path)
    assert survey.problems == []
    assert [(one.offset, one.length, one.status) for one in survey.captures] == [
        (one.offset, one.length, one.status) for one in written if one
    ]
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    assert len(survey_warc(plain).captures) == 3
    plain.write_bytes(plain.read_bytes()[:-9])
    damaged = survey_warc(plain)
    assert [problem.fatal for problem in damaged.problems] == [True]
    path.write_bytes(path.read_bytes()[:-3])
    assert [problem.fatal for problem in survey_warc(path).problems] == [True]
