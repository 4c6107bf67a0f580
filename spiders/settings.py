"""Scrapy's settings for this checkout: for ``scrapy list``, ``crawl`` and ``shell``, and for ``spiders.run``."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_data_path

from storage.model.limits import CrawlLimits

BOT_NAME = "hemeroteca"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
SPIDER_LOADER_CLASS = "spiders.plain.spider_loader.PatientSpiderLoader"


def user_agent(version: str, contact: str) -> str:
    """Return our User-Agent; *contact* is an address or a page by which a webmaster can reach us."""
    return f"hemeroteca/{version} (+{contact})" if contact else f"hemeroteca/{version}"


_checkout = Path(__file__).resolve().parent.parent
_is_demo = os.environ.get("HEMEROTECA_DEMO", "").lower() in ("1", "true", "yes", "on")
_usual_home = _checkout / ".hemeroteca" / "demo" if _is_demo else user_data_path("hemeroteca")

# Scrapy loads this module, for `scrapy crawl` and for spiders.run: here alone a spider's process reads its environment.
# The cards are those of the checkout, with what the home of HEMEROTECA_HOME adds and changes.
CONTACT = os.environ.get("HEMEROTECA_CONTACT", "")
COORDINATION = os.environ.get("HEMEROTECA_COORDINATION")
SOFTWARE_VERSION = version("hemeroteca")
SEEDS = str(_checkout / "seeds")
HOME_SEEDS = str(Path(os.environ.get("HEMEROTECA_HOME") or _usual_home) / "seeds")
CAPTURE_CONNECT_TO = [rule for rule in os.environ.get("HEMEROTECA_CONNECT_TO", "").split(",") if rule and _is_demo]
CRAWL_SPOOL = ".hemeroteca/scrapy"
CRAWL_SOURCE = None
"""The card that a Scrapy command is for, where it is neither ``-a source=ID`` nor the only one with that spider."""

USER_AGENT = user_agent(SOFTWARE_VERSION, CONTACT)
ROBOTSTXT_OBEY = True  # by spiders.plain.policy_middleware: the archive keeps what it read

# What archives a Scrapy spider's crawl: the add-on adds an extension and middlewares. `newspaper` drives the download
# handler itself and does without the rest.
ADDONS = {"spiders.plain.archive_addon.ArchiveAddon": 0}
DUPEFILTER_CLASS = "spiders.plain.dupefilter.BookDupeFilter"
DOWNLOAD_HANDLERS = dict.fromkeys(
    ("http", "https"), "spiders.plain.download_handler.ArchiveDownloadHandler"
) | dict.fromkeys(("data", "file", "ftp", "s3"))
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip",  # what every reader of WARC files can decode
}

CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 4  # a hundred tasks a response otherwise, for items that we do not have
DOWNLOAD_DELAY = 0.0  # spiders.manners.turns keeps the distance, from an answer's end to the next request
DOWNLOAD_DELAY_JITTER = 0.0
DOWNLOAD_TIMEOUT = 45
DOWNLOAD_MAXSIZE = CrawlLimits().max_body_bytes
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False

REDIRECT_MAX_TIMES = 5
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"  # Scrapy's usual one finds no IPv6 address
COMPRESSION_ENABLED = False  # the download handler decodes each body, once, while it comes
METAREFRESH_ENABLED = False
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
LOG_LEVEL = "INFO"
