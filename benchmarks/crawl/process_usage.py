"""The CPU time and memory of a process and all its children."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """User and system seconds of a process and every descendant it waited for; ``peak_mb`` is that of the largest."""

    cpu_seconds: float
    peak_mb: float


def run_measured(command: list[str], log: Path, cwd: Path) -> Usage:
    """Run *command* to its end, with its output in *log*. Raises SystemExit when it fails."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text(errors="replace")[-3000:]
        raise SystemExit(f"{' '.join(command)}: exit status {process.returncode}\n{tail}")
    return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
