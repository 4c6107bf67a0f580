"""The tables of coordination, and the lease that callers get."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table

from storage.database import Moment, Words
from storage.model.base import Record, UtcTime

metadata = MetaData()

leases = Table(
    "leases",
    metadata,
    Column("host", Words, primary_key=True),
    Column("holder", Words),
    Column("fence", BigInteger, nullable=False),
    Column("expires", Moment),
    Column("not_before", Moment),
)
"""A row for each host that was ever asked. ``holder`` is None when it is free; ``fence`` and ``not_before`` stay."""

strikes = Table(
    "strikes", metadata, Column("host", Words, primary_key=True), Column("strikes", BigInteger, nullable=False)
)
"""How many failures in a row each host had."""

plans = Table("plans", metadata, Column("run", Words, primary_key=True), Column("plan", Words, nullable=False))
plan_shards = Table(
    "plan_shards",
    metadata,
    Column("run", Words, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("shard", Words, nullable=False),
)
"""The shards of each plan, so that a step reads its own and no other."""
notes = Table("notes", metadata, Column("name", Words, primary_key=True), Column("value", Words, nullable=False))


class Lease(Record):
    """The right of *holder* (``{crawl_id}/{nonce}``) to open sockets to *host* (``name:port``) until *expires*.

    ``fence`` grows with every change of holder: with host and holder it names this lease for ever.
    Nobody may ask the host before ``not_before``.
    """

    host: str
    holder: str
    fence: int
    expires: UtcTime
    not_before: UtcTime | None = None
