"""Hundreds of raw responses, ordinary and malformed, through the handler: stored as served, or said to have failed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from storage.warc.http import HttpFramer
from storage.warc.record import WarcMetadata, WarcRequest, WarcResponse
from tests.shared import RESPONSES, CountCases, needs_shared, read_cases
from tests.spiders.lab import Lab
from tests.spiders.raw_origin import RawOrigin, reply_and_close
from tests.spiders.wire.test_handler import judge_file
from tests.warc_records import of_type

CURL_PARTIAL_FILE = 18


def whole_response(wire: bytes) -> bytes:
    """Return the response in *wire*, which may go on after its end."""
    raw = bytearray()
    HttpFramer("GET", raw.extend, lambda payload: None).feed(wire)
    return bytes(raw)


def is_one_complete_response(case: dict[str, Any], wire: bytes) -> bool:
    """Say whether curl accepts *wire* and it is one final response, by RFC 9112, with nothing after it."""
    framer = HttpFramer("GET", lambda raw: None, lambda payload: None)
    framer.feed(wire)
    return case.get("curl_exit") == 0 and (framer.done or framer.to_close) and not framer.extra


@needs_shared
def test_every_response_of_the_suite_is_stored_as_served_or_failed(tmp_path: Path, count_cases: CountCases) -> None:
    cases = [case for name in RESPONSES for case in read_cases(name)]
    served = [base64.b64decode(case["raw_b64"]) for case in cases]
    lab = Lab(tmp_path, CONCURRENT_REQUESTS_PER_DOMAIN=32)
    lab.store_all()
    outcomes = []
    with RawOrigin({f"/{n}": reply_and_close(wire) for n, wire in enumerate(served)}) as origin:
        for start in range(0, len(cases), 32):
            urls = [f"http://127.0.0.1:{origin.port}/{n}" for n in range(start, min(start + 32, len(cases)))]
            outcomes += [fetched.outcome for fetched in lab.fetch_all(urls)]
    records = lab.records()
    judge_file(tmp_path / "t-00000.warc.gz")
    responses = {record.target_uri.rpartition("/")[2]: record for record in of_type(records, WarcResponse)}
    metadata = {record.target_uri.rpartition("/")[2]: record for record in of_type(records, WarcMetadata)}
    requests = {record.target_uri.rpartition("/")[2] for record in of_type(records, WarcRequest)}
    assert len(metadata) == len(requests) == len(cases)
    complete = whole = 0
    for n, (case, wire, outcome) in enumerate(zip(cases, served, outcomes, strict=True)):
        fields = dict(metadata[str(n)].block_fields())
        response = responses.get(str(n))
        interim = json.loads(fields.get("interimResponses", '""')).encode("latin-1")
        complete += is_one_complete_response(case, wire)
        if response is None:
            assert (outcome.status, outcome.reason) == (None, fields["reason"]), case
            continue
        assert wire.startswith(interim + response.block), case
        if case.get("curl_exit") == CURL_PARTIAL_FILE:
            assert response.truncated, case
        if response.truncated:
            assert (outcome.state, outcome.reason) == ("failed", fields["reason"]), case
            continue
        assert response.block == whole_response(wire), case
        assert fields.get("bytesAfterResponse", "0") == str(len(wire) - len(interim + response.block)), case
        whole += is_one_complete_response(case, wire) and wire == interim + response.block
    assert complete > len(cases) * 3 / 4
    assert whole / complete >= 0.97
    for name in RESPONSES:
        count_cases(name, len(read_cases(name)), f"stored; of all {whole} of {complete} complete ones as served")
