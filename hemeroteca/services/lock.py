"""File locks between our processes: exclusive for an owner, shared for users; a dead process gives its locks back."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

_POLL_SECONDS = 0.05


class FileLock:
    """An flock on *path*, not handed to children on exec."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False, timeout: float | None = None) -> bool:
        """Wait up to *timeout* seconds (None: for ever) and say whether the lock is held, as asked, now."""
        wanted = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB
        deadline = time.monotonic() + (timeout or 0.0)
        while True:
            try:
                fcntl.flock(self._descriptor, wanted)
                return True
            except BlockingIOError:
                if timeout is not None and time.monotonic() >= deadline:
                    return False
            time.sleep(_POLL_SECONDS)

    def release(self) -> None:
        os.close(self._descriptor)
