"""How many documents of a cleaning have no text. Earlier cleanings had none: such pages gave no document."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("cleanings", Column("without_text", Integer))
