"""docs/format.md: the fields of our own WARC records are described, those that are written and no others."""

from __future__ import annotations

from datetime import UTC, datetime

from storage.captures.exchange import Exchange, ExchangeFacts, Failure, TlsSession
from storage.captures.exchange_records import build_warcinfo
from storage.captures.metadata_record import write_metadata_fields
from storage.captures.writer import describe_crawler
from storage.model.page_facts import PageFacts
from storage.warc.fields import read_fields
from tests.docs.test_format import described_names
from tests.storage.exchanges import PAGE, exchange

FACTS = ExchangeFacts(
    kind="redirect", purpose="article", via="http://a.test/", redirected_from=("http://a.test/b",),
    announced=datetime(2026, 3, 1, tzinfo=UTC), checks="urn:uuid:x",
)  # fmt: skip
SAID = PageFacts(
    robots_header="noai", robots_meta="noai", tdm_reservation=True, tdm_policy="http://a.test/policy",
    content_signal="ai-train=no", canonical="http://a.test/c", amphtml="http://a.test/amp",
    flags=("paywall",), evidence=("paywall: json-ld isAccessibleForFree=false",),
)  # fmt: skip


def whole_exchange() -> Exchange:
    """Return an exchange of which there is everything to say, but what did not come as HTTP."""
    made = exchange(b"HTTP/1.1 103 Early Hints\r\n\r\n" + PAGE + b"more", facts=FACTS)
    made.method, made.request_query = "POST", "q=peace"
    made.page, made.distrust, made.body_error = SAID, "etag", "undecodable"
    made.failure, made.tls = Failure("error", "what happened"), TlsSession("tls/1.3", None, "not for a.test")
    return made


def test_the_fields_of_metadata_records_are_described() -> None:
    found = {name for made in (whole_exchange(), exchange(b"SSH-2.0\r\n")) for name, _ in write_metadata_fields(made)}
    assert found == described_names("Fields of metadata records")


def test_the_fields_of_warcinfo_records_are_described() -> None:
    info = describe_crawler("a@b.test", "0.1.0", "c0ffee", "somebody", "0" * 64)
    record = build_warcinfo("urn:uuid:x", "2026-03-01T00:00:00Z", "x.warc.gz", info)
    assert {name for name, _ in read_fields(b"".join(record.block))} == described_names("Fields of warcinfo records")
