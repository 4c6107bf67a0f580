"""Where documents are in an object, and the digests that check a part of it that is read alone."""

from __future__ import annotations

from typing import NamedTuple

from storage.model.base import Record
from storage.model.document import Document
from storage.model.errors import MissingObjectError


class ObjectPart(Record):
    """A range of an object's bytes."""

    offset: int
    bytes: int
    sha256: str


class RowGroup(ObjectPart):
    """A range that holds whole rows."""

    rows: int


class DocumentsObject(Record):
    """An object of documents: what its manifest promises, and where its footer and its row groups are."""

    key: str
    bytes: int
    sha256: str
    footer: ObjectPart
    groups: tuple[RowGroup, ...]

    def find_group(self, row: int) -> RowGroup:
        """Return the row group that has *row* (from 0). Raises MissingObjectError when none has."""
        first = 0
        for group in self.groups:
            if first <= row < first + group.rows:
                return group
            first += group.rows
        raise MissingObjectError(f"{self.key}: has no row {row}")


class PlacedDocument(NamedTuple):
    """A document in *row* (from 0) of an object."""

    document: Document
    held: DocumentsObject
    row: int
