"""Pending: URLs that were announced but not captured are tried again on later nights, whatever feeds list by then.

A URL is pending when the archive holds nothing of it and it ended, the last time, without being asked for (over a
budget, its host busy or blocked, the crawl interrupted, its robots.txt not read) or for a reason that passes (a
timeout, a 5xx). Any other answer ends that. What ledgers say of it is added up here: the same rows give the same in
whatever order they come.

A URL that was asked for and failed is due again ``RETRY_NIGHTS`` after the first such night, and then given up; one
that was never asked for is due every night. A held article whose look failed for a passing reason is due likewise.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from typing import Literal, NamedTuple, TypeVar

from storage.known import KnownPending, write_moment
from storage.model.night import Night
from storage.model.outcome import PENDING, Outcome, is_passing, is_put_off
from storage.model.source import ADHOC
from storage.request_key import is_request_url

RETRY_NIGHTS = (1, 2, 4)
"""How many nights after the first one a URL is asked for again that was asked for and failed."""
MOST_ASKED = len(RETRY_NIGHTS) + 1
_DAY = timedelta(days=1)
_NEUTRAL = frozenset({"not_due", "other_night", "duplicate", "closed"})

Effect = Literal["asked", "put_off", "given_up", "settled"]
T = TypeVar("T", Night, datetime)


class PendingFacts(NamedTuple):
    """What ledgers say of one URL, added up.

    ``asked`` are the last nights on which it was asked for and failed, ``MOST_ASKED`` at most, ``asked_last`` is when
    it was last. ``put_off_first`` and ``put_off_last`` are nights on which it was not asked for, the last one for
    ``reason``. ``given_up``: it had been put off for too long; ``settled``: it was drawn, and ended for good unasked.
    ``listed_in`` is the document that announced it last; ``for_since`` and ``for_until`` are a backfill's nights.
    """

    asked: tuple[Night, ...] = ()
    asked_last: datetime | None = None
    put_off_first: Night | None = None
    put_off_last: Night | None = None
    reason: str | None = None
    given_up: Night | None = None
    settled: Night | None = None
    announced: datetime | None = None
    listed_night: Night | None = None
    listed_in: str | None = None
    for_since: Night | None = None
    for_until: Night | None = None


class Answered(NamedTuple):
    """When a URL was last answered in a way that does not pass, and whether a payload of it is held."""

    night: Night
    at: datetime
    is_held: bool


def find_effect(outcome: Outcome) -> Effect | None:
    """Return what *outcome* says of a pending URL; None for nothing that its answer does not say."""
    if outcome.purpose != "article" or outcome.source_id == ADHOC or is_request_url(outcome.url):
        return None
    if outcome.state == "failed" and is_passing(outcome.reason):
        return "asked"
    if is_put_off(outcome):
        return "given_up" if outcome.pending == "given_up" else "put_off"
    is_end = outcome.via == PENDING and outcome.status is None and outcome.reason not in _NEUTRAL
    return "settled" if is_end else None


def read_facts(outcome: Outcome) -> PendingFacts | None:
    """Return what *outcome* adds to what is pending; None for nothing."""
    night, effect = outcome.night, find_effect(outcome)
    facts = PendingFacts(announced=outcome.announced)
    if outcome.via and outcome.via.startswith("http"):
        facts = facts._replace(listed_night=night, listed_in=outcome.via)
    match effect:
        case "asked":
            return facts._replace(asked=(night,), asked_last=outcome.fetched_at)
        case "put_off":
            return facts._replace(put_off_first=night, put_off_last=night, reason=outcome.reason)
        case "given_up":
            return PendingFacts(given_up=night)
        case "settled":
            return PendingFacts(settled=night)
    return None


def add_facts(one: PendingFacts, other: PendingFacts) -> PendingFacts:
    """Return both together: it does not matter which comes first, nor how often."""
    put_off = max((one, other), key=lambda facts: (facts.put_off_last or Night.min, facts.reason or ""))
    listed = max((one, other), key=lambda facts: (facts.listed_night or Night.min, facts.listed_in or ""))
    return PendingFacts(
        asked=tuple(sorted({*one.asked, *other.asked}))[-MOST_ASKED:],
        asked_last=_last(one.asked_last, other.asked_last),
        put_off_first=_first(one.put_off_first, other.put_off_first),
        put_off_last=put_off.put_off_last,
        reason=put_off.reason,
        given_up=_last(one.given_up, other.given_up),
        settled=_last(one.settled, other.settled),
        announced=_last(one.announced, other.announced),
        listed_night=listed.listed_night,
        listed_in=listed.listed_in,
        for_since=_first(one.for_since, other.for_since),
        for_until=_last(one.for_until, other.for_until),
    )


def _first(*found: T | None) -> T | None:
    return min((one for one in found if one is not None), default=None)


def _last(*found: T | None) -> T | None:
    return max((one for one in found if one is not None), default=None)


def find_pending(url: str, all_facts: Iterable[PendingFacts], answered: Answered | None) -> KnownPending | None:
    """Return what a crawl is to know of *url* by what ledgers say of it; None where it is not pending.

    Of a held one that is how often its look has failed. One that was given up is returned as well, if it was asked for:
    it is not asked for again each night on which it is announced.
    """
    facts = reduce(add_facts, all_facts)
    settled = _last(facts.settled, answered.night if answered else None)
    asked = [night for night in facts.asked if settled is None or night > settled]
    if answered and facts.asked_last and facts.asked_last > answered.at and facts.asked[-1:] == (settled,):
        asked = [*facts.asked[-1:]]  # once more in the night of its answer
    is_held = answered is not None and answered.is_held
    if not asked and (is_held or not _is_put_off(facts, settled)):
        return None
    put_off = max(facts.put_off_first, settled or Night.min) if facts.put_off_first else None
    since = _first(*asked, put_off)
    assert since is not None
    return KnownPending(
        url=url,
        since=str(since),
        due=str(_find_due(asked) if asked else since),
        born=str(since if facts.for_since else _first(since, facts.announced.date() if facts.announced else None)),
        asks=len(asked),
        last_asked=str(asked[-1]) if asked else None,
        given_up=len(asked) >= MOST_ASKED,
        held=is_held,
        reason=facts.reason,
        announced=write_moment(facts.announced) if facts.announced else None,
        listed_in=facts.listed_in,
        for_since=str(facts.for_since) if facts.for_since else None,
        for_until=str(facts.for_until) if facts.for_until else None,
    )


def _is_put_off(facts: PendingFacts, settled: Night | None) -> bool:
    end = _last(settled, facts.given_up)
    return facts.put_off_last is not None and (end is None or facts.put_off_last > end)


def _find_due(asked: list[Night]) -> Night:
    """Return the night on which a URL is due that was *asked* for without success."""
    if len(asked) > len(RETRY_NIGHTS):
        return asked[-1] + timedelta(days=RETRY_NIGHTS[-1])
    return max(asked[0] + timedelta(days=RETRY_NIGHTS[len(asked) - 1]), asked[-1] + _DAY)
