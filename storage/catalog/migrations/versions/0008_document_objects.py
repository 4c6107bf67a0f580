"""The digests of the objects of documents. What was published before has none: its text manifest is read."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, BigInteger, Column

from storage.database import Words

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "document_objects",
        Column("key", Words, primary_key=True),
        Column("bytes", BigInteger, nullable=False),
        Column("sha256", Words, nullable=False),
        Column("footer_bytes", BigInteger, nullable=False),
        Column("footer_sha256", Words, nullable=False),
        Column("row_groups", JSON, nullable=False),
    )
