"""What an archive remembers of a source's pages: which lines stood in the texts of the last nights."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from storage.model.base import StoredRecord, UtcTime
from storage.model.crawl import Software


class RememberedPage(StoredRecord):
    """One text, by digests of its lines; the words themselves are in its document.

    ``story`` is the digest of the two longest: texts that share them are one story at several addresses.
    """

    host: str
    section: str = ""
    """The first words of the path, ``sports``; empty where it has none."""
    night: date
    page: str
    """16 hex digits of the address's SHA-256."""
    story: str
    lines: tuple[str, ...]


class StoredMemory(StoredRecord):
    """What is remembered of a source after a crawl (``site-memory/1``): create-only, named by the text manifest.

    ``previous`` is the key of the one that it grew from.
    """

    schema_name: Literal["site-memory/1"] = Field(default="site-memory/1", alias="schema")
    source_id: str
    crawl_id: str
    learned: UtcTime
    software: Software
    previous: str | None = None
    pages: tuple[RememberedPage, ...]
