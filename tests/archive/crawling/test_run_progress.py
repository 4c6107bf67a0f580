"""What is said of a disk with little room."""

from __future__ import annotations

from pathlib import Path

import pytest

from hemeroteca.archive.crawling.run_progress import find_disk_shortage, format_bytes
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from tests.cli.conftest import call


@pytest.mark.parametrize(
    ("count", "said"), [(19_400_000, "19 MB"), (999_000_000, "999 MB"), (1_500_000_000, "1.5 GB"), (0, "0 MB")]
)
def test_a_size_is_said_in_the_unit_that_shows_it(count: int, said: str) -> None:
    assert format_bytes(count) == said


def test_too_little_room_is_said_with_what_comes_of_it(tmp_path: Path) -> None:
    said = find_disk_shortage(Settings(home=Home(tmp_path), disk_free_bytes=1 << 60))
    assert said and str(tmp_path) in said and "make room" in said and "tried again" in said
    assert find_disk_shortage(Settings(home=Home(tmp_path), disk_free_bytes=0)) is None


def test_a_crawl_that_will_wait_for_room_says_so_first(tmp_path: Path) -> None:
    wrong = "http://courier.hemeroteca.test:99999/"  # refused before anything is asked
    said = call(tmp_path / "home", "--demo", "crawl", wrong, disk_free_bytes=str(1 << 60))
    assert said.stderr.startswith("disk: full, ")
