"""A page as extraction is given it: its body, how it was served, and what is known of its site."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from storage.model.source import TextOverrides


class PageMemory(BaseModel):
    """The lines known to recur on a page's host, by ``recurring_lines.digest_line``, and the digest of all of them."""

    digest: str
    lines: frozenset[str]


class Page(NamedTuple):
    """A body without content coding, and how it was served. No document is dated after ``fetched``.

    ``announced`` is the time of publication in the discovery that listed the page; ``overrides`` are from its source's
    card; ``memory`` was learned from other pages of its host, None where nothing was learned.
    """

    body: bytes
    content_type: str | None
    url: str
    fetched: datetime
    announced: tuple[tuple[str, datetime], ...] = ()
    overrides: TextOverrides = TextOverrides()
    memory: PageMemory | None = None
