"""A real terminal of any width, in which a command runs as a person would run it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
from contextlib import suppress
from pathlib import Path

from tests.cli.conftest import COMMAND, environment

_PIECE_BYTES = 65536


def run_in_terminal(home: Path, width: int, *arguments: str, **settings: str) -> tuple[int, list[str]]:
    """Return how a command ended, and the lines that its terminal of *width* columns showed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    named = {name: value for name, value in environment(home, **settings).items() if name not in ("COLUMNS", "LINES")}
    try:
        process = subprocess.Popen([COMMAND, *arguments], env=named, stdin=theirs, stdout=theirs, stderr=theirs)
    finally:
        os.close(theirs)
    said = b""
    with suppress(OSError):  # EIO: nobody has the other end any more
        while piece := os.read(ours, _PIECE_BYTES):
            said += piece
    os.close(ours)
    return process.wait(), said.decode().replace("\r\n", "\n").splitlines()
