"""The messages between this process and its workers: frames with a head of JSON and a body of bytes."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO, NamedTuple

from pydantic import BaseModel

from hemeroteca.extraction.block_choice.explanation import Explanation
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
    is_explained: bool = False
    """Its blocks are asked for, not its document."""


_OF_PAGES = tuple(name for name in PageHead.model_fields if name != "is_explained")


class Reply(BaseModel):
    """The head of a reply, whose frame has no body: a document or an explanation, or why there is none."""

    document: CleanText | None = None
    explanation: Explanation | None = None
    reason: str = "error"
    detail: str = ""


class Request(NamedTuple):
    """What is asked of a worker: the document of a page, or why each of its blocks is in it or not."""

    page: Page
    is_explained: bool = False


def make_request(request: Request) -> Frame:
    head = PageHead(**{name: getattr(request.page, name) for name in _OF_PAGES}, is_explained=request.is_explained)
    return Frame(head.model_dump_json().encode(), request.page.body)


def read_request(stream: BinaryIO) -> Request | None:
    """Return the next request, None at the end of the stream."""
    try:
        head, body = read_frame(stream)
    except EOFError:
        return None
    parsed = PageHead.model_validate_json(head)
    return Request(Page(body, **{name: getattr(parsed, name) for name in _OF_PAGES}), parsed.is_explained)


def write_reply(stream: BinaryIO, reply: Reply) -> None:
    write_frame(stream, Frame(reply.model_dump_json().encode()))
