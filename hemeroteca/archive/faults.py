"""Why a crawl is red, in the words of ``report`` and ``status``, which must not load what ``report`` does."""

NOT_FINISHED = "its crawl was not finished"
NO_DISCOVERY_READ = "none of its feeds, sitemaps or sections could be read"


def tell_unfinished(why: str | None) -> str:
    """Return that a crawl was not finished, and *why* if that is known."""
    return f"{NOT_FINISHED}: {why}" if why else NOT_FINISHED
