"""Cleanings that only add to another one."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column

from storage.database import Words

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("cleanings", Column("adds_to", Words))
