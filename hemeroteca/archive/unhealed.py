"""What ``report`` found missing from a night, until a later run heals it: notes in coordination, for the command."""

from __future__ import annotations

from collections.abc import Iterable

from hemeroteca.archive.archive import Archive
from storage.model.crawl import is_nightly
from storage.model.night import Night

TABLES = "tables"
"""Stands for a crawl's id where the night's tables are lacking rows."""


def note_faults(archive: Archive, night: Night, name: str, faults: Iterable[str]) -> None:
    """Note the *faults* of the crawl of that id, or of the tables; none removes what was noted."""
    note = f"{_notes_of(night)}{name}"
    text = "; ".join(faults)
    if text:
        archive.coordination.write_note(note, text)
    elif archive.coordination.read_note(note) is not None:
        archive.coordination.remove_note(note)


def read_unhealed_of_nightly(archive: Archive, night: Night) -> list[str]:
    """Return what colours *night*: what its nightly crawls lack, and its tables."""
    found = read_unhealed(archive, night)
    return [text for name, text in found.items() if name == TABLES or is_nightly(name)]


def read_unhealed(archive: Archive, night: Night) -> dict[str, str]:
    """Return what *night* lacks, by crawl id, as far as runs have found."""
    prefix = _notes_of(night)
    return {name.removeprefix(prefix): text for name, text in archive.coordination.read_notes(prefix).items()}


def _notes_of(night: Night) -> str:
    return f"unhealed/{night}/"
