"""Bodies of files that are stored packed on a server: no header says so, so whoever reads the document unpacks it."""

from __future__ import annotations

from itertools import chain

from storage.model.errors import NoMainTextError
from storage.warc.coding import ContentDecoder

MAX_BODY_BYTES = 64 * 1024 * 1024
"""What an unpacked body may be; sitemaps.org allows a sitemap of 50 MiB."""


def unpack_body(body: bytes) -> bytes:
    """Return *body* unpacked, when it is gzip or zstd; of a damaged one what comes before the damage.

    Raises ValueError when that is nothing, or when there is more than ``MAX_BODY_BYTES`` of it.
    """
    decoder = ContentDecoder((), MAX_BODY_BYTES, unnamed=True)
    pieces = []
    try:
        for piece in chain(decoder.feed(body), decoder.end()):
            pieces.append(piece)  # noqa: PERF402 - what came before an error counts
    except NoMainTextError as error:
        if error.reason == "too_large" or not any(pieces):
            raise ValueError(str(error)) from None
    return b"".join(pieces)
