"""Gzip of ours, unpacked within a limit: a few bytes may claim to be gigabytes."""

from __future__ import annotations

import zlib

from storage.model.errors import FixityError

_GZIP = 31


def unpack(content: bytes, limit_bytes: int) -> bytes:
    """Return what the one gzip member in *content* holds. Raises FixityError when that is damaged, or too long."""
    stream = zlib.decompressobj(_GZIP)
    try:
        unpacked = stream.decompress(content, limit_bytes)
    except zlib.error as error:
        raise FixityError(f"not gzip: {error}") from error
    if stream.unconsumed_tail:
        raise FixityError(f"more than {limit_bytes} bytes when it is unpacked")
    if not stream.eof or stream.unused_data:
        raise FixityError("not one whole gzip member")
    return unpacked
