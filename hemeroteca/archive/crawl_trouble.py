"""Why a crawl is not finished: a note in coordination, which ``report`` and ``status`` show."""

from __future__ import annotations

from hemeroteca.archive.archive import Archive

_LONGEST = 500


def trouble_note(crawl_id: str) -> str:
    """Return the name of the note that says why a crawl could not be finished or committed."""
    return f"trouble/{crawl_id}"


def note_trouble(archive: Archive, crawl_id: str, why: str | None) -> None:
    """Note *why* a crawl is not finished, in the place of what was noted before; None: nobody knows."""
    if why is None:
        archive.coordination.remove_note(trouble_note(crawl_id))
        return
    line = " ".join(why.split())
    archive.coordination.write_note(trouble_note(crawl_id), line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…")


def read_trouble(archive: Archive, crawl_id: str) -> str | None:
    """Return why a crawl is not finished, as far as that is noted."""
    return archive.coordination.read_note(trouble_note(crawl_id))


def stall_note(crawl_id: str) -> str:
    """Return the name of the note that a crawl kept its process from turning to others."""
    return f"stalled/{crawl_id}"


def note_stall(archive: Archive, crawl_id: str) -> None:
    """Note that a crawl kept its process busy: the next try runs it alone."""
    archive.coordination.write_note(stall_note(crawl_id), "stalled")


def has_stalled(archive: Archive, crawl_id: str) -> bool:
    return archive.coordination.read_note(stall_note(crawl_id)) is not None
