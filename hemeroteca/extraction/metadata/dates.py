"""When it was published and changed: of all that is said of it, the day with most behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hemeroteca.extraction.metadata.date_sources import Announced, DateClaim, find_date_claims
from hemeroteca.extraction.metadata.written_dates import WrittenDate
from hemeroteca.extraction.page.markup import Markup
from storage.model.document import Candidate

FIRST_YEAR = 1990
NO_DATE = "no_reliable_date"
_AHEAD = timedelta(hours=14)
"""How far a date may lie after the fetch: a newspaper's own day can be ahead of UTC's."""

_KINDS = {"itemprop": "shown", "time": "shown", "text": "shown"}
_WEIGHTS = ((4, 1.0), (9, 0.9), (24, 0.7), (31, 0.5), (34, 0.5), (35, 0.6), (44, 0.4), (100, 0.2))
"""What a source of a rank weighs when days are at odds."""


class Dates(NamedTuple):
    """ISO 8601 or None, how each is known, how well the sources agree (0 to 1), and all that was said."""

    published: str | None
    published_known: str
    confidence: float | None
    modified: str | None
    modified_known: str
    candidates: list[Candidate]


def read_dates(markup: Markup, fetched: datetime, announced: Announced = ()) -> Dates:
    """Return the page's dates. None lies after *fetched*, and without a reliable one there is none.

    A clock in a site's header, a day named in the prose and a copyright year are no dates of the article.
    """
    said = [one for one in find_date_claims(markup, announced) if _possible(one.moment, fetched)]
    published = sorted((one for one in said if not one.is_modification), key=lambda one: one.rank)
    changed = sorted((one for one in said if one.is_modification), key=lambda one: one.rank)
    candidates = [
        Candidate(
            field="modified" if one.is_modification else "published", value=_as_written(one.moment), source=one.source
        )
        for one in published + changed
    ]
    best = _best(published)
    if best is None:
        why = f"none: {NO_DATE}"
        return Dates(None, why, None, None, why, candidates)
    local = _shown_day(_local(best.moment, published + changed), published)
    last = _best([one for one in changed if one.moment.day >= best.moment.day])
    return Dates(
        local.iso(),
        best.source if local.day == best.moment.day or local.clock else f"{best.source}, the day as it is shown",
        _agreement(best, published),
        _local(last.moment, changed + published).iso() if last else None,
        last.source if last else "none: the page names no change",
        candidates,
    )


def _possible(moment: WrittenDate, fetched: datetime) -> bool:
    return moment.day.year >= FIRST_YEAR and moment.day <= (fetched + _AHEAD).date()


def _best(said: list[DateClaim]) -> DateClaim | None:
    """Return the date of the day with most behind it; of those that name it the most exact of as good a source."""
    if not said:
        return None
    behind: dict[date, dict[str, float]] = {}
    for one in said:
        kinds = behind.setdefault(one.moment.day, {})
        kind = _KINDS.get(one.source.partition(":")[0], one.source)
        kinds[kind] = max(kinds.get(kind, 0.0), _weight(one.rank))
    first = max(said, key=lambda one: (sum(behind[one.moment.day].values()), -one.rank))
    same = [one for one in said if one.moment.day == first.moment.day and one.rank <= max(34, first.rank)]
    return max(same, key=lambda one: (one.moment.precision, -one.rank))


def _weight(rank: int) -> float:
    return next(weight for most, weight in _WEIGHTS if rank <= most)


def _agreement(best: DateClaim, said: list[DateClaim]) -> float:
    """Return how sure the date is: what kinds of sources name its day or the one beside it, and which do not."""
    kinds: dict[str, bool] = {}
    for one in said:
        kind = _KINDS.get(one.source.partition(":")[0], one.source)
        near = abs(one.moment.day - best.moment.day) <= timedelta(days=1)
        kinds[kind] = kinds.get(kind, False) or near
    for_it, against = sum(kinds.values()), len(kinds) - sum(kinds.values())
    start = 0.8 if best.rank >= 35 else 0.87
    return round(max(0.05, 1 - (1 - start) * 0.5 ** (for_it - 1)) * 0.85**against, 3)


def _local(moment: WrittenDate, said: list[DateClaim]) -> WrittenDate:
    """Return *moment* by the newspaper's own clock, as far as the page shows it.

    A clock without a zone has the offset of the page's other times. Of a time in UTC the same instant with an offset
    is taken; else a clock that differs from it by whole hours, where the address or what a reader sees
    is of that day.
    """
    if moment.clock is None:
        return moment
    if moment.offset is None:
        offset = next((one.moment.offset for one in said if one.moment.offset), None)
        return moment._replace(offset=offset)
    if moment.offset:
        return moment
    instant = moment.aware()
    seen = {one.moment.day for one in said if one.source == "url" or (one.moment.precision < 2 and one.rank >= 20)}
    for one in said:
        other = one.moment
        if other.clock is None or other.day == moment.day:
            continue
        apart = datetime.combine(other.day, other.clock, UTC) - instant
        if other.offset and other.aware() == instant:
            return other
        if other.day in seen and abs(apart) <= timedelta(hours=14) and apart.seconds % 3600 == 0 and other.clock.minute:
            return WrittenDate(other.day, other.clock, apart)
    return moment


def _shown_day(moment: WrittenDate, said: list[DateClaim]) -> WrittenDate:
    """Return *moment*, or the day alone that readers see where its clock is not the newspaper's own.

    A clock in UTC, or without a zone, may be past midnight where the newspaper is not: its address and the date
    under its headline then name the day beside.
    """
    if moment.clock is None or moment.offset:
        return moment
    seen = {one.moment.day for one in said if 20 <= one.rank <= 35 and not one.source.startswith(("json-ld", "meta"))}
    near = moment.day + timedelta(days=1 if moment.clock.hour >= 10 else -1)
    return WrittenDate(near) if near in seen and moment.day not in seen else moment


def _as_written(moment: WrittenDate) -> str:
    if moment.precision == 1 and moment.clock is not None:
        return f"{moment.day.isoformat()}T{moment.clock.isoformat()}"
    return moment.iso()
