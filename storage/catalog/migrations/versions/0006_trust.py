"""How far the documents of a cleaning can be trusted."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Float, Integer

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("cleanings", Column("confidence", Float))
    op.add_column("cleanings", Column("flagged", Integer))
