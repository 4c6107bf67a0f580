"""What the catalog knows about pending URLs (``storage.pending``): their rows, added up and read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, select, union

from storage.catalog.numbers import Values, number_rows
from storage.catalog.outcome_rows import read_pending, write_pending
from storage.catalog.schema import DICTIONARIES, pending, urls
from storage.catalog.schema import url_state as state
from storage.catalog.views import number_of, url_of
from storage.database import execute_all, insert_into, split_batches
from storage.known import KnownPending
from storage.model.crawl import Manifest
from storage.pending import Answered, PendingFacts, add_facts, find_pending

_STREAM_ROWS = 1000
_MOST_VALUES = 500


def merge_pending(connection: Connection, found: Sequence[Values], manifest: Manifest, applied: int) -> None:
    """Add the rows *found* to those that are there. *applied* is the number of their *manifest*."""
    nights = manifest.crawl.for_nights or (None, None)
    of_crawl = {"for_since": nights[0], "for_until": nights[1], "applied": applied}
    for some in split_batches(number_rows(connection, DICTIONARIES, [row | of_crawl for row in found]), _MOST_VALUES):
        held = _read_facts(connection, some)
        values = [row | write_pending(_together(row, held.get(row["url"]))) for row in some]
        new = insert_into(connection, pending)
        change = {column.name: new.excluded[column.name] for column in pending.c if not column.primary_key}
        execute_all(connection, new.on_conflict_do_update(index_elements=pending.primary_key, set_=change), values)


def _together(row: Values, held: PendingFacts | None) -> PendingFacts:
    facts = read_pending(row)
    return add_facts(held, facts) if held else facts


def _read_facts(connection: Connection, some: Sequence[Values]) -> dict[int, PendingFacts]:
    """Return the facts that are there of the URLs of *some* rows, which are of one source and manifest."""
    own = (pending.c.source == some[0]["source"]) & (pending.c.late_manifest == some[0]["late_manifest"])
    query = select(pending).where(own, pending.c.url.in_([row["url"] for row in some]))
    return {row.url: read_pending(row) for row in connection.execute(query)}


def find_known_pending(
    connection: Connection, source_id: str, after: int | None
) -> Iterator[tuple[str, KnownPending | None]]:
    """Yield each URL that a ledger has as not got, or those that manifests *after* one changed, with what is pending of
    it, while the connection lasts.
    """
    source = number_of(source_id)
    answered = (state.c.source == pending.c.source) & (state.c.url == pending.c.url)
    answers = (state.c.last_night, state.c.last_fetched, state.c.held_rank)
    query = (
        select(pending, *answers, url_of(urls).label("address"))
        .join_from(pending, urls, urls.c.id == pending.c.url)
        .outerjoin(state, answered)
        .where(pending.c.source == source)
        .order_by(pending.c.url)
    )
    if after is not None:
        changed = [select(t.c.url).where(t.c.source == source, t.c.applied > after) for t in (pending, state)]
        query = query.where(pending.c.url.in_(union(*changed)))
    found = connection.execution_options(yield_per=_STREAM_ROWS).execute(query)
    for address, of_url in groupby(found, key=attrgetter("address")):
        some = list(of_url)
        yield address, find_pending(address, map(read_pending, some), _find_answer(some))


def _find_answer(some: Iterable[Row[Any]]) -> Answered | None:
    answers = [row for row in some if row.last_fetched is not None]
    if not answers:
        return None
    last = max(answers, key=lambda row: (row.last_fetched, row.last_night))
    return Answered(last.last_night, last.last_fetched, any(row.held_rank is not None for row in answers))
