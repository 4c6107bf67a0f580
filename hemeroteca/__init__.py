"""A newspaper archive that runs itself. For researchers: ``hemeroteca.open_archive()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from hemeroteca.reader import Reader

__all__ = ["open_archive"]


def open_archive(home: str | Path | None = None, demo: bool | None = None) -> Reader:
    """Open an archive for reading: that of the environment's ``HEMEROTECA_*``, unless *home* or *demo* say otherwise.

    >>> archive = hemeroteca.open_archive()
    >>> archive.get("https://www.example.org/news/today.html", at="2026-03-01").text

    Raises NotArchivedError when there is no archive yet.
    """
    import structlog

    from hemeroteca.logs import log_to_stderr
    from hemeroteca.reader import Reader
    from hemeroteca.settings import read_settings

    if not structlog.is_configured():
        log_to_stderr("warning")
    told = {name: value for name, value in {"home": home, "demo": demo}.items() if value is not None}
    return Reader(read_settings(**told))
