"""The CPU time and memory of a process and all its children."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """User and system seconds of a process and every descendant it waited for; ``peak_mb`` is that of the largest."""

    cpu_seconds: float
    peak_mb: float


_RUN = """
import os, sys
os.set_inheritable(int(sys.argv[1]), False)
process = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(process, 0)
found = os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss
os.write(int(sys.argv[1]), " ".join(map(str, found)).encode())
"""
"""Starts the process from a small one: the kernel counts the memory of whoever started a process as its own."""


def run_measured(command: list[str], log: Path, cwd: Path) -> Usage:
    """Run *command* to its end, with its output in *log*. Raises SystemExit when it fails."""
    told, tell = os.pipe()
    with log.open("wb") as output, os.fdopen(told) as found:
        small = [sys.executable, "-I", "-S", "-c", _RUN, str(tell), *command]
        runner = subprocess.Popen(
            small, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output, pass_fds=[tell]
        )
        os.close(tell)
        runner.wait()
        status, cpu_seconds, peak_kb = found.read().split() or (runner.returncode, 0, 0)
    if int(status):
        tail = log.read_text(errors="replace")[-3000:]
        raise SystemExit(f"{' '.join(command)}: exit status {status}\n{tail}")
    return Usage(float(cpu_seconds), float(peak_kb) / 1024)
