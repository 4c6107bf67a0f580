"""The Scrapy add-on that puts the archive's components in their places, whatever a spider's own settings say.

Further ones are settings of the project (spiders/settings.py): the dupefilter and the download handler.
"""

from __future__ import annotations

from scrapy.downloadermiddlewares.httpauth import HttpAuthMiddleware
from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.settings import BaseSettings

from spiders.plain.archive_extension import ArchiveExtension
from spiders.plain.link_middleware import LinkMiddleware
from spiders.plain.offsite import BookOffsiteMiddleware
from spiders.plain.policy_middleware import PolicyMiddleware

COMPONENTS: dict[str, dict[type, int | None]] = {
    "EXTENSIONS": {ArchiveExtension: 0},
    "SPIDER_MIDDLEWARES": {LinkMiddleware: 10},
    "DOWNLOADER_MIDDLEWARES": {
        OffsiteMiddleware: None,
        BookOffsiteMiddleware: 50,
        RobotsTxtMiddleware: None,  # PolicyMiddleware obeys robots.txt, and the archive keeps what it read
        HttpAuthMiddleware: None,
        HttpProxyMiddleware: None,  # a proxy's address is not the origin's
        PolicyMiddleware: 1000,
    },
}
"""By setting: each component and its number; None: not used."""


class ArchiveAddon:
    """``ADDONS = {"spiders.plain.archive_addon.ArchiveAddon": 0}``."""

    def update_settings(self, settings: BaseSettings) -> None:
        for name, components in COMPONENTS.items():
            for component, number in components.items():
                settings.set_in_component_priority_dict(name, component, number)
