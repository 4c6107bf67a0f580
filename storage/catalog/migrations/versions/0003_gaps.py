"""What a crawl may have missed, and which nights a backfill looked for."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Column

from storage.database import Words

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("crawls", Column("gaps", JSON(none_as_null=True)))
    op.add_column("crawls", Column("for_since", Words))
    op.add_column("crawls", Column("for_until", Words))
