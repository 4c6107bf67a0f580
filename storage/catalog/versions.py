"""What an article said from when to when, worked out from its captures and their documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from storage.catalog.queries import at_urlkey
from storage.catalog.schema import captures, crawl_names, documents, names, traits, urls
from storage.database import split_batches
from storage.model.document import text_digest

_MOST_VALUES = 500
_SEEN_STATUS = (200, 304)


class ArticleVersion(NamedTuple):
    """One text of an article, from when it was first fetched until it was last, before it changed."""

    record_id: str
    """The first capture whose document has the text."""
    first_fetched: datetime
    last_fetched: datetime
    text_digest: str


class _Text(NamedTuple):
    """A document of a capture: what ``family`` of extractors made of it last."""

    extracted_at: datetime
    extractor_id: str
    family: str
    text_digest: str


class _Sighting(NamedTuple):
    """The article at one time. ``texts`` are of the capture ``record_id``: its own, else its original's."""

    date: datetime
    payload_digest: str | None
    record_id: str
    texts: dict[str, _Text]

    @property
    def newest(self) -> _Text:
        return max(self.texts.values())


def find_versions(connection: Connection, source_id: str, urlkey: str) -> list[ArticleVersion]:
    """Return the versions of an article by time. A text that comes back is a version again.

    A revisit has the text of its original. A capture without a text is passed over.
    """
    found: list[list[_Sighting]] = []
    for sighting in _find_sightings(connection, source_id, urlkey):
        if found and _is_same(found[-1][-1], sighting):
            found[-1].append(sighting)
        else:
            found.append([sighting])
    return [
        ArticleVersion(seen[0].record_id, seen[0].date, seen[-1].date, seen[0].newest.text_digest) for seen in found
    ]


def _is_same(before: _Sighting, after: _Sighting) -> bool:
    """Say whether two sightings have the same text.

    Extractors tell texts apart differently, so only texts of one family are compared, the newest that read both.
    """
    if before.payload_digest and before.payload_digest == after.payload_digest:
        return True
    both = before.texts.keys() & after.texts.keys()
    if not both:
        return before.newest.text_digest == after.newest.text_digest
    family = max(both, key=lambda one: after.texts[one])
    return before.texts[family].text_digest == after.texts[family].text_digest


def _find_sightings(connection: Connection, source_id: str, urlkey: str) -> list[_Sighting]:
    query = (
        select(captures.c.record_id, captures.c.date, captures.c.payload_digest, captures.c.refers_to)
        .join_from(captures, urls, urls.c.id == captures.c.url)
        .join(crawl_names, crawl_names.c.id == captures.c.crawl)
        .join(traits, traits.c.id == captures.c.traits)
        .where(at_urlkey(urlkey), crawl_names.c.source_id == source_id)
        .where(traits.c.purpose == "article", captures.c.status.in_(_SEEN_STATUS))
        .order_by(captures.c.date, captures.c.record_id)
    )
    rows = connection.execute(query).all()
    texts = _find_texts(connection, {name for row in rows for name in (row.record_id, row.refers_to) if name})
    made = []
    for row in rows:
        named = next((name for name in (row.record_id, row.refers_to) if name in texts), None)
        if named:
            made.append(_Sighting(row.date, row.payload_digest, named, texts[named]))
    return made


def _find_texts(connection: Connection, record_ids: Iterable[str]) -> dict[str, dict[str, _Text]]:
    """Return the texts of captures by record id and family: of what one family made of a capture, the last."""
    families = names.alias("families")
    query = (
        select(documents.c.record_id, documents.c.extracted_at, names.c.name, families.c.name, documents.c.text_digest)
        .join_from(documents, names, names.c.id == documents.c.extractor)
        .outerjoin(families, families.c.id == documents.c.family)
        .where(documents.c.text_digest != text_digest(""))
    )
    found: dict[str, dict[str, _Text]] = defaultdict(dict)
    for some in split_batches(record_ids, _MOST_VALUES):
        for record_id, *rest in connection.execute(query.where(documents.c.record_id.in_(some))):
            text = _Text(*rest)
            of_record = found[record_id]
            of_record[text.family] = max(text, of_record.get(text.family, text))
    return found
