"""What ``report`` found wrong with a crawl, kept for ``status``, so that both say the same; and what to type next."""

from __future__ import annotations

from collections.abc import Sequence

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.faults import NOT_FINISHED
from storage.model.night import Night


def verdict_note(night: Night, crawl_id: str) -> str:
    """Return the name of the note that says what is wrong with a crawl that is committed."""
    return f"{_notes_of(night)}{crawl_id}"


def note_verdict(archive: Archive, night: Night, crawl_id: str, faults: Sequence[str]) -> None:
    """Keep the *faults* of a crawl; none removes what was kept. That it is not finished is no fault of this kind."""
    note = verdict_note(night, crawl_id)
    text = "; ".join(fault for fault in faults if not fault.startswith(NOT_FINISHED))
    if text:
        archive.coordination.write_note(note, text)
    elif archive.coordination.read_note(note) is not None:
        archive.coordination.remove_note(note)


def read_verdicts(archive: Archive, night: Night) -> dict[str, str]:
    """Return what is wrong with the crawls of *night*, by crawl id."""
    prefix = _notes_of(night)
    return {name.removeprefix(prefix): text for name, text in archive.coordination.read_notes(prefix).items()}


def tell_next(why: str, night: Night, command: str = "hemeroteca") -> str:
    """Return what to type after the red verdict *why*: what says more of it, or what goes on with the night."""
    if "damaged" in why:
        return f"Next: `{command} doctor` names what is damaged, and how to fix it"
    if any(sign in why for sign in _GOES_ON):
        return f"Next: `{command} nightly --night {night}` goes on with it, and fetches nothing twice"
    return f"Next: `{command} failures --night {night}` says what was not captured, why, and what to do"


_GOES_ON = (NOT_FINISHED, "not cleaned", "not published", "not up to date", "not in the tables")
"""Signs of a fault that the same night again mends."""


def _notes_of(night: Night) -> str:
    return f"verdict/{night}/"
