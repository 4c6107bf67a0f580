"""A look-up loads what it needs: the catalog, and no client, format or framework of another step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import environment
from tests.storage.committed import HOME, Committed, DraftCrawl
from tests.waiting import HANGS_SECONDS

FOREIGN: tuple[str, ...] = (
    "airflow",
    "alembic",
    "boto3",
    "botocore",
    "lxml",
    "numpy",
    "pyarrow",
    "psycopg",
    "rich",
    "scrapy",
)
FOREIGN += ("sklearn", "structlog", "trafilatura", "twisted")
ASKED = f"""
import sys
from hemeroteca.cli.main import main
sys.argv = ["hemeroteca", *sys.argv[1:]]
try:
    main()
finally:
    loaded = {{name.partition(".")[0] for name in sys.modules}}
    print("loaded:", *sorted(loaded & {set(FOREIGN)!r}), "and", "sqlalchemy" in loaded)
"""


def test_a_look_up_loads_no_client_format_or_framework(home: Path, publish: Callable[[Committed], None]) -> None:
    night = DraftCrawl(1)
    night.captured(f"{HOME}a", "P")
    night.duplicate(f"{HOME}b", f"{HOME}a")
    publish(night.committed())
    (home / "s3").mkdir()
    for arguments in ((f"{HOME}a",), (f"{HOME}b", "--json"), ("*", "--limit", "1")):
        said = subprocess.run(
            [sys.executable, "-c", ASKED, "ls", *arguments],
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=HANGS_SECONDS,
        )
        *found, loaded = said.stdout.splitlines()
        assert (len(found), loaded) == (1, "loaded: and True"), said.stderr


def test_status_loads_no_client_format_or_framework(home: Path, publish: Callable[[Committed], None]) -> None:
    night = DraftCrawl(1)
    night.captured(f"{HOME}a", "P")
    publish(night.committed())
    (home / "s3").mkdir()
    said = subprocess.run(
        [sys.executable, "-c", ASKED, "status"],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=HANGS_SECONDS,
    )
    table, loaded = said.stdout.splitlines()[:-1], said.stdout.splitlines()[-1]
    assert table[0].startswith("Night of"), said.stderr
    assert loaded == "loaded: and True"
