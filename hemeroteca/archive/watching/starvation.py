"""Starvation: a source that could be read but gave nothing, because everything it announced was refused.

Each reason comes with what to write into the card. What redirects is judged by where it leads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from hemeroteca.archive.faults import tell_nothing_announced, tell_nothing_asked
from spiders.policy.scope import KNOWN, REQUEST, is_own_host
from storage.captures.outcomes import find_target
from storage.model.outcome import PENDING, Outcome
from storage.model.source import DISCOVERY_TRAITS, Source

UNANNOUNCED = frozenset({KNOWN, PENDING, REQUEST})
"""Values of ``via`` of what the source has not announced this time."""


def tell_starvation(source: Source, outcomes: Sequence[Outcome]) -> str | None:
    """Say why a crawl of *source*, which ended with *outcomes*, asked for no article, when that is a fault.

    It is none where articles wait for another night, or where a document has not changed: what it announces was judged
    when it was read.
    """
    leading = [one for one in outcomes if one.purpose in DISCOVERY_TRAITS]
    if not source.discoveries or not leading or any(one.state == "not_modified" for one in leading):
        return None
    targets = {one.redirected_from[-1]: one for one in outcomes if one.redirected_from}
    announced = [_follow(one, targets) for one in outcomes if one.kind == "article" and one.via not in UNANNOUNCED]
    refused = [one for one in announced if one.state == "refused"]
    if announced and len(refused) == len(announced):
        return tell_nothing_asked(tell_refusals(source, refused, outcomes))
    return None if announced else tell_nothing_announced(_tell_unread_part(source, leading))


def _follow(outcome: Outcome, targets: dict[str, Outcome]) -> Outcome:
    """Return how the chain of redirects that begins with *outcome* ended."""
    for _ in range(len(targets)):
        if find_target(outcome) is None or outcome.url not in targets:
            break
        outcome = targets[outcome.url]
    return outcome


def tell_refusals(source: Source, refused: Sequence[Outcome], outcomes: Iterable[Outcome]) -> str:
    """Say why most of *refused* were, and what to write into the card of *source*."""
    ((reason, count),) = Counter(one.reason for one in refused).most_common(1)
    alike = [one for one in refused if one.reason == reason]
    how_many, example = f"{count} of {len(refused)}", alike[0].url
    if reason == "scope":
        return _tell_scope(source, alike, len(refused))
    if reason == "too_old":
        newest = max((one.announced for one in alike if one.announced), default=None)
        dated = f", the newest on {newest:%Y-%m-%d}" if newest else ""
        return f"{how_many} are too old{dated}: raise `recent_days` if you want them: {example}"
    if reason == "robots":
        unread = next((one for one in outcomes if one.purpose == "robots" and one.state == "failed"), None)
        if unread:
            return f"robots.txt could not be read: {unread.url} {unread.reason}"
        return f"robots.txt forbids {how_many}: {example}"
    if reason == "private_address":
        return f"{how_many} are on hosts without a public address: set `allow_private` if you want that: {example}"
    return f"{how_many} are refused ({reason}): {example}"


def _tell_scope(source: Source, refused: Sequence[Outcome], whole: int) -> str:
    hosts = Counter(urlsplit(one.url).hostname or "" for one in refused if not is_own_host(source, one.url))
    if not hosts:
        return f"{len(refused)} of {whole} do not fit `include`, or fit `exclude`: {refused[0].url}"
    ((host, count),) = hosts.most_common(1)
    return f"{count} of {whole} are on {host}: add it to `hosts` if they are its own"


def _tell_unread_part(source: Source, leading: Sequence[Outcome]) -> str | None:
    """Say what kept the crawl from the documents that others list, if something did."""
    refused = [one for one in leading if one.state == "refused" and one.reason == "scope"]
    if refused:
        return f"what lists them: {_tell_scope(source, refused, len(refused))}"
    unread = next((one for one in leading if one.state in ("failed", "refused", "skipped")), None)
    return f"{unread.url} {unread.state}: {unread.reason}" if unread else None
