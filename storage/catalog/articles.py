"""Articles and their versions, recounted from captures and documents whenever one of theirs is published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from storage.catalog.rows import Values, make_digest_id, urlkey_head
from storage.catalog.schema import articles, captures, documents, versions
from storage.database import execute_all, split_batches
from storage.model.capture import Capture

_BATCH = 500
_SEEN_STATUS = (200, 304)
_OF_A_VERSION = ("article", "extractor_id", "text_digest")
_OF_AN_ARTICLE = ("source_id", "urlkey", "family", "extracted_at")

Span = tuple[datetime, datetime]


def is_sighting(capture: Capture) -> bool:
    """Say whether *capture* shows that an article was there."""
    return capture.purpose == "article" and capture.status in _SEEN_STATUS


def recount_articles(connection: Connection, source_id: str, urlkeys: Iterable[str]) -> None:
    """Recount the articles of *source_id* at *urlkeys*: those that have a document."""
    for batch in split_batches(sorted(set(urlkeys)), _BATCH):
        ids = [make_digest_id(source_id, urlkey) for urlkey in batch]
        connection.execute(delete(articles).where(articles.c.article.in_(ids)))
        connection.execute(delete(versions).where(versions.c.article.in_(ids)))
        names = [documents.c[name] for name in (*_OF_A_VERSION, *_OF_AN_ARTICLE, "fetched_at", "record_id")]
        order = [documents.c[name] for name in (*_OF_A_VERSION, "fetched_at", "record_id")]
        found = connection.execute(select(*names).where(documents.c.article.in_(ids)).order_by(*order)).all()
        seen = _sightings(connection, source_id, {row.urlkey for row in found})
        execute_all(connection, versions.insert(), _versions(found))
        execute_all(connection, articles.insert(), _articles(found, seen))


def _versions(found: Sequence[Row[Any]]) -> list[Values]:
    made = []
    for names, group in groupby(found, key=lambda row: tuple(row[:3])):
        rows = list(group)
        made.append(
            dict(zip(_OF_A_VERSION, names, strict=True))
            | {
                "first_record_id": rows[0].record_id,
                "first_fetched_at": rows[0].fetched_at,
                "last_fetched_at": rows[-1].fetched_at,
            }
        )
    return made


def _articles(found: Sequence[Row[Any]], seen: dict[str, Span]) -> list[Values]:
    """Return the articles. Extractors of different versions tell texts apart differently: the one that saw most counts.

    Of what it made of one capture, with another card or site memory, the last text counts.
    """
    made = []
    for article, group in groupby(found, key=lambda row: row.article):
        rows = list(group)
        times = [row.fetched_at for row in rows] + list(seen.get(rows[0].urlkey, ()))
        made_last = sorted(rows, key=lambda row: (row.extracted_at, row.extractor_id))
        text_of = {(row.family, row.record_id): row.text_digest for row in made_last}
        texts = Counter(family for family, _ in {(family, text) for (family, _), text in text_of.items()})
        made.append(
            {
                "article": article,
                "source_id": rows[0].source_id,
                "urlkey": rows[0].urlkey,
                "first_seen": min(times),
                "last_seen": max(times),
                "versions": max(texts.values()),
            }
        )
    return made


def _sightings(connection: Connection, source_id: str, urlkeys: set[str]) -> dict[str, Span]:
    """Return when each of *urlkeys* was first and last captured as an article of *source_id*."""
    query = (
        select(captures.c.urlkey, func.min(captures.c.date), func.max(captures.c.date))
        .where(captures.c.urlkey_head.in_({urlkey_head(urlkey) for urlkey in urlkeys}))
        .where(captures.c.urlkey.in_(urlkeys), captures.c.source_id == source_id)
        .where(captures.c.purpose == "article", captures.c.status.in_(_SEEN_STATUS))
        .group_by(captures.c.urlkey)
    )
    return {urlkey: (first, last) for urlkey, first, last in connection.execute(query)}
