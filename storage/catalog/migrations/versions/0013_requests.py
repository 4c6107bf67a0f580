"""Captures of requests other than GET: their method, and what their body adds to the request URL.

All captures of a catalog from before are of GET.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column

from storage.database import Words

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for name in ("method", "request_query"):
        op.add_column("captures", Column(name, Words))
