"""An update of what is known that is killed, or finds no room, leaves a file that is right, or none."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.configuration import CHECKOUT
from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.known import Known
from storage.known_files import update_known
from storage.model.errors import DiskFullError
from tests.storage.committed import HOME, DraftCrawl
from tests.storage.known_rows import check_known

KILLED = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.known_files import update_known
from storage.model.errors import DiskFullError

def dying(rows):
    for number, row in enumerate(rows):
        if number == 1000:
            os.kill(os.getpid(), signal.SIGKILL)
        yield row

class Dying:
    @contextmanager
    def read_known(self, source_id, since=None):
        with catalog.read_known(source_id, since) as news:
            yield news._replace(captures=dying(news.captures))

catalog = Catalog.open(sys.argv[1], Coordination.open(sys.argv[2]))
update_known(Path(sys.argv[3]), Dying(), "demo-faro")
"""


def test_an_update_that_is_killed_leaves_a_file_that_is_right(tmp_path: Path) -> None:
    path = tmp_path / "demo-faro.sqlite"
    urls = [f"sqlite:///{tmp_path / name}.sqlite" for name in ("catalog", "coordination")]
    with closing(Coordination.open(urls[1])) as coordination, closing(Catalog.open(urls[0], coordination)) as catalog:
        for day in (1, 2):
            before = _state(path) if path.exists() else None
            night = DraftCrawl(day)
            for number in range(1500):
                night.captured(f"{HOME}{number}", f"{day}")
            night.committed().apply(catalog)
            killed = subprocess.run([sys.executable, "-c", KILLED, *urls, str(path)], cwd=CHECKOUT, check=False)
            assert killed.returncode == -signal.SIGKILL
            assert (_state(path) if path.exists() else None) == before
            update_known(path, catalog, "demo-faro")
            check_known(path, catalog)


def _state(path: Path) -> list[Any]:
    with closing(Known(path)) as known:
        return list(known)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting needs root")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_leaves_the_file_as_it_was_and_room_for_others(tmp_path: Path, small_disk: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}.sqlite" for name in ("catalog", "coordination")]
    path, others = small_disk / "demo-faro.sqlite", small_disk / "others"
    with closing(Coordination.open(urls[1])) as coordination, closing(Catalog.open(urls[0], coordination)) as catalog:
        for day in (1, 2):
            night = DraftCrawl(day)
            for number in range(500):
                night.captured(f"{HOME}{number}", f"{day}-{number}")
            night.committed().apply(catalog)
            before = _state(path) if path.exists() else None
            _fill(others)
            with pytest.raises(DiskFullError):
                update_known(path, catalog, "demo-faro")
            others.unlink()
            assert (_state(path) if path.exists() else None) == before
            assert {one.name for one in small_disk.iterdir()} <= {path.name}
            update_known(path, catalog, "demo-faro")
            check_known(path, catalog)


def _fill(path: Path) -> None:
    """Write to *path* until the disk is full."""
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
