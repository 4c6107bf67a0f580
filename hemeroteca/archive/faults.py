"""Why a crawl is red, in the words of ``report`` and ``status``, which must not load what ``report`` does."""

from __future__ import annotations

from collections.abc import Sequence

from storage.model.outcome import Outcome

NOT_FINISHED = "its crawl was not finished"
NO_DISCOVERY_READ = "none of its feeds, sitemaps or sections could be read"


def tell_unfinished(why: str | None) -> str:
    """Return that a crawl was not finished, and *why* if that is known."""
    return f"{NOT_FINISHED}: {why}" if why else NOT_FINISHED


def tell_unread(unread: Sequence[Outcome]) -> str:
    """Return that nothing which leads to articles was read, and what happened to the first of *unread*."""
    if not unread:
        return NO_DISCOVERY_READ
    first = unread[0]
    detail = f" ({first.detail})" if first.detail else ""
    return f"{NO_DISCOVERY_READ}: {first.url} {first.state}: {first.reason}{detail}"
