"""A page as extraction is given it: its body, how it was served, and what is known of its site."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from storage.model.source import TextOverrides


class PageMemory(BaseModel):
    """What is known to recur on a page's host: lines, by ``memory.line_key``, and the digest of all that is known."""

    digest: str
    lines: frozenset[str]


class Page(NamedTuple):
    """A payload without content coding, and how it was served. No document is dated after ``fetched``.

    ``announced`` is when it was published as the ``feed`` or ``sitemap`` says that it was found in; ``overrides`` are
    those of its source's card; ``memory`` is what its host's other pages have taught, None where that is nothing.
    """

    payload: bytes
    content_type: str | None
    url: str
    fetched: datetime
    announced: tuple[tuple[str, datetime], ...] = ()
    overrides: TextOverrides = TextOverrides()
    memory: PageMemory | None = None
