"""Columns that take less space than the text they stand for; every value is read back as it was written."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from storage.database import Words

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware time in UTC, as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return (value - _EPOCH) // _MICROSECOND if value else None

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else read_instant(value)


def read_instant(microseconds: int) -> datetime:
    """Return the time that a column of Instant has as this number."""
    return _EPOCH + timedelta(microseconds=microseconds)


class Packed(TypeDecorator[str]):
    """A record id or a digest as bytes: the number of its form, then what it says. Other text is kept as it is."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else pack(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else unpack(value)


_CODES = {
    "captured": "c", "unchanged": "u", "not_modified": "n", "failed": "f", "refused": "r", "skipped": "s",
    "article": "A", "section": "S", "feed": "F", "sitemap": "M", "robots": "R", "tdmrep": "T", "requisite": "Q",
    "redirect": "D", "unfinished": "U",
}  # fmt: skip
_WORDS = {code: word for word, code in _CODES.items()}


class Coded(TypeDecorator[str]):
    """A state or a kind, as one letter; any other word after ``=``."""

    impl = Words
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _CODES.get(value) or f"={value}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _WORDS.get(value) or value[1:]


class _Form(NamedTuple):
    prefix: str
    length: int
    """Characters after the prefix."""
    encode: Callable[[str], bytes]
    decode: Callable[[bytes], str]


_TEXT = 0
_FORMS = {
    1: _Form("urn:uuid:", 36, lambda text: UUID(text).bytes, lambda raw: str(UUID(bytes=raw))),
    2: _Form("sha1:", 32, base64.b32decode, lambda raw: base64.b32encode(raw).decode()),
    3: _Form("sha256:", 64, bytes.fromhex, bytes.hex),
    4: _Form("", 64, bytes.fromhex, bytes.hex),
}


def pack(text: str) -> bytes:
    """Return the bytes that stand for *text*; they sort like it among texts of its form."""
    for number, form in _FORMS.items():
        if text.startswith(form.prefix) and len(text) == len(form.prefix) + form.length:
            rest = text[len(form.prefix) :]
            try:
                raw = form.encode(rest)
            except ValueError:
                continue
            if form.decode(raw) == rest:
                return bytes((number,)) + raw
    return bytes((_TEXT,)) + text.encode()


def unpack(packed: bytes) -> str:
    """Return the text that ``pack`` was given."""
    if packed[0] == _TEXT:
        return packed[1:].decode()
    form = _FORMS[packed[0]]
    return form.prefix + form.decode(packed[1:])
