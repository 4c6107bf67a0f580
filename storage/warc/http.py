"""HTTP/1.x as sent and received: where a response ends, what its payload is, what its body decodes to.

Framing follows RFC 9112 section 6. The payload is the body without ``chunked``; other transfer codings, which nobody
sends unasked, stay on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from storage.model.errors import NoMainTextError
from storage.warc.body_framing import Framing, find_framing
from storage.warc.coding import ContentDecoder
from storage.warc.received_limits import RECEIVED, STORED, ReceivedLimits

DECODE_LIMIT_BYTES = RECEIVED.decoded_bytes

_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/(\d+\.\d+) (\d{3})(?: ([^\r\n]*))?\Z")
_TEXT_TYPES = (b"html", b"xml", b"json", b"rss", b"atom", b"javascript")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;.*)?\Z")


class HttpHead(NamedTuple):
    """A response's status line and header lines, in their order; a folded value is joined.

    ``status`` is 0 when the first line is no status line: then this is no response.
    """

    version: str
    status: int
    reason: str
    headers: list[tuple[bytes, bytes]]
    by_name: dict[bytes, list[bytes]]
    """The values of each header, by its name in lowercase."""

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of the header *name* (lowercase), one each line."""
        return self.by_name.get(name, [])

    def value(self, name: bytes) -> str | None:
        """Return the first value of the header *name*, or None."""
        found = self.by_name.get(name)
        return found[0].decode("latin-1") if found else None

    @property
    def media_type(self) -> str | None:
        """The media type of Content-Type in lowercase, without parameters; None when it is not one."""
        text = (self.value(b"content-type") or "").partition(";")[0].strip().lower()
        return text if re.fullmatch(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+", text) else None


def parse_head(block: bytes) -> HttpHead:
    """Parse a head; lines without a colon are passed over, as Scrapy and browsers do."""
    lines = block.replace(b"\r\n", b"\n").split(b"\n")
    headers: list[tuple[bytes, bytes]] = []
    by_name: dict[bytes, list[bytes]] = {}
    for line in _unfold(lines[1:]):
        name, colon, value = line.partition(b":")
        if colon:
            headers.append((name, value.strip()))
            by_name.setdefault(name.lower(), []).append(value.strip())
    match = _STATUS_LINE.match(lines[0])
    if not match:
        return HttpHead("", 0, "", headers, by_name)
    return HttpHead(match[1].decode(), int(match[2]), (match[3] or b"").decode("latin-1"), headers, by_name)


def _unfold(lines: list[bytes]) -> list[bytes]:
    whole: list[list[bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and whole:
            whole[-1].append(line)
        else:
            whole.append([line])
    return [b"".join(pieces) for pieces in whole]


class HttpFramer:
    """Find the parts of one response in the bytes of a connection, fed in pieces of any size.

    ``on_raw`` gets head and body as they came, ``on_payload`` the body without transfer coding; neither
    gets 1xx blocks (kept in ``interim``) or bytes after the end (counted in ``extra``). What comes once
    *limits* are met is not looked at.
    """

    def __init__(
        self,
        method: str,
        on_raw: Callable[[bytes], object],
        on_payload: Callable[[bytes], object],
        limits: ReceivedLimits = RECEIVED,
    ) -> None:
        self.method = method
        self.over: str | None = None
        """Which limit is met, in words."""
        self.state = Framing.HEAD
        self.head: HttpHead | None = None
        self.head_block = b""
        self.interim = b""
        self.extra = 0
        self._on_raw = on_raw
        self._on_payload = on_payload
        self._buffer = bytearray()
        self._left = 0
        self._chunked = False
        self._limits = limits
        self._framing_bytes = self._payload_bytes = 0

    @property
    def done(self) -> bool:
        """True when the response ended by its own framing."""
        return self.state is Framing.DONE

    @property
    def to_close(self) -> bool:
        """True when only the end of the connection ends this response."""
        return self.state is Framing.TO_CLOSE

    @property
    def broken(self) -> bool:
        """True when the bytes are no HTTP response, or its framing is not to be trusted."""
        return self.state is Framing.BROKEN

    @property
    def unparsed(self) -> bytes:
        """What came and is not a whole head, or is no head at all."""
        return b"" if self.head else bytes(self._buffer)

    def feed(self, data: bytes) -> None:
        if self.over:
            return
        if self.head is None:
            self._buffer += data
            data = self._take_head(max(0, len(self._buffer) - len(data) - 3))
        if data and self.head is not None:
            self._take_body(data)

    def _take_head(self, start: int) -> bytes:
        begin = 0
        while match := _HEAD_END.search(self._buffer, max(start, begin)):
            block = bytes(self._buffer[begin : match.end()])
            head = parse_head(block)
            if not head.status or not self._takes_head(match.end(), len(head.headers)):
                break
            begin = match.end()
            if 100 <= head.status < 200:
                continue
            self.interim += self._buffer[: begin - len(block)]
            rest = bytes(self._buffer[begin:])
            self._buffer.clear()
            self._begin_body(head, block)
            return rest
        self.interim += self._buffer[:begin]
        del self._buffer[:begin]
        if match or not self._takes_head(len(self._buffer), 0):
            self.state = Framing.BROKEN
        return b""

    def _takes_head(self, more_bytes: int, lines: int) -> bool:
        """Say whether so much of a head is within the limits."""
        limits = self._limits
        if len(self.interim) + more_bytes > limits.head_bytes:
            self.over = f"a head of more than {limits.head_bytes} bytes"
        elif lines > limits.head_lines:
            self.over = f"a head of more than {limits.head_lines} lines"
        return self.over is None

    def _begin_body(self, head: HttpHead, block: bytes) -> None:
        self.head, self.head_block = head, block
        self._on_raw(block)
        self.state, self._left = find_framing(self.method, head.status, head.values)
        self._chunked = self.state is Framing.CHUNK_SIZE

    def _take_body(self, data: bytes) -> None:
        position, size = 0, len(data)
        pieces: list[bytes] = []
        while position < size and self.state is not Framing.DONE:
            if self.state in (Framing.COUNTED, Framing.CHUNK_DATA):
                position = self._take_counted(data, position, pieces)
            elif self.state in (Framing.TO_CLOSE, Framing.BROKEN):
                if not self._chunked:
                    pieces.append(data[position:])
                position = size
            else:
                position = self._take_line(data, position)
        payload = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if payload:
            self._on_payload(payload)
        self._on_raw(data[:position])
        self.extra += size - position
        self._count(position, len(payload))

    def _count(self, taken: int, payload: int) -> None:
        limits = self._limits
        self._payload_bytes += payload
        self._framing_bytes += taken - payload
        if self._payload_bytes > limits.payload_bytes:
            self.over = f"more than {limits.payload_bytes} bytes"
        elif not limits.allows_framing(self._framing_bytes, self._payload_bytes):
            self.over = f"more than {limits.framing_bytes} bytes outside the body"
        if self.state is Framing.DONE:
            self.over = None

    def _take_counted(self, data: bytes, position: int, pieces: list[bytes]) -> int:
        piece = data[position : position + self._left]
        pieces.append(piece)
        self._left -= len(piece)
        if not self._left:
            self.state = Framing.DONE if self.state is Framing.COUNTED else Framing.CHUNK_END
        return position + len(piece)

    def _take_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position) + 1
        if end and not self._buffer:
            self._next_after(data[position:end].rstrip(b"\r\n"))
            return end
        self._buffer += data[position : end or len(data)]
        if not end:
            if len(self._buffer) > self._limits.line_bytes:
                self.state = Framing.BROKEN
            return len(data)
        line = bytes(self._buffer).rstrip(b"\r\n")
        self._buffer.clear()
        self._next_after(line)
        return end

    def _next_after(self, line: bytes) -> None:
        if self.state is Framing.TRAILER:
            self.state = Framing.TRAILER if line else Framing.DONE
        elif self.state is Framing.CHUNK_END:
            self.state = Framing.BROKEN if line else Framing.CHUNK_SIZE
        elif size := _CHUNK_SIZE.match(line):
            self._left = int(size[1], 16)
            self.state = Framing.CHUNK_DATA if self._left else Framing.TRAILER
        else:
            self.state = Framing.BROKEN


def split_response(block: bytes, method: str = "GET") -> tuple[HttpHead, bytes]:
    """Return the head of a stored response and its payload: the body without transfer coding.

    Of a body that was cut, the part that is there. Raises NoMainTextError("undecodable") when *block* has no head.
    """
    payload = bytearray()
    framer = HttpFramer(method, lambda raw: None, payload.extend, STORED)
    framer.feed(block)
    if framer.head is None:
        raise NoMainTextError("undecodable", "no HTTP head")
    return framer.head, bytes(payload)


def read_head(block: bytes) -> HttpHead:
    """Return the head of a stored response. Raises NoMainTextError("undecodable") when *block* has none."""
    most = STORED.head_bytes
    end = _HEAD_END.search(block, 0, most)
    return split_response(block[: end.end() if end else most])[0]


def content_codings(headers: list[tuple[bytes, bytes]]) -> list[str]:
    """Return the content codings that *headers* name, in lowercase, in the order they were applied."""
    lines = [value for name, value in headers if name.lower() == b"content-encoding"]
    return [coding.strip().lower().decode("latin-1") for line in lines for coding in line.split(b",")]


def make_decoder(headers: list[tuple[bytes, bytes]], limit: int) -> ContentDecoder:
    """Return what undoes the content codings (gzip, deflate, br, zstd) of a body with *headers*.

    Of text those too that no header names. A file that is meant to be packed, ``application/gzip`` say, stays so.
    """
    return ContentDecoder(content_codings(headers), limit, unnamed=_is_text(headers))


def _is_text(headers: list[tuple[bytes, bytes]]) -> bool:
    """Say whether the media type is one of text; none at all may be."""
    named = next((value.lower() for name, value in headers if name.lower() == b"content-type"), b"")
    return not named or named.startswith(b"text/") or any(word in named for word in _TEXT_TYPES)


def decode_content(payload: bytes, headers: list[tuple[bytes, bytes]], limit: int = DECODE_LIMIT_BYTES) -> bytes:
    """Return the body: *payload* without its content codings, as ``make_decoder`` undoes them.

    Raises NoMainTextError("undecodable"), or ("too_large") beyond *limit* bytes.
    """
    decoder = make_decoder(headers, limit)
    return b"".join((*decoder.feed(payload), *decoder.end()))
