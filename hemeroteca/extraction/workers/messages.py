"""The messages between this process and its workers: frames with a head of JSON and a body of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from pydantic import BaseModel

from hemeroteca.extraction.page.served_page import Page, PageMemory
from storage.model.document import CleanText
from storage.model.source import TextOverrides
from storage.worker_process import Frame, read_frame, write_frame


class PageHead(BaseModel):
    """The head of a request: all of a page but its body, which is the frame's."""

    content_type: str | None
    url: str
    fetched: datetime
    announced: tuple[tuple[str, datetime], ...] = ()
    overrides: TextOverrides = TextOverrides()
    memory: PageMemory | None = None


class Reply(BaseModel):
    """The head of a reply, whose frame has no body: a document, or why there is none."""

    document: CleanText | None = None
    reason: str = "error"
    detail: str = ""


def write_request(stream: BinaryIO, page: Page) -> None:
    write_frame(stream, make_request(page))


def make_request(page: Page) -> Frame:
    head = PageHead(**{name: getattr(page, name) for name in PageHead.model_fields})
    return Frame(head.model_dump_json().encode(), page.body)


def read_request(stream: BinaryIO) -> Page | None:
    """Return the next page, None at the end of the stream."""
    try:
        head, body = read_frame(stream)
    except EOFError:
        return None
    parsed = PageHead.model_validate_json(head)
    return Page(body, **{name: getattr(parsed, name) for name in PageHead.model_fields})


def write_reply(stream: BinaryIO, reply: Reply) -> None:
    write_frame(stream, Frame(reply.model_dump_json().encode()))
