"""The messages between a crawl process and its parse workers."""

from __future__ import annotations

from pydantic import BaseModel


class Request(BaseModel):
    """The head of a request; the document is the frame's body."""

    parser: str
    url: str


class Reply(BaseModel):
    """What was found, as JSON in the parser's form; or why it was not read."""

    found: str | None = None
    not_a_feed: str | None = None
    over: str | None = None
    error: str = ""
