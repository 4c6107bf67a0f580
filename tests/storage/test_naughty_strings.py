"""Strings that break careless programs go into records, indexes, ledgers and manifests, and come out as they were."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from storage.captures.exchange import ExchangeFacts, Failure
from storage.captures.index import index_warc, read_cdxj, read_records_index, write_cdxj, write_records_index
from storage.ledger import read_ledger, write_ledger
from storage.model.crawl import Crawl
from storage.model.source import Source
from storage.warc.fields import escape_line
from tests.shared import CountCases, needs_shared, read_cases
from tests.storage.exchanges import exchange, good, writer

pytestmark = needs_shared
CRAWL = Crawl(
    id="faro-20261124-nightly",
    source_id="faro",
    night=date(2026, 11, 24),
    trigger="nightly",
    started=datetime(2026, 11, 24, 3, tzinfo=UTC),
)
OURS = ["a\r\nWARC-Type: evil", "\x00\x07\x1b[31m", "x\u2028y\u2029z\x85", "a\tb"]


def strings() -> list[str]:
    return [case["text"] for case in read_cases("security/naughty_strings")] + OURS


def test_no_string_writes_lines_of_its_own(tmp_path: Path, count_cases: CountCases) -> None:
    texts = strings()
    warc = writer(tmp_path)
    for text in texts:
        raw = text.encode(errors="replace").replace(b"\r", b"").replace(b"\n", b"")
        head = b"HTTP/1.1 200 " + raw + b"\r\nETag: " + raw + b"\r\nLocation: " + raw + b"\r\nContent-Type: " + raw
        body = text.encode(errors="replace")
        facts = ExchangeFacts(kind="redirect", purpose="article", via=text, redirected_from=(text, text))
        made = exchange(head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body, facts=facts)
        made.url = f"http://faro.hemeroteca.test/{text}"
        assert warc.write(made, None)
        failed = exchange(b"", Failure("connect", text), facts=facts)
        failed.url = made.url
        warc.write(failed, None)
    (path,) = warc.close()
    assert good(path)
    found = index_warc(path, CRAWL, f"warc/{path.name}")
    assert [capture.target_uri for capture in found.captures] == [
        escape_line(f"http://faro.hemeroteca.test/{text}").strip() for text in texts
    ]
    assert [capture.via for capture in found.captures] == [escape_line(text).strip() for text in texts]
    revisits = [capture for capture in found.captures if capture.record_type == "revisit"]
    assert revisits, "two of the strings look alike once they are encoded"
    assert len(found.records) == 1 + 5 * len(texts) - len(revisits)
    assert {record.record_type for record in found.records} <= {
        "warcinfo",
        "response",
        "revisit",
        "request",
        "metadata",
    }
    back = read_cdxj(write_cdxj(found.captures))
    assert sorted(back, key=lambda one: one.record_id) == sorted(found.captures, key=lambda one: one.record_id)
    assert read_records_index(write_records_index(found.records)) == found.records
    assert sorted(read_ledger(write_ledger(found.outcomes)), key=repr) == sorted(found.outcomes, key=repr)
    count_cases("security/naughty_strings", len(texts) - len(OURS))


def test_a_newspaper_may_be_called_anything() -> None:
    for text in filter(None, strings()):
        source = Source(id="faro", title=text, homepage="http://faro.test/", language="es", rights=text)
        assert Source.model_validate_json(source.model_dump_json()) == source
