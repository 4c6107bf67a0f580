"""Content codings undone as the bytes come, with a bound on what comes out: gzip, deflate, br, zstd."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import brotli
import zstandard
from isal import isal_zlib

from storage.model.errors import NoMainTextError

_PIECE_BYTES = 64 * 1024
_ERRORS: tuple[Any, ...] = (zlib.error, isal_zlib.error, brotli.error, zstandard.ZstdError, EOFError)


class _Stream(Protocol):
    """One coding: ``feed`` yields pieces of a bounded size, ``end`` raises EOFError when the coded stream was cut."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def end(self) -> None: ...


class ContentDecoder:
    """Undo *codings*, given in the order they were applied; an unknown one is left on.

    Raises NoMainTextError("undecodable") where the coded stream is damaged or cut, ("too_large") beyond *limit* bytes.
    """

    def __init__(self, codings: Sequence[str], limit: int) -> None:
        undone = [coding for coding in reversed(codings) if coding in _STREAMS]
        self._streams = [_STREAMS[coding]() for coding in undone]
        self._names = ", ".join(undone)
        self._limit = limit
        self._out = [0] * len(undone) or [0]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what *data* decodes to, in pieces."""
        pieces: Iterator[bytes] = self._count(0, [data]) if not self._streams else iter([data])
        for place, stream in enumerate(self._streams):
            pieces = self._count(place, _through(stream, pieces))
        with self._errors():
            yield from pieces

    def end(self) -> None:
        """Say that this was all of it."""
        with self._errors():
            for stream in self._streams:
                stream.end()

    def _count(self, place: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._out[place] += len(piece)
            if self._out[place] > self._limit:
                raise NoMainTextError("too_large", f"more than {self._limit} bytes")
            yield piece

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except _ERRORS as error:
            raise NoMainTextError("undecodable", f"{self._names}: {error}") from error


def _through(stream: _Stream, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from stream.feed(piece)


class _Gunzip:
    """Every gzip member; what follows the last one is no part of it (RFC 1952 section 2.2)."""

    def __init__(self) -> None:
        self._stream: Any = None
        self._ahead = b""
        self._members = 0
        self._over = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        data = self._ahead + data
        self._ahead = b""
        while data and not self._over:
            if self._stream is None:
                if self._members and len(data) < 2:
                    self._ahead = data
                    return
                self._over = self._members > 0 and data[:2] != b"\x1f\x8b"
                self._stream = None if self._over else isal_zlib.decompressobj(31)
                continue
            yield from _inflate(self._stream, data)
            data = self._stream.unused_data
            if self._stream.eof:
                self._members += 1
                self._stream = None

    def end(self) -> None:
        if self._stream is not None:
            raise EOFError("cut")


class _Deflate:
    """With the zlib wrapper that RFC 9110 section 8.4.1.2 asks for, or bare as some servers send it."""

    def __init__(self) -> None:
        self._ahead = b""
        self._stream: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._stream is None:
            data = self._ahead + data
            self._ahead = data
            if len(data) < 2:
                return
            wrapped = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._stream = isal_zlib.decompressobj(15 if wrapped else -15)
        if not self._stream.eof:
            yield from _inflate(self._stream, data)

    def end(self) -> None:
        if self._ahead and not (self._stream and self._stream.eof):
            raise EOFError("cut")


def _inflate(stream: Any, data: bytes) -> Iterator[bytes]:
    """Yield what *data* decompresses to, as far as it belongs to *stream*."""
    piece = stream.decompress(data, _PIECE_BYTES)
    yield piece
    while not stream.eof and (stream.unconsumed_tail or len(piece) == _PIECE_BYTES):
        piece = stream.decompress(stream.unconsumed_tail, _PIECE_BYTES)
        yield piece


class _Unbrotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._fed = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._fed = self._fed or bool(data)
        yield self._stream.process(data, output_buffer_limit=_PIECE_BYTES)
        while not self._stream.is_finished():
            piece = self._stream.process(b"", output_buffer_limit=_PIECE_BYTES)
            if not piece and self._stream.can_accept_more_data():
                return
            yield piece

    def end(self) -> None:
        if self._fed and not self._stream.is_finished():
            raise EOFError("cut")


class _Unzstd:
    """Every frame; small pieces in, because 4 bytes may become a block of 128 KiB."""

    def __init__(self) -> None:
        self._stream: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        position = 0
        while position < len(data):
            piece = data[position : position + 64]
            if self._stream is None:
                self._stream = zstandard.ZstdDecompressor().decompressobj()
            yield self._stream.decompress(piece)
            position += len(piece) - len(self._stream.unused_data)
            if self._stream.eof:
                self._stream = None

    def end(self) -> None:
        if self._stream is not None:
            raise EOFError("cut")


_STREAMS: dict[str, Callable[[], _Stream]] = {
    "gzip": _Gunzip,
    "x-gzip": _Gunzip,
    "deflate": _Deflate,
    "br": _Unbrotli,
    "zstd": _Unzstd,
}
