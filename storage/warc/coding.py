"""Undoing content codings as the bytes arrive, with a bound on the output: gzip, deflate, br, zstd.

Servers name codings that they did not apply, and do not name some that they did. The first bytes of a body decide: what
is plainly text, whatever it is called, is left as it is; gzip and zstd are recognised by their magic numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import brotli
import zstandard
from isal import isal_zlib

from storage.model.errors import NoMainTextError
from storage.warc.received_limits import RECEIVED

_PIECE_BYTES = 64 * 1024
_ERRORS: tuple[Any, ...] = (zlib.error, isal_zlib.error, brotli.error, zstandard.ZstdError, EOFError)
_GZIP, _ZSTD, _UTF_16 = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", (b"\xff\xfe", b"\xfe\xff")
_SAMPLE_BYTES = 512
"""What has none of _CONTROLS in so many bytes is text: of random bytes one in 10 to the 26th would pass."""
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\f\r"))


class _Stream(Protocol):
    """One coding: ``feed`` and ``end`` yield pieces of a bounded size; ``end`` raises EOFError when it was cut."""

    def feed(self, data: bytes) -> Iterable[bytes]: ...

    def end(self) -> Iterable[bytes]: ...


class ContentDecoder:
    """Undo *codings*, given in the order they were applied, unless the body is plain; an unknown one is left on.

    With *unnamed* a gzip or zstd that nothing names is undone too. Raises NoMainTextError("undecodable") where the
    coded stream is damaged or cut, or more than ``RECEIVED.codings`` are named, ("too_large") beyond *limit* bytes.
    """

    def __init__(self, codings: Sequence[str], limit: int, *, unnamed: bool = False) -> None:
        undone = [coding for coding in reversed(codings) if coding in _STREAMS]
        self._streams: list[_Stream] = [_Named(coding) for coding in undone[: RECEIVED.codings]]
        if unnamed:
            self._streams.append(_Unnamed())
        self._names = ", ".join(undone[: RECEIVED.codings]) or "unnamed"
        self._too_many = len(undone) > RECEIVED.codings
        self._limit = limit
        self._out = [0] * len(self._streams) or [0]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what *data* decodes to, in pieces."""
        if self._too_many:
            raise NoMainTextError("undecodable", f"more than {RECEIVED.codings} content codings")
        pieces: Iterator[bytes] = self._count(0, [data]) if not self._streams else iter([data])
        for place, stream in enumerate(self._streams):
            pieces = self._count(place, _through(stream, pieces))
        with self._errors():
            yield from pieces

    def end(self) -> Iterator[bytes]:
        """Yield what is left to decode: this was all of it."""
        pieces: Iterator[bytes] = iter(())
        for place, stream in enumerate(self._streams):
            pieces = self._count(place, _to_its_end(stream, pieces))
        with self._errors():
            yield from pieces

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


def _to_its_end(stream: _Stream, pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield from _through(stream, pieces)
    yield from stream.end()


class _Plain:
    """No coding at all."""

    def feed(self, data: bytes) -> Iterable[bytes]:
        return (data,)

    def end(self) -> Iterable[bytes]:
        return ()


class _Told:
    """A coding that the beginning of the body decides; ``_ahead`` has what came before it was decided."""

    def __init__(self) -> None:
        self._ahead = b""
        self._stream: _Stream | None = None

    def feed(self, data: bytes) -> Iterable[bytes]:
        if self._stream is None:
            self._ahead += data
            self._stream = self._choose(is_all=False)
            if self._stream is None:
                return ()
            data, self._ahead = self._ahead, b""
        return self._stream.feed(data)

    def end(self) -> Iterator[bytes]:
        if self._stream is None:
            self._stream = self._choose(is_all=True) or _Plain()
            yield from self._stream.feed(self._ahead)
        yield from self._stream.end()

    def _choose(self, is_all: bool) -> _Stream | None:
        """Return the coding of what begins with ``_ahead``; None where more of it must come first."""
        raise NotImplementedError


class _Named(_Told):
    """The coding that a header names, unless the body is text or, for gzip and deflate, plainly the other of them."""

    def __init__(self, coding: str) -> None:
        super().__init__()
        self._coding = coding

    def _choose(self, is_all: bool) -> _Stream | None:
        start = self._ahead[:_SAMPLE_BYTES]
        if not start or (_may_be_text(start) and len(start) < _SAMPLE_BYTES and not is_all):
            return None
        if is_text(start):
            return _Plain()
        if self._coding == "deflate" and len(start) < len(_GZIP) and not is_all:
            return None
        if self._coding == "deflate" and start.startswith(_GZIP):
            return _Gunzip()
        if self._coding in ("gzip", "x-gzip") and not start.startswith(_GZIP[:1]):
            return _Deflate()  # a mistake of theirs that browsers know
        return _STREAMS[self._coding]()


class _Unnamed(_Told):
    """The coding that the body shows and no header names."""

    def _choose(self, is_all: bool) -> _Stream | None:
        if self._ahead.startswith(_GZIP):
            return _Gunzip()
        if self._ahead.startswith(_ZSTD):
            return _Unzstd()
        is_open = len(self._ahead) < len(_ZSTD) and (_GZIP.startswith(self._ahead) or _ZSTD.startswith(self._ahead))
        return None if is_open and not is_all else _Plain()


def is_text(start: bytes) -> bool:
    """Say whether *start*, the first bytes of a body or all of it, is text and so in no coding."""
    return _may_be_text(start) and (len(start) >= _SAMPLE_BYTES or start.startswith(_UTF_16) or _is_utf_8(start))


def _may_be_text(start: bytes) -> bool:
    return start.startswith(_UTF_16) or len(start.translate(None, _CONTROLS)) == len(start)


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


class _InMembers:
    def __init__(self) -> None:
        self._stream: Any = None
        self._members = 0

    def _end_member(self) -> None:
        self._members += 1
        RECEIVED.check_members(self._members)
        self._stream = None

    def end(self) -> Iterable[bytes]:
        if self._stream is not None:
            raise EOFError("cut")
        return ()


class _Gunzip(_InMembers):
    """Every gzip member; what follows the last one is no part of it (RFC 1952 section 2.2)."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = b""
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
                self._end_member()


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

    def end(self) -> Iterable[bytes]:
        if self._ahead and not (self._stream and self._stream.eof):
            raise EOFError("cut")
        return ()


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

    def end(self) -> Iterable[bytes]:
        if self._fed and not self._stream.is_finished():
            raise EOFError("cut")
        return ()


class _Unzstd(_InMembers):
    """Every frame; small pieces in, because 4 bytes may become a block of 128 KiB."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        position = 0
        while position < len(data):
            piece = data[position : position + 64]
            if self._stream is None:
                self._stream = zstandard.ZstdDecompressor().decompressobj()
            yield self._stream.decompress(piece)
            position += len(piece) - len(self._stream.unused_data)
            if self._stream.eof:
                self._end_member()


_STREAMS: dict[str, Callable[[], _Stream]] = {
    "gzip": _Gunzip,
    "x-gzip": _Gunzip,
    "deflate": _Deflate,
    "br": _Unbrotli,
    "zstd": _Unzstd,
}
