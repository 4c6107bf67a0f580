"""Images of the demo: a small PNG that follows from its name, and a logo."""

from __future__ import annotations

import hashlib
import struct
import zlib
from html import escape

WIDTH, HEIGHT = 48, 32


def render_png(name: str) -> bytes:
    """Return a 48×32 RGB picture, two colours shaded into each other: same name, same bytes."""
    digest = hashlib.sha256(name.encode()).digest()
    top, bottom = digest[0:3], digest[3:6]
    rows = b"".join(
        b"\0" + bytes((a * (HEIGHT - y) + b * y) // HEIGHT for a, b in zip(top, bottom, strict=True)) * WIDTH
        for y in range(HEIGHT)
    )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def render_logo(title: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="48" role="img">'
        f'<text x="4" y="36" font-family="serif" font-size="32">{escape(title)}</text></svg>\n'
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
