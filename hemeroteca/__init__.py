"""A newspaper archive that runs itself. For researchers: ``hemeroteca.open_archive()`` and ``hemeroteca.extract()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from hemeroteca.archive_reader import Reader
    from storage.model.document import CleanText

__all__ = ["extract", "open_archive"]


def extract(
    body: bytes,
    url: str = "",
    content_type: str | None = None,
    fetched: datetime | None = None,
    fold: int | None = None,
) -> CleanText:
    """Return the clean text of one page and its metadata, each field with how it is known, without any archive.

    *body* is the page without content coding. *content_type* is what the server sent (None: found in the bytes). No
    date is later than *fetched* (aware; None: now). *fold* (0 to 4) takes the model that never saw a host of that fold.

    >>> hemeroteca.extract(Path("page.html").read_bytes(), url="https://www.example.org/news/today.html").text

    Where the page has no text, ``without_text`` says why. Raises NoMainTextError: not_html, too_large, parser_limit;
    no_main_text where the page has nothing else either. A hostile page may take long: for many pages of
    strangers see `hemeroteca extract --batch`, whose workers have limits.
    """
    from datetime import UTC, datetime

    from hemeroteca.extraction.article import extract_page
    from hemeroteca.extraction.page.served_page import Page

    return extract_page(Page(body, content_type, url, fetched or datetime.now(UTC)), fold)


def open_archive(home: str | Path | None = None, demo: bool | None = None) -> Reader:
    """Open an archive for reading: the one that ``HEMEROTECA_*`` name, unless *home* or *demo* say otherwise.

    >>> archive = hemeroteca.open_archive()
    >>> archive.get("https://www.example.org/news/today.html", at="2026-03-01").text

    Raises NotArchivedError when there is no archive yet.
    """
    import structlog

    from hemeroteca.archive_reader import Reader
    from hemeroteca.configuration import read_settings
    from hemeroteca.logs import log_to_stderr

    if not structlog.is_configured():
        log_to_stderr("warning")
    given = {name: value for name, value in {"home": home, "demo": demo}.items() if value is not None}
    return Reader(read_settings(**given))
