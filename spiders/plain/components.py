"""The archive's Scrapy components and their order: which one handles robots.txt, turns and recording."""

from __future__ import annotations

COMPONENTS: dict[str, dict[str, int | None]] = {
    "EXTENSIONS": {"spiders.plain.archive_extension.ArchiveExtension": 0},
    "SPIDER_MIDDLEWARES": {"spiders.plain.link_middleware.LinkMiddleware": 10},
    "DOWNLOADER_MIDDLEWARES": {
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "spiders.plain.offsite.BookOffsiteMiddleware": 50,
        # PolicyMiddleware obeys robots.txt, and the archive keeps what it read
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
        "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
        # a proxy's address is not the origin's
        "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
        "spiders.plain.policy_middleware.PolicyMiddleware": 1000,
    },
}
"""By setting: the import path of each component, and its number; None: not used."""
