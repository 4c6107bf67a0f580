"""Where to find the captures of an announced address: its doubles, and the pages that name it as canonical.

A catalog from before gets an empty table of doubles: only the ledgers have them, so a rebuild fills it.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Integer, text

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    numbers = [Column(name, Integer, primary_key=True, autoincrement=False) for name in ("url", "double_of")]
    op.create_table("doubles", *numbers)
    other = text("canonical <> url")
    op.create_index(
        "captures_by_canonical", "captures", ["canonical", "url"], sqlite_where=other, postgresql_where=other
    )
    op.create_index("crawl_names_by_night", "crawl_names", ["night"])
