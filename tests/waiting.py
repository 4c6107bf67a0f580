"""Waiting for what a test is about."""

from __future__ import annotations

import time
from collections.abc import Callable

HANGS_SECONDS = 400.0
"""What has not come by then never will. A busy machine may need minutes for what takes seconds on a quiet one."""
_POLL_SECONDS = 0.01


def wait_for(happened: Callable[[], object]) -> None:
    """Return when *happened* gives something true; AssertionError when it never does."""
    deadline = time.monotonic() + HANGS_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(_POLL_SECONDS)
