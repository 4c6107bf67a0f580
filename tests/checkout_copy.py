"""A copy of the checkout, into which a test may write spiders, and commands that are run there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from hemeroteca.configuration import CHECKOUT
from tests.waiting import HANGS_SECONDS

_PARTS = ("hemeroteca", "spiders", "storage", "seeds", "scrapy.cfg", "pyproject.toml", "requirements.lock")
_BIN = Path(sys.executable).parent


class CheckoutCopy:
    """A copy at *folder*; its archive's home is ``home`` beside it, and *settings* are variables without prefix."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.path = folder / "checkout"
        self.home = folder / "home"
        self.settings = settings
        self.path.mkdir()
        for part in _PARTS:
            copy = shutil.copytree if (CHECKOUT / part).is_dir() else shutil.copy2
            copy(CHECKOUT / part, self.path / part)

    @property
    def environment(self) -> dict[str, str]:
        foreign = ("HEMEROTECA_", "AIRFLOW")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        named = {f"HEMEROTECA_{name.upper()}": value for name, value in self.settings.items()}
        place = {"HEMEROTECA_HOME": str(self.home), "PYTHONPATH": str(self.path)}
        return inherited | place | {"PATH": f"{_BIN}:{inherited['PATH']}", "COLUMNS": "80"} | named

    def run(self, *command: str, status: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run *command* in the copy; it must end with *status* (None: any)."""
        done = subprocess.run(
            command, cwd=self.path, env=self.environment, capture_output=True, text=True, timeout=HANGS_SECONDS
        )
        assert status is None or done.returncode == status, done.stderr
        return done
