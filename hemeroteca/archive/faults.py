"""Why a crawl is red, in the words of ``report`` and ``status``, which must not load what ``report`` does."""

NOT_FINISHED = "its crawl was not finished"
NO_DISCOVERY_READ = "none of its feeds, sitemaps or sections could be read"
