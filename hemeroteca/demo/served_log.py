"""The log of the demo's server: one JSON line for each response, written before the response is sent."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class ServedResponse:
    """One response. ``nonce`` is its X-Nonce header, ``time`` (UTC) is just before it was sent.

    ``conditional``: the request had If-None-Match or If-Modified-Since.
    """

    time: datetime
    nonce: str
    host: str
    method: str
    path: str
    status: int
    user_agent: str
    conditional: bool


class ServedLog:
    """An append-only file. Each line is one ``write``, so that another process reads whole lines."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._lock = threading.Lock()

    def write(self, served: ServedResponse) -> None:
        fields = asdict(served) | {"time": served.time.isoformat(timespec="microseconds")}
        line = json.dumps(fields, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            os.write(self._file, line)

    def close(self) -> None:
        with self._lock:
            os.close(self._file)


def read_served_log(path: Path) -> list[ServedResponse]:
    """Return what was served so far, in order; a line that is still being written is left out."""
    whole, _, _ = path.read_bytes().rpartition(b"\n") if path.exists() else (b"", b"", b"")
    rows = [json.loads(line) for line in whole.splitlines()]
    return [ServedResponse(**(row | {"time": datetime.fromisoformat(row["time"])})) for row in rows]
