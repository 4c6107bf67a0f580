"""The order in which manifests were applied to this catalog, and indexes for questions about one source."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "0010"
down_revision = "0009"

_NUMBER_CRAWLS = """
UPDATE crawls SET applied = numbered.number
FROM (
    SELECT manifest_key, row_number() OVER (PARTITION BY source_id ORDER BY ended, manifest_key) AS number FROM crawls
) AS numbered
WHERE numbered.manifest_key = crawls.manifest_key
"""
"""What the order was nobody knows any more; no file has been filled by it."""


def upgrade() -> None:
    for table in ("crawls", "url_state"):
        op.add_column(table, Column("applied", BigInteger, nullable=False, server_default="0"))
    op.execute(_NUMBER_CRAWLS)
    op.create_index("crawls_by_source_and_night", "crawls", ["source_id", "night"])
    op.create_index("crawls_by_source_and_start", "crawls", ["source_id", "started"])
    op.create_index("crawls_by_application", "crawls", ["source_id", "applied"])
    op.create_index("url_state_by_application", "url_state", ["source_id", "applied"])
