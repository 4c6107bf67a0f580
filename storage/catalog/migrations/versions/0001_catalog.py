"""The catalog as the first release made it."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer

from storage.database import Moment, Words

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_captures()
    _create_documents()
    _create_articles()
    _create_crawls()
    _create_url_state()
    op.create_table("publications", Column("key", Words, primary_key=True), Column("kind", Words, nullable=False))


def _create_captures() -> None:
    op.create_table(
        "captures",
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
        Column("night", Words, nullable=False),
        Column("kind", Words, nullable=False),
        Column("purpose", Words, nullable=False),
        Column("via", Words),
        Column("redirected_from", JSON, nullable=False),
    )
    op.create_index("captures_by_urlkey", "captures", ["urlkey_head", "date"])
    op.create_index("captures_by_crawl", "captures", ["crawl_id"])


def _create_documents() -> None:
    op.create_table(
        "documents",
        Column("record_id", Words, primary_key=True),
        Column("extractor_id", Words, primary_key=True),
        Column("key", Words, nullable=False),
        Column("row", Integer, nullable=False),
        Column("article", Words, nullable=False),
        Column("url", Words, nullable=False),
        Column("urlkey", Words, nullable=False),
        Column("crawl_id", Words, nullable=False),
        Column("night", Words, nullable=False),
        Column("source_id", Words, nullable=False),
        Column("title", Words),
        Column("published", Words),
        Column("language", Words),
        Column("text_digest", Words, nullable=False),
        Column("fetched_at", Moment, nullable=False),
        Column("extracted_at", Moment, nullable=False),
    )
    op.create_index("documents_by_article", "documents", ["article"])


def _create_articles() -> None:
    op.create_table(
        "articles",
        Column("article", Words, primary_key=True),
        Column("source_id", Words, nullable=False),
        Column("urlkey", Words, nullable=False),
        Column("first_seen", Moment, nullable=False),
        Column("last_seen", Moment, nullable=False),
        Column("versions", Integer, nullable=False),
    )
    op.create_table(
        "versions",
        Column("article", Words, primary_key=True),
        Column("extractor_id", Words, primary_key=True),
        Column("text_digest", Words, primary_key=True),
        Column("first_record_id", Words, nullable=False),
        Column("first_fetched_at", Moment, nullable=False),
        Column("last_fetched_at", Moment, nullable=False),
    )


def _create_crawls() -> None:
    op.create_table(
        "crawls",
        Column("manifest_key", Words, primary_key=True),
        Column("crawl_id", Words, nullable=False),
        Column("source_id", Words, nullable=False),
        Column("night", Words, nullable=False),
        Column("trigger", Words, nullable=False),
        Column("started", Moment, nullable=False),
        Column("ended", Moment, nullable=False),
        Column("end_reason", Words, nullable=False),
        Column("discovered", Integer, nullable=False),
        Column("wire_bytes", BigInteger, nullable=False),
        Column("late", Boolean, nullable=False),
        Column("stands", Boolean, nullable=False),
        Column("previous", Words),
    )
    op.create_index("crawls_by_crawl", "crawls", ["crawl_id"])
    op.create_index("crawls_by_night", "crawls", ["night"])
    op.create_index("crawls_by_source", "crawls", ["source_id", "ended"])
    op.create_table(
        "crawl_counts",
        Column("manifest_key", Words, nullable=False),
        Column("purpose", Words, nullable=False),
        Column("state", Words, nullable=False),
        Column("reason", Words),
        Column("urls", Integer, nullable=False),
    )
    op.create_index("crawl_counts_by_manifest", "crawl_counts", ["manifest_key"])
    op.create_table(
        "cleanings",
        Column("manifest_key", Words, primary_key=True),
        Column("crawl_manifest", Words, nullable=False),
        Column("extractor_id", Words, nullable=False),
        Column("ended", Moment, nullable=False),
        Column("documents", Integer, nullable=False),
    )
    op.create_index("cleanings_by_crawl", "cleanings", ["crawl_manifest"])


def _create_url_state() -> None:
    op.create_table(
        "url_state",
        Column("source_id", Words, primary_key=True),
        Column("url_id", Words, primary_key=True),
        Column("late_manifest", Words, primary_key=True),
        Column("url", Words, nullable=False),
        Column("looks", Integer, nullable=False),
        Column("last_night", Words, nullable=False),
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
    )
