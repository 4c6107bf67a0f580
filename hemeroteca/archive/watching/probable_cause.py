"""The probable cause of a newspaper's bad night: rules over the rows of one crawl; the first that matches counts.

Each says with counts what is seen, names one address, and says what to do. None needs statistics but the last, which
asks how many articles earlier nights brought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from statistics import median
from typing import NamedTuple

from hemeroteca.archive.watching.starvation import UNANNOUNCED, tell_refusals
from storage.model.outcome import STORED, Outcome
from storage.model.source import DISCOVERY_TRAITS, Source

_FEWEST = 5
"""Articles or documents, of which a share is taken."""
_MOST = 0.8
_HALF = 0.5
_RARE = 9.0
"""Articles that a newspaper would have had in the nights in which it had none: by chance that is one in 8,000."""
_NOT_ASKED = frozenset({"not_due", "other_night", "duplicate", "closed", "dropped", "budget"})
_KEEPS_OUT = frozenset({"http_401", "http_403", "http_429"})


class DocumentFacts(NamedTuple):
    """What is known of one document."""

    url: str
    flags: tuple[str, ...]
    """Its quality flags, and what it lacks: ``untitled``, ``without text``."""


class CrawlFacts(NamedTuple):
    """The result of one crawl of a whole newspaper.

    *new_by_night*: how many new articles each of its nights brought, tonight's the last.
    """

    source: Source
    outcomes: Sequence[Outcome]
    documents: Sequence[DocumentFacts] = ()
    new_by_night: Sequence[int] = ()


class _Read:
    """The rows of a crawl, sorted for the rules."""

    def __init__(self, facts: CrawlFacts) -> None:
        self.source = facts.source
        self.documents = facts.documents
        self.new_by_night = facts.new_by_night
        self.robots = [one for one in facts.outcomes if one.purpose == "robots"]
        self.lists = [one for one in facts.outcomes if one.purpose in DISCOVERY_TRAITS]
        articles = [one for one in facts.outcomes if one.purpose == "article" and one.via not in UNANNOUNCED]
        self.articles = [one for one in articles if one.reason not in _NOT_ASKED]
        """What was announced tonight; not what is only asked for again."""

    @cached_property
    def stored(self) -> list[Outcome]:
        return [one for one in self.articles if one.state in STORED]


Rule = Callable[[_Read], str | None]


def find_cause(facts: CrawlFacts) -> str | None:
    """Return the probable cause of what is wrong with a crawl, and what to do; None when nothing is."""
    read = _Read(facts)
    return next((cause for rule in _RULES if (cause := rule(read))), None)


def _rules_not_read(read: _Read) -> str | None:
    failed = [one for one in read.robots if one.state not in STORED and one.reason != "private_address"]
    if not failed or any(one.state in STORED for one in read.lists + read.articles):
        return None
    (first, *_) = failed
    return _say(
        f"its robots.txt could not be read ({first.url}: {first.reason}), so nothing was asked for",
        "check whether the newspaper is online; the next night tries again",
    )


def _no_list_read(read: _Read) -> str | None:
    return None if any(one.state in STORED for one in read.lists) else _list_not_read(read)


def _list_not_read(read: _Read) -> str | None:
    failed = [one for one in read.lists if one.state == "failed" and one.reason not in _KEEPS_OUT]
    if not failed:
        return None
    (first, *_) = failed
    return _say(
        f"{_of(failed, read.lists)} of its feeds, sitemaps and sections could not be read, {first.url}: {first.reason}",
        "if it has moved, `sources add` looks for another",
    )


def _kept_out(read: _Read) -> str | None:
    unasked = [one for one in read.articles if one.reason == "host_blocked"]
    answers = [one for one in read.articles + read.lists if one.reason in _KEEPS_OUT]
    are_lists_kept = bool(read.lists) and all(one.reason in _KEEPS_OUT for one in read.lists)
    if len(unasked) + len(answers) < max(_FEWEST, _HALF * len(read.articles)) and not are_lists_kept:
        return None
    walls = Counter(flag for one in read.stored for flag in one.flags if flag in ("captcha", "blocked"))
    counts = Counter(one.reason or "" for one in answers) + walls
    answered = ", ".join(f"{number} × {reason}" for reason, number in counts.most_common()) or "it tells us to wait"
    return _say(
        f"its host keeps us out ({answered}; {len(unasked)} not asked for)",
        "ask the newspaper to let the archive in, or raise `delay_seconds`",
    )


_WALLS = {
    "captcha": "ask the newspaper to let the archive in, or raise `delay_seconds`",
    "blocked": "ask the newspaper to let the archive in, or raise `delay_seconds`",
    "soft_404": "open one: if its articles have moved, give their feed and `hosts`",
    "consent_wall": "ask the newspaper for pages without its consent page",
    "login_wall": "ask the newspaper for access",
}


def _walled(read: _Read) -> str | None:
    seen = Counter(flag for one in read.stored for flag in set(one.flags) & _WALLS.keys())
    if not seen:
        return None
    ((flag, number),) = seen.most_common(1)
    if number < max(_FEWEST, _HALF * len(read.stored)):
        return None
    such = [one for one in read.stored if flag in one.flags]
    return _say(f"{_of(such, read.stored)} are not articles but {flag}, {_such(such)}", _WALLS[flag])


def _one_page(read: _Read) -> str | None:
    digests = Counter(one.body_digest for one in read.stored if one.body_digest and one.status == 200)
    if not digests:
        return None
    ((digest, number),) = digests.most_common(1)
    if number < max(_FEWEST, _HALF * len(read.stored)):
        return None
    same = [one for one in read.stored if one.body_digest == digest]
    return _say(
        f"{_of(same, read.stored)} are all the same page, {_such(same)}",
        "open one: it may be a consent page, a front page or an error; the archive keeps it as received",
    )


def _mostly_refused(read: _Read) -> str | None:
    refused = [one for one in read.articles if one.state == "refused"]
    if not refused or len(refused) < max(_FEWEST, _MOST * len(read.articles)):
        return None
    return f"of {len(read.articles)} articles, {tell_refusals(read.source, refused, read.robots)}"


def _poor_texts(read: _Read) -> str | None:
    flags = Counter(flag for one in read.documents for flag in set(one.flags))
    flag, number = next(iter(flags.most_common(1)), ("", 0))
    if number < max(_FEWEST, _MOST * len(read.documents)):
        return None
    such = [one for one in read.documents if flag in one.flags]
    return _say(
        f"{_of(such, read.documents)} documents are {flag.replace('_', ' ')}, such as {such[0].url}",
        "see `get --as explain`; `text` in its card says where its text is",
    )


def _feed_frozen(read: _Read) -> str | None:
    """Its quiet nights are more than it ever had in a row, and more than chance would give."""
    nights = read.new_by_night
    quiet = _count_quiet(reversed(nights))
    usual = [number for number in nights if number]
    if not usual or quiet <= max(1, _longest_quiet(nights[: len(nights) - quiet])):
        return None
    if quiet * median(usual) < _RARE or not read.lists:
        return None
    return _say(
        f"nothing new for {quiet} nights, where {median(usual):g} articles a night are usual, and {read.lists[0].url}"
        f" is {read.lists[0].state.replace('_', ' ')}",
        "its feed may be frozen or have moved: `sources add` looks for another",
    )


def _count_quiet(newest_first: Iterable[int]) -> int:
    count = 0
    for number in newest_first:
        if number:
            break
        count += 1
    return count


def _longest_quiet(nights: Sequence[int]) -> int:
    longest = run = 0
    for number in nights:
        run = 0 if number else run + 1
        longest = max(longest, run)
    return longest


def _say(seen: str, advice: str) -> str:
    return f"{seen}: {advice}"


def _of(some: Sequence[object], all_of_them: Sequence[object]) -> str:
    return f"{len(some)} of {len(all_of_them)}"


def _such(some: Sequence[Outcome]) -> str:
    return f"such as {some[0].url}"


_RULES: tuple[Rule, ...] = (
    _rules_not_read,
    _no_list_read,
    _kept_out,
    _walled,
    _one_page,
    _mostly_refused,
    _poor_texts,
    _list_not_read,
    _feed_frozen,
)
