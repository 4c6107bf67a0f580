"""What a command of hemeroteca takes in a home, in a separate process: there is no S3 server, only the catalog."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.crawl.process_usage import Usage, run_measured
from hemeroteca.configuration import CHECKOUT

_NOWHERE = {"S3_ENDPOINT": "http://127.0.0.1:9", "S3_ACCESS_KEY": "none", "S3_SECRET_KEY": "none"}


def run_command(home: Path, *arguments: str) -> Usage:
    """Run ``hemeroteca`` with *arguments* on the catalog in *home*; its output is in a file beside that."""
    settings = {"HOME": str(home), "DEMO": "1", **_NOWHERE}
    exported = [f"HEMEROTECA_{name}={value}" for name, value in settings.items()]
    command = str(Path(sys.executable).with_name("hemeroteca"))
    return run_measured(["env", *exported, command, *arguments], home.with_suffix(".said"), CHECKOUT)
