"""What an archive remembers of a source's pages: which lines stood in the texts of the last nights."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storage.model.base import StoredRecord, UtcTime
from storage.model.crawl import Software, StoredObject
from storage.model.night import Night


class RememberedPage(StoredRecord):
    """One text, by digests of its lines; the words themselves are in its document."""

    host: str
    """Whose page it is."""
    section: str = ""
    """The first words of the path, ``sports``; empty where it has none."""
    night: Night
    """Of the page's capture."""
    page: str
    """16 hex digits of the address's SHA-256."""
    story: str
    """Digest of the two longest lines: texts that share them are one story at several addresses."""
    lines: tuple[str, ...]
    """Digests of the text's lines."""


class StoredSiteMemory(StoredRecord):
    """What a cleaning learned of a source (schema site-memory/2): create-only, named by the text manifest.

    One of schema site-memory/1 has all pages that are remembered, always.
    """

    schema_name: Literal["site-memory/2", "site-memory/1"] = Field(default="site-memory/2", alias="schema")
    source_id: str
    crawl_id: str
    """The crawl that taught it last."""
    learned: UtcTime
    """When."""
    software: Software
    """What made it."""
    previous: str | None = None
    """Key of the memory that it grew from, where it has all pages itself."""
    adds_to: StoredObject | None = None
    """The memory that it grew from, where it has only what differs."""
    forgotten: tuple[str, ...] = ()
    """``page`` of each page of ``adds_to`` that is not remembered any more."""
    pages: tuple[RememberedPage, ...]
    """The pages that are remembered; of these the new ones, and those that changed, where it adds to another memory."""
