"""How the documents of two cleanings differ: how many were changed, gained or lost, and which changed most."""

from __future__ import annotations

from collections import Counter

from hemeroteca.archive.cleaning.losses import find_documents
from storage.holdings import Holdings
from storage.kept import CurrentCleaning
from storage.model.base import Record
from storage.model.document import Document

SHOWN = 10
FIELDS = ("text", "title", "standfirst", "authors", "published", "language")
"""The fields by which documents are compared."""
_EXCERPT_LINES = 3


class Difference(Record):
    """One document before and after: what changed, and how many characters of its lines were removed and added."""

    url: str
    record_id: str
    change: str
    fields: tuple[str, ...] = ()
    removed_characters: int = 0
    added_characters: int = 0
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def weight(self) -> tuple[int, str]:
        """What differences are sorted by: the biggest first, equal ones by record."""
        return -(self.removed_characters + self.added_characters), self.record_id


class Differences(Record):
    """Sums over many crawls. ``fields`` counts documents by what changed; ``biggest`` changed most in their text."""

    extractor: str
    crawls: int = 0
    unchanged: int = 0
    changed: int = 0
    gained: int = 0
    lost: int = 0
    fields: dict[str, int] = {}
    biggest: tuple[Difference, ...] = ()

    def plus(self, found: list[Difference]) -> Differences:
        """Return these sums with one more crawl, whose differences are *found*."""
        kinds = Counter(one.change for one in found)
        fields = Counter(self.fields) + Counter(field for one in found for field in one.fields)
        notable = [one for one in found if one.change != "unchanged"]
        return self.replace(
            crawls=self.crawls + 1,
            **{kind: getattr(self, kind) + kinds[kind] for kind in ("unchanged", "changed", "gained", "lost")},
            fields=dict(sorted(fields.items())),
            biggest=tuple(sorted([*self.biggest, *notable], key=lambda one: one.weight)[:SHOWN]),
        )


def compare_cleanings(holdings: Holdings, before: CurrentCleaning | None, after: CurrentCleaning) -> list[Difference]:
    """Return a difference for each capture that has a document before or after."""
    old = {document.derived_from: document for document in find_documents(holdings, before)}
    new = {document.derived_from: document for document in find_documents(holdings, after)}
    return [_difference(old.get(record_id), new.get(record_id)) for record_id in sorted(old.keys() | new.keys())]


def _difference(old: Document | None, new: Document | None) -> Difference:
    document = new or old
    assert document is not None
    before, after = _lines(old), _lines(new)
    removed, added = list((before - after).elements()), list((after - before).elements())
    fields = tuple(name for name in FIELDS if old and new and getattr(old, name) != getattr(new, name))
    return Difference(
        url=document.url,
        record_id=document.derived_from,
        change=("changed" if fields else "unchanged") if old and new else "gained" if new else "lost",
        fields=fields,
        removed_characters=sum(map(len, removed)),
        added_characters=sum(map(len, added)),
        removed=tuple(removed[:_EXCERPT_LINES]),
        added=tuple(added[:_EXCERPT_LINES]),
    )


def _lines(document: Document | None) -> Counter[str]:
    return Counter(document.text.split("\n")) if document else Counter()
