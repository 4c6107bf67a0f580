"""Notes on what is probably wrong with a newspaper: a separate module, because ``status`` must load little."""

from __future__ import annotations

from hemeroteca.archive.archive import Archive
from storage.model.night import Night


def cause_note(night: Night, crawl_id: str) -> str:
    """Return the name of the note that says what is probably wrong with the newspaper of a crawl."""
    return f"{_notes_of(night)}{crawl_id}"


def read_causes(archive: Archive, night: Night) -> dict[str, str]:
    """Return the causes noted of the crawls of *night*, by crawl id."""
    prefix = _notes_of(night)
    return {name.removeprefix(prefix): text for name, text in archive.coordination.read_notes(prefix).items()}


def _notes_of(night: Night) -> str:
    return f"cause/{night}/"
