"""The rows of captures and documents as readers see them: with the values that their numbers stand for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, select

from storage.catalog.schema import captures, crawl_names, documents, names, traits, urlkey_head, urls

_VIA, _CANONICAL, _REFERRED = (urls.alias(name) for name in ("via_urls", "canonical_urls", "referred_urls"))
_REQUEST_NAMES, _EXTRACTORS, _SITES = (names.alias(name) for name in ("request_names", "extractors", "sites"))
_NAMED = names.alias("named")
_NUMBERS = ("url", "traits", "crawl", "refers_to_url", "object", "request_object", "via", "canonical")
_OF_CRAWL = (crawl_names.c.crawl_id, crawl_names.c.source_id, crawl_names.c.night)

BY_URLKEY = (urlkey_head, urls.c.urlkey, captures.c.date, captures.c.record_id)


def url_of(table: FromClause) -> ColumnElement[str]:
    """Return the address that a row of *table*, which is ``urls``, stands for; None where there is no row."""
    site = select(_SITES.c.name).where(_SITES.c.id == table.c.site).scalar_subquery()
    return site.concat(table.c.head).concat(func.substr(table.c.urlkey, table.c.tail))


def number_of(name: str) -> ColumnElement[int]:
    """Return the number of *name* in ``names``; None where it has none."""
    return select(_NAMED.c.id).where(_NAMED.c.name == name).scalar_subquery()


CAPTURES: Select[Any] = (
    select(
        *(column for column in captures.c if column.name not in _NUMBERS),
        *(column for column in traits.c if column.name not in ("id", "digest")),
        *_OF_CRAWL,
        urls.c.urlkey,
        url_of(urls).label("target_uri"),
        url_of(_REFERRED).label("refers_to_uri"),
        url_of(_VIA).label("via"),
        url_of(_CANONICAL).label("canonical"),
        names.c.name.label("key"),
        _REQUEST_NAMES.c.name.label("request_key"),
    )
    .join_from(captures, urls, urls.c.id == captures.c.url)
    .join(crawl_names, crawl_names.c.id == captures.c.crawl)
    .join(traits, traits.c.id == captures.c.traits)
    .join(names, names.c.id == captures.c.object)
    .outerjoin(_REFERRED, _REFERRED.c.id == captures.c.refers_to_url)
    .outerjoin(_VIA, _VIA.c.id == captures.c.via)
    .outerjoin(_CANONICAL, _CANONICAL.c.id == captures.c.canonical)
    .outerjoin(_REQUEST_NAMES, _REQUEST_NAMES.c.id == captures.c.request_object)
)
"""What ``rows.read_capture_row`` reads. Conditions may be put to any table of it."""

DOCUMENTS: Select[Any] = (
    select(
        *(documents.c[name] for name in ("record_id", "row", "title", "published", "language", "text_digest")),
        documents.c.fetched_at,
        documents.c.extracted_at,
        *_OF_CRAWL,
        urls.c.urlkey,
        url_of(urls).label("url"),
        names.c.name.label("key"),
        _EXTRACTORS.c.name.label("extractor_id"),
    )
    .join_from(documents, urls, urls.c.id == documents.c.url)
    .join(crawl_names, crawl_names.c.id == documents.c.crawl)
    .join(names, names.c.id == documents.c.object)
    .join(_EXTRACTORS, _EXTRACTORS.c.id == documents.c.extractor)
)
"""The fields of a ``DocumentPlace``, by the names that they have there, but for ``held``."""
