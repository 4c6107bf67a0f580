"""The guard of a crawl process: it ends that process if whoever started it is gone and it does not end by itself.

A process that is stuck hears no signal but SIGKILL, and nobody is left to send it. This runs as a script with the
standard library alone (``python -I -S``), so that it stays small:

    crawl_guard.py PIDFD SECONDS    stdin: a byte once the process was asked to stop; its end is the end of the owner
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys

ASKED = b"s"
_ASKED_SECONDS = 2.0
"""How long a process that was asked to stop before its owner went may take."""


def main() -> None:
    process, seconds = int(sys.argv[1]), float(sys.argv[2])
    owner = sys.stdin.fileno()
    is_asked = False
    while True:
        ready, _, _ = select.select([process, owner], [], [])
        if process in ready:
            return
        said = os.read(owner, 1)
        if not said:
            break
        is_asked = is_asked or said == ASKED
    _end(process, _ASKED_SECONDS if is_asked else seconds)


def _end(process: int, seconds: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGTERM)
        if not select.select([process], [], [], seconds)[0]:
            signal.pidfd_send_signal(process, signal.SIGKILL)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    main()
