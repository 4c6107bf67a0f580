"""What became of addresses that somebody named for a crawl: an answer for each, in the order they were named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading.reasons import AGAIN, Told, tell_reason
from spiders.policy.scope import clean_url, resolve_redirect
from storage.catalog import CrawlRow
from storage.ledger import LEDGERS
from storage.model.base import Record
from storage.model.outcome import STORED, Outcome
from storage.model.source import ADHOC

NOT_MODIFIED = 304
_MOST_HOPS = 10
_LATER = "Ask for it again later: it belongs to no newspaper that is crawled by itself."
_OF_NO_CARD = {
    "private_address": "If that is meant, make a card for it: `hemeroteca sources add --allow-private URL`.",
    "tls": "Open it in a browser. A card with `tls: record` fetches in spite of a bad certificate, and says so.",
}
_UNFINISHED = Told("its crawl did not end, or was not committed", "Ask for it again: what was captured is not lost.")


class UrlAnswer(Record):
    """What became of ``url``; ``meaning`` and ``advice`` are for people, and None where it was captured.

    ``final_url`` is where redirects led, or of two addresses of one page the one that was fetched; ``crawl`` is None
    for a URL that no crawl of the run accounts for.
    """

    url: str
    state: str
    captured: bool
    reason: str | None = None
    detail: str | None = None
    final_url: str | None = None
    status: int | None = None
    record_id: str | None = None
    source: str | None = None
    crawl: str | None = None
    meaning: str | None = None
    advice: str | None = None


def read_answers(archive: Archive, crawls: Sequence[CrawlRow], urls: Iterable[str]) -> list[UrlAnswer]:
    """Return an answer for each of *urls*, each once, from the ledgers of *crawls*.

    Raises FixityError for a damaged ledger, StorageError when the store is away.
    """
    asked = list(dict.fromkeys(urls))
    if not asked:
        return []
    rows = {outcome.url: outcome for crawl in crawls for outcome in _read_outcomes(archive, crawl)}
    return [_answer(url, rows) for url in asked]


def _read_outcomes(archive: Archive, crawl: CrawlRow) -> list[Outcome]:
    manifest = archive.holdings.read_manifest(crawl.manifest_key)
    ledgers = archive.holdings.find_objects(manifest, *LEDGERS)
    return [outcome for stored in ledgers for outcome in archive.holdings.read_outcomes(stored)]


def _tell(found: Outcome) -> Told:
    """Return what the reason of *found* means; no night asks again for an address that belongs to no newspaper."""
    told = tell_reason(found.reason or "", found.detail)
    if found.source_id != ADHOC:
        return told
    return told._replace(advice=_OF_NO_CARD.get(found.reason or "", told.advice.replace(AGAIN, _LATER)))


def _follow(url: str, rows: dict[str, Outcome]) -> Outcome | None:
    """Return what became of *url* at the end of its redirects, or of the double that was fetched in its place."""
    found = rows.get(url)
    for _ in range(_MOST_HOPS):
        after = rows.get(_find_next(found) or "") if found else None
        if not after:
            break
        found = after
    return found


def _find_next(outcome: Outcome) -> str | None:
    """Return the URL that stands for the one of *outcome*; None where it stands for itself."""
    if outcome.reason == "duplicate":
        return outcome.detail
    is_redirect = 300 <= (outcome.status or 0) < 400 and outcome.status != NOT_MODIFIED
    return resolve_redirect(outcome.detail, outcome.url) if is_redirect and outcome.detail else None


def _answer(url: str, rows: dict[str, Outcome]) -> UrlAnswer:
    asked = clean_url(url) or url
    found = _follow(asked, rows)
    if found is None:
        told = _UNFINISHED
        return UrlAnswer(url=url, state="unknown", captured=False, meaning=told.meaning, advice=told.advice)
    captured = found.state in STORED
    told = _tell(found)
    return UrlAnswer(
        url=url,
        state=found.state,
        captured=captured,
        reason=found.reason,
        detail=found.detail,
        final_url=found.url if found.url != asked else None,
        status=found.status,
        record_id=found.record_id,
        source=found.source_id,
        crawl=found.crawl_id,
        meaning=None if captured else told.meaning,
        advice=None if captured else told.advice,
    )
