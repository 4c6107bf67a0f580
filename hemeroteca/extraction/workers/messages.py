"""What a worker process is asked and answers: frames on its pipes, a head of JSON and then bytes.

4 bytes length of the head, 4 bytes length of the body (big endian) | head | body
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import BinaryIO, NamedTuple

from pydantic import BaseModel

from storage.model.document import CleanText
from storage.model.source import TextOverrides

MAX_PART_BYTES = 128 * 1024 * 1024

_LENGTHS = struct.Struct(">II")


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


class Served(BaseModel):
    """The head of a page's frame; its payload is the body."""

    content_type: str | None
    url: str
    fetched: datetime
    announced: tuple[tuple[str, datetime], ...] = ()
    overrides: TextOverrides = TextOverrides()
    memory: PageMemory | None = None


class Answer(BaseModel):
    """The head of an answer's frame, which has no body: a document, or why there is none."""

    document: CleanText | None = None
    reason: str = "error"
    detail: str = ""


def write_page(stream: BinaryIO, page: Page) -> None:
    served = Served(**{name: getattr(page, name) for name in Served.model_fields})
    _write(stream, served.model_dump_json().encode(), page.payload)


def read_page(stream: BinaryIO) -> Page | None:
    """Return the next page, None at the end of the stream."""
    try:
        head, payload = _read(stream)
    except EOFError:
        return None
    served = Served.model_validate_json(head)
    return Page(payload, **{name: getattr(served, name) for name in Served.model_fields})


def write_answer(stream: BinaryIO, answer: Answer) -> None:
    _write(stream, answer.model_dump_json().encode(), b"")


def read_answer(stream: BinaryIO) -> Answer:
    """Return the next answer. Raises EOFError when the stream ends before it does, ValueError for no answer."""
    return Answer.model_validate_json(_read(stream)[0])


def _write(stream: BinaryIO, head: bytes, body: bytes) -> None:
    stream.write(_LENGTHS.pack(len(head), len(body)))
    stream.write(head)
    stream.write(body)
    stream.flush()


def _read(stream: BinaryIO) -> tuple[bytes, bytes]:
    head, body = _LENGTHS.unpack(_read_exactly(stream, _LENGTHS.size))
    if max(head, body) > MAX_PART_BYTES:
        raise ValueError(f"a frame of {head} and {body} bytes")
    return _read_exactly(stream, head), _read_exactly(stream, body)


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content
