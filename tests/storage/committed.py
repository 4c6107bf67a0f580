"""Manifests with their captures, outcomes and documents, for tests of the catalog. A night is one day of March 2026."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from storage.catalog import Catalog
from storage.model.capture import Capture, Location
from storage.model.crawl import Crawl, Manifest, OutcomeCount, Software
from storage.model.document import Document, Extractor, TextManifest, text_digest
from storage.model.outcome import Outcome
from storage.model.placed_document import DocumentsObject, ObjectPart, PlacedDocument, RowGroup
from storage.model.source import Source
from storage.surt import urlkey

SOFTWARE = Software(version="0.1.0")
TRAFILATURA = Extractor(name="trafilatura", version="2.3.1", settings_digest="ab" * 32)
HOME = "http://faro.hemeroteca.test/"


class Committed(NamedTuple):
    """One crawl as its manifest commits it."""

    key: str
    manifest: Manifest
    captures: list[Capture]
    outcomes: list[Outcome]

    def apply(self, catalog: Catalog) -> bool:
        return catalog.apply_manifest(*self)


class Cleaned(NamedTuple):
    """One cleaning as its manifest commits it."""

    key: str
    manifest: TextManifest
    documents: list[PlacedDocument]

    def apply(self, catalog: Catalog) -> bool:
        return catalog.apply_text_manifest(*self)


def at(day: int, seconds: float = 0) -> datetime:
    return datetime(2026, 3, day, 2, tzinfo=UTC) + timedelta(seconds=seconds)


def crawl_of(day: int, source_id: str = "demo-faro") -> Crawl:
    night = date(2026, 3, day)
    return Crawl(
        id=f"{source_id}-{night:%Y%m%d}-nightly", source_id=source_id, night=night, trigger="nightly", started=at(day)
    )


class DraftCrawl:
    """A crawl in the making: each call is one URL it met. Record ids tell crawl, attempt and number."""

    def __init__(self, day: int, source_id: str = "demo-faro", late: str | None = None) -> None:
        self.crawl = crawl_of(day, source_id)
        self.day = day
        self.late = late
        self.captures: list[Capture] = []
        self.outcomes: list[Outcome] = []

    def captured(self, url: str, payload: str, status: int = 200, **facts: Any) -> Capture:
        """A new payload; an etag is its name in quotes."""
        capture = self._capture(url, status, payload_digest=f"sha1:{payload}", record_type="response")
        etag = f'"{payload}"' if status == 200 else '"of a redirect"'
        self._outcome(url, "captured", capture, body_digest=f"body of {payload}", etag=etag, **facts)
        return capture

    def unchanged(self, url: str, original: Capture, etag: str | None = None, **facts: Any) -> Capture:
        capture = self._revisit(url, 200, original)
        self._outcome(url, "unchanged", capture, body_digest="body again", etag=etag, **facts)
        return capture

    def not_modified(self, url: str, original: Capture) -> Capture:
        capture = self._revisit(url, 304, original)
        self._outcome(url, "not_modified", capture)
        return capture

    def failed(self, url: str, status: int) -> None:
        self._outcome(url, "failed", self._capture(url, status, record_type="response"), reason=f"http_{status}")

    def skipped(self, url: str, reason: str = "budget") -> None:
        self._outcome(url, "skipped", None, reason=reason)

    def duplicate(self, url: str, of: str) -> None:
        self._outcome(url, "skipped", None, reason="duplicate", detail=of)

    def committed(self, previous: str | None = None) -> Committed:
        counts: dict[tuple[str, str, str | None], int] = {}
        for outcome in self.outcomes:
            name = (outcome.purpose, outcome.state, outcome.reason)
            counts[name] = counts.get(name, 0) + 1
        manifest = Manifest(
            crawl=self.crawl,
            source=Source(id=self.crawl.source_id, title="Faro", homepage=HOME, language="es"),
            source_digest="0" * 64,
            attempts=(),
            ended=at(self.day, 600 if self.late is None else 700),
            end_reason="finished",
            software=SOFTWARE,
            objects=(),
            discovered=len(self.outcomes),
            counts=tuple(OutcomeCount(purpose=p, state=s, reason=r, urls=n) for (p, s, r), n in counts.items()),
            wire_bytes=1000 * len(self.captures),
            previous=previous,
            late=self.late is not None,
        )
        suffix = f"-late-{self.late}" if self.late else ""
        key = f"manifests/crawl/2026/03/{self.day:02}/{self.crawl.id}{suffix}.json"
        return Committed(key, manifest, list(self.captures), list(self.outcomes))

    def _capture(self, url: str, status: int, **facts: Any) -> Capture:
        number = len(self.captures)
        name = f"{self.crawl.id}-{self.late or 'first'}"
        fields = {
            "record_id": f"urn:uuid:{name}-{number:05}",
            "target_uri": url,
            "urlkey": urlkey(url),
            "date": at(self.day, number + (0.5 if self.late else 0)),
            "status": status,
            "media_type": "text/html",
            "record_digest": f"sha256:{number:064x}",
            "location": Location(key=f"warc/{name}.warc.gz", offset=1000 * number, length=900),
            "request": Location(key=f"warc/{name}.warc.gz", offset=1000 * number + 900, length=100),
            "crawl_id": self.crawl.id,
            "source_id": self.crawl.source_id,
            "night": str(self.crawl.night),
            "kind": "article",
            "purpose": "article",
            "via": f"{HOME}feed.xml",
            "redirected_from": ("http://faro.hemeroteca.test/old", "http://faro.hemeroteca.test/older"),
        }
        self.captures.append(Capture.model_validate(fields | facts))
        return self.captures[-1]

    def _revisit(self, url: str, status: int, original: Capture) -> Capture:
        return self._capture(
            url,
            status,
            record_type="revisit",
            payload_digest=original.payload_digest,
            refers_to=original.record_id,
            refers_to_uri=original.target_uri,
            refers_to_date=original.date,
        )

    def _outcome(self, url: str, state: str, capture: Capture | None, **facts: Any) -> None:
        fields = {
            "crawl_id": self.crawl.id,
            "source_id": self.crawl.source_id,
            "night": str(self.crawl.night),
            "url": url,
            "urlkey": urlkey(url),
            "kind": "article",
            "purpose": "article",
            "state": state,
            "status": capture.status if capture else None,
            "record_id": capture.record_id if capture else None,
            "fetched_at": capture.date if capture else None,
            "payload_digest": capture.payload_digest if capture else None,
        }
        self.outcomes.append(Outcome.model_validate(fields | facts))


def cleaned(crawl: Committed, texts: Sequence[tuple[Capture, str]], extractor: Extractor = TRAFILATURA) -> Cleaned:
    """Commit the documents of some captures of *crawl*, extracted an hour after it ended."""
    key = crawl.key.replace("/crawl/", "/text/").replace(".json", f"-{extractor.id}.json")
    done = crawl.manifest.ended + timedelta(hours=1)
    documents = [_document(capture, text, extractor, done) for capture, text in texts]
    manifest = TextManifest(
        crawl_id=crawl.manifest.crawl.id,
        source_id=crawl.manifest.crawl.source_id,
        night=crawl.manifest.crawl.night,
        crawl_manifest=crawl.key,
        extractor=extractor,
        ended=done,
        software=SOFTWARE,
        objects=(),
        documents=len(documents),
    )
    parquet = f"documents/{crawl.manifest.crawl.id}-{extractor.id}.parquet"
    held = DocumentsObject(
        key=parquet,
        bytes=1200,
        sha256="0" * 64,
        footer=ObjectPart(offset=1000, bytes=200, sha256="1" * 64),
        groups=(RowGroup(offset=4, bytes=996, sha256="2" * 64, rows=len(documents)),),
    )
    return Cleaned(key, manifest, [PlacedDocument(document, held, row) for row, document in enumerate(documents)])


def _document(capture: Capture, text: str, extractor: Extractor, extracted_at: datetime) -> Document:
    return Document(
        derived_from=capture.record_id,
        payload_record=capture.refers_to or capture.record_id,
        payload_digest=capture.payload_digest or "",
        location=capture.location,
        crawl_id=capture.crawl_id,
        source_id=capture.source_id,
        night=capture.night,
        url=capture.target_uri,
        urlkey=capture.urlkey,
        fetched_at=capture.date,
        status=capture.status,
        extractor=extractor,
        extracted_at=extracted_at,
        software=SOFTWARE,
        title="A headline",
        published="2026-03-01",
        published_known="meta",
        language="es",
        text=text,
        text_digest=text_digest(text),
    )
