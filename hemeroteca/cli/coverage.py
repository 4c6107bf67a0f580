"""The coverage table: for each source of a night, what became of the addresses that were discovered."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hemeroteca.archive.faults import NO_DISCOVERY_READ, tell_nothing_asked, tell_unfinished
from hemeroteca.cli.missed_nights import find_gap, format_gap
from hemeroteca.cli.terminal import say, say_json
from storage.model.outcome import STATES, STORED, says_no_rules
from storage.model.source import DISCOVERY_TRAITS
from storage.model.unfit_characters import escape_unfit

if TYPE_CHECKING:
    from rich.table import Table

    from storage.catalog import CrawlRow
    from storage.model.crawl import OutcomeCount

_STATES = tuple(state.replace("_", " ") for state in STATES)
COLUMNS = ("source", "discovered", *_STATES, "documents", "no text", "confidence", "flagged", "gap", "bytes", "seconds")
"""``no text``: how many of the documents have none; ``confidence``: the mean over the others; ``flagged``: how many
have quality flags.
"""
_COUNTED = tuple(column for column in COLUMNS if column not in ("source", "confidence", "gap"))


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
    if sys.stdout.isatty():
        from rich.console import Console

        console = Console()
        console.print(make_table(make_rows(crawls, backfills), console.width))
    else:
        for line in align_rows(make_rows(crawls, backfills)):
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


def make_rows(crawls: Sequence[CrawlRow], backfills: Sequence[CrawlRow] = ()) -> list[tuple[str, ...]]:
    """Return the rows of the table, a total last."""
    rows = [
        (_name(crawl), _numbers(crawl), _mean_confidence([crawl]), format_gap(crawl, backfills)) for crawl in crawls
    ]
    if len(rows) > 1:
        total = [sum(column) for column in zip(*(numbers for _, numbers, _, _ in rows), strict=True)]
        rows.append(("total", total, _mean_confidence(crawls), "-"))
    return [_make_row(*row) for row in rows]


def _make_row(name: str, numbers: Sequence[int | float], confidence: str, gap: str) -> tuple[str, ...]:
    texts = {
        column: f"{number:,.1f}" if isinstance(number, float) else f"{number:,}"
        for column, number in zip(_COUNTED, numbers, strict=True)
    }
    texts |= {"source": name, "confidence": confidence, "gap": gap}
    return tuple(texts[column] for column in COLUMNS)


def _mean_confidence(crawls: Sequence[CrawlRow]) -> str:
    texts = ((crawl.confidence, (crawl.documents or 0) - crawl.without_text) for crawl in crawls)
    known = [(mean, count) for mean, count in texts if mean is not None]
    documents = sum(count for _, count in known)
    return f"{sum(mean * count for mean, count in known) / documents:.2f}" if documents else "-"


def align_rows(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the table as plain aligned lines."""
    whole = [COLUMNS, *rows]
    first, *others = (max(len(row[n]) for row in whole) for n in range(len(COLUMNS)))
    return [
        "  ".join([row[0].ljust(first), *(cell.rjust(width) for cell, width in zip(row[1:], others, strict=True))])
        for row in whole
    ]


def nightly_ones(crawls: Iterable[CrawlRow]) -> list[CrawlRow]:
    """Return those of *crawls* that colour their night: not a survey, nor what somebody asked for."""
    return [crawl for crawl in crawls if crawl.trigger == "nightly"]


def asked_ones(crawls: Iterable[CrawlRow]) -> list[CrawlRow]:
    """Return those of *crawls* that somebody asked for, whose faults are told and colour nothing."""
    return [crawl for crawl in crawls if crawl.trigger in ("manual", "backfill")]


def find_faults(crawls: Sequence[CrawlRow], troubles: Mapping[str, str | None]) -> Iterator[str]:
    """Yield why *crawls* are red: a line for each source that failed or whose sums do not match.

    *troubles* has by crawl id why one is not finished.
    """
    finished = {crawl.crawl_id for crawl in crawls if not crawl.late}
    unfinished = {crawl.crawl_id: crawl.source_id for crawl in crawls if crawl.crawl_id not in finished}
    for crawl_id, source_id in unfinished.items():
        yield f"{source_id}: {tell_unfinished(troubles.get(crawl_id))}"
    for crawl in crawls:
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


def _numbers(crawl: CrawlRow) -> list[int | float]:
    states = [count_in_state(crawl, state) for state in STATES]
    documents = (crawl.documents or 0, crawl.without_text, crawl.flagged)
    return [crawl.discovered, *states, *documents, crawl.wire_bytes, round(crawl.seconds, 1)]


def make_table(rows: Sequence[tuple[str, ...]], width: int) -> Table:
    """Return the table for a terminal of *width* columns: where that is too little a heading folds, a number never."""
    from rich.table import Table

    least = [max((len(row[n]) for row in rows), default=1) for n in range(len(COLUMNS))]
    gap = 2 if sum(least) + 2 * (len(COLUMNS) - 1) <= width else 1
    table = Table(box=None, padding=(0, gap, 0, 0), header_style="bold", pad_edge=False)
    for n, (name, fitted) in enumerate(zip(COLUMNS, _fit_widths(least, width - gap * (len(COLUMNS) - 1)), strict=True)):
        table.add_column(name, justify="right" if n else "left", width=fitted, overflow="fold")
    for row in rows:
        table.add_row(*map(escape_unfit, row))
    return table


def _fit_widths(least: Sequence[int], total: int) -> list[int]:
    """Return the width of each column: its heading's, or down to its widest number where there is no room."""
    widths = [max(number, len(name)) for number, name in zip(least, COLUMNS, strict=True)]
    while sum(widths) > total and widths != least:
        widest = max(range(len(widths)), key=lambda n: (widths[n] > least[n], widths[n]))
        widths[widest] -= 1
    return widths
