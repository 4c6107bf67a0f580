"""The settings that a Scrapy spider may change (``custom_settings``, ``update_settings``).

What it says of its own parsing, its tries and its middlewares is its own affair. Manners, addresses, recording and
the crawler's name belong to the archive. A spider's own middlewares run above the archive's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scrapy import Spider
from scrapy.settings import BaseSettings, Settings
from scrapy.utils.misc import load_object

import spiders.settings as defaults
from storage.model.errors import SeedError

_ALLOWED = re.compile(
    r"(?:AUTOTHROTTLE|CLOSESPIDER|COOKIES|CRAWLSPIDER|DEPTH|HTTPERROR|LOGSTATS|METAREFRESH|REDIRECT|REFERER|REFERRER"
    r"|RETRY|STATS)_\w+"
    r"|DEFAULT_ITEM_CLASS|DEFAULT_REQUEST_HEADERS|DEFAULT_DROPITEM_LOG_LEVEL|DOWNLOAD_DELAY|DUPEFILTER_DEBUG"
    r"|CONCURRENT_ITEMS|CONCURRENT_REQUESTS(?:_PER_DOMAIN)?|RANDOMIZE_DOWNLOAD_DELAY|DOWNLOAD_DELAY_JITTER"
    r"|ITEM_PIPELINES|LOG_LEVEL|META_COPY_WARN_SKIP_KEYS|SCHEDULER_(?:MEMORY|START_MEMORY|PRIORITY)_QUEUE"
    r"|SCRAPER_SLOT_MAX_ACTIVE_SIZE|URLLENGTH_LIMIT|WARN_ON_GENERATOR_RETURN_VALUE"
)
_KEPT = re.compile(r"STATS_CLASS|REDIRECT_MAX_TIMES_UNLIMITED")
_PARTS = {"DOWNLOADER_MIDDLEWARES": 1, "SPIDER_MIDDLEWARES": -1, "EXTENSIONS": 0}
"""Components beside ours, and on which side of ours they must stand: 1: at a lower number, -1: at a higher one."""


def check_settings(spider_class: type[Spider], source_id: str) -> None:
    """Raise SeedError, which names each setting, when the spider of a source changes what it may not."""
    place = f"{source_id}: spider: {spider_class.__name__}"
    given = Settings()
    given.setmodule(defaults, priority="project")
    changed = given.copy()
    try:
        spider_class.update_settings(changed)
    except Exception as error:
        raise SeedError(
            f"{place}: spider: {spider_class.__name__}: settings: {type(error).__name__}: {error}"
        ) from error
    wrong = [name for name in sorted(changed) if not _is_allowed(name, given, changed)]
    wrong += _find_wrong_parts(given, changed)
    if wrong:
        raise SeedError(
            f"{place}: spider: {spider_class.__name__}: settings that are the archive's: {', '.join(wrong)}"
        )


def _is_allowed(name: str, given: BaseSettings, changed: BaseSettings) -> bool:
    before, after = _plain(given.get(name)), _plain(changed.get(name))
    if before == after or name in _PARTS or (name == "ROBOTSTXT_OBEY" and after is True):
        return True
    return bool(_ALLOWED.fullmatch(name)) and not _KEPT.fullmatch(name)


def _find_wrong_parts(given: BaseSettings, changed: BaseSettings) -> list[str]:
    wrong = []
    for name, side in _PARTS.items():
        ours = {_load(part): order for part, order in (_plain(given[name]) or {}).items()}
        orders = [order for part, order in ours.items() if order is not None]
        for part, order in (_plain(changed[name]) or {}).items():
            loaded = _load(part)
            if loaded in ours:
                is_wrong = order != ours[loaded]
            else:
                is_wrong = order is not None and bool(side) and any(side * order >= side * own for own in orders)
            if is_wrong:
                wrong.append(f"{name}[{getattr(part, '__name__', part)}]: {order}")
    return wrong


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _load(part: Any) -> Any:
    try:
        return load_object(part)
    except (ImportError, NameError, ValueError, TypeError):
        return part
