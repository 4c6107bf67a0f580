"""Hundreds of raw responses, ordinary and malformed, through the handler: stored as served, or said to have failed."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest

from storage.warc.http import HttpFramer
from tests.spiders.lab import Lab
from tests.spiders.raw_origin import RawOrigin, reply_and_close
from tests.spiders.test_capture import judge_file

SUITE = Path(os.environ.get("HEMEROTECA_SHARED", "../shared")) / "suites" / "http-responses"
CURL_PARTIAL_FILE = 18


def whole_response(wire: bytes) -> bytes:
    """Return the response in *wire*, which may go on after its end."""
    raw = bytearray()
    HttpFramer("GET", raw.extend, lambda payload: None).feed(wire)
    return bytes(raw)


@pytest.mark.skipif(not SUITE.is_dir(), reason="no shared test data")
def test_every_response_of_the_suite_is_stored_as_served_or_failed(tmp_path: Path) -> None:
    cases = [json.loads(line) for path in sorted(SUITE.glob("*.jsonl")) for line in path.open()]
    served = [base64.b64decode(case["raw_b64"]) for case in cases]
    lab = Lab(tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=32)
    notes = []
    with RawOrigin({f"/{n}": reply_and_close(wire) for n, wire in enumerate(served)}) as origin:
        for start in range(0, len(cases), 32):
            urls = [f"http://127.0.0.1:{origin.port}/{n}" for n in range(start, min(start + 32, len(cases)))]
            notes += [fetched.note for fetched in lab.fetch_all(urls)]
    records = lab.records()
    judge_file(tmp_path / "t-00000.warc.gz")
    responses = {record.uri.rpartition("/")[2]: record for record in records if record.type == "response"}
    metadata = {record.uri.rpartition("/")[2]: record for record in records if record.type == "metadata"}
    assert len(metadata) == len(cases)
    for n, (case, wire, note) in enumerate(zip(cases, served, notes, strict=True)):
        fields = dict(metadata[str(n)].fields())
        response = responses.get(str(n))
        if response is None:
            assert (note.written, note.reason) == (None, fields["reason"]), case
            continue
        interim = json.loads(fields.get("interimResponses", '""')).encode("latin-1")
        assert wire.startswith(interim + response.block), case
        if case.get("curl_exit") == CURL_PARTIAL_FILE:
            assert response.header("WARC-Truncated"), case
        if response.header("WARC-Truncated"):
            assert note.written.state == "failed", case
        else:
            assert response.block == whole_response(wire), case
    print(f"suite http-responses: {len(cases)} cases, {len(responses)} with a response")
