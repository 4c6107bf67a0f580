"""The tables of the catalog, all of them derived from the bucket's manifests.

No column says when something was published: a rebuild could not restore it. Only ``applied`` differs after one, in
``crawls`` and ``url_state``: it numbers the manifests of a source in the order in which this catalog got them. A file
with all up to one of them (storage.known_files) is brought up to date by what changed since.

A long URL does not fit a B-tree of PostgreSQL (2,704 bytes), so indexes hold the first ``HEAD_CHARACTERS`` of a urlkey,
and ids that are digests (``rows.make_digest_id``).
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, MetaData, Table

from storage.database import Moment, NightWords, Words

HEAD_CHARACTERS = 512
REVISION = "0010"
"""The migration that makes exactly these tables."""

metadata = MetaData()

captures = Table(
    "captures",
    metadata,
    Column("record_id", Words, primary_key=True),
    Column("record_type", Words, nullable=False),
    Column("target_uri", Words, nullable=False),
    Column("urlkey", Words, nullable=False),
    Column("urlkey_head", Words, nullable=False),
    Column("date", Moment, nullable=False),
    Column("status", Integer, nullable=False),
    Column("media_type", Words),
    Column("payload_digest", Words),
    Column("record_digest", Words, nullable=False),
    Column("refers_to", Words),
    Column("refers_to_uri", Words),
    Column("refers_to_date", Moment),
    Column("truncated", Words),
    Column("location_key", Words, nullable=False),
    Column("location_offset", BigInteger, nullable=False),
    Column("location_length", BigInteger, nullable=False),
    Column("request_key", Words),
    Column("request_offset", BigInteger),
    Column("request_length", BigInteger),
    Column("crawl_id", Words, nullable=False),
    Column("source_id", Words, nullable=False),
    Column("night", NightWords, nullable=False),
    Column("kind", Words, nullable=False),
    Column("purpose", Words, nullable=False),
    Column("via", Words),
    Column("redirected_from", JSON, nullable=False),
    Column("robots_header", Words),
    Column("robots_meta", Words),
    Column("tdm_reservation", Boolean),
    Column("tdm_policy", Words),
    Column("content_signal", Words),
    Column("canonical", Words),
    Column("amphtml", Words),
    Column("flags", JSON(none_as_null=True)),
    Column("evidence", JSON(none_as_null=True)),
    Index("captures_by_urlkey", "urlkey_head", "date"),
    Index("captures_by_crawl", "crawl_id"),
    Index("captures_by_source", "source_id", "record_type"),
)

documents = Table(
    "documents",
    metadata,
    Column("record_id", Words, primary_key=True),
    Column("extractor_id", Words, primary_key=True),
    Column("family", Words),
    Column("key", Words, nullable=False),
    Column("row", Integer, nullable=False),
    Column("article", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("urlkey", Words, nullable=False),
    Column("crawl_id", Words, nullable=False),
    Column("night", NightWords, nullable=False),
    Column("source_id", Words, nullable=False),
    Column("title", Words),
    Column("published", Words),
    Column("language", Words),
    Column("text_digest", Words, nullable=False),
    Column("fetched_at", Moment, nullable=False),
    Column("extracted_at", Moment, nullable=False),
    Index("documents_by_article", "article"),
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

articles = Table(
    "articles",
    metadata,
    Column("article", Words, primary_key=True),
    Column("source_id", Words, nullable=False),
    Column("urlkey", Words, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("versions", Integer, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("article", Words, primary_key=True),
    Column("extractor_id", Words, primary_key=True),
    Column("text_digest", Words, primary_key=True),
    Column("first_record_id", Words, nullable=False),
    Column("first_fetched_at", Moment, nullable=False),
    Column("last_fetched_at", Moment, nullable=False),
)

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
    Index("cleanings_by_crawl", "crawl_manifest"),
)

url_state = Table(
    "url_state",
    metadata,
    Column("source_id", Words, primary_key=True),
    Column("url_id", Words, primary_key=True),
    Column("late_manifest", Words, primary_key=True),
    Column("url", Words, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("last_night", NightWords, nullable=False),
    Column("last_state", Words, nullable=False),
    Column("last_purpose", Words, nullable=False),
    Column("last_fetched", Moment, nullable=False),
    Column("last_crawl", Words, nullable=False),
    Column("held_rank", Integer),
    Column("held_fetched", Moment),
    Column("held_crawl", Words),
    Column("record_id", Words),
    Column("target_uri", Words),
    Column("date", Moment),
    Column("payload_digest", Words),
    Column("body_digest", Words),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("distrust", Words),
    Column("applied", BigInteger, nullable=False),
    Index("url_state_by_application", "source_id", "applied"),
)
"""What crawls saw of a URL. ``late_manifest`` is empty, or the late manifest that may yet have to give way.

From ``held_rank`` to ``last_modified``: the payload held, None when there is none. Rank 1 is a 200, 0 another response.
``applied`` is that of the manifest that changed the row last.
"""

publications = Table(
    "publications",
    metadata,
    Column("key", Words, primary_key=True),
    Column("kind", Words, nullable=False),
)
"""Manifests applied: ``kind`` is ``crawl`` or ``text``."""
