"""Content codings undone with a bound on what comes out: gzip, deflate, br, zstd."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

from storage.model.errors import NoMainTextError

_PIECE_BYTES = 16 * 1024


def decode_coding(body: bytes, coding: str, limit: int) -> bytes:
    """Return *body* without *coding*; unchanged when it is empty or the coding unknown.

    Raises NoMainTextError("undecodable") when the coded stream is damaged or cut, ("too_large") beyond *limit* bytes.
    """
    decoder = _DECODERS.get(coding)
    if decoder is None or not body:
        return body
    try:
        return decoder(body, limit)
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
        raise NoMainTextError("undecodable", f"{coding}: {error}") from error


def _check(decoded: bytes | bytearray, limit: int) -> None:
    if len(decoded) > limit:
        raise NoMainTextError("too_large", f"more than {limit} bytes")


def _gunzip(body: bytes, limit: int) -> bytes:
    """Undo every gzip member; what follows the last one is no part of it (RFC 1952 section 2.2)."""
    decoded, position = bytearray(), 0
    stream = None
    while position < len(body):
        piece = body[position : position + _PIECE_BYTES]
        if stream is None:
            if position and piece[:2] != b"\x1f\x8b":
                break
            stream = zlib.decompressobj(31)
        decoded += stream.decompress(piece, limit + 1 - len(decoded))
        _check(decoded, limit)
        position += len(piece) - len(stream.unused_data) - len(stream.unconsumed_tail)
        if stream.eof:
            stream = None
    if stream is not None:
        raise EOFError("cut")
    return bytes(decoded)


def _inflate(body: bytes, limit: int) -> bytes:
    """Undo deflate: with the zlib wrapper that RFC 9110 section 8.4.1.2 asks for, or bare as some servers send it."""
    wrapped = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    stream = zlib.decompressobj(15 if wrapped else -15)
    decoded = stream.decompress(body, limit + 1)
    _check(decoded, limit)
    if not stream.eof:
        raise EOFError("cut")
    return decoded


def _unbrotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    decoded = bytearray(stream.process(body, output_buffer_limit=_PIECE_BYTES))
    while not stream.is_finished():
        piece = stream.process(b"", output_buffer_limit=_PIECE_BYTES)
        if not piece and stream.can_accept_more_data():
            raise EOFError("cut")
        decoded += piece
        _check(decoded, limit)
    _check(decoded, limit)
    return bytes(decoded)


def _unzstd(body: bytes, limit: int) -> bytes:
    """Undo zstd frame by frame; small pieces in, because 4 bytes may become a block of 128 KiB."""
    decoded, position = bytearray(), 0
    stream = None
    while position < len(body):
        piece = body[position : position + 64]
        if stream is None:
            stream = zstandard.ZstdDecompressor().decompressobj()
        decoded += stream.decompress(piece)
        _check(decoded, limit)
        position += len(piece) - len(stream.unused_data)
        if stream.eof:
            stream = None
    if stream is not None:
        raise EOFError("cut")
    return bytes(decoded)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
