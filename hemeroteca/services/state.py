"""Small JSON files in the home that only their owner may read: ports, pids, generated secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in *path*; an empty one when there is no such file, or a torn one."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return content


def make_private(folder: Path) -> None:
    """Make *folder*, or close one that is there: its owner alone may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Replace *path* by *content*, mode 0600 from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(content))
    new.replace(path)
