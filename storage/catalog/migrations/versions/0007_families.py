"""Which extractor made a document, whatever its card and site memory were."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column

from storage.database import Words

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("documents", Column("family", Words))
    op.execute("UPDATE documents SET family = extractor_id")
