"""Our own gzip, unpacked within a limit: a few bytes may expand to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from storage.model.errors import FixityError

_GZIP = 31
_STEP_BYTES = 16 * 1024
"""Of packed bytes: they unpack to 16 MiB at most."""


def unpack(content: bytes, limit_bytes: int) -> bytes:
    """Return what the one gzip member in *content* holds. Raises FixityError when that is damaged, or too long."""
    stream = zlib.decompressobj(_GZIP)
    try:
        unpacked = stream.decompress(content, limit_bytes)
    except zlib.error as error:
        raise FixityError(f"not gzip: {error}") from error
    if stream.unconsumed_tail:
        raise FixityError(f"more than {limit_bytes} bytes when unpacked")
    if not stream.eof or stream.unused_data:
        raise FixityError("not one whole gzip member")
    return unpacked


def unpack_lines(content: bytes, limit_bytes: int) -> Iterator[bytes]:
    """Yield the lines of the one gzip member in *content*, without their ends, as they are unpacked.

    Raises FixityError when that is damaged, does not end with a whole line, or has one of more than *limit_bytes*.
    """
    stream = zlib.decompressobj(_GZIP)
    begun = b""
    for start in range(0, len(content), _STEP_BYTES):
        try:
            unpacked = stream.decompress(content[start : start + _STEP_BYTES])
        except zlib.error as error:
            raise FixityError(f"not gzip: {error}") from error
        *whole, begun = (begun + unpacked).split(b"\n")
        if len(begun) > limit_bytes:
            raise FixityError(f"a line of more than {limit_bytes} bytes")
        yield from whole
    if begun or not stream.eof or stream.unused_data:
        raise FixityError("not one whole gzip member of lines")
