"""The limits on what is received from strangers, in one place for crawls, surveys and `extract URL`."""

from __future__ import annotations

from typing import NamedTuple

_MIB = 1024 * 1024
_NO_LIMIT = 1 << 62


class ReceivedLimits(NamedTuple):
    """What is taken of one answer. One that goes beyond is cut there (``length``), and not asked for again."""

    head_bytes: int = 256 * 1024
    """Of its head, with the interim ones (1xx) before it."""
    head_lines: int = 2000
    payload_bytes: int = 32 * _MIB
    """Of its body as it came, without transfer coding."""
    framing_bytes: int = _MIB // 2
    """What comes beside head and payload: chunk sizes and their extensions, trailers, anything behind a fault."""
    line_bytes: int = 16 * 1024
    """Of one line of the framing."""
    codings: int = 5
    """Content codings, one on another."""
    members: int = 10_000
    """Gzip members or zstd frames, one after another."""
    decoded_bytes: int = 64 * _MIB
    """Of its body without content codings."""
    seconds: float = 45.0
    """For all of it."""
    silent_seconds: float = 30.0
    """For the next piece of it."""

    def allows_framing(self, framing_bytes: int, payload_bytes: int) -> bool:
        """Say whether that much framing may come with such a payload: chunks of 64 bytes have an eighth of it."""
        return framing_bytes <= self.framing_bytes + payload_bytes // 8

    def check_members(self, members: int) -> None:
        """Raise EOFError, as for a coded stream that is cut, when it has too many *members*."""
        if members > self.members:
            raise EOFError(f"more than {self.members} members")


RECEIVED = ReceivedLimits()
STORED = ReceivedLimits(payload_bytes=_NO_LIMIT, framing_bytes=_NO_LIMIT)
"""For what is stored in an archive: an earlier release may have accepted more."""
