"""What is pending, and on which night validators last lied.

A catalog from before gets an empty table of what is pending: only the ledgers have it, so a rebuild fills it. A URL
that is distrusted counts as so from the night of its last look.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import JSON, BigInteger, Column, Integer

from storage.catalog.column_types import Instant
from storage.database import NightWords, Words

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    numbers = [Column(name, Integer, primary_key=True, autoincrement=False) for name in ("source", "url")]
    op.create_table(
        "pending",
        *numbers,
        Column("late_manifest", Words, primary_key=True),
        Column("asked", JSON, nullable=False),
        Column("asked_last", Instant),
        Column("put_off_first", NightWords),
        Column("put_off_last", NightWords),
        Column("reason", Words),
        Column("given_up", NightWords),
        Column("settled", NightWords),
        Column("announced", Instant),
        Column("listed_night", NightWords),
        Column("listed_in", Words),
        Column("for_since", NightWords),
        Column("for_until", NightWords),
        Column("applied", BigInteger, nullable=False),
    )
    op.create_index("pending_by_application", "pending", ["source", "applied"])
    op.add_column("url_state", Column("distrusted", NightWords))
    op.execute("UPDATE url_state SET distrusted = last_night WHERE distrust IS NOT NULL")
    for name in ("pending", "given_up"):
        op.add_column("crawls", Column(name, Integer))
