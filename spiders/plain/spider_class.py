"""The Scrapy spider that a card names."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from scrapy import Spider
from scrapy.settings import Settings
from scrapy.utils.spider import iter_spider_classes

from spiders.plain.error_place import describe_error
from spiders.plain.spider_loader import PatientSpiderLoader
from storage.model.errors import SeedError
from storage.model.source import Source

_ROOM = "spiders"


def find_spider_class(source: Source) -> type[Spider]:
    """Return the spider class of *source*'s card.

    Its ``spider`` is a module in ``spiders/``; a module to be imported from anywhere, or a class in it, with dots; or
    the ``name`` of a spider in a module of ``spiders/``. Raises SeedError, also when the module cannot be loaded.
    """
    name = source.spider
    try:
        if "." in name:
            return _find_elsewhere(source, name)
        if find_spec(f"{_ROOM}.{name}"):
            return _choose(source, import_module(f"{_ROOM}.{name}"))
        return _find_by_name(source)
    except SeedError:
        raise
    except (Exception, SystemExit) as error:  # a spider's module may do anything when it is loaded
        raise SeedError(f"{source.id}: spider: {name}: {describe_error(error)}") from error


def _find_elsewhere(source: Source, name: str) -> type[Spider]:
    module, _, last = name.rpartition(".")
    if _is_there(name):
        return _choose(source, import_module(name))
    found = getattr(import_module(module), last, None)
    if not (isinstance(found, type) and issubclass(found, Spider)):
        raise SeedError(f"{source.id}: spider: {name}: no module, and no Scrapy spider in {module}")
    return found


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the part before the last is no package
        return False


def _find_by_name(source: Source) -> type[Spider]:
    loader = PatientSpiderLoader.from_settings(Settings({"SPIDER_MODULES": [_ROOM]}))
    if source.spider not in loader.list():
        raise SeedError(f"{source.id}: spider: {source.spider}: no such module in {_ROOM}/, nor a spider of that name")
    found: type[Spider] = loader.load(source.spider)
    return found


def _choose(source: Source, module: ModuleType) -> type[Spider]:
    found = list(iter_spider_classes(module))
    named = [one for one in found if one.name == module.__name__.rpartition(".")[2]]
    chosen = named or found
    if len(chosen) != 1:
        names = ", ".join(one.__name__ for one in found) or "none"
        raise SeedError(
            f"{source.id}: spider: {source.spider}: needs one Scrapy spider in {module.__name__}, has {names}"
        )
    only: type[Spider] = chosen[0]
    return only
