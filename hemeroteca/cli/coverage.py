"""The coverage table: for each source of a night, what became of the addresses that were discovered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hemeroteca.archive.faults import NO_DISCOVERY_READ, tell_nothing_asked, tell_unfinished
from hemeroteca.cli.layout import Column, find_width, lay_out, wrap, write_size
from hemeroteca.cli.missed_nights import find_gap, format_gap
from hemeroteca.cli.terminal import say, say_json
from storage.model.outcome import STATES, STORED, says_no_rules
from storage.model.source import DISCOVERY_TRAITS

if TYPE_CHECKING:
    from storage.catalog import CrawlRow
    from storage.model.crawl import OutcomeCount


def _write_mean(mean: float | None) -> str:
    return "-" if mean is None else f"{mean:.2f}"


def _write_seconds(seconds: float) -> str:
    return f"{seconds:,.1f}"


_STATE_COLUMNS = tuple(
    Column(state.replace("_", " "), {"unchanged": "same", "not_modified": "304"}.get(state, state)) for state in STATES
)
_COLUMNS = (
    Column("source", "source"),
    Column("discovered", "found"),
    *_STATE_COLUMNS,
    Column("documents", "docs"),
    Column("no text", "empty", rank=2),
    Column("confidence", "conf", _write_mean, rank=3),
    Column("flagged", "flags", rank=2),
    Column("gap", "gap"),
    Column("bytes", "bytes", write_short=write_size, rank=1),
    Column("seconds", "secs", _write_seconds, rank=4),
)
COLUMNS = tuple(column.name for column in _COLUMNS)
"""``no text``: how many of the documents have none; ``confidence``: the mean over the others; ``flagged``: how many
have quality flags.
"""
SHORT_NAMES = {column.short: column.name for column in _COLUMNS if column.short != column.name}
_SUMMANDS = {name for column in _STATE_COLUMNS for name in (column.name, column.short)}


def print_coverage(
    crawls: Sequence[CrawlRow],
    as_json: bool = False,
    backfills: Sequence[CrawlRow] = (),
    causes: Mapping[str, str] | None = None,
) -> None:
    """Print *crawls*: NDJSON, a table on a terminal, aligned lines elsewhere. Late ones follow the others.

    *backfills* are the crawls that may have filled their gaps since, *causes* what is probably wrong, by crawl id.
    """
    causes = causes or {}
    crawls = sorted(crawls, key=lambda crawl: (crawl.source_id, crawl.late, crawl.started))
    if as_json:
        for crawl in crawls:
            say_json(json.dumps(coverage_facts(crawl, backfills, causes.get(crawl.crawl_id))))
        return
    for line in write_table(crawls, backfills, find_width()):
        say(line)
    for line in list_pending(crawls):
        say(f"Pending: {line}")
    for crawl in crawls:
        if crawl.crawl_id in causes and not crawl.late:
            say(f"Look at {crawl.source_id}: {causes[crawl.crawl_id]}")


def coverage_facts(crawl: CrawlRow, backfills: Sequence[CrawlRow] = (), cause: str | None = None) -> dict[str, object]:
    """Return one crawl's coverage; the states add up to ``discovered``."""
    return {
        "source": crawl.source_id,
        "night": str(crawl.night),
        "crawl": crawl.crawl_id,
        "trigger": crawl.trigger,
        "late": crawl.late,
        "discovered": crawl.discovered,
        **{state: count_in_state(crawl, state) for state in STATES},
        "documents": crawl.documents or 0,
        "no_text": crawl.without_text,
        "reserved": crawl.reserved,
        "confidence": crawl.confidence,
        "flagged": crawl.flagged,
        "pending": crawl.pending,
        "given_up": crawl.given_up or 0,
        **find_gap(crawl, backfills),
        "bytes": crawl.wire_bytes,
        "seconds": round(crawl.seconds, 1),
        "cause": cause,
    }


def count_in_state(crawl: CrawlRow, state: str) -> int:
    return sum(count.urls for count in crawl.counts if _shown_state(count) == state)


def _shown_state(count: OutcomeCount) -> str:
    """Return the state of *count*; earlier releases counted as failed that a newspaper has no robots.txt."""
    status = (count.reason or "").removeprefix("http_")
    says_none = count.state == "failed" and status.isdigit() and says_no_rules(count.purpose, int(status))
    return "captured" if says_none else count.state


def write_table(crawls: Sequence[CrawlRow], backfills: Sequence[CrawlRow], width: int) -> list[str]:
    """Return the lines of the table in *width* columns, a total last, then how its columns add up."""
    if not crawls:
        return []
    table = lay_out(_COLUMNS, make_rows(crawls, backfills), width)
    sum_rule = f"{table.headings[1]} = {' + '.join(name for name in table.headings if name in _SUMMANDS) or '0'}"
    left_out = f"In a wider terminal also: {', '.join(table.left_out)}" if table.left_out else ""
    return [*table.lines, *(line for text in (sum_rule, left_out) if text for line in wrap(text, width, "  "))]


def make_rows(crawls: Sequence[CrawlRow], backfills: Sequence[CrawlRow] = ()) -> list[list[object]]:
    """Return the rows of the table, a total last."""
    rows = [_make_row(_name(crawl), [crawl], _read_gap(crawl, backfills)) for crawl in crawls]
    return [*rows, _make_row("total", crawls, None)] if len(rows) > 1 else rows


def _make_row(name: str, crawls: Sequence[CrawlRow], gap: str | None) -> list[object]:
    """Return the row of *crawls* together."""
    return [
        name,
        sum(crawl.discovered for crawl in crawls),
        *(sum(count_in_state(crawl, state) for crawl in crawls) for state in STATES),
        sum(crawl.documents or 0 for crawl in crawls),
        sum(crawl.without_text for crawl in crawls),
        _find_mean_confidence(crawls),
        sum(crawl.flagged for crawl in crawls),
        gap,
        sum(crawl.wire_bytes for crawl in crawls),
        sum(round(crawl.seconds, 1) for crawl in crawls),
    ]


def _read_gap(crawl: CrawlRow, backfills: Sequence[CrawlRow]) -> str | None:
    gap = format_gap(crawl, backfills)
    return None if gap == "-" else gap


def _find_mean_confidence(crawls: Sequence[CrawlRow]) -> float | None:
    texts = ((crawl.confidence, (crawl.documents or 0) - crawl.without_text) for crawl in crawls)
    known = [(mean, count) for mean, count in texts if mean is not None]
    documents = sum(count for _, count in known)
    return sum(mean * count for mean, count in known) / documents if documents else None


def nightly_ones(crawls: Iterable[CrawlRow]) -> list[CrawlRow]:
    """Return those of *crawls* that colour their night: not a survey, nor what somebody asked for."""
    return [crawl for crawl in crawls if crawl.trigger == "nightly"]


def asked_ones(crawls: Iterable[CrawlRow]) -> list[CrawlRow]:
    """Return those of *crawls* that somebody asked for, whose faults are told and colour nothing."""
    return [crawl for crawl in crawls if crawl.trigger in ("manual", "backfill")]


def find_faults(
    crawls: Sequence[CrawlRow], troubles: Mapping[str, str | None], verdicts: Mapping[str, str]
) -> Iterator[str]:
    """Yield why *crawls* are red: a line for each source that failed or whose sums do not match.

    *troubles* has by crawl id why one is not finished, *verdicts* what ``report`` found, which knows more.
    """
    finished = {crawl.crawl_id for crawl in crawls if not crawl.late}
    unfinished = {crawl.crawl_id: crawl.source_id for crawl in crawls if crawl.crawl_id not in finished}
    for crawl_id, source_id in unfinished.items():
        yield f"{source_id}: {tell_unfinished(troubles.get(crawl_id))}"
    for crawl in crawls:
        if crawl.crawl_id in verdicts and not crawl.late:
            yield f"{crawl.source_id}: {verdicts[crawl.crawl_id]}"
            continue
        discoveries = [count for count in crawl.counts if count.purpose in DISCOVERY_TRAITS]
        counted = sum(count.urls for count in crawl.counts)
        if crawl.discovered != counted:
            yield f"{crawl.source_id}: {crawl.discovered} URLs discovered, {counted} accounted for"
        elif discoveries and not any(count.state in STORED for count in discoveries):
            yield f"{crawl.source_id}: {NO_DISCOVERY_READ}"
        elif discoveries and crawl.trigger != "backfill" and (why := _find_refusals(crawl)):
            yield f"{crawl.source_id}: {tell_nothing_asked(why)}"


def _find_refusals(crawl: CrawlRow) -> str | None:
    """Return the reasons for which all articles of *crawl* were refused, when they were."""
    articles = [count for count in crawl.counts if count.purpose == "article"]
    is_unchanged = any(count.state == "not_modified" for count in crawl.counts if count.purpose in DISCOVERY_TRAITS)
    if not articles or is_unchanged or any(count.state != "refused" for count in articles):
        return None
    return ", ".join(f"{count.urls:,} refused ({count.reason})" for count in articles)


def list_missed_pages(crawls: Iterable[CrawlRow]) -> Iterator[str]:
    """Yield which pages of *crawls* were not captured, and why, a line per source."""
    for crawl in crawls:
        missed = [count for count in crawl.counts if count.purpose == "article" and count.state not in STORED]
        if missed:
            yield f"{crawl.source_id}: " + ", ".join(f"{c.urls:,} {c.state} ({c.reason})" for c in missed)


def list_pending(crawls: Iterable[CrawlRow]) -> Iterator[str]:
    """Yield how many articles sources still owe that they announced, and how many were given up, a line per crawl."""
    for crawl in crawls:
        if crawl.pending or crawl.given_up:
            yield f"{crawl.source_id}: {crawl.pending or 0:,} to be asked for again, {crawl.given_up or 0:,} given up"


def count_not_due(crawls: Iterable[CrawlRow]) -> int:
    """Return how many articles *crawls* left for a later night, because the archive has them."""
    return sum(count.urls for crawl in crawls for count in crawl.counts if count.reason == "not_due")


def has_pages(crawls: Iterable[CrawlRow]) -> bool:
    return any(count.purpose == "article" and count.state in STORED for crawl in crawls for count in crawl.counts)


def _name(crawl: CrawlRow) -> str:
    if crawl.late:
        return f"{crawl.source_id} (late)"
    return crawl.source_id if crawl.trigger == "nightly" else f"{crawl.source_id} ({crawl.trigger})"
