"""The spider loader: Scrapy's own, except that a module that cannot be loaded is only a warning."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from scrapy.spiderloader import SpiderLoader

from spiders.plain.error_place import describe_error


class PatientSpiderLoader(SpiderLoader):  # type: ignore[misc]
    """``SPIDER_LOADER_CLASS``: Scrapy's own leaves out every module that comes after a broken one."""

    def _load_all_spiders(self) -> None:
        for name in self.spider_modules:
            for module in _load_modules(name):
                self._load_spiders(module)
        self._check_name_duplicates()


def _load_modules(name: str) -> Iterator[ModuleType]:
    """Yield the module *name* and those in it; say on stderr which cannot be loaded, and why."""
    try:
        module = import_module(name)
    except (Exception, SystemExit) as error:  # a spider's module may do anything when it is loaded
        print(f"{name}: spider: {describe_error(error)}", file=sys.stderr)
        return
    yield module
    for found in iter_modules(getattr(module, "__path__", ())):
        yield from _load_modules(f"{name}.{found.name}")
