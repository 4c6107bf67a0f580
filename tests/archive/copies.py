"""Copies of nights that were crawled and cleaned, to be cleaned again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.model.document import TextManifest
from tests.archive.cleaned import CleanedNight, documents_of

Change = Callable[[str, bytes], bytes | None]
CopyOf = Callable[..., Archive]


def clean_copy(archive: Archive, night: CleanedNight, workers: WorkerPool | Overtaken) -> TextManifest:
    """Clean a copy of *night*: every document that comes of it has the text that *night*'s has."""
    (cleaning,) = clean_crawl(archive, night.crawl, workers)  # type: ignore[arg-type] # map is all it calls
    for url, document in documents_of(archive.store, cleaning).items():
        assert document.text_digest == night.documents[url].text_digest
    return cleaning


class Overtaken:
    """WorkerPool; between their last page and the commit another cleaning of the same crawl comes first."""

    def __init__(self, workers: WorkerPool, other: Callable[[], list[TextManifest]]) -> None:
        self.first: list[TextManifest] = []
        self._workers = workers
        self._other = other

    def map(self, jobs: Any) -> Iterator[Any]:
        yield from self._workers.map(jobs)
        self.first = self._other()
