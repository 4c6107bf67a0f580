"""What publishers say about a capture's use, what kind of page it is, and how much was left out for that reason."""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, Boolean, Column, Integer

from storage.database import Words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name in ("robots_header", "robots_meta", "tdm_policy", "content_signal", "canonical", "amphtml"):
        op.add_column("captures", Column(name, Words))
    op.add_column("captures", Column("tdm_reservation", Boolean))
    for name in ("flags", "evidence"):
        op.add_column("captures", Column(name, JSON(none_as_null=True)))
    op.add_column("cleanings", Column("reserved", Integer))
