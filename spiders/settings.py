"""Scrapy's settings for this checkout: for ``scrapy list``, ``crawl`` and ``shell``, and for ``spiders.run``."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from storage.model.limits import CrawlLimits

BOT_NAME = "hemeroteca"
SPIDER_MODULES = ["spiders"]


def user_agent(version: str, contact: str) -> str:
    """Return our User-Agent; *contact* is an address or a page by which a webmaster can reach us."""
    return f"hemeroteca/{version} (+{contact})" if contact else f"hemeroteca/{version}"


# Scrapy loads this module, for `scrapy crawl` and for spiders.run: here alone a spider's process reads its environment.
CONTACT = os.environ.get("HEMEROTECA_CONTACT", "")
COORDINATION = os.environ.get("HEMEROTECA_COORDINATION")
SOFTWARE_VERSION = version("hemeroteca")
SEEDS = str(Path(__file__).resolve().parent.parent / "seeds")
CRAWL_SPOOL = ".hemeroteca/scrapy"

USER_AGENT = user_agent(SOFTWARE_VERSION, CONTACT)
ROBOTSTXT_OBEY = True  # for `scrapy shell`; the spider reads robots.txt itself, because it archives it

DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "spiders.wire.handler.CaptureDownloadHandler") | dict.fromkeys(
    ("data", "file", "ftp", "s3")
)
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # a proxy's address is not the origin's
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
}
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip",  # what every reader of WARC files can decode
}

CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 4  # a hundred tasks a response otherwise, for items that we do not have
DOWNLOAD_DELAY = 2.0
DOWNLOAD_DELAY_JITTER = 0.0
DOWNLOAD_TIMEOUT = 45
DOWNLOAD_MAXSIZE = CrawlLimits().max_body_bytes
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False

COOKIES_ENABLED = False
COMPRESSION_ENABLED = False  # the download handler decodes each body, once, while it comes
METAREFRESH_ENABLED = False
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
LOG_LEVEL = "INFO"
