"""The notes of a running rebuild, in coordination: the name of its catalog, and what was published meanwhile.

rebuild           the name of the half-made catalog
rebuild/{key}     the manifest at that key was published since then
"""

from __future__ import annotations

from storage.coordination import Coordination

REBUILD_LOCK = "rebuild"
"""Who rebuilds holds it."""
_HALF_MADE = "rebuild"
_PUBLISHED = "rebuild/"


def read_half_made(coordination: Coordination) -> str | None:
    """Return the name of the catalog that a rebuild is filling, or was when it broke off."""
    return coordination.read_note(_HALF_MADE)


def note_rebuild(coordination: Coordination, catalog: str) -> None:
    """Note that *catalog* is being filled: what is published from now on is noted too.

    The caller holds the publish lock, and lists the bucket after this: what was published before is there.
    """
    coordination.remove_notes(_PUBLISHED)
    coordination.write_note(_HALF_MADE, catalog)


def note_published(coordination: Coordination, key: str) -> None:
    """Note the manifest at *key* while a rebuild is noted. The caller holds the publish lock."""
    if read_half_made(coordination) is not None:
        coordination.write_note(f"{_PUBLISHED}{key}", "")


def read_published(coordination: Coordination) -> list[str]:
    """Return the keys of what was published since the rebuild was noted."""
    return [name.removeprefix(_PUBLISHED) for name in coordination.read_notes(_PUBLISHED)]


def forget_published(coordination: Coordination) -> None:
    """Note nothing any more of what was published, for a rebuild that broke off: whoever continues it lists the bucket.

    The caller holds ``REBUILD_LOCK``.
    """
    coordination.remove_notes(_PUBLISHED)


def forget_rebuild(coordination: Coordination) -> None:
    """Note nothing any more: the catalog is in use. The caller holds the publish lock."""
    coordination.remove_note(_HALF_MADE)
    coordination.remove_notes(_PUBLISHED)
