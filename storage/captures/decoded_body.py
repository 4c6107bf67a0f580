"""The decoded body of a response, made while it arrives: its digest, and its beginning or all of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from storage.model.errors import NoMainTextError
from storage.warc.http import DECODE_LIMIT_BYTES, HttpHead, make_decoder

BEGINNING_BYTES = 512 * 1024
_END_BYTES = 4096
_LAST_TAG = re.compile(
    rb"</(?:html|body|rss|rdf:rdf|feed|channel|urlset|sitemapindex|opml)[ \t\r\n]*>\Z", re.IGNORECASE
)
_MOST_COMMENTS = 5


class DecodedBody:
    """A payload without its content codings; *keep_all*: all of it is kept, else its beginning."""

    def __init__(self, head: HttpHead, keep_all: bool) -> None:
        self._decoder = make_decoder(head.headers, DECODE_LIMIT_BYTES)
        self._sha256 = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._left = DECODE_LIMIT_BYTES if keep_all else BEGINNING_BYTES
        self._last = b""
        self.error: str | None = None
        """The reason of the NoMainTextError that a reader of the body meets."""

    def feed(self, payload: bytes) -> None:
        if self.error is None:
            self._take(self._decoder.feed(payload))

    def _take(self, pieces: Iterator[bytes]) -> None:
        try:
            for piece in pieces:
                self._sha256.update(piece)
                self._last = piece if len(piece) >= _END_BYTES else (self._last + piece)[-_END_BYTES:]
                if self._left > 0:
                    self._pieces.append(piece)
                    self._left -= len(piece)
        except NoMainTextError as error:
            self.error = error.reason

    def read(self, at_least: int) -> bytes:
        """Return what came first of it: *at_least* so many bytes, or all that was kept."""
        size, count = 0, 0
        while count < len(self._pieces) and size < at_least:
            size += len(self._pieces[count])
            count += 1
        return b"".join(self._pieces[:count])

    def end(self) -> str | None:
        """Return the SHA-256 hex of all of it; None when it does not decode."""
        if self.error is None:
            self._take(self._decoder.end())
        return None if self.error else self._sha256.hexdigest()

    def has_its_end(self) -> bool:
        """Say whether it decodes and ends as a page, a feed, a sitemap or JSON does; after ``end``."""
        return self.error is None and _is_the_end(self._last[-_END_BYTES:], self.read(1))


def _is_the_end(last: bytes, first: bytes) -> bool:
    last = last.rstrip()
    for _ in range(_MOST_COMMENTS):  # caches write theirs behind the page
        if last.endswith(b"-->"):
            last = last[: max(0, last.rfind(b"<!--"))].rstrip()
    opening, closing = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1], last[-1:]
    return bool(_LAST_TAG.search(last)) or opening + closing in (b"{}", b"[]")
