"""The items that the attempts at a crawl left in the spool (``items.jsonl``), and which of them count.

A page that a later attempt fetched again counts with the items of that attempt alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import structlog

from hemeroteca.archive.archive import Archive
from spiders.job import ITEMS_FILE
from storage import keys
from storage.files import open_replacement
from storage.items import encode_item, parse_item
from storage.model.crawl import Attempt, Crawl
from storage.model.errors import FixityError, MissingObjectError, StorageError, disk_error
from storage.model.outcome import Outcome
from storage.model.scraped_item import ScrapedItem

log = structlog.get_logger()

_REASON_CHARACTERS = 200
_GIVES_ITEMS = ("captured", "unchanged")
"""States of a page that its spider was given again."""


class FetchedPages:
    """The pages that were fetched again after an attempt, by *outcomes*; those whose records it *had* itself were not.

    Where a page failed when it was fetched again, what was scraped of it before counts. Both are read when the first
    item asks: most attempts have none.
    """

    def __init__(self, outcomes: Iterable[Outcome] = (), had: Iterable[str | None] = ()) -> None:
        self._outcomes = outcomes
        self._had = had

    @cached_property
    def _records(self) -> dict[str | None, str | None]:
        had = set(self._had)
        again = (one for one in self._outcomes if one.state in _GIVES_ITEMS and one.record_id not in had)
        return {one.url: one.record_id for one in again}

    def replaces(self, item: ScrapedItem) -> bool:
        """Say whether the page of *item* was fetched again, and *item* is not of that."""
        return self._records.get(item.url, item.record_id) != item.record_id


def choose_items(directories: Sequence[Path], ended: Path | None, again: FetchedPages) -> Iterator[ScrapedItem]:
    """Yield the items of the attempts in *directories*, the oldest first, that no later attempt has superseded.

    All of the attempt that has *ended* count; of the others not those of pages that were fetched *again*.
    """
    found = [directory for directory in directories if (directory / ITEMS_FILE).exists()]
    for directory, item in _read_attempts(found):
        if directory == ended or not again.replaces(item):
            yield item


def list_scraped(directories: Iterable[Path]) -> Iterator[str | None]:
    """Yield the record id of each item of the attempts in *directories*."""
    for directory in directories:
        if (directory / ITEMS_FILE).exists():
            yield from (one.record_id for one in _parse_lines(directory) if isinstance(one, ScrapedItem))


def bring_items(archive: Archive, crawl: Crawl, attempt: Attempt, directory: Path) -> None:
    """Copy what the bucket has of an attempt's items into its *directory*, if that has none. Raises StorageError.

    Another machine put them, or this one, which then lost its spool.
    """
    path, key = directory / ITEMS_FILE, keys.items(crawl, attempt)
    while not path.exists() and (told := archive.store.stat(key)):
        try:
            with open_replacement(path) as file:
                file.writelines(encode_item(item) + b"\n" for item in archive.holdings.read_items(told.promise()))
        except MissingObjectError as error:
            raise StorageError(f"{key}: is listed, but the store does not return it") from error
        except FixityError as error:
            log.error("items not taken from the bucket", key=key, reason=str(error))
        except OSError as error:
            raise disk_error(f"{path}: not written", error) from error
        key = keys.put_again(key)


def _read_attempts(directories: list[Path]) -> Iterator[tuple[Path, ScrapedItem]]:
    """Yield the items of attempts, but of each page only those of the last attempt that has any."""
    last: dict[str | None, Path] = {}
    for directory in directories if len(directories) > 1 else ():
        last |= {one.url: directory for one in _parse_lines(directory) if isinstance(one, ScrapedItem)}
    for directory in directories:
        for item in _read_items(directory):
            if last.get(item.url, directory) == directory:
                yield directory, item


def _read_items(directory: Path) -> Iterator[ScrapedItem]:
    """Yield the items of an attempt, and log how many of its lines hold none."""
    faults: list[ValueError] = []
    for found in _parse_lines(directory):
        if isinstance(found, ScrapedItem):
            yield found
        else:
            faults.append(found)
    if faults:
        place = {"crawl_id": directory.parent.name, "attempt": directory.name}
        log.warning("items left out", **place, lines=len(faults), reason=str(faults[0])[:_REASON_CHARACTERS])


def _parse_lines(directory: Path) -> Iterator[ScrapedItem | ValueError]:
    """Yield what each line of an attempt holds, or why it holds no item; not a last line that was cut."""
    with (directory / ITEMS_FILE).open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                try:
                    yield parse_item(line)
                except ValueError as error:
                    yield error
