"""How pages go to a worker process and documents come back: a JSON line, then the bytes it announces."""

from __future__ import annotations

from typing import BinaryIO

from pydantic import BaseModel

from storage.model.document import CleanText


class Page(BaseModel):
    """What is asked: the body of *size* bytes follows."""

    url: str
    content_type: str | None
    size: int


class Answer(BaseModel):
    """What came of it: a document, or why there is none."""

    document: CleanText | None = None
    reason: str | None = None
    detail: str = ""


def write_page(stream: BinaryIO, page: Page, body: bytes) -> None:
    stream.write(page.model_dump_json().encode() + b"\n")
    stream.write(body)
    stream.flush()


def read_page(stream: BinaryIO) -> tuple[Page, bytes] | None:
    """Return the next page, or None at the end."""
    line = stream.readline()
    if not line:
        return None
    page = Page.model_validate_json(line)
    return page, stream.read(page.size)
