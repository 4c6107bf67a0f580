"""Bodies that are gzip though no header says so: files served as they lie on the disk."""

from __future__ import annotations

import gzip
import io
import zlib

MAX_BODY_BYTES = 64 * 1024 * 1024
"""What an unpacked body may be; sitemaps.org allows a sitemap of 50 MiB."""
_GZIP = b"\x1f\x8b"


def unpack_body(body: bytes) -> bytes:
    """Return *body* unpacked, when it is gzip; of a damaged one what comes before the damage.

    Raises ValueError when that is nothing, or when there is more than ``MAX_BODY_BYTES`` of it.
    """
    if not body.startswith(_GZIP):
        return body
    pieces = io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            while piece := packed.read1(1 << 20):
                pieces.write(piece)
                if pieces.tell() > MAX_BODY_BYTES:
                    break
    except (OSError, EOFError, zlib.error) as error:
        if not pieces.tell():
            raise ValueError(f"gzip: {error}") from None
    if pieces.tell() > MAX_BODY_BYTES:
        raise ValueError("unpacks to more than 64 MiB")
    return pieces.getvalue()
