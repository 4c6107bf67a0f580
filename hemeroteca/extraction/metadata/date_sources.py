"""Every date that a page, its address, or the discovery that listed it claims, and how far it is trusted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from hemeroteca.extraction.metadata.date_style import DateStyle, read_date_style
from hemeroteca.extraction.metadata.declared_dates import DateClaim, read_declared, read_scripts, read_url
from hemeroteca.extraction.metadata.marked_dates import read_dates_elsewhere, read_marked_dates
from hemeroteca.extraction.metadata.shown_dates import read_any_lines, read_entry_notes, read_shown_dates
from hemeroteca.extraction.metadata.written_dates import WrittenDate
from hemeroteca.extraction.page.markup import Markup

Announced = Iterable[tuple[str, datetime]]
"""The times that discoveries gave for the page, each with the kind that it counts as (``dates_count_as``)."""


def find_date_claims(markup: Markup, announced: Announced = ()) -> Iterator[DateClaim]:
    """Yield every date that is claimed for the page. Where none is declared, more of what it shows is read."""
    style = read_date_style(markup)
    declared = list(read_declared(markup, style))
    yield from declared
    marked = list(read_marked_dates(markup, style))
    yield from marked
    yield from read_url(markup.url, style)
    is_declared = any(not one.is_modification and one.rank <= 30 for one in declared)
    is_marked = any(not one.is_modification and one.rank < 40 for one in marked)
    shown = list(read_shown_dates(markup, style, near_only=is_declared or is_marked))
    yield from shown
    if not is_declared:
        yield from read_scripts(markup)
        if not any(not one.is_modification for one in (*declared, *marked)):
            yield from _read_last_resorts(markup, style, shown)
    for source, time in announced:
        yield DateClaim(WrittenDate(time.date(), time.time(), time.utcoffset()), source, 60)


def _read_last_resorts(markup: Markup, style: DateStyle, shown: list[DateClaim]) -> Iterator[DateClaim]:
    yield from read_dates_elsewhere(markup, style)
    if not any(not one.is_modification for one in shown):
        yield from read_any_lines(markup, style)
        yield from read_entry_notes(markup, style)
