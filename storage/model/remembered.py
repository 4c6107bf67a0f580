"""Site memory: which lines were in the texts of a source's last nights."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storage.model.base import StoredRecord, UtcTime
from storage.model.crawl import Software, StoredObject
from storage.model.night import Night


class RememberedPage(StoredRecord):
    """One text, as digests of its lines; the words themselves are in its document."""

    host: str
    """The host of the page."""
    section: str = ""
    """The first words of the path, such as ``sports``; empty if it has none."""
    night: Night
    """The night of the page's capture."""
    page: str
    """16 hex digits of the SHA-256 of its address."""
    story: str
    """Digest of the two longest lines: texts that share them are one story at several addresses."""
    lines: tuple[str, ...]
    """Digests of the text's lines."""


class StoredSiteMemory(StoredRecord):
    """What a cleaning learned of a source (schema site-memory/2): create-only, named by the text manifest.

    One of schema site-memory/1 always has all remembered pages.
    """

    schema_name: Literal["site-memory/2", "site-memory/1"] = Field(default="site-memory/2", alias="schema")
    source_id: str
    crawl_id: str
    """The crawl that it last learned from."""
    learned: UtcTime
    """When it learned that."""
    software: Software
    """The software that made it."""
    previous: str | None = None
    """Key of the memory that it continues, if it has all pages itself."""
    adds_to: StoredObject | None = None
    """The memory that it continues, if it has only the differences."""
    forgotten: tuple[str, ...] = ()
    """``page`` of each page of ``adds_to`` that is no longer remembered."""
    pages: tuple[RememberedPage, ...]
    """All remembered pages; if it adds to another memory, only the new and the changed ones."""
