"""The dates of publication and change: of all dates claimed, the day that most sources support."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hemeroteca.extraction.metadata.date_sources import Announced, find_date_claims
from hemeroteca.extraction.metadata.date_style import find_numeric_order, read_date_style
from hemeroteca.extraction.metadata.declared_dates import VAGUE_RANKS, DateClaim, find_month_in_url
from hemeroteca.extraction.metadata.written_dates import WrittenDate, parse_written_date
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.untrusted_strings import clean_line
from storage.model.document import Candidate

FIRST_YEAR = 1990
NO_DATE = "no_reliable_date"
_MAX_AHEAD = timedelta(hours=14)
"""How far a date may be after the fetch: a newspaper's day can be ahead of that in UTC."""

_OF_TWO_READINGS = 0.6
"""How much of its confidence a date keeps that can be read in two ways."""

_SOURCE_KINDS = {"itemprop": "shown", "time": "shown", "text": "shown"}
_WEIGHTS_UP_TO_RANK = ((4, 1.0), (9, 0.9), (24, 0.7), (34, 0.5), (35, 0.6), (45, 0.4), (100, 0.2))
"""The weight of a source by its rank, when sources name different days."""

_OF_VAGUE_METAS = 0.35
"""The weight of all metas together that do not say what happened on their day: less than what readers see."""

_OF_SHOWN_PUBLICATION = 2.0
"""The weight of a day that readers see with the word "published", if it is the only one: that of two declared ones."""

_LAST_DECLARED = 19
_OF_STAMPS = 0.35
"""How much of its weight a day keeps that software may have stamped when it published the page again."""


class Dates(NamedTuple):
    """ISO 8601 or None, how each is known, how well the sources agree (0 to 1), and every date claimed."""

    published: str | None
    published_known: str
    confidence: float | None
    modified: str | None
    modified_known: str
    candidates: list[Candidate]


def read_dates(markup: Markup, fetched: datetime, announced: Announced = ()) -> Dates:
    """Return the page's dates, none after *fetched*, and none where no source is reliable.

    A clock in a site's header, a day named in the text and a copyright year are not dates of the article.
    """
    found = _settle_readings(list(find_date_claims(markup, announced)), markup, fetched)
    claims = [one for one in found if _is_possible(one.date, fetched)]
    published = sorted((one for one in claims if not one.is_modification), key=lambda one: one.rank)
    changed = sorted((one for one in claims if one.is_modification), key=lambda one: one.rank)
    candidates = [
        Candidate(
            field="modified" if one.is_modification else "published", value=_format_written(one.date), source=one.source
        )
        for one in published + changed
    ]
    published = _leave_out_far_lines(_leave_out_changes(published, changed), changed)
    best = _choose(published, _find_stamps(published, changed))
    if best is None:
        last = _choose(changed)
        why = f"none: {NO_DATE}"
        modified = _localise(last.date, changed).format_iso() if last else None
        return Dates(None, why, None, modified, last.source if last else why, candidates)
    is_unchanged = any(one.date.day == best.date.day for one in changed)
    local = _correct_day(_localise(best.date, published + changed), published + changed * is_unchanged)
    last = _choose([one for one in changed if one.date.day >= best.date.day])
    return Dates(
        local.format_iso(),
        best.source if local.day == best.date.day or local.clock else f"{best.source}, the day as it is shown",
        _measure_agreement(best, published),
        _localise(last.date, changed + published).format_iso() if last else None,
        last.source if last else "none: the page names no change",
        candidates,
    )


def read_one_date(text: str, fetched: datetime) -> str | None:
    """Return the date that *text* says, as those of pages are read; None for no date, or one after *fetched*."""
    written = parse_written_date(clean_line(text, 200))
    return written.format_iso() if written and _is_possible(written, fetched) else None


def _settle_readings(claims: list[DateClaim], markup: Markup, fetched: datetime) -> list[DateClaim]:
    """Return *claims* with 05/07/2024 read as other dates of the page, or the months of its address, have it.

    What nothing settles keeps its ``other`` reading.
    """
    days = {one.date.day for one in claims if one.date.other is None and one.date.numeric is None}
    months = {(day.year, day.month) for day in days} | {find_month_in_url(markup.url)}
    is_open = any(one.date.numeric for one in claims) and not read_date_style(markup).sure
    order = find_numeric_order(markup) if is_open else ""

    def weigh(day: date) -> tuple[bool, bool, bool]:
        return _is_possible(WrittenDate(day), fetched), day in days, (day.year, day.month) in months

    def settle(written: WrittenDate) -> WrittenDate:
        day, other, numeric = written.day, written.other, written.numeric
        if numeric and weigh(numeric[0])[:2] != weigh(numeric[1])[:2]:
            return written._replace(day=max(numeric, key=weigh), other=None)
        if other is not None and weigh(day) != weigh(other):
            return written._replace(day=max(day, other, key=weigh), other=None)
        if numeric and order:
            return written._replace(day=numeric[order == "mdy"], other=None)
        return written

    return [one._replace(date=settle(one.date)) for one in claims]


def _is_possible(written: WrittenDate, fetched: datetime) -> bool:
    return written.day.year >= FIRST_YEAR and written.day <= (fetched + _MAX_AHEAD).date()


def _find_stamps(published: list[DateClaim], changed: list[DateClaim]) -> set[date]:
    """Return the days of publication not before the change, though the one day shown beside the headline is earlier.

    Software that publishes a page again stamps it so.
    """
    shown = {one.date.day for one in published if one.near}
    days = {one.date.day for one in changed}
    if not days or len(shown) != 1 or shown <= days:
        return set()
    return {one.date.day for one in published if one.date.day >= max(min(days), min(shown) + timedelta(days=1))}


def _leave_out_changes(published: list[DateClaim], changed: list[DateClaim]) -> list[DateClaim]:
    """Return *published* without a shown day that is that of the change, where the page declares another one."""
    days = {one.date.day for one in changed}
    if all(one.date.day in days for one in published if one.rank <= _LAST_DECLARED):
        return published
    return [one for one in published if not (one.date.day in days and one.source in ("time", "text") and one.near)]


def _leave_out_far_lines(published: list[DateClaim], changed: list[DateClaim]) -> list[DateClaim]:
    """Return *published* without lines far from the headline and later scripts, where the page shows its change.

    What is shown beside the headline is the date of the change alone, so such a line is of something else.
    """
    days = [one.date.day for one in changed if one.near or one.rank < 20]
    if not days:
        return published
    return [
        one
        for one in published
        if not (one.source == "text" and one.rank > 45 and not one.near)
        and not ((one.source == "script" or _is_vague(one)) and one.date.day > min(days))
    ]


def _choose(claims: list[DateClaim], stamps: Collection[date] = ()) -> DateClaim | None:
    """Return the claim for the day with most support; of several, the most exact of a source as good as the best."""
    if not claims:
        return None
    support: dict[date, dict[str, float]] = {}
    labelled = {one.date.day for one in claims if _is_shown_as_published(one)}
    for one in claims:
        kinds = support.setdefault(one.date.day, {})
        kind = _find_kind(one)
        weight = _OF_SHOWN_PUBLICATION if labelled == {one.date.day} and _is_shown_as_published(one) else _weigh(one)
        kinds[kind] = max(kinds.get(kind, 0.0), weight * (_OF_STAMPS if one.date.day in stamps else 1))
    first = max(claims, key=lambda one: (sum(support[one.date.day].values()), -one.rank))
    same = [one for one in claims if one.date.day == first.date.day and one.rank <= max(34, first.rank)]
    return max(same, key=lambda one: (one.date.precision, -one.rank))


def _find_kind(claim: DateClaim) -> str:
    return "vague" if _is_vague(claim) else _SOURCE_KINDS.get(claim.source.partition(":")[0], claim.source)


def _is_shown_as_published(claim: DateClaim) -> bool:
    is_itemprop = claim.source == "itemprop:datepublished" and claim.near
    return is_itemprop or (claim.source == "time" and claim.rank < 25)


def _is_vague(claim: DateClaim) -> bool:
    return claim.source.startswith("meta:") and claim.rank in VAGUE_RANKS


def _weigh(claim: DateClaim) -> float:
    if _is_vague(claim):
        return _OF_VAGUE_METAS
    return next(weight for most, weight in _WEIGHTS_UP_TO_RANK if claim.rank <= most)


def _measure_agreement(best: DateClaim, claims: list[DateClaim]) -> float:
    """Return how sure the date is, by how many kinds of sources name its day or the next to it, and how many do not."""
    kinds: dict[str, bool] = {}
    for one in claims:
        kind = _find_kind(one)
        near = abs(one.date.day - best.date.day) <= timedelta(days=1)
        kinds[kind] = kinds.get(kind, False) or near
    for_it, against = sum(kinds.values()), len(kinds) - sum(kinds.values())
    start = 0.8 if best.rank >= 35 else 0.87
    doubt = 1.0 if best.date.other is None else _OF_TWO_READINGS
    return round(max(0.05, 1 - (1 - start) * 0.5 ** (for_it - 1)) * 0.85**against * doubt, 3)


def _localise(written: WrittenDate, claims: list[DateClaim]) -> WrittenDate:
    """Return *written* by the newspaper's own clock, as far as the page shows it.

    A clock without a zone gets the offset of the page's other times. A time in UTC is replaced by the same instant with
    an offset, else by a clock that differs by whole hours, where the address or a visible date names that day.
    """
    if written.clock is None:
        return written
    if written.offset is None:
        offset = next((one.date.offset for one in claims if one.date.offset), None)
        return written._replace(offset=offset)
    if written.offset:
        return written
    instant = written.to_aware()
    seen = {one.date.day for one in claims if one.source == "url" or (one.date.precision < 2 and one.rank >= 20)}
    for one in claims:
        other = one.date
        if other.clock is None or other.day == written.day:
            continue
        apart = datetime.combine(other.day, other.clock, UTC) - instant
        if other.offset and other.to_aware() == instant:
            return other
        if other.day in seen and abs(apart) <= timedelta(hours=14) and apart.seconds % 3600 == 0 and other.clock.minute:
            return WrittenDate(other.day, other.clock, apart)
    return written


def _correct_day(written: WrittenDate, claims: list[DateClaim]) -> WrittenDate:
    """Return *written*, or only the day that readers see, where its clock is not the newspaper's own.

    A clock in UTC, or without a zone, may be past midnight when the newspaper's is not: the page's address and the date
    under its headline then name the day before or after.
    """
    if written.clock is None or written.offset:
        return written
    shown = [one for one in claims if one.source == "url" or (one.near and not one.source.startswith("meta"))]
    seen = {one.date.day for one in shown if one.date.precision < 2 or one.date.offset}
    near = written.day + timedelta(days=1 if written.clock.hour >= 10 else -1)
    return WrittenDate(near) if near in seen and written.day not in seen else written


def _format_written(written: WrittenDate) -> str:
    if written.precision == 1 and written.clock is not None:
        return f"{written.day.isoformat()}T{written.clock.isoformat()}"
    return written.format_iso()
