"""The tables of the catalog, all of them derived from the bucket's manifests.

No column says when something was published: a rebuild could not restore it. Only ``applied`` differs after one, in
``crawls`` and ``url_state``: it numbers the manifests of a source in the order in which this catalog got them. A file
with all up to one of them (storage.known_files) is brought up to date by what changed since.

What many rows repeat (addresses, keys, crawls, traits of captures) has a number: see ``numbers``. A long URL does not
fit a B-tree of PostgreSQL (2,704 bytes), so the index of urlkeys has their first ``HEAD_CHARACTERS``.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table, func, literal_column

from storage.catalog.column_types import Coded, Instant, Packed
from storage.catalog.numbers import Dictionary
from storage.database import Moment, NightWords, Words

HEAD_CHARACTERS = 512
REVISION = "0015"
"""The migration that makes exactly these tables."""

metadata = MetaData()


def _number() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=False)


urls = Table(
    "urls",
    metadata,
    _number(),
    Column("urlkey", Words, nullable=False),
    Column("site", Integer, nullable=False),
    Column("head", Words, nullable=False),
    Column("tail", Integer, nullable=False),
)
"""Addresses: scheme and host, ``head``, and the urlkey from the character ``tail`` on, which has most of it too."""

urlkey_head = func.substr(urls.c.urlkey, literal_column("1"), literal_column(str(HEAD_CHARACTERS)), type_=Words)
Index("urls_by_urlkey", urlkey_head)

names = Table("names", metadata, _number(), Column("name", Words, nullable=False, unique=True))
"""Keys of objects, sites (scheme and host), and ids of sources and extractors."""

crawl_names = Table(
    "crawl_names",
    metadata,
    _number(),
    Column("crawl_id", Words, nullable=False),
    Column("source_id", Words, nullable=False),
    Column("night", NightWords, nullable=False),
    Index("crawl_names_by_crawl", "crawl_id"),
    Index("crawl_names_by_source", "source_id"),
    Index("crawl_names_by_night", "night"),
)
"""What captures and documents say of their crawls, whether or not a manifest of theirs is applied yet."""

traits = Table(
    "traits",
    metadata,
    _number(),
    Column("digest", Words, nullable=False, unique=True),
    Column("record_type", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("purpose", Words, nullable=False),
    Column("media_type", Words),
    Column("truncated", Words),
    Column("robots_header", Words),
    Column("robots_meta", Words),
    Column("tdm_reservation", Boolean),
    Column("tdm_policy", Words),
    Column("content_signal", Words),
)
"""What most captures of a newspaper have in common; ``digest`` is over the rest."""

DICTIONARIES = {
    "url": Dictionary(urls, urlkey_head, lambda fields: fields[0][:HEAD_CHARACTERS]),
    "name": Dictionary(names, names.c.name, lambda fields: fields[0]),
    "crawl": Dictionary(crawl_names, crawl_names.c.crawl_id, lambda fields: fields[0]),
    "traits": Dictionary(traits, traits.c.digest, lambda fields: fields[0]),
}

captures = Table(
    "captures",
    metadata,
    Column("record_id", Packed, primary_key=True),
    Column("url", Integer, nullable=False),
    Column("date", Instant, nullable=False),
    Column("status", Integer, nullable=False),
    Column("traits", Integer, nullable=False),
    Column("crawl", Integer, nullable=False),
    Column("payload_digest", Packed),
    Column("record_digest", Packed, nullable=False),
    Column("refers_to", Packed),
    Column("refers_to_url", Integer),
    Column("refers_to_date", Instant),
    Column("object", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("request_object", Integer),
    Column("request_offset", BigInteger),
    Column("request_length", BigInteger),
    Column("via", Integer),
    Column("canonical", Integer),
    Column("amphtml", Words),
    Column("redirected_from", JSON(none_as_null=True)),
    Column("flags", JSON(none_as_null=True)),
    Column("evidence", JSON(none_as_null=True)),
    Column("method", Words),
    Column("request_query", Words),
    Index("captures_by_url", "url", "date"),
    Index("captures_by_crawl", "crawl"),
)
"""``request_object`` is None where a request is in the object of its response, ``request_offset`` where it follows."""

names_another = captures.c.canonical != captures.c.url
"""Says of a capture that its page names another address as canonical: few do, and only they are indexed.

Migration 0012 makes that index, by canonical and url. To declare it here would load the dialect of PostgreSQL.
"""

doubles = Table(
    "doubles",
    metadata,
    Column("url", Integer, primary_key=True, autoincrement=False),
    Column("double_of", Integer, primary_key=True, autoincrement=False),
)
"""Addresses that a crawl did not fetch, and the one that it took instead: they differ in tracking parameters alone."""

documents = Table(
    "documents",
    metadata,
    Column("record_id", Packed, primary_key=True),
    Column("extractor", Integer, primary_key=True, autoincrement=False),
    Column("family", Integer),
    Column("object", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("url", Integer, nullable=False),
    Column("crawl", Integer, nullable=False),
    Column("title", Words),
    Column("published", Words),
    Column("language", Words),
    Column("text_digest", Packed, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    Column("extracted_at", Instant, nullable=False),
)

document_objects = Table(
    "document_objects",
    metadata,
    Column("key", Words, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Words, nullable=False),
    Column("footer_bytes", BigInteger, nullable=False),
    Column("footer_sha256", Words, nullable=False),
    Column("row_groups", JSON, nullable=False),
)
"""What hold the objects that ``documents`` lie in; ``row_groups`` has offset, bytes, rows and SHA-256 of each."""

crawls = Table(
    "crawls",
    metadata,
    Column("manifest_key", Words, primary_key=True),
    Column("crawl_id", Words, nullable=False),
    Column("source_id", Words, nullable=False),
    Column("night", NightWords, nullable=False),
    Column("trigger", Words, nullable=False),
    Column("started", Moment, nullable=False),
    Column("ended", Moment, nullable=False),
    Column("end_reason", Words, nullable=False),
    Column("discovered", Integer, nullable=False),
    Column("wire_bytes", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("previous", Words),
    Column("gaps", JSON(none_as_null=True)),
    Column("for_since", NightWords),
    Column("for_until", NightWords),
    Column("applied", BigInteger, nullable=False),
    Column("pending", Integer),
    Column("given_up", Integer),
    Index("crawls_by_crawl", "crawl_id"),
    Index("crawls_by_night", "night"),
    Index("crawls_by_source", "source_id", "ended"),
    Index("crawls_by_source_and_night", "source_id", "night"),
    Index("crawls_by_source_and_start", "source_id", "started"),
    Index("crawls_by_application", "source_id", "applied"),
)
"""``stands``: the outcomes of this manifest are its crawl's. At most one manifest of a crawl does."""

crawl_counts = Table(
    "crawl_counts",
    metadata,
    Column("manifest_key", Words, nullable=False),
    Column("purpose", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("reason", Words),
    Column("urls", Integer, nullable=False),
    Index("crawl_counts_by_manifest", "manifest_key"),
)

cleanings = Table(
    "cleanings",
    metadata,
    Column("manifest_key", Words, primary_key=True),
    Column("crawl_manifest", Words, nullable=False),
    Column("extractor_id", Words, nullable=False),
    Column("ended", Moment, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("reserved", Integer),
    Column("confidence", Float),
    Column("flagged", Integer),
    Column("adds_to", Words),
    Column("without_text", Integer),
    Index("cleanings_by_crawl", "crawl_manifest"),
)

url_state = Table(
    "url_state",
    metadata,
    Column("source", Integer, primary_key=True, autoincrement=False),
    Column("url", Integer, primary_key=True, autoincrement=False),
    Column("late_manifest", Words, primary_key=True),
    Column("looks", Integer, nullable=False),
    Column("last_night", NightWords, nullable=False),
    Column("last_state", Coded, nullable=False),
    Column("last_purpose", Coded, nullable=False),
    Column("last_fetched", Instant, nullable=False),
    Column("held_rank", Integer),
    Column("held_fetched", Instant),
    Column("record_id", Packed),
    Column("target_url", Integer),
    Column("date", Instant),
    Column("payload_digest", Packed),
    Column("body_digest", Packed),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("distrust", Words),
    Column("applied", BigInteger, nullable=False),
    Column("distrusted", NightWords),
    Index("url_state_by_application", "source", "applied"),
)
"""What crawls saw of a URL, when it was answered. ``late_manifest`` is empty, or the late manifest that may yet have to
give way.

From ``held_rank`` to ``last_modified``: the payload held, None when there is none. Rank 1 is a 200, 0 another response.
``applied`` is that of the manifest that changed the row last.
"""

pending = Table(
    "pending",
    metadata,
    Column("source", Integer, primary_key=True, autoincrement=False),
    Column("url", Integer, primary_key=True, autoincrement=False),
    Column("late_manifest", Words, primary_key=True),
    Column("asked", JSON, nullable=False),
    Column("asked_last", Instant),
    Column("put_off_first", NightWords),
    Column("put_off_last", NightWords),
    Column("reason", Words),
    Column("given_up", NightWords),
    Column("settled", NightWords),
    Column("announced", Instant),
    Column("listed_night", NightWords),
    Column("listed_in", Words),
    Column("for_since", NightWords),
    Column("for_until", NightWords),
    Column("applied", BigInteger, nullable=False),
    Index("pending_by_application", "source", "applied"),
)
"""What ledgers say of URLs that were not got (``storage.pending.PendingFacts``); keyed as ``url_state`` is, whose rows
say which of them were answered since.
"""

publications = Table(
    "publications",
    metadata,
    Column("key", Words, primary_key=True),
    Column("kind", Words, nullable=False),
)
"""Manifests applied: ``kind`` is ``crawl`` or ``text``."""

FACTS = tuple(t for t in metadata.sorted_tables if t not in {one.table for one in DICTIONARIES.values()})
"""The tables without the dictionaries, in which an order of publishing may leave more or less."""
