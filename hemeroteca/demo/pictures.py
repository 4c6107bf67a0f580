"""The pictures of the newspapers: small PNGs, each derived from its name, and a logo."""

from __future__ import annotations

import hashlib
import struct
import zlib
from html import escape

WIDTH, HEIGHT = 48, 32


def render_png(name: str) -> bytes:
    """Return a 48×32 RGB picture that shades from one colour to another. The same name gives the same bytes."""
    digest = hashlib.sha256(name.encode()).digest()
    top, bottom = digest[0:3], digest[3:6]
    rows = b"".join(
        b"\0" + bytes((a * (HEIGHT - y) + b * y) // HEIGHT for a, b in zip(top, bottom, strict=True)) * WIDTH
        for y in range(HEIGHT)
    )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = _build_chunk(b"IHDR", header) + _build_chunk(b"IDAT", zlib.compress(rows, 9)) + _build_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def render_logo(title: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="48" role="img">'
        f'<text x="4" y="36" font-family="serif" font-size="32">{escape(title)}</text></svg>\n'
    )


def _build_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
