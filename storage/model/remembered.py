"""What an archive remembers of a source's pages: which lines stood in the texts of the last nights."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from storage.model.base import StoredRecord, UtcTime
from storage.model.crawl import Software
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
    """What is remembered of a source after a crawl (schema site-memory/1): create-only, named by the text manifest."""

    schema_name: Literal["site-memory/1"] = Field(default="site-memory/1", alias="schema")
    source_id: str
    crawl_id: str
    """The crawl that taught it last."""
    learned: UtcTime
    """When."""
    software: Software
    """What made it."""
    previous: str | None = None
    """Key of the memory that it grew from."""
    pages: tuple[RememberedPage, ...]
    """The pages that are remembered."""
