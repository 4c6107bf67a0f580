"""What a new cleaning would lose from the current one, because records that could once be read are damaged."""

from __future__ import annotations

from collections.abc import Iterator

from storage.documents import DOCUMENT
from storage.holdings import Holdings
from storage.kept import CurrentCleaning
from storage.model.document import Document


def find_losses(holdings: Holdings, current: CurrentCleaning | None, lost: set[str]) -> list[str]:
    """Return the URLs of the documents of *current* whose captures, by record id, are in *lost*."""
    documents = find_documents(holdings, current) if lost else ()
    return sorted(one.url for one in documents if one.derived_from in lost)


def find_documents(holdings: Holdings, cleaning: CurrentCleaning | None) -> Iterator[Document]:
    """Yield the documents of *cleaning*, with those that were added to it."""
    for part in cleaning.parts if cleaning else ():
        for stored in holdings.find_objects(part.manifest, DOCUMENT):
            yield from holdings.read_documents(stored)
