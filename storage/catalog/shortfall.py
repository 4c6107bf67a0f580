"""Which manifests of the bucket the catalog is known to lack: notes in coordination, for readers that do not ask S3.

catalog new/{catalog}               it was recreated, and has not been compared with the bucket yet
catalog incomplete/{catalog}        it was made beside a bucket that held crawls: the first night that it lacks
catalog lacks/{catalog}/{night}     the manifests that it lacked when that night was compared (NightShortfall)
catalog damaged/{catalog}           keys of the manifests that a rebuild could not apply, separated by line feeds
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from storage.coordination import Coordination
from storage.keys import TEXT_MANIFESTS
from storage.model.base import Record
from storage.model.night import Night

_NEW, _INCOMPLETE, _LACKS, _DAMAGED = (f"catalog {state}/" for state in ("new", "incomplete", "lacks", "damaged"))
KEPT_KEYS = 50
MOST_DAMAGED = 1000


class NightShortfall(Record):
    """How many manifests of a night the catalog lacked; ``keys`` are the first of them."""

    crawls: int = 0
    texts: int = 0
    keys: tuple[str, ...] = ()

    @classmethod
    def of(cls, lacking: Iterable[str]) -> NightShortfall:
        found = sorted(lacking)
        texts = sum(key.startswith(TEXT_MANIFESTS) for key in found)
        return cls(crawls=len(found) - texts, texts=texts, keys=tuple(found[:KEPT_KEYS]))

    def without(self, applied: Iterable[str]) -> NightShortfall:
        """Return what is lacking once the manifests at *applied* are there."""
        done = NightShortfall.of(set(applied) & set(self.keys))
        keys = tuple(key for key in self.keys if key not in done.keys)
        return NightShortfall(crawls=self.crawls - done.crawls, texts=self.texts - done.texts, keys=keys)


class Shortfall(NamedTuple):
    """What the catalog in use is known to lack."""

    is_new: bool
    """Nobody has compared it with the bucket since it was made."""
    since: Night | None
    """It was made beside a bucket that held crawls: the first night of theirs."""
    nights: dict[Night, NightShortfall]
    damaged: tuple[str, ...]
    """Manifests that could not be applied: they, or objects of theirs, cannot be read."""


def mark_new(coordination: Coordination, catalog: str) -> None:
    """Note that *catalog* is a new one: what is known about an earlier one of that name is forgotten."""
    forget_shortfall(coordination, catalog)
    coordination.write_note(f"{_NEW}{catalog}", "")


def settle_new(coordination: Coordination, catalog: str, first_lacking: Night | None) -> None:
    """Note what comparing a new or incomplete catalog has found: the first night that it lacks, or None."""
    if first_lacking:
        coordination.write_note(f"{_INCOMPLETE}{catalog}", str(first_lacking))
    else:
        coordination.remove_note(f"{_INCOMPLETE}{catalog}")
    coordination.remove_note(f"{_NEW}{catalog}")


def note_night(coordination: Coordination, catalog: str, night: Night, lacking: Iterable[str]) -> NightShortfall:
    """Note which manifests of *night* the catalog lacks; those that no rebuild could apply are not counted."""
    found = NightShortfall.of(set(lacking) - set(read_damaged(coordination, catalog)))
    name = f"{_LACKS}{catalog}/{night}"
    if found.keys:
        coordination.write_note(name, found.model_dump_json())
    else:
        coordination.remove_note(name)
    return found


def note_damaged(coordination: Coordination, catalog: str, keys: Iterable[str]) -> None:
    """Note which manifests no rebuild can apply to *catalog*."""
    if found := sorted(keys)[:MOST_DAMAGED]:
        coordination.write_note(f"{_DAMAGED}{catalog}", "\n".join(found))
    else:
        coordination.remove_note(f"{_DAMAGED}{catalog}")


def read_damaged(coordination: Coordination, catalog: str) -> list[str]:
    return (coordination.read_note(f"{_DAMAGED}{catalog}") or "").split()


def read_shortfall(
    coordination: Coordination, catalog: str, find_published: Callable[[Iterable[str]], set[str]]
) -> Shortfall:
    """Return what *catalog* is known to lack, without what was applied since: *find_published* says of keys which."""
    prefix = f"{_LACKS}{catalog}/"
    noted = {
        Night.fromisoformat(name.removeprefix(prefix)): NightShortfall.model_validate_json(value)
        for name, value in coordination.read_notes(prefix).items()
    }
    damaged = read_damaged(coordination, catalog)
    applied = find_published([*(key for one in noted.values() for key in one.keys), *damaged])
    left = {night: one.without(applied) for night, one in noted.items()}
    since = coordination.read_note(f"{_INCOMPLETE}{catalog}")
    return Shortfall(
        is_new=coordination.read_note(f"{_NEW}{catalog}") is not None,
        since=Night.fromisoformat(since) if since else None,
        nights={night: one for night, one in left.items() if one.crawls or one.texts},
        damaged=tuple(key for key in damaged if key not in applied),
    )


def forget_shortfall(coordination: Coordination, catalog: str) -> None:
    """Remove every note about *catalog*."""
    for state in (_NEW, _INCOMPLETE, _DAMAGED):
        coordination.remove_note(f"{state}{catalog}")
    for name in coordination.read_notes(f"{_LACKS}{catalog}/"):
        coordination.remove_note(name)
