"""The messages between this process and its workers: frames on pipes, with a head of JSON and a body of bytes.

4 bytes length of the head, 4 bytes length of the body (big endian) | head | body
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import BinaryIO

from pydantic import BaseModel

from hemeroteca.extraction.page.served_page import Page, PageMemory
from storage.model.document import CleanText
from storage.model.source import TextOverrides

MAX_PART_BYTES = 128 * 1024 * 1024

_LENGTHS = struct.Struct(">II")


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
    head = PageHead(**{name: getattr(page, name) for name in PageHead.model_fields})
    _write_frame(stream, head.model_dump_json().encode(), page.body)


def read_request(stream: BinaryIO) -> Page | None:
    """Return the next page, None at the end of the stream."""
    try:
        head, body = _read_frame(stream)
    except EOFError:
        return None
    parsed = PageHead.model_validate_json(head)
    return Page(body, **{name: getattr(parsed, name) for name in PageHead.model_fields})


def write_reply(stream: BinaryIO, reply: Reply) -> None:
    _write_frame(stream, reply.model_dump_json().encode(), b"")


def read_reply(stream: BinaryIO) -> Reply:
    """Return the next reply. Raises EOFError when the stream ends before the reply does, ValueError for no reply."""
    return Reply.model_validate_json(_read_frame(stream)[0])


def _write_frame(stream: BinaryIO, head: bytes, body: bytes) -> None:
    stream.write(_LENGTHS.pack(len(head), len(body)))
    stream.write(head)
    stream.write(body)
    stream.flush()


def _read_frame(stream: BinaryIO) -> tuple[bytes, bytes]:
    head, body = _LENGTHS.unpack(_read_exactly(stream, _LENGTHS.size))
    if max(head, body) > MAX_PART_BYTES:
        raise ValueError(f"a frame of {head} and {body} bytes")
    return _read_exactly(stream, head), _read_exactly(stream, body)


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
