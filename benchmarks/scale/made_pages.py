"""What a newspaper might have captured in a night: captures, outcomes and documents, as its crawl would leave them.

Each night has robots.txt, a sitemap, new articles with a document each, and a second look at the articles of the night
before, which have not changed.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from storage import keys
from storage.model.capture import Capture, Location
from storage.model.crawl import Attempt, Crawl, Software
from storage.model.document import Document, Extractor, text_digest
from storage.model.outcome import Kind, Outcome
from storage.surt import urlkey

SOFTWARE = Software(version="0.1.0")
EXTRACTOR = Extractor(name="hemeroteca", version="0.1.0", settings_digest="ab" * 32)
_VOCABULARY = (
    "council minister market bridge harbour winter election budget report hospital school teacher river museum train "
    "station region village farmer factory energy water price court judge trial player season league theatre novel"
)
_WORDS = _VOCABULARY.split()
_SECTIONS = ("spain", "world", "economy", "culture", "sport")
_WORDS_OF_TEXT = 200
_REQUEST_BYTES = 480
_REVISIT_BYTES = 750


class Look(NamedTuple):
    """One address that a crawl fetched."""

    capture: Capture
    outcome: Outcome
    document: Document | None = None


class Fetched(NamedTuple):
    """How one address came: with ``held`` as a revisit of that capture."""

    url: str
    purpose: Kind
    status: int
    length: int
    held: Capture | None = None


def look_at_pages(crawl: Crawl, base: str, articles: int, before: list[Capture], chance: random.Random) -> list[Look]:
    """Return what *crawl* fetched: *articles* new ones, and again those of *before*, which is what it must know."""
    attempt = Attempt(crawl_id=crawl.id, nonce=f"{chance.getrandbits(32):08x}", started=crawl.started)
    warc = keys.warc(crawl, keys.warc_name(attempt, 0))
    offset, found = 0, []
    for number, fetched in enumerate(_fetch_pages(crawl, base, articles, before, chance)):
        at = crawl.started + timedelta(seconds=2 * number, microseconds=chance.randrange(1_000_000))
        found.append(_look(crawl, fetched, at, Location(key=warc, offset=offset, length=fetched.length), chance))
        offset += fetched.length + _REQUEST_BYTES
    return found


def _fetch_pages(
    crawl: Crawl, base: str, articles: int, before: list[Capture], chance: random.Random
) -> Iterator[Fetched]:
    yield Fetched(f"{base}/robots.txt", "robots", 200, 900)
    yield Fetched(f"{base}/sitemap.xml", "sitemap", 200, 9000)
    for _ in range(articles):
        slug = "-".join(chance.choices(_WORDS, k=4))
        path = f"{chance.choice(_SECTIONS)}/{crawl.night}/{slug}-{chance.getrandbits(32):08x}.html"
        yield Fetched(f"{base}/{path}", "article", 200, chance.randrange(20_000, 60_000))
    for held in before:
        yield Fetched(held.target_uri, "article", 304, _REVISIT_BYTES, held)


def _look(crawl: Crawl, fetched: Fetched, at: datetime, place: Location, chance: random.Random) -> Look:
    held, is_article = fetched.held, fetched.purpose == "article"
    of_crawl = {"crawl_id": crawl.id, "source_id": crawl.source_id, "night": crawl.night}
    both: dict[str, Any] = of_crawl | {
        "record_id": f"urn:uuid:{UUID(int=chance.getrandbits(128), version=4)}",
        "urlkey": urlkey(fetched.url),
        "status": fetched.status,
        "media_type": "text/html" if is_article else None,
        "payload_digest": held.payload_digest if held else f"sha1:{base64.b32encode(chance.randbytes(20)).decode()}",
        "kind": fetched.purpose,
        "purpose": fetched.purpose,
        "via": f"{fetched.url.split('/', 3)[0]}//{fetched.url.split('/', 3)[2]}/sitemap.xml" if is_article else "card",
        "canonical": fetched.url if is_article and not held else None,
        "robots_meta": "index, follow, max-image-preview:large" if is_article and not held else None,
    }
    capture = Capture(
        **both,
        record_type="revisit" if held else "response",
        target_uri=fetched.url,
        date=at,
        record_digest=f"sha256:{chance.randbytes(32).hex()}",
        refers_to=held.record_id if held else None,
        refers_to_uri=held.target_uri if held else None,
        refers_to_date=held.date if held else None,
        location=place,
        request=Location(key=place.key, offset=place.offset + place.length, length=_REQUEST_BYTES),
    )
    outcome = Outcome(
        **both,
        url=fetched.url,
        state="not_modified" if held else "captured",
        fetched_at=at,
        body_digest=None if held else chance.randbytes(32).hex(),
        etag=None if held else f'"{chance.getrandbits(64):x}"',
        last_modified=None if held else "Sun, 01 Mar 2026 02:00:00 GMT",
        wire_bytes=fetched.length,
    )
    return Look(capture, outcome, _clean(capture, chance) if is_article and not held else None)


def _clean(capture: Capture, chance: random.Random) -> Document:
    text = "\n".join(" ".join(chance.choices(_WORDS, k=20)) for _ in range(_WORDS_OF_TEXT // 20))
    same = ("payload_digest", "location", "crawl_id", "source_id", "night", "urlkey", "status", "robots_meta")
    return Document(
        **{name: getattr(capture, name) for name in same},
        derived_from=capture.record_id,
        payload_record=capture.record_id,
        url=capture.target_uri,
        fetched_at=capture.date,
        extractor=EXTRACTOR,
        extracted_at=capture.date + timedelta(hours=1),
        software=SOFTWARE,
        title=" ".join(chance.choices(_WORDS, k=8)).capitalize(),
        published=f"{capture.night}T07:00:00+01:00",
        published_known="json-ld:datePublished",
        language="en",
        text=text,
        text_digest=text_digest(text),
        confidence=0.9,
    )
