"""How the body of a response is framed: by a length, by chunks, by the end of the connection (RFC 9112 section 6.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum, auto

_MOST_DIGITS = 18


class Framing(Enum):
    """What the next bytes of a response are."""

    HEAD = auto()
    COUNTED = auto()
    CHUNK_SIZE = auto()
    CHUNK_DATA = auto()
    CHUNK_END = auto()
    TRAILER = auto()
    TO_CLOSE = auto()
    DONE = auto()
    BROKEN = auto()


def find_framing(method: str, status: int, values: Callable[[bytes], list[bytes]]) -> tuple[Framing, int]:
    """Return how the body of a response is framed, and its length in bytes where that is said (RFC 9112 section 6.3).

    *values* returns the values of a header of that name.
    """
    if method == "HEAD" or status in (204, 304):
        return Framing.DONE, 0
    codings = transfer_codings(values(b"transfer-encoding"))
    if codings:
        return (Framing.CHUNK_SIZE if codings[-1] == b"chunked" else Framing.TO_CLOSE), 0
    lengths = {value.strip() for line in values(b"content-length") for value in line.split(b",")}
    if not lengths:
        return Framing.TO_CLOSE, 0
    if (
        not all(length.isdigit() and len(length) <= _MOST_DIGITS for length in lengths)
        or len({int(length) for length in lengths}) != 1
    ):
        return Framing.BROKEN, 0
    length = int(lengths.pop())
    return (Framing.COUNTED if length else Framing.DONE), length


def transfer_codings(values: Iterable[bytes]) -> list[bytes]:
    """Return the transfer codings that header lines name, in lowercase without parameters and without ``identity``.

    Where the last is ``chunked``, the chunks say where the body ends; with any other the end of the connection does.
    """
    named = [coding.partition(b";")[0].strip().lower() for value in values for coding in value.split(b",")]
    return [coding for coding in named if coding not in (b"", b"identity")]
