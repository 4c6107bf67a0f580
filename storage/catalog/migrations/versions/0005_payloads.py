"""Finding every payload that a source has ever had."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("captures_by_source", "captures", ["source_id", "record_type"])
