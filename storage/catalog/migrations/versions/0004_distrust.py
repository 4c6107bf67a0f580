"""Whether a URL showed that its source's validators lie."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column

from storage.database import Words

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("url_state", Column("distrust", Words))
