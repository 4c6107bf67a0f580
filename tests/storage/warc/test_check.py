"""WARC files of twenty other projects, sound and not: all are read as far as they go, and what is wrong is said."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import pytest

from storage.surt import urlkey
from storage.warc.check import check_warc
from storage.warc.reader import iter_records
from storage.warc.record import WarcResponse
from tests.shared import SUITES, CountCases, needs_shared, read_cases
from tests.storage.exchanges import PAGE, exchange, writer

CDX = "%Y%m%d%H%M%S"
SUITE = SUITES / "warc"


@needs_shared
def test_what_is_declared_invalid_is_said_to_be_with_its_place(count_cases: CountCases) -> None:
    found = read_cases("warc/warc")
    for case in found:
        checked = check_warc(SUITE / case["file"])
        assert checked.problems or case["declared"] != "invalid", case["file"]
        assert all(0 <= problem.offset <= case["bytes"] for problem in checked.problems)
        for fatal in (problem for problem in checked.problems if problem.fatal):
            assert all(capture.offset + capture.length <= max(fatal.offset, 1) for capture in checked.captures)
    count_cases("warc/warc", len(found))


@needs_shared
def test_the_captures_of_a_sound_file_are_those_that_jwarc_finds() -> None:
    for case in read_cases("warc/warc"):
        if case["jwarc_validate"] != 0:
            continue
        found = check_warc(SUITE / case["file"]).captures
        gold = case.get("jwarc_cdxj") or []
        if isinstance(gold, dict):
            assert len(found) == gold["count"], case["file"]
            continue
        ours = [
            (
                _key(c.target_uri, urlkey(c.target_uri)),
                c.date.strftime(CDX),
                c.target_uri,
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


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SOUND = {
    "WARC-Type": "response",
    "WARC-Record-ID": "<urn:b>",
    "WARC-Date": "2026-11-24T03:00:00Z",
    "WARC-Target-URI": "http://a.test/",
    "Content-Type": "application/http; msgtype=response",
}
WARCINFO = {"WARC-Type": "warcinfo", "WARC-Record-ID": "<urn:a>", "WARC-Date": "2026"}


def stored(block: bytes, fields: dict[str, str]) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in (fields | {"Content-Length": str(len(block))}).items()]
    return f"WARC/1.1\r\n{''.join(lines)}\r\n".encode() + block + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("block", "changed", "reason"),
    [
        (OK, {}, None),
        (OK, {"WARC-Record-ID": ""}, "no warc-record-id"),
        (OK, {"WARC-Date": "yesterday"}, "WARC-Date is not a date"),
        (OK, {"Content-Type": "application/http;msgtype=request"}, "a response whose Content-Type is application/http"),
        (OK, {"WARC-Segment-Number": "2"}, "WARC-Segment-Number does not fit its type"),
        (OK, {"WARC-Block-Digest": f"sha1:{hashlib.sha1(OK).hexdigest()}"}, None),
        (OK, {"WARC-Block-Digest": "sha1:0"}, "the block does not match WARC-Block-Digest"),
        (OK, {"WARC-Block-Digest": "crc:0"}, None),
        (b"ok", {}, "no HTTP response head"),
        (OK.replace(b"2\r\n\r\n", b"two\r\n\r\n"), {}, "the HTTP response breaks its own framing"),
        (OK, {"WARC-Warcinfo-ID": "<urn:a>"}, None),
        (OK, {"WARC-Concurrent-To": "<urn:elsewhere>"}, None),
        (OK, {"WARC-Concurrent-To": "<urn:a>"}, "WARC-Concurrent-To names a record that is not of a capture"),
    ],
)
def test_what_is_wrong_is_said_by_the_layer_that_it_is_in(
    tmp_path: Path, block: bytes, changed: dict[str, str], reason: str | None
) -> None:
    path = tmp_path / "one.warc"
    first = stored(b"", WARCINFO)
    path.write_bytes(first + stored(block, SOUND | changed))
    found = check_warc(path).problems
    assert [problem.offset for problem in found] == [len(first)] * (reason is not None)
    assert all(problem.reason.startswith(reason or "nothing") for problem in found)


def test_a_warcinfo_id_that_names_another_record_is_said(tmp_path: Path) -> None:
    path = tmp_path / "two.warc"
    path.write_bytes(stored(OK, SOUND) + stored(OK, SOUND | {"WARC-Warcinfo-ID": "<urn:b>"}))
    assert [problem.reason for problem in check_warc(path).problems] == [
        "WARC-Warcinfo-ID names a record that is not a warcinfo"
    ]


def test_of_our_own_files_nothing_is_wrong(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    written = [warc.write(exchange(PAGE.replace(b"hello", b"hell%d" % n)), None) for n in range(3)]
    (path,) = warc.close()
    checked = check_warc(path)
    assert checked.problems == []
    stored = [(one.offset, one.length) for one in iter_records(path) if isinstance(one, WarcResponse)]
    assert [(one.offset, one.length) for one in checked.captures] == stored
    assert [one.payload_digest for one in checked.captures] == [one.payload_digest for one in written]
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    assert len(check_warc(plain).captures) == 3
    plain.write_bytes(plain.read_bytes()[:-9])
    damaged = check_warc(plain)
    assert [problem.fatal for problem in damaged.problems] == [True]
    path.write_bytes(path.read_bytes()[:-3])
    assert [problem.fatal for problem in check_warc(path).problems] == [True]
