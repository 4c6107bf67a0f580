"""The index of a WARC file says again what the crawl knew when it wrote it."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from storage.captures.exchange import Exchange, ExchangeFacts, Failure
from storage.captures.index import FileIndex, index_warc
from storage.captures.stored_exchanges import cut_unfinished
from storage.model.errors import FixityError
from storage.model.outcome import Outcome
from storage.model.page_facts import PageFacts
from storage.objects import Store
from storage.warc.members import iter_members, mend_warc
from storage.warc.reader import read_member
from tests.storage.exchanges import CRAWL, PAGE, REQUEST, Ticking, exchange, known_of, writer

KEY = "warc/faro/2026/11/24/faro-20261124-nightly-0badcafe-00000.warc.gz"
FACTS = ExchangeFacts(
    kind="redirect",
    purpose="article",
    via="http://faro.hemeroteca.test/feed.xml",
    redirected_from=("http://faro.hemeroteca.test/1", "http://faro.hemeroteca.test/2"),
    announced=datetime(2026, 11, 23, 18, 30, tzinfo=UTC),
)
ROBOTS = ExchangeFacts(kind="robots", purpose="robots")
TDMREP = ExchangeFacts(kind="tdmrep", purpose="tdmrep")
CUT = PAGE.removesuffix(b"lo")
LONG = b"/" + b"x" * 900
STATUS = b"HTTP/1.1 %b\r\nLast-Modified: Tue, 24 Nov 2026 02:00:00 GMT\r\nContent-Length: 1\r\n\r\nx"


def written(directory: Path, *exchanges: Exchange) -> tuple[Path, list[Outcome]]:
    """Write *exchanges*, and return the file and the outcomes that the crawl had of them."""
    warc = writer(directory)
    outcomes = [warc.write(made, None) for made in exchanges]
    return warc.close()[0], outcomes


def indexed(path: Path) -> FileIndex:
    return index_warc(path, CRAWL, KEY)


def test_what_a_page_says_of_itself_is_remade_from_its_metadata_record(tmp_path: Path) -> None:
    said = exchange(PAGE, facts=FACTS)
    said.page = PageFacts(
        robots_header="noarchive, unavailable_after: 2027",
        robots_meta="noai\r\nWARC-Type: x",
        tdm_reservation=False,
        tdm_policy="http://faro.hemeroteca.test/policy",
        content_signal="search=yes, ai-train=no",
        canonical="http://faro.hemeroteca.test/c",
        flags=("paywall", "captcha"),
        evidence=("paywall: json-ld", "captcha: title", "paywall: meta"),
    )
    path, _ = written(tmp_path, said, exchange(CUT))
    (capture, cut), _, (outcome, cut_outcome) = indexed(path)
    expected = said.page.model_copy(update={"robots_meta": "noai%0D%0AWARC-Type: x"})
    for found in (capture, outcome):
        assert PageFacts(**{name: getattr(found, name) for name in PageFacts.model_fields}) == expected
    assert (cut.flags, cut_outcome.flags) == ((), ("truncated",))


def test_an_article_is_one_capture_and_one_outcome_with_all_that_was_known(tmp_path: Path) -> None:
    path, (live,) = written(tmp_path, exchange(PAGE, facts=FACTS))
    (capture,), lines, (outcome,) = indexed(path)
    assert outcome == live
    for found in (capture, outcome):
        assert (found.crawl_id, found.source_id, found.night) == (CRAWL.id, "faro", CRAWL.night)
        assert (found.kind, found.purpose, found.via) == ("redirect", "article", FACTS.via)
        assert found.redirected_from == FACTS.redirected_from
        assert found.urlkey == "test,hemeroteca,faro)/noticia"
        assert (found.status, found.media_type) == (200, "text/html")
    assert (capture.target_uri, capture.date, capture.record_type) == (live.url, live.fetched_at, "response")
    assert (capture.record_id, capture.payload_digest) == (live.record_id, live.payload_digest)
    assert (outcome.announced, outcome.fetched_at) == (FACTS.announced, datetime(2026, 11, 24, 3, 0, 2, 123456, UTC))
    assert (outcome.state, outcome.reason, outcome.detail, outcome.flags) == ("captured", None, None, ())
    assert (outcome.etag, outcome.body_digest, outcome.duration_seconds) == ('"a"', sha256(b"hello").hexdigest(), 1.0)
    assert outcome.wire_bytes == len(PAGE)
    assert [line.record_type for line in lines] == ["warcinfo", "response", "request", "metadata"]


def test_every_place_and_digest_reads_back_to_its_record(tmp_path: Path) -> None:
    path, _ = written(tmp_path, exchange(PAGE), exchange(b"", Failure("timeout")), exchange(PAGE))
    stored = path.read_bytes()
    captures, lines, _ = indexed(path)
    assert len(captures) == 2
    for capture in captures:
        assert capture.request
        assert capture.location.key == capture.request.key == KEY
        place, request = capture.location, capture.request
        response = read_member(stored[place.offset : place.offset + place.length])
        assert (response.record_id, f"sha256:{response.sha256}") == (capture.record_id, capture.record_digest)
        assert read_member(stored[request.offset : request.offset + request.length]).block == REQUEST
    for line in lines:
        record = read_member(stored[line.offset : line.offset + line.length])
        assert (record.record_id, record.type, record.sha256) == (line.record_id, line.record_type, line.sha256)
    assert sum(line.length for line in lines) == len(stored)


def hostile() -> Exchange:
    """Return an exchange of which every word comes from a stranger who knows what a WARC file looks like."""
    facts = FACTS.model_copy(
        update={"via": "http://a.test/\r\nreason: dns", "announced": datetime(1, 1, 1, tzinfo=UTC)}
    )
    head = b"HTTP/1.1 200 OK\r\nETag: \x85 a\x00\r\nLast-Modified: \xff\r\nContent-Type: text/html;\x0b\r\n"
    made = exchange(head + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", facts=facts)
    evidence = ("captcha: title a\u2028b\x7f ", "soft_404:\xa0")
    made.page = PageFacts(
        robots_meta=" \r\nflag: paywall", canonical="", flags=("captcha", "soft_404"), evidence=evidence
    )
    made.distrust = "etag"
    return made


@pytest.mark.parametrize(
    ("made", "state", "reason", "status", "detail"),
    [
        (exchange(STATUS % b"301 Moved\r\nLocation: /a\r\nLocation: /b"), "captured", None, 301, "/a"),
        (exchange(STATUS % (b"302 Found\r\nLocation: " + LONG)), "captured", None, 302, LONG.decode()),
        (exchange(STATUS % b"300 Multiple Choices\r\nLocation: /a"), "captured", None, 300, None),
        (exchange(STATUS % b"404 Not Found"), "failed", "http_404", 404, None),
        (exchange(STATUS % b"404 Not Found", facts=ROBOTS), "captured", None, 404, None),
        (exchange(STATUS % b"403 Forbidden", facts=ROBOTS), "captured", None, 403, None),
        (exchange(STATUS % b"429 Too Many Requests", facts=ROBOTS), "failed", "http_429", 429, None),
        (exchange(STATUS % b"500 Internal Server Error", facts=ROBOTS), "failed", "http_500", 500, None),
        (exchange(STATUS % b"404 Not Found", facts=TDMREP), "captured", None, 404, None),
        (exchange(STATUS % b"503 Service Unavailable"), "failed", "http_503", 503, None),
        (exchange(STATUS % b"304 Not Modified"), "failed", "http_304", 304, None),
        (exchange(CUT, Failure("timeout", "took long "), "time"), "failed", "timeout", 200, "took long"),
        (exchange(CUT, Failure("length", "too long"), "length"), "failed", "length", 200, "too long"),
        (exchange(CUT), "failed", "connect", 200, "response cut"),
        (exchange(b"", Failure("dns", "no such host\nx")), "failed", "dns", None, "no such host%0Ax"),
        (exchange(b"", Failure("tls")), "failed", "tls", None, None),
        (exchange(b"SSH-2.0-x\r\n\r\n"), "failed", "protocol", None, "no HTTP response"),
        (hostile(), "captured", None, 200, None),
    ],
)
def test_the_outcome_made_again_from_the_file_is_the_one_that_the_crawl_had(
    tmp_path: Path, made: Exchange, state: str, reason: str | None, status: int | None, detail: str | None
) -> None:
    path, (live,) = written(tmp_path, made)
    captures, _, (outcome,) = indexed(path)
    assert outcome == live
    assert (live.url, live.state, live.reason, live.status, live.detail) == (made.url, state, reason, status, detail)
    assert [capture.record_id for capture in captures] == ([live.record_id] if status else [])
    assert [capture.truncated for capture in captures] == ([made.truncated] if status else [])
    assert ("truncated" in live.flags) == (made.truncated is not None)


def test_revisits_are_unchanged_or_not_modified_and_name_what_they_refer_to(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    live = [first]
    for answer in (PAGE, b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'):
        live.append(warc.write(exchange(answer), known_of(first)))
    captures, lines, outcomes = indexed(warc.close()[0])
    assert outcomes == live
    assert [line.record_type for line in lines[4:]] == ["revisit", "request"] * 2
    assert [(outcome.state, outcome.reason) for outcome in outcomes] == [
        ("captured", None),
        ("unchanged", None),
        ("not_modified", None),
    ]
    assert [outcome.wire_bytes for outcome in outcomes[:2]] == [len(PAGE)] * 2
    for revisit in captures[1:]:
        assert revisit.record_type == "revisit"
        assert (revisit.refers_to, revisit.refers_to_uri) == (first.record_id, first.url)
        assert (revisit.refers_to_date, revisit.payload_digest) == (first.fetched_at, first.payload_digest)


def test_a_revisit_says_of_its_page_what_a_response_and_its_metadata_do(tmp_path: Path) -> None:
    def said() -> Exchange:
        made = exchange(PAGE, facts=FACTS)
        made.page = PageFacts(robots_meta="noai", canonical=made.url, flags=("paywall",), evidence=("paywall: meta",))
        return made

    warc = writer(tmp_path)
    first = warc.write(said(), None)
    warc.write(said(), known_of(first))
    captures, _, outcomes = indexed(warc.close()[0])
    for response, revisit in (captures, outcomes):
        theirs = ("record_id", "record_type", "record_digest", "location", "request", "state", "date", "fetched_at")
        same = [name for name in type(response).model_fields if name not in theirs and not name.startswith("refers_to")]
        assert [getattr(revisit, name) for name in same] == [getattr(response, name) for name in same]


@pytest.mark.parametrize(("whole", "captures", "requests"), [(1, 0, 0), (2, 1, 0), (3, 1, 1)])
def test_an_exchange_cut_by_a_kill_is_listed_but_has_no_outcome(
    tmp_path: Path, whole: int, captures: int, requests: int
) -> None:
    path, _ = written(tmp_path, exchange(PAGE))
    ends = [member.offset + member.length for member in iter_members(path, 0)]
    with path.open("r+b") as file:
        file.truncate(ends[whole - 1] + 5)
    assert mend_warc(path) == 5
    found = indexed(path)
    assert len(found.records) == whole
    assert (len(found.captures), len([c for c in found.captures if c.request])) == (captures, requests)
    assert [(capture.kind, capture.purpose) for capture in found.captures] == [("unfinished", "unfinished")] * captures
    assert found.outcomes == []
    assert cut_unfinished(path) == ends[whole - 1] - ends[0]
    assert path.stat().st_size == ends[0]


def test_a_revisit_cut_from_its_request_has_no_outcome(tmp_path: Path) -> None:
    warc = writer(tmp_path)
    first = warc.write(exchange(PAGE), None)
    warc.write(exchange(PAGE), known_of(first))
    (path,) = warc.close()
    ends = [member.offset + member.length for member in iter_members(path, 0)]
    with path.open("r+b") as file:
        file.truncate(ends[-1] - 1)
    assert mend_warc(path)
    captures, lines, outcomes = indexed(path)
    assert [line.record_type for line in lines[4:]] == ["revisit"]
    assert [(capture.kind, capture.request) for capture in captures[1:]] == [("unfinished", None)]
    assert len(outcomes) == 1
    assert cut_unfinished(path)
    assert indexed(path).captures == captures[:1]
    assert cut_unfinished(path) == 0


def test_one_range_of_the_stored_file_gives_one_record(tmp_path: Path, store: Store) -> None:
    pages = [PAGE, PAGE.replace(b"hello", b"salve")]
    path, _ = written(tmp_path, *map(exchange, pages))
    store.put_new_file(KEY, path, schema="warc/1.1", content_type="application/warc")
    for capture, page in zip(indexed(path).captures, pages, strict=True):
        record = read_member(store.read_range(KEY, capture.location.offset, capture.location.length))
        assert (record.record_id, record.block) == (capture.record_id, page)


def test_a_url_fetched_again_has_both_outcomes_in_order(tmp_path: Path) -> None:
    path, _ = written(tmp_path, exchange(b"", Failure("timeout")), exchange(PAGE))
    assert [outcome.state for outcome in indexed(path).outcomes] == ["failed", "captured"]


def test_a_damaged_file_is_not_indexed(tmp_path: Path) -> None:
    path, _ = written(tmp_path, exchange(PAGE))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(FixityError):
        indexed(path)


def test_an_exchange_that_was_never_sent_is_an_outcome_of_its_metadata_alone(tmp_path: Path) -> None:
    made = Exchange("https://no.hemeroteca.test/", "GET", FACTS, Ticking())
    made.end(Failure("dns", "no such host"))
    path, _ = written(tmp_path, made)
    captures, lines, (outcome,) = indexed(path)
    assert captures == []
    assert [line.record_type for line in lines] == ["warcinfo", "metadata"]
    assert (outcome.url, outcome.reason, outcome.via) == ("https://no.hemeroteca.test/", "dns", FACTS.via)
