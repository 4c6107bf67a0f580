"""Why a crawl is red, in the words of ``report`` and ``status``, which must not load what ``report`` does."""

from __future__ import annotations

from collections.abc import Sequence

from storage.model.outcome import Outcome

NOT_FINISHED = "its crawl was not finished"
NO_DISCOVERY_READ = "none of its feeds, sitemaps or sections could be read"
NOTHING_ASKED = "none of the articles it announced was fetched"
NOTHING_ANNOUNCED = "it announced no article"


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


def tell_nothing_asked(why: str) -> str:
    """Return that all articles that a source announced were refused, and *why* most of them."""
    return f"{NOTHING_ASKED}: {why}"


def tell_nothing_announced(why: str | None) -> str:
    """Return that what a source announces with was read, and listed no article, and *why* if that is known."""
    return f"{NOTHING_ANNOUNCED}: {why}" if why else NOTHING_ANNOUNCED
