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
from spiders.plain.components import COMPONENTS
from storage.model.errors import SeedError

_ALLOWED = re.compile(
    r"(?:AUTOTHROTTLE|CLOSESPIDER|COOKIES|CRAWLSPIDER|DEPTH|HTTPERROR|LOGSTATS|METAREFRESH|REDIRECT|REFERER|REFERRER"
    r"|RETRY)_\w+"
    r"|DEFAULT_ITEM_CLASS|DEFAULT_REQUEST_HEADERS|DEFAULT_DROPITEM_LOG_LEVEL|DOWNLOAD_DELAY|DUPEFILTER_DEBUG"
    r"|CONCURRENT_ITEMS|CONCURRENT_REQUESTS(?:_PER_DOMAIN)?|RANDOMIZE_DOWNLOAD_DELAY|DOWNLOAD_DELAY_JITTER"
    r"|ITEM_PIPELINES|LOG_LEVEL|META_COPY_WARN_SKIP_KEYS|SCHEDULER_(?:MEMORY|START_MEMORY|PRIORITY)_QUEUE"
    r"|SCRAPER_SLOT_MAX_ACTIVE_SIZE|STATS_DUMP|URLLENGTH_LIMIT|WARN_ON_GENERATOR_RETURN_VALUE"
)

_SIDES = {"DOWNLOADER_MIDDLEWARES": 1, "SPIDER_MIDDLEWARES": -1, "EXTENSIONS": 0}
"""Where a spider's own components stand: 1: at lower numbers than the archive's, -1: at higher ones, 0: anywhere."""


def check_settings(spider_class: type[Spider], source_id: str) -> None:
    """Raise SeedError, which names each setting, when the spider of a source changes what it may not."""
    place = f"{source_id}: spider: {spider_class.__name__}"
    given = Settings()
    given.setmodule(defaults, priority="project")
    changed = given.copy()
    try:
        spider_class.update_settings(changed)
    except Exception as error:
        raise SeedError(f"{place}: settings: {type(error).__name__}: {error}") from error
    set_by_someone = sorted(name for name in changed if changed.getpriority(name))
    wrong = [name for name in set_by_someone if not _is_allowed(name, given, changed)]
    wrong += _find_wrong_components(changed)
    if wrong:
        raise SeedError(f"{place}: a spider may not change these settings: {', '.join(wrong)}")


def _is_allowed(name: str, given: BaseSettings, changed: BaseSettings) -> bool:
    is_same = _plain(given.get(name)) == _plain(changed.get(name))
    return is_same or name in _SIDES or bool(_ALLOWED.fullmatch(name))


def _find_wrong_components(changed: BaseSettings) -> list[str]:
    """Return the components that would change the archive's, or stand nearer to the network than they."""
    wrong = []
    for name, side in _SIDES.items():
        ours = {load_object(component): number for component, number in COMPONENTS[name].items()}
        last = max(side * number for number in ours.values() if number is not None)
        for component, number in changed.getdict(name).items():
            loaded = _load(component)
            is_beyond = bool(side) and number is not None and side * number >= last
            if ours[loaded] != number if loaded in ours else is_beyond:
                wrong.append(f"{name}[{getattr(component, '__name__', component)}]: {number}")
    return wrong


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _load(part: Any) -> Any:
    try:
        return load_object(part)
    except (ImportError, NameError, ValueError, TypeError):
        return part
